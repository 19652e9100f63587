//! What the cache of one key loads from, and how many loads run at a time.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::request::Parts;
use tokio::sync::Semaphore;

use crate::{
    error::BoxError,
    secret::{SecretProvider, SigningSecrets, shared::BoxFuture},
};

/// Loads the secrets of any key.
pub(super) struct Loader<K> {
    load: Box<dyn Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync>,
    /// Places for loads of keys that have secrets.
    known: Semaphore,
    /// Places for loads of keys that anybody may have invented: they never take one from the others.
    unknown: Semaphore,
}

impl<K> Loader<K> {
    pub(super) fn new(
        load: impl Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync + 'static,
        max_loads: usize,
    ) -> Self {
        Self { load: Box::new(load), known: Semaphore::new(max_loads), unknown: Semaphore::new(max_loads) }
    }
}

/// The source of one key's secrets.
pub(super) struct KeySource<K> {
    key: K,
    loader: Arc<Loader<K>>,
    /// It stands alone, so relaxed order is enough.
    is_known: AtomicBool,
}

impl<K> KeySource<K> {
    /// The source of a key that is not known to have secrets.
    pub(super) fn new(key: K, loader: &Arc<Loader<K>>) -> Self {
        Self { key, loader: Arc::clone(loader), is_known: AtomicBool::new(false) }
    }

    pub(super) fn becomes_known(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }
}

impl<K: Clone + Send + Sync + 'static> SecretProvider for KeySource<K> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        let places = if self.is_known.load(Ordering::Relaxed) { &self.loader.known } else { &self.loader.unknown };
        // First come, first served, and the wait is part of the time that a load may take.
        let _place = places.acquire().await?;
        (self.loader.load)(self.key.clone()).await
    }
}
