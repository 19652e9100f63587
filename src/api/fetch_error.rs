//! The error of a fetch.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use super::{ApiError, ApiErrorKind};
use crate::event::DecodeError;

/// The same as for a [`Rejection`](crate::Rejection) with `503`.
pub(super) const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(30);

/// A longer time, which Stripe does not name, would only delay the event.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// The error for an event whose object could not be fetched.
///
/// A missing object is not an error: see [`EventData::Deleted`](crate::EventData::Deleted).
///
/// With the feature `axum` it is a response: `503` if Stripe's API failed, and `500` otherwise. Both
/// make Stripe deliver the event again.
#[derive(Clone, Debug)]
pub struct FetchError(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Api(ApiError),
    Decode(Arc<DecodeError>),
    NotFetchable(&'static str),
    InvalidPath,
}

/// The kind of a [`FetchError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// Stripe's API failed, or its answer is not the one that was asked for.
    Api(ApiErrorKind),
    /// The fetched JSON does not fit the type.
    Decode,
    /// There is nothing to fetch: a thin event without a related object, an object that Stripe's
    /// API cannot retrieve, or an event without more data.
    NotFetchable,
    /// The path of a thin event's related object is not one of Stripe's API.
    InvalidPath,
}

impl FetchError {
    pub(super) fn not_fetchable(reason: &'static str) -> Self {
        Self(Repr::NotFetchable(reason))
    }

    pub(super) fn invalid_path() -> Self {
        Self(Repr::InvalidPath)
    }

    /// Returns the kind, to match on.
    #[must_use]
    pub fn kind(&self) -> FetchErrorKind {
        match &self.0 {
            Repr::Api(error) => FetchErrorKind::Api(error.kind()),
            Repr::Decode(_) => FetchErrorKind::Decode,
            Repr::NotFetchable(_) => FetchErrorKind::NotFetchable,
            Repr::InvalidPath => FetchErrorKind::InvalidPath,
        }
    }

    /// Returns the error of the request to Stripe's API, for its status and request id.
    #[must_use]
    pub fn api_error(&self) -> Option<&ApiError> {
        match &self.0 {
            Repr::Api(error) => Some(error),
            _ => None,
        }
    }

    /// Returns the time after which a fetch may succeed, for the header `Retry-After`.
    ///
    /// It is what Stripe named, at most one hour, or 30 s. `None` if Stripe's API is not the cause.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let error = self.api_error()?;
        Some(error.retry_after().unwrap_or(DEFAULT_RETRY_AFTER).min(MAX_RETRY_AFTER))
    }

    /// Returns the error of the decoding, for its path.
    #[must_use]
    pub fn decode_error(&self) -> Option<&DecodeError> {
        match &self.0 {
            Repr::Decode(error) => Some(error),
            _ => None,
        }
    }
}

impl From<ApiError> for FetchError {
    fn from(error: ApiError) -> Self {
        Self(Repr::Api(error))
    }
}

impl From<DecodeError> for FetchError {
    fn from(error: DecodeError) -> Self {
        Self(Repr::Decode(Arc::new(error)))
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Api(error) => error.fmt(f),
            Repr::Decode(error) => error.fmt(f),
            Repr::NotFetchable(reason) => f.write_str(reason),
            Repr::InvalidPath => f.write_str(
                "the path of the event's related object is not one of Stripe's API, which begins with `/v1/` or `/v2/`",
            ),
        }
    }
}

impl Error for FetchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Repr::Api(error) => error.source(),
            Repr::Decode(error) => error.source(),
            Repr::NotFetchable(_) | Repr::InvalidPath => None,
        }
    }
}
