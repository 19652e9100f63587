//! Rejections: the reasons for which the layer does not call the inner service.
//!
//! By default, a rejected request is answered with a status and a small JSON body. Stripe's
//! dashboard and `stripe listen` show it:
//!
//! ```json
//! {"error":{"code":"missing_signature_header","message":"the request has no Stripe-Signature …"}}
//! ```
//!
//! [`RejectionKind`] lists the codes with their statuses. The [`Rejection`] is in the extensions of
//! the response, for an outer layer that logs or counts it.
//! [`with_rejection_response`](crate::StripeWebhookLayer::with_rejection_response) sets another
//! response. The guide `docs::troubleshooting` has a section for each code.

mod mismatch;

use std::{error::Error, fmt, sync::Arc, time::Duration};

use http::StatusCode;
use thiserror::Error;

pub(crate) use self::mismatch::Mismatch;
pub use crate::secret::diagnosis::MismatchDiagnosis;
use crate::{
    error::BoxError,
    event::EnvelopeError,
    signature::{HeaderError, Skew},
};

/// The reason why the layer rejected a request.
///
/// It has two messages. Both name the likely cause, and neither contains a secret or the text of an
/// internal error, which is the [`source`](Error::source).
///
/// - [`public_message`](Self::public_message) is for the response. Every sender sees it; Stripe's
///   dashboard and `stripe listen` show it to the operator.
/// - `Display` is for the operator's log. For a signature mismatch it also has the ids of the
///   signing secrets that were tried.
///
/// The layer puts the rejection into the *response's* extensions, so that an outer layer can count
/// by [`kind`](Self::kind).
///
/// # Example
///
/// ```
/// use http::Response;
/// use tower_stripe_webhook::Rejection;
///
/// fn count<B>(response: &Response<B>) {
///     if let Some(rejection) = response.extensions().get::<Rejection>() {
///         println!("stripe_webhook_rejected{{kind=\"{}\"}} +1", rejection.kind());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Rejection {
    kind: ErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Rejection {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn with_source(kind: ErrorKind, source: impl Into<BoxError>) -> Self {
        Self { kind, source: Some(source.into().into()) }
    }

    /// Returns the kind, to match on.
    #[must_use]
    pub fn kind(&self) -> RejectionKind {
        self.kind.kind()
    }

    /// Returns the status of the response: see [`RejectionKind`].
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind().status()
    }

    /// Returns the time for the `Retry-After` header.
    ///
    /// It is 30 s with a `503`, where the cause is in this server and may pass, otherwise `None`.
    /// Stripe retries on its own schedule.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        (self.status() == StatusCode::SERVICE_UNAVAILABLE).then_some(Duration::from_secs(30))
    }

    /// Returns the message for the response.
    ///
    /// It is the `Display` text without the ids and the number of the signing secrets. Every sender
    /// can cause a response, and an id is a fingerprint of the secret unless
    /// [`with_id`](crate::SigningSecret::with_id) set it, so a sender could test guesses of a weak
    /// secret against it.
    #[must_use]
    pub fn public_message(&self) -> String {
        match &self.kind {
            ErrorKind::SignatureMismatch(mismatch) => mismatch.public_message(),
            kind => kind.to_string(),
        }
    }

    /// Returns the cause of a signature mismatch, if a diagnosis found it.
    ///
    /// [`with_mismatch_diagnosis`](crate::StripeWebhookLayer::with_mismatch_diagnosis) switches the
    /// diagnosis on.
    #[must_use]
    pub fn diagnosis(&self) -> Option<MismatchDiagnosis> {
        match &self.kind {
            ErrorKind::SignatureMismatch(mismatch) => mismatch.diagnosis(),
            _ => None,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for Rejection {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<EnvelopeError> for Rejection {
    fn from(error: EnvelopeError) -> Self {
        match error {
            EnvelopeError::NotUtf8(source) => Self::with_source(ErrorKind::NotJson, source),
            EnvelopeError::NotJson(source) => Self::with_source(ErrorKind::NotJson, source),
            EnvelopeError::NotAnEvent(what) => Self::new(ErrorKind::NotAnEvent(what)),
        }
    }
}

/// A [`RejectionKind`] with the details for its message.
#[derive(Clone, Debug, Error)]
pub(crate) enum ErrorKind {
    #[error(
        "the request has no Stripe-Signature header: it does not come from Stripe, or a proxy in front of this server \
         dropped the header, as CloudFront does by default"
    )]
    MissingSignatureHeader,
    #[error(
        "the request has {0} Stripe-Signature headers where Stripe sends one: did a proxy repeat or add one?"
    )]
    RepeatedSignatureHeader(usize),
    #[error("the Stripe-Signature header cannot be used: {0}")]
    MalformedSignatureHeader(HeaderError),
    #[error(transparent)]
    TimestampOutsideTolerance(SkewMessage),
    #[error("the body is {declared} bytes long, over the limit of {limit} bytes")]
    DeclaredBodyTooLarge { declared: u64, limit: usize },
    #[error("the body is longer than the limit of {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error(
        "no signing secret is set for this endpoint yet: set the one that Stripe's dashboard shows for the endpoint, or \
         that `stripe listen --print-secret` prints"
    )]
    NoSigningSecret,
    #[error("the signing secrets cannot be read at the moment: this server's log says why")]
    SecretProviderFailed,
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "without a timer there is no deadline")
    )]
    #[error("the body did not arrive within {} s", .0.as_secs_f64())]
    BodyTimeout(Duration),
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "without a timer there is no deadline")
    )]
    #[error("the body did not begin to arrive within {} s", .0.as_secs_f64())]
    BodyNotStarted(Duration),
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "without a timer there is no deadline")
    )]
    #[error("less than {bytes} bytes of the body arrived within {} s", .within.as_secs_f64())]
    BodyTooSlow { bytes: usize, within: Duration },
    #[cfg_attr(
        not(feature = "tokio"),
        expect(dead_code, reason = "without tokio there is no such bound")
    )]
    #[error("the memory for the bodies of requests is used up at the moment")]
    BodyMemoryUsedUp,
    #[error("the body broke off before its end")]
    BodyIncomplete,
    #[error("{0}")]
    SignatureMismatch(Mismatch),
    #[error("the signature is right, but the body is not valid JSON")]
    NotJson,
    #[error("the signature is right, but the body is not an event: {0}")]
    NotAnEvent(&'static str),
}

