//! Bodies that were encoded, printed again or compressed before the layer.
//!
//! The diagnosis of a mismatch names the change.

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    Rejection, RejectionKind, SigningSecret, SigningSecrets, StripeWebhookLayer,
    rejection::MismatchDiagnosis,
    test_util::{FixedClock, samples, sign},
};

/// The longest body that is decoded or re-printed.
const MAX_REWRITTEN: usize = 256 * 1024;

/// JSON with Stripe's indentation and unusual values.
///
/// It has characters beyond ASCII, a lone surrogate, slashes, empty containers, a duplicate key and
/// unusual numbers.
const EVENT: &str = r#"{
  "id": "evt_1",
  "object": "event",
  "data": {
    "object": {
      "name": "Zoë \"Z\" Żółć 😀 \ud83d\n",
      "url": "https://example.com/a/b?c=d&e=<f>",
      "amount": 1.0,
      "rate": 1e3,
      "rate": -0,
      "metadata": {},
      "lines": [
        {
          "tax": []
        },
        null,
        true
      ]
    }
  },
  "type": "ping"
}"#;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_a").unwrap()
}

/// Why the layer rejects `arrived`, which was signed as `signed`.
fn rejection(signed: &[u8], arrived: Vec<u8>) -> Rejection {
    let secrets = SigningSecrets::from([SigningSecret::new("whsec_b").unwrap(), secret()]);
    let layer = StripeWebhookLayer::new(secrets)
        .with_clock(FixedClock::new(now()))
        .with_mismatch_diagnosis();
    let service = layer.layer(service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    }));
    let signature = sign(signed, &secret(), now());
    let request =
        Request::post("/").header("stripe-signature", signature).body(Full::from(arrived)).unwrap();
    let response = tokio_test::block_on(service.oneshot(request)).unwrap();
    let rejection = response.extensions().get::<Rejection>().expect("the body is rejected").clone();
    assert_eq!(
        (rejection.kind(), rejection.status().as_u16()),
        (RejectionKind::SignatureMismatch, 400)
    );
    rejection
}

fn code(signed: impl AsRef<[u8]>, arrived: impl Into<Vec<u8>>) -> Option<&'static str> {
    rejection(signed.as_ref(), arrived.into()).diagnosis().map(MismatchDiagnosis::code)
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits =
            (0..3).fold(0, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        let digit = |at: usize| char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]);
        text.extend((0..4).map(|at| if at <= group.len() { digit(at) } else { '=' }));
    }
    text
}

/// Without the white space of lines that are indented as Stripe does.
fn compact(indented: &str) -> String {
    indented.lines().map(|line| line.trim_start().replacen("\": ", "\":", 1)).collect()
}

fn with_escapes(json: &str) -> String {
    json.chars()
        .map(|c| {
            let units: String =
                c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect();
            if c.is_ascii() { c.to_string() } else { units }
        })
        .collect()
}

#[test]
fn a_base64_body_is_diagnosed() {
    for event in [EVENT, samples::INVOICE_PAID, "{}", "{} ", "{}  "] {
        let text = base64(event.as_bytes());
        assert_eq!(code(event, text.clone()), Some("base64_encoded"));
        assert_eq!(code(event, text.trim_end_matches('=')), Some("base64_encoded"));
        assert_eq!(code(event, text.replace('+', "-").replace('/', "_")), Some("base64_encoded"));
        assert_eq!(code(event, format!("{text}\r\n")), Some("base64_encoded"));
        let mut lines = String::new();
        for (at, digit) in text.chars().enumerate() {
            if at > 0 && at % 76 == 0 {
                lines.push_str("\r\n");
            }
            lines.push(digit);
        }
        assert_eq!(code(event, lines), Some("base64_encoded"));
        assert_eq!(code(EVENT.replace("evt_1", "evt_2"), text), None, "another event");
    }
    let message = rejection(b"{}", b"e30=".to_vec()).to_string();
    assert!(message.contains("still base64") && message.contains("`isBase64Encoded`"), "{message}");
}

