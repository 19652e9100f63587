//! What the cache of one key loads from, and how many loads run at a time.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use http::request::Parts;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    BoxError,
    secret::{SecretProvider, SigningSecrets, shared::BoxFuture},
};

/// Loads the secrets of any key.
pub(super) struct Loader<K> {
    load: Box<dyn Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync>,
    /// Places for loads of keys that have secrets.
    known: Arc<Semaphore>,
    /// Places for loads of keys that anybody may have invented: they never take one from the others.
    unknown: Arc<Semaphore>,
}

impl<K> Loader<K> {
    pub(super) fn new(
        load: impl Fn(K) -> BoxFuture<'static, SigningSecrets> + Send + Sync + 'static,
        max_loads: usize,
    ) -> Self {
        let places = || Arc::new(Semaphore::new(max_loads));
        Self { load: Box::new(load), known: places(), unknown: places() }
    }

    fn place_for_unknown(&self) -> Result<OwnedSemaphorePermit, TooManyLoads> {
        Arc::clone(&self.unknown).try_acquire_owned().map_err(|_| TooManyLoads)
    }
}

/// The source of one key's secrets.
pub(super) struct KeySource<K> {
    key: K,
    loader: Arc<Loader<K>>,
    /// The place of the first load, which is taken before the load is started, so that those which wait to run count, too.
    first_place: Mutex<Option<OwnedSemaphorePermit>>,
    /// It stands alone, so relaxed order is enough.
    is_known: AtomicBool,
}

impl<K> KeySource<K> {
    /// The source of a key that is not known to have secrets.
    pub(super) fn unknown(key: K, loader: &Arc<Loader<K>>) -> Result<Self, TooManyLoads> {
        let first_place = Mutex::new(Some(loader.place_for_unknown()?));
        Ok(Self { key, loader: Arc::clone(loader), first_place, is_known: AtomicBool::new(false) })
    }

    pub(super) fn becomes_known(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, BoxError> {
        let first = self.first_place.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(place) => Ok(place),
            None if self.is_known.load(Ordering::Relaxed) => Ok(Arc::clone(&self.loader.known).acquire_owned().await?),
            None => Ok(self.loader.place_for_unknown()?),
        }
    }
}

impl<K: Clone + Send + Sync + 'static> SecretProvider for KeySource<K> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        let _place = self.place().await?;
        (self.loader.load)(self.key.clone()).await
    }
}

#[derive(Debug, Error)]
#[error("the secrets of too many keys that are not known are being loaded already")]
pub(super) struct TooManyLoads;
