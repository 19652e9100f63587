//! Errors of requests to Stripe's API.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::bounded::bounded;
use crate::error::BoxError;

/// The error of a request to Stripe's API.
///
/// The message names the likely cause. It has no API key and no text of Stripe's error, which may
/// quote the request.
#[derive(Clone, Debug)]
pub struct ApiError {
    kind: ApiErrorKind,
    status: Option<StatusCode>,
    code: Option<Box<str>>,
    request_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// The kind of an [`ApiError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// Stripe does not accept the API key (`401`).
    Authentication,
    /// The API key lacks a permission (`403`).
    Permission,
    /// The object does not exist, or belongs to the other mode or to another account (`404` with the
    /// code `resource_missing` or `not_found`).
    NotFound,
    /// Too many requests (`429`).
    RateLimited,
    /// Stripe rejected the request (any other `4xx`, also a `404` for a path that Stripe does not
    /// know), or the request could not be made.
    InvalidRequest,
    /// The API key is of another mode than the object.
    ///
    /// It is found before anything is sent if the key shows its mode, and by Stripe's answer
    /// otherwise.
    WrongMode,
    /// Stripe failed (`5xx`).
    Stripe,
    /// There was no answer: the connection failed or broke off.
    Transport,
    /// There was no answer in time.
    Timeout,
    /// The answer is not the one that was asked for: a redirect, no JSON, another object, or too
    /// long.
    UnexpectedResponse,
}

impl ApiError {
    /// Makes an error of a kind.
    #[must_use]
    pub fn new(kind: ApiErrorKind) -> Self {
        Self { kind, status: None, code: None, request_id: None, retry_after: None, source: None }
    }

    /// Sets the status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets Stripe's code of the error, such as `resource_missing`.
    ///
    /// At most 128 bytes of it are kept.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        self.code = Some(bounded(code).into());
        self
    }

    /// Sets the id of the request, `req_…`.
    ///
    /// At most 128 bytes of it are kept.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(bounded(id).into());
        self
    }

    /// Sets the time to wait before the next request.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into().into());
        self
    }

    /// Returns the kind, to match on.
    #[must_use]
    pub fn kind(&self) -> ApiErrorKind {
        self.kind
    }

    /// Returns the status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// Returns Stripe's code of the error, such as `resource_missing`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Returns the id of the request, for Stripe's logs and support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Returns the time to wait before the next request, if Stripe named one.
    ///
    /// It is the header `Retry-After` in whole seconds, which a `429` or a `503` may have.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            ApiErrorKind::Authentication => "Stripe does not accept the API key",
            ApiErrorKind::Permission => "the API key lacks the permission to read this object",
            ApiErrorKind::NotFound => {
                "Stripe has no such object: it was deleted, or belongs to the other mode or to another account"
            }
            ApiErrorKind::RateLimited => "Stripe's rate limit is reached",
            ApiErrorKind::InvalidRequest if self.status.is_none() => "the request cannot be made",
            ApiErrorKind::InvalidRequest => "Stripe rejected the request",
            ApiErrorKind::WrongMode => {
                "the API key is of the other mode: live events need a live key, test events a test key"
            }
            ApiErrorKind::Stripe => "Stripe's API failed",
            ApiErrorKind::Transport => "Stripe's API cannot be reached",
            ApiErrorKind::Timeout => "Stripe's API did not answer in time",
            ApiErrorKind::UnexpectedResponse => "the answer is not the one of Stripe's API that was asked for",
        })?;
        if let Some(id) = &self.request_id {
            write!(f, " (request {})", crate::printable::printable(id))?;
        }
        Ok(())
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
