//! Bounded text from an answer.

/// Longer than any code or request id of Stripe, in bytes.
const MAX_LEN: usize = 128;

/// Returns at most [`MAX_LEN`] bytes of a text, without the part of a character.
pub(super) fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MAX_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_after_128_bytes_between_characters() {
        let limit = "a".repeat(128);
        assert_eq!(bounded(&limit), limit);
        assert_eq!(bounded(&format!("{limit}a")), limit);
        assert_eq!(bounded(&format!("{}é", "a".repeat(127))), "a".repeat(127));
    }
}
