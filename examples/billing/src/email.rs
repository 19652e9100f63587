//! Email addresses, which are the same in upper and lower case.

/// An address as it is stored and compared: trimmed and in lower case.
pub fn fold(address: &str) -> String {
    lower_case(address.trim())
}

/// A text in which each letter is in lower case that is the one upper case of its lower case.
///
/// Unicode also maps other letters to lower case, such as the Kelvin sign (U+212A) to `k`. Then one who registers an address
/// with that sign would find the balance of another person, so these letters stay as they are.
pub fn lower_case(text: &str) -> String {
    text.chars()
        .map(|letter| only(letter.to_lowercase()).filter(|lower| is_upper_of(letter, *lower)).unwrap_or(letter))
        .collect()
}

fn is_upper_of(letter: char, lower: char) -> bool {
    only(lower.to_uppercase()) == Some(letter)
}

/// The letter, if it is the only one.
fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn letters_are_folded_only_if_that_can_be_undone() {
        for (address, folded) in [
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
            assert_eq!(fold(address), folded, "{address:?}");
        }
    }

    #[test]
    fn no_other_letter_is_folded_to_an_ascii_letter() {
        for letter in (0x80..=u32::from(char::MAX)).filter_map(char::from_u32) {
            assert!(!fold(&format!("a{letter}a")).trim_matches('a').is_ascii(), "{letter:?}");
        }
    }
}
