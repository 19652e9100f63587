//! The answer that a cache holds, and how long it counts.

use std::{error::Error, sync::Arc, time::Duration};

use tokio::time::Instant;

use super::CacheOptions;
use crate::secret::SigningSecrets;

/// The result of the last loads.
pub(super) struct Answer {
    pub(super) secrets: Option<SigningSecrets>,
    pub(super) loaded_at: Option<Instant>,
    /// From then on a request starts a reload in the background.
    ///
    /// `None` if nothing was loaded yet: then the reload is due at once.
    refresh_at: Option<Instant>,
    /// From then on requests wait for a load. `None` if nothing was loaded yet.
    wait_at: Option<Instant>,
    /// From then on the secrets do not count. `None` if the last load succeeded.
    serve_until: Option<Instant>,
    pub(super) error: Option<Arc<dyn Error + Send + Sync>>,
}

impl Answer {
    pub(super) fn none() -> Self {
        Self {
            secrets: None,
            loaded_at: None,
            refresh_at: None,
            wait_at: None,
            serve_until: None,
            error: None,
        }
    }

    pub(super) fn loaded(secrets: SigningSecrets, now: Instant, options: &CacheOptions) -> Self {
        let refresh_at = after(now, options.refresh_after);
        Self {
            secrets: Some(secrets),
            loaded_at: Some(now),
            refresh_at: Some(refresh_at),
            wait_at: Some(after(refresh_at, options.wait_after())),
            serve_until: None,
            error: None,
        }
    }

    /// Returns this answer as it is after a load that failed.
    ///
    /// The next load is due after `retry_after`.
    pub(super) fn failed(
        &self,
        error: Arc<dyn Error + Send + Sync>,
        retry_after: Duration,
        now: Instant,
        options: &CacheOptions,
    ) -> Self {
        // A forged request causes a load too, which may fail long before a refresh is due.
        let refresh_at = self.refresh_at.unwrap_or(now).max(after(now, retry_after));
        let stale_from = self.refresh_at.unwrap_or(now).max(now);
        let serve_until = self.serve_until.unwrap_or(after(stale_from, options.serve_stale_for));
        let wait_at = after(refresh_at, options.wait_after()).min(serve_until);
        Self {
            secrets: self.secrets.clone(),
            loaded_at: self.loaded_at,
            refresh_at: Some(refresh_at),
            wait_at: Some(wait_at),
            serve_until: Some(serve_until),
            error: Some(error),
        }
    }

    /// Returns whether a reload is due.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.refresh_at.is_none_or(|at| now >= at)
    }

    /// Returns how long it takes until a reload is due.
    pub(super) fn refresh_in(&self, now: Instant) -> Duration {
        self.refresh_at.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }

    /// Returns the secrets for a request that does not wait for a load.
    pub(super) fn fresh(&self, now: Instant) -> Option<&SigningSecrets> {
        self.secrets.as_ref().filter(|_| self.wait_at.is_some_and(|at| now < at))
    }

    /// Returns the secrets for a request that has waited for a load.
    pub(super) fn at(&self, now: Instant) -> Option<&SigningSecrets> {
        self.secrets.as_ref().filter(|_| self.serve_until.is_none_or(|end| now < end))
    }
}

/// Adds `time` to `start`.
///
/// If an `Instant` cannot hold the sum (`Duration::MAX`), it is thirty years later, as in tokio.
fn after(start: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(time).unwrap_or_else(|| start + FAR)
}
