//! Versions of Stripe's API.

use tower_stripe_webhook::api::ApiVersion;

#[test]
fn a_version_is_a_date_with_or_without_a_name() {
    for text in ["2026-10-28.endive", "2024-06-20", "2025-09-30.preview"] {
        assert_eq!(ApiVersion::new(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "2026-10-28.",
        ".endive",
        "2026-10-28.Endive",
        "2026-10-28 .endive",
        "2026-10-28.endive\n",
        "2026-10-28.endive.x",
        "2026_10_28",
        "26-10-28",
        "2026-10-2x",
        "latest",
        "v1",
        "2026-10-28.\u{e9}",
    ] {
        assert!(ApiVersion::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_version_may_have_previews_of_features() {
    for text in ["2026-10-28.endive; checkout_beta=v1", "2024-06-20; a_beta=v1; b=v2"] {
        assert_eq!(ApiVersion::new(text).unwrap().to_string(), text);
    }
    let long = format!("2026-10-28.endive; {}=v1", "a".repeat(490));
    assert_eq!(long.len(), 512);
    assert!(ApiVersion::new(&long).is_ok());
    let too_long = format!("{long}0");
    for text in [
        "2026-10-28.endive;",
        "2026-10-28.endive; ",
        "2026-10-28.endive; a",
        "2026-10-28.endive; a=",
        "2026-10-28.endive; =v1",
        "2026-10-28.endive; A=v1",
        "2026-10-28.endive;a=v1",
        "2026-10-28.endive; a=v1\r\nx: y",
        &too_long,
    ] {
        assert!(ApiVersion::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_name_has_at_most_32_letters() {
    assert!(ApiVersion::new(&format!("2026-10-28.{}", "a".repeat(32))).is_ok());
    assert!(ApiVersion::new(&format!("2026-10-28.{}", "a".repeat(33))).is_err());
}

#[test]
fn the_default_is_the_version_of_the_objects() {
    assert_eq!(ApiVersion::default().as_str(), "2026-10-28.endive");
}
