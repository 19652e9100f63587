//! How much a cache by key keeps, and loads at a time.

use tokio::sync::Semaphore;

use crate::secret::CacheOptions;

/// How much [`CachedByKey`](crate::secret::CachedByKey) keeps, and how much it loads at a time.
///
/// ```
/// use std::time::Duration;
/// use tower_stripe_webhook::secret::{CacheOptions, KeyedCacheOptions};
///
/// let options = KeyedCacheOptions::default()
///     .with_max_keys(50_000)
///     .with_cache_options(CacheOptions::default().with_refresh_after(Duration::from_secs(300)));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct KeyedCacheOptions {
    pub(super) of_each: CacheOptions,
    pub(super) max_keys: usize,
    pub(super) max_loads: usize,
}

impl Default for KeyedCacheOptions {
    fn default() -> Self {
        Self { of_each: CacheOptions::default(), max_keys: 10_000, max_loads: 100 }
    }
}

impl KeyedCacheOptions {
    /// How long the answer for each key is kept. Default: that of [`CacheOptions`].
    #[must_use]
    pub fn with_cache_options(mut self, options: CacheOptions) -> Self {
        self.of_each = options;
        self
    }

    /// For how many keys with secrets answers are kept, at least one. Default: 10,000. One more pushes out one that was
    /// not asked for lately, which is loaded anew when it is.
    #[must_use]
    pub fn with_max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys.max(1);
        self
    }

    /// How many loads run at a time, at least one. Default: 100. It holds once for keys that have secrets, and once for
    /// keys of which none is known. Others wait, first come, first served, within the
    /// [`load_timeout`](CacheOptions::with_load_timeout).
    ///
    /// Ten times as many keys without secrets are remembered as such. While all of these are being loaded, or wait for
    /// that, one key more is answered `503` at once.
    #[must_use]
    pub fn with_max_loads(mut self, loads: usize) -> Self {
        self.max_loads = loads.clamp(1, Semaphore::MAX_PERMITS);
        self
    }
}
