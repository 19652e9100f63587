//! The API key.

use proptest::prelude::*;
use tower_stripe_webhook::{Mode, api::ApiKey};

fn error_of(text: &str) -> String {
    ApiKey::new(text).expect_err(text).to_string()
}

#[test]
fn secret_restricted_and_organization_keys_are_accepted_with_their_mode() {
    for (text, mode, is_restricted) in [
        ("sk_test_4eC39HqLyjWDarjtT1zdp7dc", Some(Mode::Test), false),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", Some(Mode::Live), false),
        ("rk_test_51Habc_def", Some(Mode::Test), true),
        ("rk_live_1", Some(Mode::Live), true),
        ("sk_org_live_abc", Some(Mode::Live), false),
        ("sk_org_test_abc", Some(Mode::Test), false),
        ("sk_org_abc", None, false),
        ("sk_org_abc_live_test_", None, false),
        ("sk_test_abc_live_", Some(Mode::Test), false),
    ] {
        let key = ApiKey::new(text).unwrap();
        assert_eq!(key.expose_secret(), text);
        assert_eq!(key.mode(), mode, "{text}");
        assert_eq!(key.is_restricted(), is_restricted, "{text}");
        assert_eq!(text.parse::<ApiKey>().unwrap().id(), key.id());
    }
}

#[test]
fn each_mistake_is_named() {
    for (text, mistake) in [
        ("", "is empty"),
        (" \n", "is empty"),
        ("sk_test_abc\n", "newline"),
        ("\u{a0}sk_test_abc", "white space"),
        ("Bearer sk_test_abc", "white space inside"),
        ("sk_test_a bc", "white space inside"),
        ("sk_test_", "ends after its prefix"),
        ("rk_live_", "ends after its prefix"),
        ("sk_org_", "ends after its prefix"),
        ("sk_test_...", "placeholder"),
        ("sk_...", "placeholder"),
        ("rk_…", "placeholder"),
        ("sk_live_xxxxxxxx", "placeholder"),
        ("sk_test_<key>", "placeholder"),
        ("sk_test_your_api_key_here", "placeholder"),
        ("rk_live_YOUR_RESTRICTED_KEY", "placeholder"),
        ("sk_test_abc;", "character"),
        ("sk_test_abc\u{7}", "character"),
        ("sk_test_abc\u{e9}", "character"),
        ("sk_test_abc'", "character"),
        ("'sk_test_abc'", "in quotes"),
        ("\"rk_live_abc\"", "in quotes"),
        ("pk_test_51Habc", "publishable"),
        ("pk_live_51Habc", "publishable"),
        ("whsec_abc", "signing secret"),
        ("we_1Habc", "webhook endpoint"),
        ("ed_test_1Habc", "webhook endpoint"),
        ("acct_1Habc", "account"),
        ("sk_abc", "not a whole API key"),
        ("rk_org_abc", "not a whole API key"),
        ("sk_prod_abc", "not a whole API key"),
        ("abc", "this is not an API key"),
        ("SK_TEST_ABC", "this is not an API key"),
        ("é", "this is not an API key"),
    ] {
        let error = error_of(text);
        assert!(error.contains(mistake), "{text:?}: {error}");
    }
}

#[test]
fn a_key_of_512_bytes_is_accepted_and_one_of_513_is_not() {
    let text = |len: usize| format!("sk_test_{}", "a".repeat(len - 8));
    assert!(ApiKey::new(text(512)).is_ok());
    assert!(error_of(&text(513)).contains("longer"));
}

#[test]
fn debug_shows_the_id_and_not_the_key() {
    let key = ApiKey::new("sk_live_4eC39HqLyjWDarjtT1zdp7dc").unwrap();
    let text = format!("{key:?} {key:#?}");
    assert!(text.contains(key.id().as_str()) && !text.contains("4eC39"), "{text}");
    let other = ApiKey::new("sk_live_4eC39HqLyjWDarjtT1zdp7dd").unwrap();
    assert_ne!(key.id(), other.id());
}

proptest! {
    #[test]
    fn no_text_panics_and_no_error_has_the_text(text in "\\PC{0,40}") {
        let _ = ApiKey::new(text.clone());
        for prefix in ["", "sk_live_", "rk_test_", "pk_live_", "'", " "] {
            if let Err(error) = ApiKey::new(format!("{prefix}Zq7{text}")) {
                let shown = format!("{error} {error:?}");
                prop_assert!(!shown.contains("Zq7"), "{}", shown);
            }
        }
    }
}
