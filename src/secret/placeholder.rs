//! Placeholders of signing secrets, as documentation and templates have them.

/// Other words of a placeholder.
const WORDS: [&str; 12] =
    ["endpoint", "goes", "key", "me", "my", "secret", "signing", "stripe", "the", "this", "webhook", "with"];

/// Words that ask for another text: a placeholder has one at least. Without one, it may be a test's secret (`whsec_the_secret`).
const ASKING: [&str; 11] =
    ["change", "changeme", "enter", "here", "insert", "paste", "placeholder", "replace", "replaceme", "todo", "your"];

/// Whether what follows `whsec_` stands for a secret: an ellipsis, a mask, a template's brackets, or words that ask for the secret.
///
/// Stripe's secrets have 32 letters and digits or 64 hexadecimal digits, so that none of them is taken for a placeholder.
pub(super) fn is_placeholder(rest: &str) -> bool {
    has_ellipsis(rest) || is_mask(rest) || rest.starts_with(['<', '{', '[', '$']) || is_request(rest)
}

fn has_ellipsis(rest: &str) -> bool {
    rest.contains("...") || rest.contains('…')
}

fn is_mask(rest: &str) -> bool {
    rest.chars().count() >= 3 && rest.chars().all(|c| "xX*•-_.?#".contains(c))
}

fn is_request(rest: &str) -> bool {
    let is_one_of = |words: &[&str], word: &str| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    let words = || rest.split(['_', '-']);
    words().any(|word| is_one_of(&ASKING, word))
        && words().all(|word| is_one_of(&ASKING, word) || is_one_of(&WORDS, word))
}
