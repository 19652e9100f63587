//! Case-insensitive email addresses.

/// Returns an address as it is stored and compared: trimmed and in lower case.
pub fn normalize(address: &str) -> String {
    lower_case(address.trim())
}

/// Converts letters to lower case, if converting back gives the same letter.
///
/// Unicode also maps lookalikes to lower case, such as the Kelvin sign (U+212A) to `k`. With these
/// mappings, an address with that sign would find the balance of another person.
pub fn lower_case(text: &str) -> String {
    text.chars()
        .map(|letter| {
            only(letter.to_lowercase())
                .filter(|lower| is_upper_of(letter, *lower))
                .unwrap_or(letter)
        })
        .collect()
}

fn is_upper_of(letter: char, lower: char) -> bool {
    only(lower.to_uppercase()) == Some(letter)
}

/// Returns the only item of an iterator. `None` if there is none or more than one.
fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn letters_with_a_reversible_lower_case_are_normalized() {
        for (address, normalized) in [
            ("ZOE@Example.COM", "zoe@example.com"),
            (" zoe@example.com\n", "zoe@example.com"),
            ("ZOË@example.com", "zoë@example.com"),
            ("zoë@example.com", "zoë@example.com"),
            ("ΖΩΗΣ@example.com", "ζωησ@example.com"),
            // Kelvin, Angstrom, Ohm, dotted I, long s, capital sharp s.
            ("\u{212A}im@example.com", "\u{212A}im@example.com"),
            ("\u{212B}@example.com", "\u{212B}@example.com"),
            ("\u{2126}@example.com", "\u{2126}@example.com"),
            ("\u{130}da@example.com", "\u{130}da@example.com"),
            ("\u{17F}@example.com", "\u{17F}@example.com"),
            ("\u{1E9E}@example.com", "\u{1E9E}@example.com"),
        ] {
            assert_eq!(normalize(address), normalized, "{address:?}");
        }
    }

    #[test]
    fn no_other_letter_becomes_an_ascii_letter() {
        for letter in (0x80..=u32::from(char::MAX)).filter_map(char::from_u32) {
            assert!(!normalize(&format!("a{letter}a")).trim_matches('a').is_ascii(), "{letter:?}");
        }
    }
}
