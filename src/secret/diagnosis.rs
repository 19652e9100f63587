//! The diagnosis of a signature mismatch.
//!
//! It finds the change of the body or secret that makes a signature match.

mod base64;
mod buffered;
mod compression;
mod json;
mod limit;

use serde::de::IgnoredAny;
use zeroize::Zeroizing;

pub(crate) use self::limit::DiagnosisLimit;
use self::{
    buffered::BufferedMac,
    compression::compression,
    json::{Empty, Escapes, Layout, Traits},
};
use super::SigningSecret;
use crate::signature::{PreparedKey, SignatureHeader};

/// The cause of a signature mismatch.
///
/// The layer finds it if
/// [`with_mismatch_diagnosis`](crate::StripeWebhookLayer::with_mismatch_diagnosis) is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchDiagnosis {
    /// The body was signed with CRLF and arrived with LF.
    CrlfBecameLf,
    /// The body was signed with LF and arrived with CRLF.
    LfBecameCrlf,
    /// The body was signed with a newline at its end, and arrived without it.
    NewlineCut,
    /// The body was signed without a newline at its end, and arrived with one.
    NewlineAdded,
    /// The body was signed with a secret that has white space at its end.
    SecretWithWhiteSpace,
    /// The body arrived in base64, as API Gateway passes it (`isBase64Encoded`).
    Base64Encoded,
    /// The body was signed without a byte order mark, and arrived with one.
    ByteOrderMarkAdded,
    /// The body was signed with a byte order mark, and arrived without it.
    ByteOrderMarkCut,
    /// The body was parsed as JSON and printed again with another indentation.
    ///
    /// Its escapes may differ too.
    JsonReprinted,
    /// The body was parsed as JSON and printed again with other escapes.
    ///
    /// Examples are `\/` for `/` and `\u00e9` for `é`.
    JsonEscapesChanged,
    /// The body starts like gzip data.
    ///
    /// Stripe does not compress bodies. It is not decompressed.
    GzipCompressed,
    /// The body starts like zstd data.
    ///
    /// Stripe does not compress bodies. It is not decompressed.
    ZstdCompressed,
    /// The body starts like deflate (zlib) data.
    ///
    /// Stripe does not compress bodies. It is not decompressed.
    DeflateCompressed,
}

impl MismatchDiagnosis {
    /// Returns a stable name for metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::CrlfBecameLf | Self::LfBecameCrlf => "line_ends_changed",
            Self::NewlineCut => "newline_cut",
            Self::NewlineAdded => "newline_added",
            Self::SecretWithWhiteSpace => "secret_with_white_space",
            Self::Base64Encoded => "base64_encoded",
            Self::ByteOrderMarkAdded => "byte_order_mark_added",
            Self::ByteOrderMarkCut => "byte_order_mark_cut",
            Self::JsonReprinted => "json_reprinted",
            Self::JsonEscapesChanged => "json_escapes_changed",
            Self::GzipCompressed => "gzip_compressed",
            Self::ZstdCompressed => "zstd_compressed",
            Self::DeflateCompressed => "deflate_compressed",
        }
    }
}

/// The maximum length of a body that is decoded or printed again.
///
/// Stripe's events have 3 to 5 kB, rarely over 50 kB.
const MAX_REWRITTEN: usize = 256 * 1024;

/// The maximum factor by which printing may lengthen JSON.
///
/// Stripe's indentation makes JSON at most twice as long, and escapes three times. Deeply nested
/// JSON would become much longer.
const MAX_GROWTH: usize = 4;

/// The number of bytes by which printing may lengthen short JSON in any case.
const EXTRA_BYTES: usize = 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Tries the most frequent causes of a mismatch.
///
/// It costs up to 29 HMACs per secret, so call it only for a request that is rejected anyway, and
/// only if a [`DiagnosisLimit`] allows it.
pub(crate) fn diagnose<T: AsRef<[u8]>>(
    header: &SignatureHeader<T>,
    secrets: &[&SigningSecret],
    body: &[u8],
) -> Option<MismatchDiagnosis> {
    let candidates = Candidates { header, secrets };
    compression(body)
        .or_else(|| candidates.line_ends(body))
        .or_else(|| candidates.newline(body))
        .or_else(|| candidates.byte_order_mark(body))
        .or_else(|| candidates.secret_with_white_space(body))
        .or_else(|| candidates.base64(body))
        .or_else(|| candidates.json(body))
}

/// The signatures and secrets of the request, to check changed bodies against.
struct Candidates<'a, T> {
    header: &'a SignatureHeader<T>,
    secrets: &'a [&'a SigningSecret],
}

