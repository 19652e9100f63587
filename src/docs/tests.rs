//! Checks of the guides beyond their snippets.

use crate::rejection::RejectionKind;

const README: &str = include_str!("../../README.md");
const TROUBLESHOOTING: &str = include_str!("troubleshooting.md");

/// Returns all kinds. A new kind does not compile until it is listed here.
fn kinds() -> [RejectionKind; 13] {
    use RejectionKind::*;

    let kinds = [
        MissingSignatureHeader,
        RepeatedSignatureHeader,
        MalformedSignatureHeader,
        TimestampOutsideTolerance,
        BodyTooLarge,
        NoSigningSecret,
        SecretProviderFailed,
        BodyTimeout,
        BodyMemoryUsedUp,
        BodyIncomplete,
        SignatureMismatch,
        InvalidJson,
        InvalidEvent,
    ];
    for kind in kinds {
        match kind {
            MissingSignatureHeader
            | RepeatedSignatureHeader
            | MalformedSignatureHeader
            | TimestampOutsideTolerance
            | BodyTooLarge
            | NoSigningSecret
            | SecretProviderFailed
            | BodyTimeout
            | BodyMemoryUsedUp
            | BodyIncomplete
            | SignatureMismatch
            | InvalidJson
            | InvalidEvent => {}
        }
    }
    kinds
}

#[test]
fn troubleshooting_has_a_section_with_the_status_of_each_code() {
    for kind in kinds() {
        let section = format!("\n## `{kind}`\n\nStatus `{}`. ", kind.status().as_u16());
        assert!(TROUBLESHOOTING.contains(&section), "no section {section:?}");
    }
}

#[test]
fn the_readme_has_at_most_7000_bytes() {
    assert!(README.len() <= 7000, "README.md has {} bytes", README.len());
}
