//! Valid and invalid signing secrets, and their redaction.

use tower_stripe_webhook::{SigningSecret, SigningSecrets, StripeWebhookLayer};

#[test]
fn an_invalid_signing_secret_is_rejected_with_the_reason() {
    for (text, message) in [
        ("", "the signing secret is empty"),
        (" \n", "the signing secret is empty"),
        (
            "whsec_abc\n",
            "the signing secret has white space (a newline?) at its start or end: remove it",
        ),
        (
            "whsec_abc\r\n",
            "the signing secret has white space (a newline?) at its start or end: remove it",
        ),
        (
            " whsec_abc",
            "the signing secret has white space (a newline?) at its start or end: remove it",
        ),
        (
            "whsec_abc\u{a0}",
            "the signing secret has white space (a newline?) at its start or end: remove it",
        ),
        ("whsec_a bc", "the signing secret has white space inside: copy it again, as one word"),
        ("whsec_", "the signing secret ends after `whsec_`: copy all of it"),
        (
            "whsec_ab\u{200b}c",
            "the signing secret has a character that Stripe's never have: copy it again, without quotes",
        ),
        (
            "whsec_ab\0c",
            "the signing secret has a character that Stripe's never have: copy it again, without quotes",
        ),
        (
            "whsec_abc\"",
            "the signing secret has a character that Stripe's never have: copy it again, without quotes",
        ),
        ("\"whsec_abc\"", "the signing secret is in quotes: remove them"),
        ("'whsec_abc'", "the signing secret is in quotes: remove them"),
        (
            "sk_live_abc",
            "this is an API secret key (`sk_`), not a signing secret: a signing secret starts with `whsec_`",
        ),
        (
            "rk_live_abc",
            "this is a restricted API key (`rk_`), not a signing secret: a signing secret starts with `whsec_`",
        ),
        (
            "pk_live_abc",
            "this is a publishable API key (`pk_`), not a signing secret: a signing secret starts with `whsec_`",
        ),
        (
            "we_1abc",
            "this is the id of a webhook endpoint (`we_`), not its signing secret, which starts with `whsec_`",
        ),
        ("abc", "this is not a signing secret: a signing secret starts with `whsec_`"),
        ("WHSEC_abc", "this is not a signing secret: a signing secret starts with `whsec_`"),
        ("é", "this is not a signing secret: a signing secret starts with `whsec_`"),
    ] {
        let error = SigningSecret::new(text).expect_err(text);
        assert_eq!(error.to_string(), message, "{text:?}");
        assert!(!format!("{error:?}").contains("abc"));
    }
}

#[test]
fn placeholders_are_rejected_and_named_as_such() {
    for text in [
        "whsec_...",
        "whsec_…",
        "whsec_......",
        "whsec_Bqk2...",
        "whsec_…Yd",
        "whsec_xxx",
        "whsec_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
        "whsec_xxxx-xxxx",
        "whsec_***",
        "whsec_••••••••",
        "whsec_<secret>",
        "whsec_{{secret}}",
        "whsec_[secret]",
        "whsec_${SECRET}",
        "whsec_your_secret",
        "whsec_YOUR_SIGNING_SECRET",
        "whsec_your-webhook-secret-here",
        "whsec_replace_me",
        "whsec_changeme",
        "whsec_placeholder",
        "whsec_secret_goes_here",
        "whsec_todo",
    ] {
        let error = SigningSecret::new(text).expect_err(text);
        assert_eq!(
            error.to_string(),
            "the signing secret is a placeholder (such as `whsec_...`): set the one that Stripe's dashboard shows for the \
             endpoint, or that `stripe listen --print-secret` prints",
            "{text}"
        );
    }
    for text in [
        "whsec_.",
        "whsec_..",
        "whsec_x",
        "whsec_xx",
        "whsec_xxxa",
        "whsec_test",
        "whsec_secret",
        "whsec_the_secret",
        "whsec_my_webhook_secret",
        "whsec_yourBqk2Uj0QZzR1hmYdVn4x8Lw3T",
        "whsec_your_secret_2",
        "whsec_hereBqk2",
        "whsec_000",
    ] {
        assert!(SigningSecret::new(text).is_ok(), "{text}");
    }
}

#[test]
fn the_secrets_of_stripe_and_of_its_cli_are_accepted() {
    for text in [
        "whsec_a",
        "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks",
        &format!("whsec_{}", "0a".repeat(32)),
        "whsec_a+/=-_.~",
    ] {
        assert_eq!(SigningSecret::new(text).unwrap().expose_secret(), text);
        assert_eq!(text.parse::<SigningSecret>().unwrap().expose_secret(), text);
    }
}

#[test]
fn an_id_is_a_constant_fingerprint_until_it_is_named() {
    let secret = SigningSecret::new("whsec_a").unwrap();
    // Nodes of different releases show the same id for the same secret.
    assert_eq!(secret.id().as_str(), "a0b27834");
    assert_eq!(SigningSecret::new("whsec_a").unwrap().id(), secret.id());
    assert_ne!(SigningSecret::new("whsec_b").unwrap().id(), secret.id());
    assert_eq!(secret.with_id("2026-11").id().as_str(), "2026-11");
}

#[test]
fn debug_shows_ids_and_no_secret() {
    let secret = SigningSecret::new("whsec_hidden").unwrap().with_id("dashboard");
    let secrets =
        SigningSecrets::from([secret.clone(), SigningSecret::new("whsec_hidden_too").unwrap()]);
    let layer = StripeWebhookLayer::new(secrets.clone());
    for debug in [
        format!("{secret:?}"),
        format!("{secrets:?}"),
        format!("{layer:?}"),
        format!("{secret:#?}"),
    ] {
        assert!(!debug.contains("hidden"), "{debug}");
    }
    assert_eq!(format!("{secret:?}"), r#"SigningSecret { id: "dashboard", .. }"#);
}

#[test]
fn several_secrets_keep_their_order() {
    let secrets: SigningSecrets =
        ["whsec_b", "whsec_a"].map(|text| SigningSecret::new(text).unwrap()).into_iter().collect();
    assert_eq!(
        secrets.iter().map(SigningSecret::expose_secret).collect::<Vec<_>>(),
        ["whsec_b", "whsec_a"]
    );
    assert_eq!((secrets.len(), secrets.is_empty()), (2, false));
    assert!(SigningSecrets::default().is_empty());
}
