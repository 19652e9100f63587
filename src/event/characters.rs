//! Characters that JSON can escape but strings or databases cannot store.
//!
//! `"\ud83d"` is valid JSON, but an unpaired surrogate is not a character: decoding it into a
//! `String` fails, and with it the whole object. `"\u0000"` decodes, but Postgres's `text` cannot
//! store it. Both occur in truncated or mistyped names, and neither must make an event fail. They
//! are replaced before decoding, so that every field, key and list element is covered.

use bytes::Bytes;

const REPLACEMENT: &[u8; 6] = br"\ufffd";

/// Replaces escapes of NUL and of unpaired surrogates by U+FFFD.
///
/// The length does not change. The JSON is copied only if it has such an escape.
pub(super) fn replace_unstorable(json: &Bytes) -> Bytes {
    // The usual case: there are no escapes.
    if !json.contains(&b'\\') {
        return json.clone();
    }
    let mut replaced: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(backslash) = json[at..].iter().position(|&byte| byte == b'\\') {
        at += backslash;
        at += match escape(&json[at..]) {
            Escape::Storable(length) => length,
            Escape::Unstorable => {
                let copy = replaced.get_or_insert_with(|| json.to_vec());
                copy[at..at + REPLACEMENT.len()].copy_from_slice(REPLACEMENT);
                REPLACEMENT.len()
            }
        };
    }
    replaced.map_or_else(|| json.clone(), Bytes::from)
}

enum Escape {
    /// An escape to keep, with its length.
    Storable(usize),
    Unstorable,
}

/// Classifies the escape at the start of `json`.
///
/// Invalid escapes are left to the JSON parser.
fn escape(json: &[u8]) -> Escape {
    match code_unit(json) {
        Some(0 | 0xdc00..=0xdfff) => Escape::Unstorable,
        Some(0xd800..=0xdbff) => match json.get(6..).and_then(code_unit) {
            Some(0xdc00..=0xdfff) => Escape::Storable(12),
            _ => Escape::Unstorable,
        },
        Some(_) => Escape::Storable(6),
        None => Escape::Storable(json.len().min(2)),
    }
}

/// Returns the UTF-16 code unit of an escape `\uXXXX`.
fn code_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(br"\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| {
        Some(unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?)
    })
}
