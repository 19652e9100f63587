//! Errors of a store.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use thiserror::Error;

use crate::error::BoxError;

/// A failure or timeout of the store.
///
/// [`IdempotencyLayer`](super::IdempotencyLayer) puts it into the extensions of the *response*,
/// with the [`Outcome`](super::Outcome). The store's own error is the
/// [`source`](Error::source). It is not sent to the client.
#[derive(Clone, Debug)]
pub struct StoreError {
    kind: ErrorKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, Error)]
enum ErrorKind {
    #[error("the event store failed to {operation} an event")]
    Failed { operation: Operation },
    #[error("the event store did not {operation} an event within {}", humantime::format_duration(*limit))]
    TimedOut { operation: Operation, limit: Duration },
}

/// A method of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Claim,
    Renew,
    Commit,
    Release,
}

impl StoreError {
    pub(super) fn failed(operation: Operation, source: BoxError) -> Self {
        Self { kind: ErrorKind::Failed { operation }, source: Some(source.into()) }
    }

    pub(super) fn timed_out(operation: Operation, limit: Duration) -> Self {
        Self { kind: ErrorKind::TimedOut { operation, limit }, source: None }
    }

    pub(super) fn operation(&self) -> Operation {
        match self.kind {
            ErrorKind::Failed { operation } | ErrorKind::TimedOut { operation, .. } => operation,
        }
    }

    /// Returns whether the store did not answer in time.
    ///
    /// The limit is [`with_store_timeout`](super::IdempotencyLayer::with_store_timeout).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind, ErrorKind::TimedOut { .. })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Claim => "claim",
            Self::Renew => "renew the claim of",
            Self::Commit => "commit",
            Self::Release => "release",
        })
    }
}
