//! The valid and invalid forms of a `Stripe-Signature` header.
//!
//! They include each case in the test suites of the official libraries.

use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use sha2::Sha256;
use tower_stripe_webhook::{
    Rejection, RejectionKind, SigningSecret, SigningSecrets, Tolerance, VerifiedEvent,
    test_util::{samples, sign},
    verify, verify_signature,
};

const NOW: u64 = 1_795_447_015;
const BODY: &str = samples::INVOICE_PAID;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_test_secret").unwrap()
}

fn check(header: impl AsRef<[u8]>) -> Result<VerifiedEvent, Rejection> {
    verify(header, BODY, &secret().into(), at(NOW), Tolerance::default())
}

/// The right `v1` for a timestamp's text.
fn v1(timestamp: &str) -> String {
    hmac("whsec_test_secret", &format!("{timestamp}.{BODY}"))
}

/// By hand, and not with `sign`, which writes a timestamp in one form only.
fn hmac(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

const BAD: &str = "deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef";

#[test]
fn these_headers_are_accepted() {
    let good = v1("1795447015");
    let upper = good.to_uppercase();
    let many_bad = format!("v1={BAD},").repeat(15);
    let padding = "x".repeat(4096 - "t=1795447015,v1=,y=".len() - 64);
    for (case, header) in [
        ("as Stripe sends it", format!("t=1795447015,v1={good}")),
        ("v1 before t", format!("v1={good},t=1795447015")),
        ("a bad v1 before the good one", format!("t=1795447015,v1={BAD},v1={good}")),
        ("a bad v1 after the good one", format!("t=1795447015,v1={good},v1={BAD}")),
        ("v0 beside v1", format!("t=1795447015,v1={good},v0={BAD}")),
        ("v0 before v1", format!("t=1795447015,v0={BAD},v1={good}")),
        ("spaces around commas", format!("t=1795447015 , v1={good}")),
        ("spaces at both ends", format!(" t=1795447015,v1={good} ")),
        ("tabs around commas", format!("t=1795447015\t,\tv1={good}")),
        ("a trailing comma", format!("t=1795447015,v1={good},")),
        ("upper-case hex", format!("t=1795447015,v1={upper}")),
        ("an unknown scheme", format!("t=1795447015,v2=abc,v1={good}")),
        ("an unknown key", format!("t=1795447015,foo=bar,v1={good}")),
        ("an element without a value", format!("t=1795447015,foo,v1={good}")),
        ("a v1 that is too short beside a good one", format!("t=1795447015,v1=abc,v1={good}")),
        (
            "a v1 that is not hex beside a good one",
            format!("t=1795447015,v1={},v1={good}", "g".repeat(64)),
        ),
        ("an empty v1 beside a good one", format!("t=1795447015,v1=,v1={good}")),
        ("the same v1 twice", format!("t=1795447015,v1={good},v1={good}")),
        ("16 v1", format!("t=1795447015,{many_bad}v1={good}")),
        ("a header of 4 KiB", format!("t=1795447015,v1={good},y={padding}")),
    ] {
        let event = check(&header).unwrap_or_else(|rejection| panic!("{case}: {rejection}"));
        assert_eq!(event.signed_at(), at(NOW), "{case}");
        assert_eq!(event.body(), BODY, "{case}");
    }
}

#[test]
fn these_headers_are_malformed_and_the_message_names_the_error() {
    let good = v1("1795447015");
    let many_bad = format!("v1={BAD},").repeat(16);
    let padding = "x".repeat(4097 - "t=1795447015,v1=,y=".len() - 64);
    let no_timestamp = "it has no timestamp (`t=`)";
    let bad_timestamp = "its timestamp (`t=`) is not 1 to 12 digits of unix seconds";
    let repeated_timestamp = "it has more than one timestamp (`t=`)";
    let bad_signatures = "none of its `v1` signatures is 64 hexadecimal digits";
    for (header, message) in [
        ("v1,t=1".into(), "it has no `v1` signature"),
        ("t=".into(), bad_timestamp),
        (format!("t=,v1={good}"), bad_timestamp),
        (format!("t,v1={good},v0={good}"), no_timestamp),
        ("t,v1=,v0=".into(), no_timestamp),
        ("t,,".into(), no_timestamp),
        (",,".into(), no_timestamp),
        ("t".into(), no_timestamp),
        ("I'm not even a real signature".into(), no_timestamp),
        (format!("v1={good}"), no_timestamp),
        (format!("T=1795447015,v1={good}"), no_timestamp),
        (format!("t=not_a_number,v1={good}"), bad_timestamp),
        (format!("t=1795447015abc,v1={good}"), bad_timestamp),
        (format!("t=1_795_447_015,v1={good}"), bad_timestamp),
        (format!("t=1.795447015e9,v1={good}"), bad_timestamp),
        (format!("t=+1795447015,v1={good}"), bad_timestamp),
        (format!("t=-1795447015,v1={good}"), bad_timestamp),
        (format!("t= 1795447015,v1={good}"), bad_timestamp),
        (format!("t=1795447015.0,v1={good}"), bad_timestamp),
        (format!("t=\u{661}\u{667}\u{669}\u{665},v1={good}"), bad_timestamp),
        (format!("t=1795447015000,v1={good}"), bad_timestamp),
        (format!("t=1795447015,t=1795447015,v1={good}"), repeated_timestamp),
        (format!("t=1795447015,v1={good},t=1"), repeated_timestamp),
        ("t=1795447015".into(), "it has no `v1` signature"),
        (format!("t=1795447015,V1={good}"), "it has no `v1` signature"),
        (
            format!("t=1795447015,v0={good}"),
            "it has a `v0` signature only; live events carry a `v1`, and `v0` is never checked",
        ),
        ("t=1795447015,v1=".into(), bad_signatures),
        (format!("t=1795447015,v1={}", &good[..63]), bad_signatures),
        (format!("t=1795447015,v1={good}0"), bad_signatures),
        (format!("t=1795447015,v1=0x{}", &good[2..]), bad_signatures),
        (format!("t=1795447015,v1= {}", &good[1..]), bad_signatures),
        (format!("t=1795447015,v1={},v0={good}", "z".repeat(64)), bad_signatures),
        (format!("t=1795447015,{many_bad}v1={good}"), "it has more than 16 `v1` signatures"),
        (
            format!("t=1795447015,v1={good},y={padding}"),
            "it is 4097 bytes long, over the limit of 4096 bytes",
        ),
    ] {
        let rejection = check(&header).expect_err(&header);
        assert_eq!(rejection.kind(), RejectionKind::MalformedSignatureHeader, "{header}");
        assert_eq!(rejection.status(), 400);
        assert_eq!(
            rejection.to_string(),
            format!("the Stripe-Signature header cannot be used: {message}"),
            "{header}"
        );
    }
}

#[test]
fn an_empty_header_is_a_missing_one() {
    for header in ["", "  "] {
        assert_eq!(check(header).unwrap_err().kind(), RejectionKind::MissingSignatureHeader);
    }
}

#[test]
fn the_mac_covers_the_unchanged_text_of_the_timestamp() {
    let header = format!("t=001795447015,v1={}", v1("001795447015"));
    assert_eq!(check(header).unwrap().signed_at(), at(NOW));

    let header = format!("t=001795447015,v1={}", v1("1795447015"));
    assert_eq!(check(header).unwrap_err().kind(), RejectionKind::SignatureMismatch);
}

#[test]
fn a_timestamp_may_have_twelve_digits() {
    let header = format!("t=999999999999,v1={}", v1("999999999999"));
    let event =
        verify(header, BODY, &secret().into(), at(999_999_999_999), Tolerance::default()).unwrap();
    assert_eq!(event.signed_at(), at(999_999_999_999));
}

#[test]
fn these_signatures_do_not_match() {
    let crlf = BODY.replace('\n', "\r\n");
    let printed_again = serde_json::from_str::<serde_json::Value>(BODY).unwrap().to_string();
    let signed = |payload: &str| hmac("whsec_test_secret", payload);
    for (case, signature) in [
        ("another secret", hmac("whsec_another", &format!("1795447015.{BODY}"))),
        ("another event", signed(&format!("1795447015.{}", samples::INVOICE_PAYMENT_FAILED))),
        ("another timestamp", v1("1795447014")),
        ("one byte changed", signed(&format!("1795447015.{}", BODY.replace("2000", "2001")))),
        ("line ends changed", signed(&format!("1795447015.{crlf}"))),
        ("parsed and printed again", signed(&format!("1795447015.{printed_again}"))),
        ("the body without the timestamp", signed(BODY)),
        ("the secret without its prefix", hmac("test_secret", &format!("1795447015.{BODY}"))),
        ("nonsense", BAD.to_owned()),
    ] {
        let rejection = check(format!("t=1795447015,v1={signature}")).expect_err(case);
        assert_eq!(rejection.kind(), RejectionKind::SignatureMismatch, "{case}");
        assert_eq!(rejection.status(), 400);
    }
}

/// Of the right signature, which stands by itself, before a wrong one or behind it.
#[test]
fn each_bit_of_a_signature_counts() {
    let good = v1("1795447015");
    for bit in 0..256 {
        let at = bit / 4;
        let digit = u8::from_str_radix(&good[at..=at], 16).unwrap() ^ (1 << (bit % 4));
        let flipped = format!("{}{digit:x}{}", &good[..at], &good[at + 1..]);
        for header in [
            format!("t=1795447015,v1={flipped}"),
            format!("t=1795447015,v1={flipped},v1={BAD}"),
            format!("t=1795447015,v1={BAD},v1={flipped}"),
        ] {
            let rejection = check(&header).expect_err(&header);
            assert_eq!(rejection.kind(), RejectionKind::SignatureMismatch, "bit {bit}");
        }
    }
}

#[test]
fn a_signature_has_64_digits_and_no_other_number() {
    let good = v1("1795447015");
    let digits = good.repeat(3);
    for length in (0..=130).filter(|length| *length != 64) {
        for signature in [&digits[..length], &digits[digits.len() - length..]] {
            let rejection = check(format!("t=1795447015,v1={signature}")).unwrap_err();
            assert_eq!(rejection.kind(), RejectionKind::MalformedSignatureHeader, "{length}");
            assert!(check(format!("t=1795447015,v1={signature},v1={good}")).is_ok(), "{length}");
        }
    }
    assert!(check(format!("t=1795447015,v1={}", &digits[..64])).is_ok());
}

#[test]
fn a_signature_has_no_prefix_of_hexadecimal_digits() {
    let good = v1("1795447015");
    for prefix in ["0x", "0X", "x", "\\x", "#"] {
        for digits in [62, 63, 64] {
            let rejection =
                check(format!("t=1795447015,v1={prefix}{}", &good[..digits])).unwrap_err();
            assert_eq!(
                rejection.kind(),
                RejectionKind::MalformedSignatureHeader,
                "{prefix} {digits}"
            );
        }
    }
}

/// As facts say of the official libraries: Go's takes it.
#[test]
fn a_signature_may_be_in_upper_case_or_mixed() {
    let good = v1("1795447015");
    let mixed: String = good
        .chars()
        .enumerate()
        .map(|(n, digit)| if n % 2 == 0 { digit.to_ascii_uppercase() } else { digit })
        .collect();
    for signature in [good.to_uppercase(), mixed] {
        assert!(check(format!("t=1795447015,v1={signature}")).is_ok(), "{signature}");
    }
    for (digit, not_hex) in [('a', 'g'), ('A', 'G'), ('0', '/'), ('9', ':'), ('A', '@'), ('a', '`')]
    {
        let at = good.find(|c: char| c.eq_ignore_ascii_case(&digit)).unwrap_or(0);
        let signature = format!("{}{not_hex}{}", &good[..at], &good[at + 1..]);
        let rejection = check(format!("t=1795447015,v1={signature}")).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::MalformedSignatureHeader, "{not_hex}");
    }
}

