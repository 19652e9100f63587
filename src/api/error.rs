//! Errors of requests to Stripe's API.

use std::{error::Error, fmt, sync::Arc};

use http::StatusCode;

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
    /// The object does not exist, or belongs to the other mode or to another account (`404`).
    NotFound,
    /// Too many requests (`429`).
    RateLimited,
    /// Stripe rejected the request (any other `4xx`).
    InvalidRequest,
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
        Self { kind, status: None, code: None, request_id: None, source: None }
    }

    /// Sets the status of the answer.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// Sets Stripe's code of the error, such as `resource_missing`.
    #[must_use]
    pub fn with_code(mut self, code: &str) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the id of the request, `req_…`.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        self.request_id = Some(id.into());
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
            ApiErrorKind::InvalidRequest => "Stripe rejected the request",
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