#[test]
fn a_byte_order_mark_is_diagnosed() {
    let marked = format!("\u{feff}{EVENT}");
    assert_eq!(code(EVENT, marked.clone()), Some("byte_order_mark_added"));
    assert_eq!(code(&marked, EVENT), Some("byte_order_mark_cut"));
    assert_eq!(code(&marked, format!("\u{feff}{marked}")), Some("byte_order_mark_added"));
    assert_eq!(code(EVENT, "\u{feff}"), None);
    assert!(rejection(b"{}", "\u{feff}{}".into()).to_string().contains("byte order mark"));
}

#[test]
fn compact_json_is_diagnosed() {
    let old = EVENT.replace("{},", "{\n      },").replace("[]", "[\n\n          ]");
    for signed in [
        EVENT,
        &format!("{EVENT}\n"),
        &old,
        samples::INVOICE_PAID,
        samples::CHECKOUT_SESSION_COMPLETED,
    ] {
        let arrived = compact(signed);
        assert!(!arrived.contains('\n') && arrived.len() < signed.len());
        assert_eq!(code(signed, arrived.clone()), Some("json_reprinted"));
        for (arrived, other_escapes) in [
            (arrived.replace('/', "\\/"), "slashes"),
            (with_escapes(&arrived), "Unicode"),
            (with_escapes(&arrived.replace('/', "\\/")), "both, as PHP"),
            (
                arrived.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"),
                "HTML, as Go",
            ),
        ] {
            assert_eq!(code(signed, arrived), Some("json_reprinted"), "{other_escapes}");
        }
        assert_eq!(
            code(signed, arrived.replace("\"object\"", "\"objects\"")),
            None,
            "it was changed"
        );
    }
    let message = rejection(EVENT.as_bytes(), compact(EVENT).into()).to_string();
    assert!(message.contains("re-printed") && message.contains("raw body"), "{message}");
}

#[test]
fn json_in_another_layout_is_diagnosed() {
    let compacted = compact(EVENT);
    let four_spaces = EVENT.replace("  ", "    ");
    let python = compacted.replace("\":", "\": ").replace(",\"", ", \"");
    for arrived in [four_spaces, EVENT.replace("  ", "\t"), python, EVENT.replace(": ", " : ")] {
        assert_eq!(code(EVENT, arrived.clone()), Some("json_reprinted"), "{arrived}");
        assert_eq!(code(&compacted, arrived.clone()), Some("json_reprinted"), "{arrived}");
    }
    assert_eq!(code(&compacted, EVENT), Some("json_reprinted"));
}

#[test]
fn json_with_other_escapes_is_diagnosed_in_both_directions() {
    for body in [EVENT.to_owned(), compact(EVENT), EVENT.replace("  ", "\t")] {
        let unicode = with_escapes(&body);
        let slashes = body.replace('/', "\\/");
        let both = unicode.replace('/', "\\/");
        let forms = [&body, &unicode, &slashes, &both];
        for signed in forms {
            for arrived in forms.iter().filter(|arrived| **arrived != signed) {
                assert_eq!(
                    code(signed, arrived.as_str()),
                    Some("json_escapes_changed"),
                    "{signed}\n{arrived}"
                );
            }
        }
    }
    let upper_case = with_escapes(EVENT).replace("\\u00eb", "\\u00EB");
    assert_eq!(code(EVENT, upper_case), Some("json_escapes_changed"));
    let message = rejection(EVENT.as_bytes(), with_escapes(EVENT).into()).to_string();
    assert!(message.contains("other escapes") && message.contains("re-printed"), "{message}");
}

