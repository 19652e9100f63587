//! Characters that JSON can escape and text cannot hold.
//!
//! `"\ud83d"` is JSON, but half of a surrogate pair is no character: decoding it into a `String` fails, and with it the whole
//! object. `"\u0000"` decodes, but Postgres's `text` does not store it. Both come from names that were cut or mistyped, and
//! neither is a reason to lose an event. They are replaced before anything is decoded, so that no field, key or list can meet them.

use bytes::Bytes;

const REPLACEMENT: &[u8; 6] = br"\ufffd";

/// Replaces escapes of NUL and of unpaired surrogates by U+FFFD, the replacement character.
///
/// The text keeps its length. It is copied only if it has such an escape.
pub(super) fn replace_unstorable(json: &Bytes) -> Bytes {
    // The usual case, and the fast one.
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
    /// With its length.
    Storable(usize),
    Unstorable,
}

/// Looks at the escape with which `json` begins. What is no escape is left to the parser.
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

/// The UTF-16 code unit that `\uXXXX` stands for.
fn code_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(br"\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, &digit| Some(unit << 4 | u16::try_from(char::from(digit).to_digit(16)?).ok()?))
}