impl ErrorKind {
    fn kind(&self) -> RejectionKind {
        match self {
            Self::MissingSignatureHeader => RejectionKind::MissingSignatureHeader,
            Self::RepeatedSignatureHeader(_) => RejectionKind::RepeatedSignatureHeader,
            Self::MalformedSignatureHeader(_) => RejectionKind::MalformedSignatureHeader,
            Self::TimestampOutsideTolerance(_) => RejectionKind::TimestampOutsideTolerance,
            Self::DeclaredBodyTooLarge { .. } | Self::BodyTooLarge { .. } => {
                RejectionKind::BodyTooLarge
            }
            Self::NoSigningSecret => RejectionKind::NoSigningSecret,
            Self::SecretProviderFailed => RejectionKind::SecretProviderFailed,
            Self::BodyTimeout(_) | Self::BodyNotStarted(_) | Self::BodyTooSlow { .. } => {
                RejectionKind::BodyTimeout
            }
            Self::BodyMemoryUsedUp => RejectionKind::BodyMemoryUsedUp,
            Self::BodyIncomplete => RejectionKind::BodyIncomplete,
            Self::SignatureMismatch(_) => RejectionKind::SignatureMismatch,
            Self::NotJson => RejectionKind::InvalidJson,
            Self::NotAnEvent(_) => RejectionKind::InvalidEvent,
        }
    }
}

