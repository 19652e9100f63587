//! Checks of the guides beyond their snippets.

use std::{fs, path::Path};

use crate::rejection::RejectionKind;

const README: &str = include_str!("../../README.md");
const THREAT_MODEL: &str = include_str!("threat_model.md");
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

#[test]
fn the_tests_of_the_threat_model_exist() {
    let is_test = |text: &&str| text.contains("::") && !text.contains(' ');
    let names: Vec<&str> = THREAT_MODEL.split('`').filter(is_test).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        let (module, test) = name.rsplit_once("::").expect("a path");
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let file = module.replace("::", "/");
        let text = [format!("{file}.rs"), format!("{file}/mod.rs")]
            .iter()
            .find_map(|file| fs::read_to_string(tests.join(file)).ok())
            .unwrap_or_else(|| panic!("no file of {name}"));
        assert!(text.contains(&format!("fn {test}(")), "no test {name}");
    }
}