#[test]
fn a_mismatch_names_the_ids_of_the_tried_secrets_and_no_secret() {
    let secrets = SigningSecrets::from([
        SigningSecret::new("whsec_newer").unwrap().with_id("2026-11"),
        SigningSecret::new("whsec_older").unwrap(),
    ]);
    let fingerprint = SigningSecret::new("whsec_older").unwrap().id().to_string();
    let header = sign(BODY, &secret(), at(NOW));
    let rejection = verify(header, BODY, &secrets, at(NOW), Tolerance::default()).unwrap_err();
    let message = rejection.to_string();
    assert!(message.starts_with(&format!(
        "no signature matches: 2 signing secrets tried (2026-11, {fingerprint})."
    )));
    assert!(!message.contains("whsec_") && !format!("{rejection:?}").contains("whsec_"));
}

#[test]
fn a_mismatch_names_an_empty_body_as_the_cause() {
    let header = sign(BODY, &secret(), at(NOW));
    let rejection =
        verify(header, "", &secret().into(), at(NOW), Tolerance::default()).unwrap_err();
    assert!(
        rejection.to_string().ends_with("The body is empty: a middleware may have read it before."),
        "{rejection}"
    );
}

#[test]
fn either_secret_verifies_during_a_roll_and_is_named() {
    let old = SigningSecret::new("whsec_old").unwrap().with_id("old");
    let new = SigningSecret::new("whsec_new").unwrap().with_id("new");
    let both = SigningSecrets::from([new.clone(), old.clone()]);
    let verified_by = |header: &str, secrets: &SigningSecrets| {
        verify(header, BODY, secrets, at(NOW), Tolerance::default())
            .map(|event| event.verified_by().to_string())
            .ok()
    };

    assert_eq!(verified_by(&sign(BODY, &old, at(NOW)), &both).as_deref(), Some("old"));
    assert_eq!(verified_by(&sign(BODY, &new, at(NOW)), &both).as_deref(), Some("new"));

    // Stripe signs with both.
    let two = format!(
        "{},v1={}",
        sign(BODY, &old, at(NOW)),
        hmac("whsec_new", &format!("1795447015.{BODY}"))
    );
    assert_eq!(verified_by(&two, &old.clone().into()).as_deref(), Some("old"));
    assert_eq!(verified_by(&two, &new.clone().into()).as_deref(), Some("new"));
    assert_eq!(verified_by(&two, &both).as_deref(), Some("new"));
    assert_eq!(verified_by(&two, &SigningSecret::new("whsec_third").unwrap().into()), None);
}