#[derive(Clone, Debug, Error)]
pub(crate) struct SkewMessage(pub(crate) Skew);

impl fmt::Display for SkewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Skew { off_by, in_future, tolerance } = self.0;
        // Rounded up, so that 300.2 s do not read as being within 300 s.
        let seconds = off_by.as_secs() + u64::from(off_by.subsec_nanos() > 0);
        let tolerance = tolerance.as_secs_f64();
        if in_future {
            write!(
                f,
                "the signature's timestamp is {seconds} s in the future, beyond the tolerance of {tolerance} s: is this \
                 server's clock slow?"
            )
        } else {
            write!(
                f,
                "the signature's timestamp is {seconds} s old, beyond the tolerance of {tolerance} s: was the request held \
                 up or replayed, or is this server's clock fast?"
            )
        }
    }
}

/// The kind of a [`Rejection`].
///
/// Prints as its [`code`](Self::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RejectionKind {
    /// There is no `Stripe-Signature` header, or it is empty. `400`
    MissingSignatureHeader,
    /// There is more than one `Stripe-Signature` header. `400`
    RepeatedSignatureHeader,
    /// The `Stripe-Signature` header is malformed. `400`
    ///
    /// It has no timestamp, two, or one that is not a number; or no usable `v1` signature, or more
    /// than 16; or it is longer than 4 KiB.
    MalformedSignatureHeader,
    /// The signature's timestamp is too old, or too far in the future. `400`
    TimestampOutsideTolerance,
    /// The body or its `Content-Length` is over the limit. `413`
    BodyTooLarge,
    /// The secret provider has no secret. `503`
    NoSigningSecret,
    /// The secret provider failed. `503`
    SecretProviderFailed,
    /// The body did not arrive in time. `408`
    ///
    /// It exceeded the body timeout, or arrived below the minimum rate of
    /// `StripeWebhookLayer::with_body_memory`.
    BodyTimeout,
    /// The memory of `StripeWebhookLayer::with_body_memory` was used up. `503`
    BodyMemoryUsedUp,
    /// The body ended early, or had more than 10,000 frames without data. `400`
    BodyIncomplete,
    /// No signing secret matches any of the signatures. `400`
    SignatureMismatch,
    /// The signature matches, but the body is not JSON. `400`
    InvalidJson,
    /// The signature matches, but the body is not an event. `400`
    ///
    /// It has no `id`, no `type` or, for a snapshot event, no `data.object`; or it is an array of
    /// events.
    InvalidEvent,
}

impl RejectionKind {
    /// Returns the status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoSigningSecret | Self::SecretProviderFailed | Self::BodyMemoryUsedUp => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::MissingSignatureHeader
            | Self::RepeatedSignatureHeader
            | Self::MalformedSignatureHeader
            | Self::TimestampOutsideTolerance
            | Self::BodyIncomplete
            | Self::SignatureMismatch
            | Self::InvalidJson
            | Self::InvalidEvent => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns a stable name for metrics: the variant's name in snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::MissingSignatureHeader => "missing_signature_header",
            Self::RepeatedSignatureHeader => "repeated_signature_header",
            Self::MalformedSignatureHeader => "malformed_signature_header",
            Self::TimestampOutsideTolerance => "timestamp_outside_tolerance",
            Self::BodyTooLarge => "body_too_large",
            Self::NoSigningSecret => "no_signing_secret",
            Self::SecretProviderFailed => "secret_provider_failed",
            Self::BodyTimeout => "body_timeout",
            Self::BodyMemoryUsedUp => "body_memory_used_up",
            Self::BodyIncomplete => "body_incomplete",
            Self::SignatureMismatch => "signature_mismatch",
            Self::InvalidJson => "invalid_json",
            Self::InvalidEvent => "invalid_event",
        }
    }
}

impl fmt::Display for RejectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
