//! A printer for JSON in other layouts and with other escapes.
//!
//! It works on tokens, so the order of keys, duplicate keys and the format of numbers do not
//! change.

/// The white space between the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// The white space of the input.
    Kept,
    /// No white space.
    Compact,
    /// One line per member and element, indented by two spaces, as Stripe prints.
    Indented(Empty),
}

/// The form of an empty array or object in an indented layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Empty {
    /// `[]` and `{}`.
    Closed,
    /// Over several lines: `[`, an empty line, `]`; and `{`, `}`.
    ///
    /// Ruby's printer and so Stripe did this for many years.
    Open,
}

/// The characters that are escaped in strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// The escapes of the input.
    Kept,
    /// The escapes that JSON requires, and optionally more.
    Written {
        /// Escapes non-ASCII characters, for example as `\u00e9`.
        non_ascii: bool,
        /// Escapes slashes as `\/`.
        slashes: bool,
    },
}

/// The parts of a JSON text that layouts and escapes print differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// Has an object with a member.
    pub(super) member: bool,
    /// Has an empty object or array.
    pub(super) empty: bool,
    /// Has a string with a slash.
    pub(super) slash: bool,
    /// Has a string with a non-ASCII character or `\u`.
    pub(super) unicode: bool,
}

pub(super) fn traits(json: &str) -> Traits {
    let mut traits = Traits::default();
    let mut before = "";
    for token in Tokens(json) {
        if token.starts_with('"') {
            traits.slash |= token.contains('/');
            traits.unicode |= !token.is_ascii() || token.contains("\\u");
        }
        traits.member |= token == ":";
        traits.empty |= is_empty(before, token);
        if !is_space(token) {
            before = token;
        }
    }
    traits
}

/// Prints at most `limit` bytes of valid JSON, and returns whether it is complete.
pub(super) fn print(
    json: &str,
    layout: Layout,
    escapes: Escapes,
    limit: usize,
    out: &mut dyn FnMut(&[u8]),
) -> bool {
    let mut printer = Printer { layout, escapes, left: limit, depth: 0, out };
    printer.print(json).is_some()
}

/// The tokens of a JSON text and the white space between them.
///
/// Joined, they are the same text, even if it is not JSON.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0;
        let len = match rest.chars().next()? {
            '"' => string_len(rest),
            '{' | '}' | '[' | ']' | ':' | ',' => 1,
            c if is_white(c) => rest.find(|c| !is_white(c)).unwrap_or(rest.len()),
            _ => rest.find(|c| is_white(c) || "{}[]:,\"".contains(c)).unwrap_or(rest.len()),
        };
        let (token, rest) = rest.split_at(len);
        self.0 = rest;
        Some(token)
    }
}

fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn is_white(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn is_space(token: &str) -> bool {
    token.starts_with(is_white)
}

fn is_empty(open: &str, close: &str) -> bool {
    matches!((open, close), ("{", "}") | ("[", "]"))
}

struct Printer<'o> {
    layout: Layout,
    escapes: Escapes,
    left: usize,
    depth: usize,
    out: &'o mut dyn FnMut(&[u8]),
}

