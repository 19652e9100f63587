//! The options of a cache.

use std::time::Duration;

/// The options of [`Cached`](crate::Cached).
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tower_stripe_webhook::secret::CacheOptions;
///
/// let options = CacheOptions::default().with_refresh_after(Duration::from_secs(10));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CacheOptions {
    pub(super) refresh_after: Duration,
    pub(super) serve_stale_for: Duration,
    pub(super) load_timeout: Duration,
    pub(super) retry_after: Duration,
    pub(super) mismatch_interval: Duration,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            refresh_after: Duration::from_secs(60),
            serve_stale_for: Duration::from_secs(60 * 60),
            load_timeout: Duration::from_secs(5),
            retry_after: Duration::from_secs(1),
            mismatch_interval: Duration::from_secs(10),
        }
    }
}

impl CacheOptions {
    /// Sets the age from which the next request reloads the answer in the background.
    ///
    /// Default: 60 s.
    ///
    /// If the answer is older than twice this time, or than the sum of this time and
    /// [`load_timeout`](Self::with_load_timeout) if that is more, the request waits for the reload.
    /// So a node that received no requests for a while does not accept a secret that was removed at
    /// the source.
    #[must_use]
    pub fn with_refresh_after(mut self, time: Duration) -> Self {
        self.refresh_after = time;
        self
    }

    /// Sets the time for which a stale answer is used while the provider fails.
    ///
    /// Default: 1 hour. It starts with the first failed load, or when the reload was due if that is
    /// later. After it, requests are rejected with `503`.
    ///
    /// While the source is down, a secret that was removed there is still accepted for this time.
    #[must_use]
    pub fn with_serve_stale_for(mut self, time: Duration) -> Self {
        self.serve_stale_for = time;
        self
    }

    /// Sets the time after which a load fails.
    ///
    /// Default: 5 s.
    #[must_use]
    pub fn with_load_timeout(mut self, time: Duration) -> Self {
        self.load_timeout = time;
        self
    }

    /// Sets the minimum time between a failed load and the next one.
    ///
    /// Default: 1 s. It applies while a reload is due or there is no answer.
    #[must_use]
    pub fn with_retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// Sets the minimum time between two loads for mismatches.
    ///
    /// Default: 10 s. It does not apply after a load that found a new secret. It protects the
    /// source from forged requests. While a reload is due and fails, or there is no answer,
    /// [`retry_after`](Self::with_retry_after) is the limit instead, for all requests.
    ///
    /// If a secret is changed within this time after a forged request, its first delivery may be
    /// rejected; Stripe's next attempt succeeds. To avoid that, call
    /// [`Cached::refresh`](crate::Cached::refresh) on the node that changes the secret.
    #[must_use]
    pub fn with_mismatch_interval(mut self, time: Duration) -> Self {
        self.mismatch_interval = time;
        self
    }

    /// Returns the time after which requests wait for a reload that is due.
    ///
    /// A reload that was started when it was due has ended by then.
    pub(super) fn wait_after(&self) -> Duration {
        self.refresh_after.max(self.load_timeout)
    }
}
