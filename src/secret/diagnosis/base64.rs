//! A decoder for base64, with the standard and the URL-safe alphabet.

/// Returns the decoded bytes, or `None` if the text is empty or not base64.
///
/// Padding may be absent. White space may be anywhere, as in MIME.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut digits, mut padding) = (0_u32, 0_u8, 0_u8);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if *byte == b'=' {
            padding += 1;
            if padding > 2 {
                return None;
            }
            continue;
        }
        if padding > 0 {
            return None;
        }
        group = group << 6 | u32::from(value(*byte)?);
        digits += 1;
        if digits == 4 {
            decoded.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, digits) = (0, 0);
        }
    }
    match digits {
        0 if padding == 0 => {}
        2 => decoded.push((group >> 4) as u8),
        3 => decoded.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => return None,
    }
    (!decoded.is_empty()).then_some(decoded)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_rfc_4648_are_decoded() {
        for (text, decoded) in [
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap(), decoded.as_bytes());
            assert_eq!(decode(text.trim_end_matches('=').as_bytes()).unwrap(), decoded.as_bytes());
        }
    }

    #[test]
    fn both_alphabets_and_white_space_are_decoded() {
        let bytes = [0xfb, 0xff, 0xfe];
        for text in ["+//+", "-__-", "+/\r\n/+\n", " + / / + "] {
            assert_eq!(decode(text.as_bytes()).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_decoded() {
        for text in [
            "", " \n", "=", "==", "Z", "Zg===", "Zg=g", "Zm9v=", "Zm9vY", "{}", "Zm9v\0", "Zm9é",
            "Zm9v.",
        ] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }
}
