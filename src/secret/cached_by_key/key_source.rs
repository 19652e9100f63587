//! The provider behind the cache of one key, and the limit of concurrent loads.

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

/// The function that loads the secrets of a key, with limits of concurrent loads.
pub(super) struct Loader<K> {
    load: Box<dyn Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync>,
    /// The limit for keys that have secrets.
    known: Semaphore,
    /// The limit for unknown keys, which cannot block the loads of known ones.
    unknown: Semaphore,
}

impl<K> Loader<K> {
    pub(super) fn new(
        load: impl Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync + 'static,
        max_loads: usize,
    ) -> Self {
        Self {
            load: Box::new(load),
            known: Semaphore::new(max_loads),
            unknown: Semaphore::new(max_loads),
        }
    }
}

/// The provider of one key's secrets.
pub(super) struct KeySource<K> {
    key: K,
    loader: Arc<Loader<K>>,
    /// Publishes no other data, so `Relaxed` suffices.
    is_known: AtomicBool,
}

impl<K> KeySource<K> {
    /// Makes the provider of a key that is not known to have secrets.
    pub(super) fn new(key: K, loader: &Arc<Loader<K>>) -> Self {
        Self { key, loader: Arc::clone(loader), is_known: AtomicBool::new(false) }
    }

    pub(super) fn mark_known(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }
}

impl<K: Clone + Send + Sync + 'static> SecretProvider for KeySource<K> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        let limit = if self.is_known.load(Ordering::Relaxed) {
            &self.loader.known
        } else {
            &self.loader.unknown
        };
        // The semaphore is fair, and the wait counts towards the load timeout.
        let _permit = limit.acquire().await?;
        (self.loader.load)(self.key.clone()).await
    }
}
