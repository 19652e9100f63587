//! The error that ends a run.

use std::{error::Error, fmt};

use crate::api::{ApiError, ApiErrorKind};

/// The error that ended a run early.
///
/// Nothing is lost: a run from the report's cursor continues.
#[derive(Clone, Debug)]
pub struct RecoveryError(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Api(ApiError),
    SecretRejected,
    WrongMode,
    TooManyFailures(usize),
}

/// The kind of a [`RecoveryError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecoveryErrorKind {
    /// Stripe's list of events could not be read.
    Api(ApiErrorKind),
    /// The app rejects the signatures: it has another signing secret than the recovery.
    SecretRejected,
    /// The app serves the other mode than that of the listed events.
    WrongMode,
    /// As many events failed as [`with_max_failures`](super::Recovery::with_max_failures) allows.
    TooManyFailures,
}

impl RecoveryError {
    pub(super) fn secret_rejected() -> Self {
        Self(Repr::SecretRejected)
    }

    pub(super) fn wrong_mode() -> Self {
        Self(Repr::WrongMode)
    }

    pub(super) fn too_many_failures(failures: usize) -> Self {
        Self(Repr::TooManyFailures(failures))
    }

    /// Returns the kind, to match on.
    #[must_use]
    pub fn kind(&self) -> RecoveryErrorKind {
        match &self.0 {
            Repr::Api(error) => RecoveryErrorKind::Api(error.kind()),
            Repr::SecretRejected => RecoveryErrorKind::SecretRejected,
            Repr::WrongMode => RecoveryErrorKind::WrongMode,
            Repr::TooManyFailures(_) => RecoveryErrorKind::TooManyFailures,
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
}

impl From<ApiError> for RecoveryError {
    fn from(error: ApiError) -> Self {
        Self(Repr::Api(error))
    }
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Api(error) if error.kind() == ApiErrorKind::Permission => write!(
                f,
                "the API key cannot list events: give a restricted key the read permission for events, and access to the \
                 accounts ({error})"
            ),
            Repr::Api(error) => write!(f, "Stripe's events cannot be listed: {error}"),
            Repr::SecretRejected => f.write_str(
                "the app rejects the signatures of replayed events: it has another signing secret, or another endpoint's",
            ),
            Repr::WrongMode => f.write_str(
                "the app serves the other mode than that of the listed events: the API key may belong to it",
            ),
            Repr::TooManyFailures(failures) => {
                write!(f, "{failures} events failed: find the cause of the failures, and run again")
            }
        }
    }
}

impl Error for RecoveryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Repr::Api(error) => error.source(),
            Repr::SecretRejected | Repr::WrongMode | Repr::TooManyFailures(_) => None,
        }
    }
}
