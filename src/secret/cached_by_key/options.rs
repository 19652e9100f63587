//! The options of a cache by key.

use tokio::sync::Semaphore;

use crate::secret::CacheOptions;

/// The options of [`CachedByKey`](crate::secret::CachedByKey).
///
/// # Example
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
    pub(super) cache: CacheOptions,
    pub(super) max_keys: usize,
    pub(super) max_loads: usize,
}

impl Default for KeyedCacheOptions {
    fn default() -> Self {
        Self { cache: CacheOptions::default(), max_keys: 10_000, max_loads: 100 }
    }
}

impl KeyedCacheOptions {
    /// Sets the options of each key's cache.
    ///
    /// Default: [`CacheOptions::default`].
    #[must_use]
    pub fn with_cache_options(mut self, options: CacheOptions) -> Self {
        self.cache = options;
        self
    }

    /// Sets the maximum number of cached keys that have secrets.
    ///
    /// Default: 10,000; at least 1. A further key evicts one that was not used lately. The next
    /// request to an evicted key loads its secrets again.
    #[must_use]
    pub fn with_max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys.max(1);
        self
    }

    /// Sets the maximum number of concurrent loads.
    ///
    /// Default: 100; at least 1. The limit applies separately to keys that have secrets and to
    /// unknown keys. Further loads wait in order, within the
    /// [`load_timeout`](CacheOptions::with_load_timeout).
    ///
    /// The cache also keeps ten times as many unknown keys. While all of them are loading or
    /// waiting, a request to a further unknown key is rejected with `503` at once.
    #[must_use]
    pub fn with_max_loads(mut self, loads: usize) -> Self {
        self.max_loads = loads.clamp(1, Semaphore::MAX_PERMITS);
        self
    }
}
