//! What a signature would have matched that matches nothing.

use zeroize::Zeroizing;

use super::SigningSecret;
use crate::signature::{PayloadMac, PreparedKey, SignatureHeader};

/// What was changed between whoever signed and here, found out
/// [if the layer is told to](crate::StripeWebhookLayer::with_mismatch_diagnosis).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchDiagnosis {
    /// The body was signed with CRLF and arrived with LF.
    CrlfBecameLf,
    /// The body was signed with LF and arrived with CRLF.
    LfBecameCrlf,
    /// The body was signed with a newline at its end, and arrived without.
    NewlineCut,
    /// The body was signed without a newline at its end, and arrived with one.
    NewlineAdded,
    /// The secret with which it was signed has white space at its end.
    SecretWithWhiteSpace,
}

impl MismatchDiagnosis {
    /// A stable name, for metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CrlfBecameLf | Self::LfBecameCrlf => "line_ends_changed",
            Self::NewlineCut => "newline_cut",
            Self::NewlineAdded => "newline_added",
            Self::SecretWithWhiteSpace => "secret_with_white_space",
        }
    }
}

/// Tries what happens most. It costs up to eight HMACs a secret: never call it for a request that may still be
/// accepted.
pub(crate) fn diagnose<T: AsRef<[u8]>>(
    header: &SignatureHeader<T>,
    secrets: &[&SigningSecret],
    body: &[u8],
) -> Option<MismatchDiagnosis> {
    let matches = |key: &PreparedKey, feed: &dyn Fn(&mut PayloadMac)| {
        let mut mac = key.start(header.timestamp_text());
        feed(&mut mac);
        header.contains(&mac.finish())
    };
    let any_matches = |feed: &dyn Fn(&mut PayloadMac)| secrets.iter().any(|secret| matches(secret.key(), feed));
    let is_signed = |whole: &[u8]| any_matches(&|mac| mac.update(whole));
    let with_end = |end: &[u8]| {
        any_matches(&|mac| {
            mac.update(body);
            mac.update(end);
        })
    };
    let signed_by = |secret: &SigningSecret, end: &str| {
        let text = Zeroizing::new(format!("{}{end}", secret.expose_secret()));
        matches(&PreparedKey::new(&text), &|mac| mac.update(body))
    };

    if has_bare_lf(body) && any_matches(&|mac| feed_with_line_ends(mac, body, b"\r\n")) {
        Some(MismatchDiagnosis::CrlfBecameLf)
    } else if has_crlf(body) && any_matches(&|mac| feed_with_line_ends(mac, body, b"\n")) {
        Some(MismatchDiagnosis::LfBecameCrlf)
    } else if with_end(b"\n") || with_end(b"\r\n") {
        Some(MismatchDiagnosis::NewlineCut)
    } else if without_newline(body).is_some_and(is_signed) {
        Some(MismatchDiagnosis::NewlineAdded)
    } else if secrets.iter().any(|secret| ["\n", "\r\n", " "].iter().any(|end| signed_by(secret, end))) {
        Some(MismatchDiagnosis::SecretWithWhiteSpace)
    } else {
        None
    }
}

/// The body's lines, and what stands for the ends of those that have one.
fn feed_with_line_ends(mac: &mut PayloadMac, body: &[u8], end: &[u8]) {
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        match without_newline(line) {
            Some(text) => {
                mac.update(text);
                mac.update(end);
            }
            None => mac.update(line),
        }
    }
}

fn without_newline(text: &[u8]) -> Option<&[u8]> {
    text.strip_suffix(b"\r\n").or_else(|| text.strip_suffix(b"\n"))
}

fn has_crlf(body: &[u8]) -> bool {
    body.windows(2).any(|pair| pair == b"\r\n")
}

fn has_bare_lf(body: &[u8]) -> bool {
    body.first() == Some(&b'\n') || body.windows(2).any(|pair| pair[0] != b'\r' && pair[1] == b'\n')
}