/// Each method returns `None` if the limit is reached.
impl Printer<'_> {
    fn print(&mut self, json: &str) -> Option<()> {
        let mut before = "";
        for token in Tokens(json) {
            if is_space(token) {
                if self.layout == Layout::Kept {
                    self.write(token)?;
                }
                continue;
            }
            if let Layout::Indented(empty) = self.layout {
                self.indent(before, token, empty)?;
            }
            match self.escapes {
                Escapes::Written { non_ascii, slashes } if token.starts_with('"') => {
                    self.string(token, non_ascii, slashes)?;
                }
                _ => self.write(token)?,
            }
            before = token;
        }
        Some(())
    }

    /// Writes the white space between two tokens.
    fn indent(&mut self, before: &str, token: &str, empty: Empty) -> Option<()> {
        let opened = matches!(before, "{" | "[");
        let closes = matches!(token, "}" | "]");
        if opened {
            self.depth += 1;
        }
        if closes {
            self.depth = self.depth.saturating_sub(1);
        }
        if is_empty(before, token) {
            return match (empty, token) {
                (Empty::Closed, _) => Some(()),
                (Empty::Open, "]") => self.write("\n").and_then(|()| self.line()),
                (Empty::Open, _) => self.line(),
            };
        }
        if opened || closes || before == "," {
            self.line()
        } else if before == ":" {
            self.write(" ")
        } else {
            Some(())
        }
    }

    /// Writes a line end and the indentation of the next line.
    fn line(&mut self) -> Option<()> {
        self.write("\n")?;
        (0..self.depth).try_for_each(|_| self.write("  "))
    }

    fn string(&mut self, token: &str, non_ascii: bool, slashes: bool) -> Option<()> {
        let mut rest = token;
        while let Some(c) = rest.chars().next() {
            // The surrounding quotes, and escapes that cannot be decoded, are not changed.
            let (len, decoded) = if c == '\\' {
                unescape(rest)
            } else {
                (c.len_utf8(), Some(c).filter(|c| *c != '"'))
            };
            let (now, later) = rest.split_at_checked(len)?;
            match decoded {
                Some(c) => self.character(c, non_ascii, slashes)?,
                None => self.write(now)?,
            }
            rest = later;
        }
        Some(())
    }

    fn character(&mut self, c: char, non_ascii: bool, slashes: bool) -> Option<()> {
        match c {
            '"' => self.write("\\\""),
            '\\' => self.write("\\\\"),
            '\n' => self.write("\\n"),
            '\r' => self.write("\\r"),
            '\t' => self.write("\\t"),
            '\u{8}' => self.write("\\b"),
            '\u{c}' => self.write("\\f"),
            '/' if slashes => self.write("\\/"),
            c if c < ' ' || non_ascii && !c.is_ascii() => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units)
                    .iter()
                    .try_for_each(|unit| self.write(&format!("\\u{unit:04x}")))
            }
            c => self.write(c.encode_utf8(&mut [0; 4])),
        }
    }

    fn write(&mut self, text: &str) -> Option<()> {
        self.left = self.left.checked_sub(text.len())?;
        (self.out)(text.as_bytes());
        Some(())
    }
}

/// Returns the length of the escape at the start of the text, and its character.
fn unescape(text: &str) -> (usize, Option<char>) {
    let decoded = match text.as_bytes().get(1) {
        Some(b'u') => return unescape_unicode(text),
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(c @ (b'"' | b'\\' | b'/')) => char::from(*c),
        _ => return (1, None),
    };
    (2, Some(decoded))
}

/// Decodes one `\u` escape, or two for a surrogate pair.
///
/// A lone surrogate has no character.
fn unescape_unicode(text: &str) -> (usize, Option<char>) {
    let units = [unit(text), text.get(6..).and_then(unit)].into_iter().map_while(|unit| unit);
    match char::decode_utf16(units).next() {
        Some(Ok(c)) => (6 * c.len_utf16(), Some(c)),
        _ => (6, None),
    }
}

