//! How long a cache keeps what its provider said.

use std::time::Duration;

/// How long [`Cached`](crate::Cached) keeps what its provider said.
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
    /// After which time an answer is loaded anew, in the background, by the next request. Default: 60 s.
    ///
    /// A request that comes later than twice this time, or than this and the [`load_timeout`](Self::with_load_timeout),
    /// waits for the load: so a secret that was removed at the source is refused also by a node that had nothing to do
    /// for long.
    #[must_use]
    pub fn with_refresh_after(mut self, time: Duration) -> Self {
        self.refresh_after = time;
        self
    }

    /// For how long an answer still serves while the provider fails. Default: 1 hour, from the first load that failed,
    /// or from when a refresh was due if that is later. Then requests are answered `503`.
    ///
    /// A secret that was removed at the source may go on working for so long while the source is down.
    #[must_use]
    pub fn with_serve_stale_for(mut self, time: Duration) -> Self {
        self.serve_stale_for = time;
        self
    }

    /// How long a load may take. Default: 5 s. Then it has failed.
    #[must_use]
    pub fn with_load_timeout(mut self, time: Duration) -> Self {
        self.load_timeout = time;
        self
    }

    /// How long after a failed load the next one is tried at the earliest, once a refresh is due or there is no answer.
    /// Default: 1 s.
    #[must_use]
    pub fn with_retry_after(mut self, time: Duration) -> Self {
        self.retry_after = time;
        self
    }

    /// How often at most requests that no secret has signed cause a load which brings nothing new. Default: once in 10 s.
    /// So forged requests cannot load the source. While a refresh is due and fails, or there is no answer, every request
    /// counts alike, and [`retry_after`](Self::with_retry_after) is the limit.
    ///
    /// The price: if a secret is changed within that time after a forged request, its first delivery is refused, and
    /// Stripe's next try succeeds. [`Cached::refresh`](crate::Cached::refresh) on the node where it is changed spares
    /// that node even this.
    #[must_use]
    pub fn with_mismatch_interval(mut self, time: Duration) -> Self {
        self.mismatch_interval = time;
        self
    }

    /// How long after a refresh was due requests wait for it: by then one that was started in time has ended.
    pub(super) fn wait_after(&self) -> Duration {
        self.refresh_after.max(self.load_timeout)
    }
}
