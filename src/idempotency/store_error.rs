//! What went wrong with a store.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use thiserror::Error;

use crate::error::BoxError;

/// The store has failed, or did not answer in time.
///
/// [`IdempotencyLayer`](super::IdempotencyLayer) puts it into the *response's* extensions, beside the [`Outcome`](super::Outcome). What the
/// store said is the [`source`](Error::source); it is not shown to the sender.
#[derive(Clone, Debug)]
pub struct StoreError {
    reason: Reason,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, Error)]
enum Reason {
    #[error("the event store failed to {operation} an event")]
    Failed { operation: Operation },
    #[error("the event store did not {operation} an event within {}", humantime::format_duration(*limit))]
    TimedOut { operation: Operation, limit: Duration },
}

/// What the store was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Claim,
    Renew,
    Commit,
    Release,
}

impl StoreError {
    pub(super) fn failed(operation: Operation, source: BoxError) -> Self {
        Self { reason: Reason::Failed { operation }, source: Some(source.into()) }
    }

    pub(super) fn timed_out(operation: Operation, limit: Duration) -> Self {
        Self { reason: Reason::TimedOut { operation, limit }, source: None }
    }

    pub(super) fn operation(&self) -> Operation {
        match self.reason {
            Reason::Failed { operation } | Reason::TimedOut { operation, .. } => operation,
        }
    }

    /// Whether the store did not answer in time: [`with_store_timeout`](super::IdempotencyLayer::with_store_timeout).
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.reason, Reason::TimedOut { .. })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
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
