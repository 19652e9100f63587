//! The messages of a signature mismatch, with its likely cause.
//!
//! There are two messages: one for the response, which every sender sees, and one for the
//! operator's log. Only the second one has the ids and the number of the secrets. An id may be a
//! fingerprint of the secret, so a sender could test guesses of a weak secret against it.

use std::{fmt, sync::Arc};

use crate::{
    event::Mode,
    printable::printable,
    secret::{SecretId, SigningSecret, diagnosis::MismatchDiagnosis},
};

/// A signature mismatch: no secret matches any signature.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    /// The ids of the secrets that were tried.
    tried: Arc<[SecretId]>,
    /// The number of tried secrets that look like those of `stripe listen`.
    cli_secrets: usize,
    serves_only_live: bool,
    body_is_empty: bool,
    diagnosis: Option<MismatchDiagnosis>,
}

impl Mismatch {
    pub(crate) fn new(tried: &[&SigningSecret], body: &[u8]) -> Self {
        Self {
            tried: tried.iter().map(|secret| secret.id().clone()).collect(),
            cli_secrets: tried.iter().filter(|secret| secret.looks_like_cli_secret()).count(),
            serves_only_live: false,
            body_is_empty: body.is_empty(),
            diagnosis: None,
        }
    }

    pub(crate) fn serving(self, mode: Option<Mode>) -> Self {
        Self { serves_only_live: mode == Some(Mode::Live), ..self }
    }

    pub(crate) fn diagnosed(self, diagnosis: Option<MismatchDiagnosis>) -> Self {
        Self { diagnosis, ..self }
    }

    pub(crate) fn diagnosis(&self) -> Option<MismatchDiagnosis> {
        self.diagnosis
    }

    /// Returns the message for the response, with the likely cause.
    ///
    /// It does not contain the ids and the number of the secrets.
    pub(crate) fn public_message(&self) -> String {
        format!("no signature matches. {}{}", self.public_cause(), self.empty_body())
    }

    fn empty_body(&self) -> &'static str {
        if self.body_is_empty {
            " The body is empty: a middleware may have read it before."
        } else {
            ""
        }
    }

    /// Returns the likely cause without hinting at the number of secrets.
    fn public_cause(&self) -> &'static str {
        if self.diagnosis.is_none() && self.cli_secrets > 0 && !self.serves_only_live {
            ONLY_CLI_SECRETS
        } else {
            self.cause()
        }
    }

    fn cause(&self) -> &'static str {
        match self.diagnosis {
            Some(MismatchDiagnosis::CrlfBecameLf) => {
                "It was signed with CRLF line ends and arrived with LF: a proxy, gateway or body parser changed them."
            }
            Some(MismatchDiagnosis::LfBecameCrlf) => {
                "It was signed with LF line ends and arrived with CRLF: a proxy, gateway or body parser changed them."
            }
            Some(MismatchDiagnosis::NewlineCut) => {
                "The body was signed with a newline at its end: a proxy, gateway or body parser cut it."
            }
            Some(MismatchDiagnosis::NewlineAdded) => {
                "The body was signed without the newline at its end: a proxy, gateway or body parser added it."
            }
            Some(MismatchDiagnosis::SecretWithWhiteSpace) => {
                "It was signed with this secret and white space at its end, which Stripe does not do: trim the secret where the \
                 request is signed."
            }
            Some(MismatchDiagnosis::Base64Encoded) => {
                "The body is still base64, as an API gateway passes it to a function (`isBase64Encoded`): decode it before it \
                 is verified."
            }
            Some(MismatchDiagnosis::ByteOrderMarkAdded) => {
                "The body was signed without the byte order mark (BOM) at its start: a proxy, gateway or body parser added it. \
                 Pass on the bytes as they arrive."
            }
            Some(MismatchDiagnosis::ByteOrderMarkCut) => {
                "The body was signed with a byte order mark (BOM) at its start: a proxy, gateway or body parser cut it. Pass on \
                 the bytes as they arrive."
            }
            Some(MismatchDiagnosis::JsonReprinted) => {
                "The body was signed with another indentation: a framework, proxy or gateway parsed the JSON and re-printed it. \
                 Pass on the raw body, before it is parsed."
            }
            Some(MismatchDiagnosis::JsonEscapesChanged) => {
                "The body was signed with other escapes in its JSON strings (such as `/` for `\\/`): a framework, proxy or \
                 gateway parsed the JSON and re-printed it. Pass on the raw body, before it is parsed."
            }
            Some(MismatchDiagnosis::GzipCompressed) => {
                "The body begins as gzip does, and Stripe does not compress: a proxy or gateway compressed it. Switch that off, \
                 or decompress the body before it is verified."
            }
            Some(MismatchDiagnosis::ZstdCompressed) => {
                "The body begins as zstd does, and Stripe does not compress: a proxy or gateway compressed it. Switch that off, \
                 or decompress the body before it is verified."
            }
            Some(MismatchDiagnosis::DeflateCompressed) => {
                "The body begins as deflate (zlib) does, and Stripe does not compress: a proxy or gateway compressed it. Switch \
                 that off, or decompress the body before it is verified."
            }
            None if self.cli_secrets == 0 => {
                "Likely causes: the secret of another endpoint or of the other mode; the dashboard's secret while `stripe listen` \
                 signs with its own; a proxy, gateway or body parser that changed the body."
            }
            None if self.serves_only_live => {
                "One has the form of `stripe listen`'s, but this endpoint only serves live events. Likely causes: this secret \
                 instead of the one that Stripe's dashboard shows for the endpoint; a proxy, gateway or body parser that changed \
                 the body."
            }
            None if self.cli_secrets == self.tried.len() => ONLY_CLI_SECRETS,
            None => {
                "One has the form of `stripe listen`'s, another has not. Likely causes: the secret of another endpoint or of the \
                 other mode; a proxy, gateway or body parser that changed the body."
            }
        }
    }
}

const ONLY_CLI_SECRETS: &str = "The form is that of `stripe listen`'s secret, which only signs what that command forwards. Likely \
     causes: this secret instead of the one that Stripe's dashboard shows for the endpoint; a proxy, gateway or body parser that \
     changed the body.";

/// The message for the operator, with the ids of the secrets.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.tried.iter().map(|id| printable(id.as_str())).collect();
        let secrets = if ids.len() == 1 { "secret" } else { "secrets" };
        let (count, ids) = (ids.len(), ids.join(", "));
        write!(
            f,
            "no signature matches: {count} signing {secrets} tried ({ids}). {}{}",
            self.cause(),
            self.empty_body()
        )
    }
}