impl<T: AsRef<[u8]>> Candidates<'_, T> {
    fn line_ends(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        if has_bare_lf(body) && self.any_signs(|mac| feed_with_line_ends(mac, body, b"\r\n")) {
            Some(MismatchDiagnosis::CrlfBecameLf)
        } else if has_crlf(body) && self.any_signs(|mac| feed_with_line_ends(mac, body, b"\n")) {
            Some(MismatchDiagnosis::LfBecameCrlf)
        } else {
            None
        }
    }

    fn newline(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        if self.any_signs_parts(&[body, b"\n"]) || self.any_signs_parts(&[body, b"\r\n"]) {
            Some(MismatchDiagnosis::NewlineCut)
        } else if without_newline(body).is_some_and(|cut| self.any_signs_parts(&[cut])) {
            Some(MismatchDiagnosis::NewlineAdded)
        } else {
            None
        }
    }

    fn byte_order_mark(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        let (diagnosis, parts) = match body.strip_prefix(BYTE_ORDER_MARK) {
            Some(cut) => (MismatchDiagnosis::ByteOrderMarkAdded, [b"".as_slice(), cut]),
            None => (MismatchDiagnosis::ByteOrderMarkCut, [BYTE_ORDER_MARK, body]),
        };
        self.any_signs_parts(&parts).then_some(diagnosis)
    }

    fn secret_with_white_space(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        let signs = |secret: &SigningSecret, end: &str| {
            let text = Zeroizing::new(format!("{}{end}", secret.expose_secret()));
            let mut mac = PreparedKey::new(&text).start(self.header.timestamp_text());
            mac.update(body);
            self.header.contains(&mac.finish())
        };
        let any_signs = self
            .secrets
            .iter()
            .any(|secret| ["\n", "\r\n", " "].iter().any(|end| signs(secret, end)));
        any_signs.then_some(MismatchDiagnosis::SecretWithWhiteSpace)
    }

    fn base64(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        let body = Some(body).filter(|body| body.len() <= MAX_REWRITTEN)?;
        let decoded = base64::decode(body)?;
        self.any_signs_parts(&[&decoded]).then_some(MismatchDiagnosis::Base64Encoded)
    }

    fn json(&self, body: &[u8]) -> Option<MismatchDiagnosis> {
        let body = Some(body).filter(|body| body.len() <= MAX_REWRITTEN)?;
        let json = str::from_utf8(body).ok()?;
        serde_json::from_str::<IgnoredAny>(json).ok()?;
        // JSON without an object member is not an event.
        let traits = Some(json::traits(json)).filter(|traits| traits.member)?;
        for layout in layouts(traits) {
            for escapes in escapes(traits) {
                if (layout, escapes) != (Layout::Kept, Escapes::Kept)
                    && self.any_signs_json(json, layout, escapes)
                {
                    return Some(match layout {
                        Layout::Kept => MismatchDiagnosis::JsonEscapesChanged,
                        _ => MismatchDiagnosis::JsonReprinted,
                    });
                }
            }
        }
        None
    }

    /// Tries the JSON without and with a newline at its end.
    fn any_signs_json(&self, json: &str, layout: Layout, escapes: Escapes) -> bool {
        let limit = json.len() * MAX_GROWTH + EXTRA_BYTES;
        self.secrets.iter().any(|secret| {
            let mut mac = self.start(secret);
            if !json::print(json, layout, escapes, limit, &mut |piece| mac.update(piece)) {
                return false;
            }
            let mut with_newline = mac.clone();
            with_newline.update(b"\n");
            self.header.contains(&mac.finish()) || self.header.contains(&with_newline.finish())
        })
    }

    fn any_signs_parts(&self, parts: &[&[u8]]) -> bool {
        self.any_signs(|mac| parts.iter().for_each(|part| mac.update(part)))
    }

    fn any_signs(&self, feed: impl Fn(&mut BufferedMac)) -> bool {
        self.secrets.iter().any(|secret| {
            let mut mac = self.start(secret);
            feed(&mut mac);
            self.header.contains(&mac.finish())
        })
    }

    fn start(&self, secret: &SigningSecret) -> BufferedMac {
        BufferedMac::new(secret.key().start(self.header.timestamp_text()))
    }
}

/// Returns the layouts that print JSON with these traits differently.
fn layouts(traits: Traits) -> impl Iterator<Item = Layout> {
    [Layout::Kept, Layout::Indented(Empty::Closed), Layout::Indented(Empty::Open), Layout::Compact]
        .into_iter()
        .filter(move |layout| traits.empty || *layout != Layout::Indented(Empty::Open))
}

/// Returns the escapes that print JSON with these traits differently.
fn escapes(traits: Traits) -> impl Iterator<Item = Escapes> {
    let written = |non_ascii, slashes| Escapes::Written { non_ascii, slashes };
    [
        Escapes::Kept,
        written(false, false),
        written(true, false),
        written(false, true),
        written(true, true),
    ]
    .into_iter()
    .filter(move |escapes| match *escapes {
        Escapes::Kept => true,
        Escapes::Written { non_ascii: true, .. } if !traits.unicode => false,
        Escapes::Written { slashes: true, .. } if !traits.slash => false,
        Escapes::Written { .. } => traits.unicode || traits.slash,
    })
}

/// Feeds the body to the MAC with each line end replaced by `end`.
fn feed_with_line_ends(mac: &mut BufferedMac, body: &[u8], end: &[u8]) {
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
