//! Failures of the fake.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use thiserror::Error;

use super::{
    FakeApiRequest,
    answer::{Answer, Headers},
    error_body, error_type,
};

/// A failure with which [`FakeApi::fail`](super::FakeApi::fail) answers the next requests.
///
/// It is used once, unless [`times`](Self::times) says otherwise.
///
/// # Example
///
/// ```
/// use http::StatusCode;
/// use tower_stripe_webhook::test_util::FakeApiFailure;
///
/// let busy = FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS)
///     .with_code("rate_limit")
///     .with_header("retry-after", "2")
///     .times(3);
/// let down = FakeApiFailure::connection_error().times(usize::MAX).for_path("/v1/invoices/in_1");
/// # let _ = (busy, down);
/// ```
#[derive(Clone, Debug)]
pub struct FakeApiFailure {
    kind: Kind,
    headers: Headers,
    times: usize,
    path: Option<Box<str>>,
}

#[derive(Clone, Debug)]
enum Kind {
    Error { status: StatusCode, code: Option<Box<str>> },
    Body { status: StatusCode, body: Bytes },
    Connection,
}

impl FakeApiFailure {
    /// Makes a failure with a status and a body in the form of Stripe's errors.
    #[must_use]
    pub fn new(status: StatusCode) -> Self {
        Self::of_kind(Kind::Error { status, code: None })
    }

    /// Makes a failure with a status and any body, such as one that is no JSON.
    pub fn with_body(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::of_kind(Kind::Body { status, body: body.into() })
    }

    /// Makes a failure without an answer. On a socket, the connection ends.
    #[must_use]
    pub fn connection_error() -> Self {
        Self::of_kind(Kind::Connection)
    }

    /// Makes a redirect to another URL.
    ///
    /// # Panics
    ///
    /// If `location` is not a header value.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::with_body(StatusCode::FOUND, Bytes::new()).with_header("location", location)
    }

    fn of_kind(kind: Kind) -> Self {
        Self { kind, headers: Headers::new(), times: 1, path: None }
    }

    /// Sets Stripe's code of the error. It has no effect on a failure with another body.
    #[must_use]
    pub fn with_code(mut self, new: &str) -> Self {
        if let Kind::Error { code, .. } = &mut self.kind {
            *code = Some(new.into());
        }
        self
    }

    /// Adds a header, such as `retry-after` or `stripe-should-retry`.
    ///
    /// # Panics
    ///
    /// If it is not a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("`name` must be a header's name");
        let value = HeaderValue::try_from(value).expect("`value` must be a header's value");
        self.headers.push((name, value));
        self
    }

    /// Sets how many requests fail, 1 by default.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Limits the failure to requests for a path.
    #[must_use]
    pub fn for_path(mut self, path: &str) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Uses the failure for a request, if it concerns it and is not used up.
    pub(super) fn apply(&mut self, request: &FakeApiRequest) -> Option<Answer> {
        let is_concerned = self.path.as_deref().is_none_or(|path| path == request.path());
        if self.times == 0 || !is_concerned {
            return None;
        }
        self.times -= 1;
        let headers = self.headers.clone();
        Some(match &self.kind {
            Kind::Error { status, code } => {
                let body =
                    error_body(error_type(*status), code.as_deref(), "A failure of the fake.");
                Answer::http(*status, headers, body)
            }
            Kind::Body { status, body } => Answer::http(*status, headers, body.clone()),
            Kind::Connection => Answer::ConnectionError,
        })
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.times == 0
    }
}

/// The error of [`FakeApi`](super::FakeApi) for a connection that fails.
#[derive(Clone, Debug, Error)]
#[error("the fake's connection failed, as the test asked for")]
pub struct FakeConnectionError(pub(super) ());