/// Returns the code unit of the `\u00e9` at the start of the text.
fn unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIPE: Layout = Layout::Indented(Empty::Closed);
    const OLD_STRIPE: Layout = Layout::Indented(Empty::Open);
    const RAW: Escapes = Escapes::Written { non_ascii: false, slashes: false };
    const ASCII: Escapes = Escapes::Written { non_ascii: true, slashes: false };
    const PHP: Escapes = Escapes::Written { non_ascii: true, slashes: true };

    fn printed(json: &str, layout: Layout, escapes: Escapes) -> String {
        let mut text = Vec::new();
        assert!(
            print(json, layout, escapes, usize::MAX, &mut |piece| text.extend_from_slice(piece))
        );
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn a_layout_changes_only_white_space() {
        let kept = " {\t\"b\" : [ 1.0, 1e3,\n-0 ] ,\"a\":{ } ,\"a\": [ ],\"c\":[{\"d\":\"x, {y}: \\\" [\"}, null]}\r\n";
        assert_eq!(printed(kept, Layout::Kept, Escapes::Kept), kept);
        let compact =
            "{\"b\":[1.0,1e3,-0],\"a\":{},\"a\":[],\"c\":[{\"d\":\"x, {y}: \\\" [\"},null]}";
        assert_eq!(printed(kept, Layout::Compact, Escapes::Kept), compact);
        let stripe = r#"{
  "b": [
    1.0,
    1e3,
    -0
  ],
  "a": {},
  "a": [],
  "c": [
    {
      "d": "x, {y}: \" ["
    },
    null
  ]
}"#;
        let old_stripe = stripe.replace("{},", "{\n  },").replace("[],", "[\n\n  ],");
        for json in [kept, compact, stripe, &old_stripe] {
            assert_eq!(printed(json, STRIPE, Escapes::Kept), stripe);
            assert_eq!(printed(json, OLD_STRIPE, Escapes::Kept), old_stripe);
            assert_eq!(printed(json, Layout::Compact, Escapes::Kept), compact);
        }
    }

    #[test]
    fn escapes_are_written_in_each_way() {
        for (json, escapes, expected) in [
            (r#""\u00e9 \u00E9 é""#, RAW, r#""é é é""#),
            (r#""\u00e9 \u00E9 é""#, ASCII, r#""\u00e9 \u00e9 \u00e9""#),
            (r#""\ud83d\ude00 😀""#, RAW, r#""😀 😀""#),
            (r#""\ud83d\ude00 😀""#, ASCII, r#""\ud83d\ude00 \ud83d\ude00""#),
            (r#""\ud83d é \ude00 \ud83d\u0041""#, RAW, r#""\ud83d é \ude00 \ud83dA""#),
            (r#""https:\/\/a/b""#, RAW, r#""https://a/b""#),
            (r#""https:\/\/a/b é""#, PHP, r#""https:\/\/a\/b \u00e9""#),
            (
                r#""https:\/\/a/b \u00e9""#,
                Escapes::Written { non_ascii: false, slashes: true },
                r#""https:\/\/a\/b é""#,
            ),
            (r#""\u0026 \u003c \u0027 \u007f""#, RAW, "\"& < ' \u{7f}\""),
            (
                r#""\" \\ \b\f\n\r\t \u0000 \u001F \u000a \u0022 \u005c""#,
                RAW,
                r#""\" \\ \b\f\n\r\t \u0000 \u001f \n \" \\""#,
            ),
            (r#"["\\u00e9", 1]"#, PHP, r#"["\\u00e9", 1]"#),
        ] {
            assert_eq!(printed(json, Layout::Kept, escapes), expected);
            assert_eq!(printed(json, Layout::Kept, Escapes::Kept), json);
        }
    }

    #[test]
    fn traits_list_the_differences_of_layouts_and_escapes() {
        let none = Traits::default();
        for (json, expected) in [
            ("1", none),
            ("[]", Traits { empty: true, ..none }),
            ("[ { \n} ]", Traits { empty: true, ..none }),
            (r#"{"a":"[]"}"#, Traits { member: true, ..none }),
            (r#"["/"]"#, Traits { slash: true, ..none }),
            (r#"["\/"]"#, Traits { slash: true, ..none }),
            (r#"["é"]"#, Traits { unicode: true, ..none }),
            (r#"["\u00e9"]"#, Traits { unicode: true, ..none }),
        ] {
            assert_eq!(traits(json), expected, "{json}");
        }
    }

    #[test]
    fn printing_stops_at_the_limit() {
        let json = r#"{"a":["é"]}"#;
        let whole = printed(json, STRIPE, ASCII).len();
        assert!(print(json, STRIPE, ASCII, whole, &mut |_| {}));
        assert!(!print(json, STRIPE, ASCII, whole - 1, &mut |_| {}));

        // Each level is indented further, so without a limit this would print 40 GB.
        let deep = "[".repeat(200_000);
        let mut len = 0;
        assert!(!print(&deep, STRIPE, Escapes::Kept, 1000, &mut |piece| len += piece.len()));
        assert!(len <= 1000, "{len}");
    }

    #[test]
    fn invalid_json_does_not_panic() {
        for text in [
            "",
            "\"",
            "\"\\",
            "\"\\u",
            "\"\\u00é",
            "\"\\ud83d\\u",
            "\"\\é\"",
            "é",
            "}}]",
            "{\"a\"",
            "\\",
            "\0",
            ": , :",
        ] {
            let parts: String = Tokens(text).collect();
            assert_eq!(parts, text);
            for layout in [Layout::Kept, Layout::Compact, STRIPE, OLD_STRIPE] {
                for escapes in [Escapes::Kept, RAW, PHP] {
                    print(text, layout, escapes, usize::MAX, &mut |_| {});
                }
            }
        }
    }
}