#[test]
fn an_empty_set_of_secrets_verifies_nothing() {
    let header = sign(BODY, &secret(), at(NOW));
    let rejection = verify(header, BODY, &SigningSecrets::default(), at(NOW), Tolerance::default())
        .unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::NoSigningSecret);
    assert_eq!(rejection.status(), 503);
}

fn signed_and_held_against(
    signed_at: u64,
    now: SystemTime,
    tolerance: Tolerance,
) -> Result<VerifiedEvent, Rejection> {
    verify(sign(BODY, &secret(), at(signed_at)), BODY, &secret().into(), now, tolerance)
}

#[test]
fn a_timestamp_is_checked_against_the_clock_in_both_directions() {
    let tolerance = Tolerance::default();
    for age in [0, 1, 299, 300] {
        signed_and_held_against(NOW - age, at(NOW), tolerance).unwrap();
        signed_and_held_against(NOW + age, at(NOW), tolerance).unwrap();
    }

    let too_old = signed_and_held_against(NOW - 301, at(NOW), tolerance).unwrap_err();
    assert_eq!(too_old.kind(), RejectionKind::TimestampOutsideTolerance);
    assert_eq!(too_old.status(), 400);
    assert_eq!(
        too_old.to_string(),
        "the signature's timestamp is 301 s old, beyond the tolerance of 300 s: was the request held up or replayed, or is \
         this server's clock fast?"
    );

    let in_future =
        signed_and_held_against(NOW + 15, at(NOW), Duration::from_secs(10).into()).unwrap_err();
    assert_eq!(
        in_future.to_string(),
        "the signature's timestamp is 15 s in the future, beyond the tolerance of 10 s: is this server's clock slow?"
    );
}

