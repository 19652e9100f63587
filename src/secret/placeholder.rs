//! Placeholders for secrets and API keys in documentation and templates.

/// Words that a placeholder may contain.
const WORDS: [&str; 14] = [
    "api",
    "endpoint",
    "goes",
    "key",
    "me",
    "my",
    "restricted",
    "secret",
    "signing",
    "stripe",
    "the",
    "this",
    "webhook",
    "with",
];

/// Words of which a placeholder contains at least one.
///
/// Without one, the text may be a test's secret (`whsec_the_secret`).
const MARKERS: [&str; 11] = [
    "change",
    "changeme",
    "enter",
    "here",
    "insert",
    "paste",
    "placeholder",
    "replace",
    "replaceme",
    "todo",
    "your",
];

/// Returns whether the text after a prefix such as `whsec_` is a placeholder.
///
/// It is one if it is an ellipsis, a mask, in a template's brackets, or words such as
/// `your_secret`. Stripe's secrets have 32 letters and digits or 64 hexadecimal digits, and its API
/// keys have letters and digits, so none of them looks like a placeholder.
pub(crate) fn is_placeholder(rest: &str) -> bool {
    has_ellipsis(rest) || is_mask(rest) || rest.starts_with(['<', '{', '[', '$']) || is_phrase(rest)
}

fn has_ellipsis(rest: &str) -> bool {
    rest.contains("...") || rest.contains('…')
}

fn is_mask(rest: &str) -> bool {
    rest.chars().count() >= 3 && rest.chars().all(|c| "xX*•-_.?#".contains(c))
}

fn is_phrase(rest: &str) -> bool {
    let is_one_of =
        |words: &[&str], word: &str| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    let words = || rest.split(['_', '-']);
    words().any(|word| is_one_of(&MARKERS, word))
        && words().all(|word| is_one_of(&MARKERS, word) || is_one_of(&WORDS, word))
}
