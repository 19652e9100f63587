//! Escapes for text from a request, so that it is safe in a line of a log.

use std::borrow::Cow;

/// Escapes characters that end a line, move the cursor or change text direction.
///
/// With such a character in an event's id, a sender could forge the next line of a log.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unprintable(c) { escaped.extend(c.escape_unicode()) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// Returns whether `c` controls a line or the direction of text.
///
/// These are control characters, line separators and direction marks.
pub(crate) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}