#[test]
fn the_tolerance_is_kept_to_the_fraction_of_a_second() {
    let a_bit = Duration::from_millis(1);
    let rejection =
        signed_and_held_against(NOW - 300, at(NOW) + a_bit, Tolerance::default()).unwrap_err();
    assert!(rejection.to_string().contains("is 301 s old"), "{rejection}");
    signed_and_held_against(NOW + 301, at(NOW) + Duration::from_secs(1), Tolerance::default())
        .unwrap();
    signed_and_held_against(
        NOW + 301,
        at(NOW) + Duration::from_secs(1) - a_bit,
        Tolerance::default(),
    )
    .unwrap_err();
}

#[test]
fn a_tolerance_of_zero_means_zero() {
    signed_and_held_against(NOW, at(NOW), Duration::ZERO.into()).unwrap();
    signed_and_held_against(NOW - 1, at(NOW), Duration::ZERO.into()).unwrap_err();
    signed_and_held_against(NOW + 1, at(NOW), Duration::ZERO.into()).unwrap_err();
}

#[test]
fn only_the_danger_option_disables_the_timestamp_check() {
    let off = Tolerance::danger_accept_any_timestamp();
    signed_and_held_against(0, at(NOW), off).unwrap();
    signed_and_held_against(NOW * 2, at(NOW), off).unwrap();
    signed_and_held_against(0, at(NOW), Tolerance::new(Duration::MAX)).unwrap();
}