#[test]
fn json_with_other_values_or_order_is_not_diagnosed() {
    for arrived in [
        compact(EVENT).replace("1.0", "1"),
        compact(EVENT).replace("1e3", "1000.0"),
        compact(EVENT).replace(r#""rate":1e3,"#, ""),
        compact(EVENT)
            .replace(r#""id":"evt_1","object":"event""#, r#""object":"event","id":"evt_1""#),
        compact(EVENT).replace("evt_1", "evt_2"),
        format!("{EVENT},"),
        EVENT.replacen('"', "'", 2),
    ] {
        assert_ne!(arrived, compact(EVENT));
        assert_eq!(code(EVENT, arrived.clone()), None, "{arrived}");
    }
}

#[test]
fn a_compressed_body_is_named_by_its_magic_number() {
    for (arrived, expected, name) in [
        (&b"\x1f\x8b\x08\0\0\0"[..], Some("gzip_compressed"), "gzip"),
        (b"\x1f\x8b", Some("gzip_compressed"), "gzip"),
        (b"\x28\xb5\x2f\xfd\x04", Some("zstd_compressed"), "zstd"),
        (b"\x78\x01\xab", Some("deflate_compressed"), "deflate"),
        (b"\x78\x5e\xab", Some("deflate_compressed"), "deflate"),
        (b"\x78\x9c\xab", Some("deflate_compressed"), "deflate"),
        (b"\x78\xda\xab", Some("deflate_compressed"), "deflate"),
        (b"\x1f", None, ""),
        (b"\x1f\x8c\x08", None, ""),
        (b"\x28\xb5\x2f", None, ""),
        (b"x{}", None, ""),
        (b"\x8b\x1f", None, ""),
    ] {
        let rejection = rejection(EVENT.as_bytes(), arrived.to_vec());
        assert_eq!(rejection.diagnosis().map(MismatchDiagnosis::code), expected, "{arrived:?}");
        let message = rejection.to_string();
        assert!(
            expected.is_none() || message.contains(name) && message.contains("compressed"),
            "{message}"
        );
    }
}

#[test]
fn a_body_of_up_to_256_kib_is_rewritten() {
    let event = |len: usize| {
        let frame = |note: &str| format!("{{\"id\":\"evt_1\",\"note\":\"{note}\"}}");
        frame(&"x".repeat(len - frame("").len()))
    };
    for (len, is_found_out) in [(MAX_REWRITTEN, true), (MAX_REWRITTEN + 1, false)] {
        let arrived = event(len);
        let signed = arrived
            .replace("{\"", "{\n  \"")
            .replace(":\"", ": \"")
            .replace(",\"", ",\n  \"")
            .replace('}', "\n}");
        assert_eq!(code(signed, arrived), is_found_out.then_some("json_reprinted"), "{len}");
    }
    for (white_space, is_found_out) in [("", true), ("\n", false)] {
        let signed = event(MAX_REWRITTEN / 4 * 3);
        let arrived = base64(signed.as_bytes()) + white_space;
        assert_eq!(arrived.len(), MAX_REWRITTEN + white_space.len());
        assert_eq!(
            code(signed, arrived),
            is_found_out.then_some("base64_encoded"),
            "{white_space:?}"
        );
    }
}

#[test]
fn json_too_long_after_the_rewrite_is_not_rewritten() {
    let mut results = Vec::new();
    for depth in 1..100 {
        let arrived = format!("{{\"id\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        let indent = |level: usize| "  ".repeat(level);
        let opened: String = (0..depth).map(|level| format!("[\n{}", indent(level + 2))).collect();
        let closed: String =
            (0..depth).rev().map(|level| format!("\n{}]", indent(level + 1))).collect();
        let signed = format!("{{\n  \"id\": {opened}1{closed}\n}}");
        let fits = signed.len() <= arrived.len() * 4 + 1024;
        assert_eq!(code(signed, arrived), fits.then_some("json_reprinted"), "{depth}");
        results.push(fits);
    }
    assert!(results[0] && !results[results.len() - 1]);
}

proptest! {
    #[test]
    fn no_bytes_make_a_diagnosis_panic(
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..200),
            "[\\[\\]{}:,\"\\\\/u0-9a-fé \n]{0,100}".prop_map(String::into_bytes),
            "\\{\"a\":\"([^\"\\\\]|\\\\u[0-9a-f]{4}|\\\\[nrtbf/\"\\\\]){0,20}\"\\}".prop_map(String::into_bytes),
            "[A-Za-z0-9+/=_\n-]{0,100}".prop_map(String::into_bytes),
        ],
    ) {
        prop_assume!(body != EVENT.as_bytes());
        rejection(EVENT.as_bytes(), body);
    }
}

#[test]
fn a_deeply_nested_body_is_not_diagnosed() {
    for body in [
        "[".repeat(100_000),
        "{\"a\":".repeat(40_000),
        format!("{{\"a\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000)),
    ] {
        assert_eq!(code(EVENT, body), None);
    }
}