#[test]
fn the_timestamp_is_checked_before_the_signature() {
    let rejection = check(format!("t=1795446000,v1={BAD}")).unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::TimestampOutsideTolerance);
}

proptest! {
    #[test]
    fn no_header_makes_the_parser_panic_or_verifies_by_chance(header in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(check(header).is_err());
    }

    #[test]
    fn no_header_made_of_the_right_pieces_makes_the_parser_panic(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("t=".to_owned()), Just("v1=".to_owned()), Just("v0=".to_owned()), Just(",".to_owned()),
                Just(" ".to_owned()), Just("=".to_owned()), Just("1795447015".to_owned()), Just(BAD.to_owned()),
                "[0-9]{0,14}", "[0-9a-fA-F]{60,68}", "\\PC{0,4}",
            ],
            0..60,
        ),
    ) {
        prop_assert!(check(pieces.concat()).is_err());
    }

    #[test]
    fn elements_in_any_order_with_anything_unknown_between_them_are_accepted(
        unknown in proptest::collection::vec("[a-su-z][a-z0-9]{0,5}(=[ -+\\--~]{0,20})?", 0..8),
        good_at in any::<prop::sample::Index>(),
        time_at in any::<prop::sample::Index>(),
    ) {
        prop_assume!(unknown.iter().all(|element| !element.starts_with("v1")));
        let mut elements = unknown;
        elements.insert(good_at.index(elements.len() + 1), format!("v1={}", v1("1795447015")));
        elements.insert(time_at.index(elements.len() + 1), "t=1795447015".to_owned());
        prop_assert!(check(elements.join(",")).is_ok());
    }

    #[test]
    fn any_signed_payload_verifies_and_any_change_of_it_does_not(
        payload in proptest::collection::vec(any::<u8>(), 0..300),
        flip in any::<prop::sample::Index>(),
        bit in 0..8u8,
    ) {
        let header = sign(&payload, &secret(), at(NOW));
        let check = |payload: &[u8]| verify_signature(&header, payload, &secret().into(), at(NOW), Tolerance::default());
        prop_assert!(check(&payload).is_ok());
        if !payload.is_empty() {
            let mut changed = payload.clone();
            changed[flip.index(payload.len())] ^= 1 << bit;
            prop_assert_eq!(check(&changed).unwrap_err().kind(), RejectionKind::SignatureMismatch);
        }
        let mut longer = payload;
        longer.push(0);
        prop_assert_eq!(check(&longer).unwrap_err().kind(), RejectionKind::SignatureMismatch);
    }
}
