//! A cache for the secrets of many tenants or endpoints, with one answer per key.
//!
//! Keys with and without secrets are in separate maps, so that unknown keys cannot evict known
//! ones.

mod bounded_map;
mod key_source;
mod options;

use std::{
    fmt,
    hash::Hash,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use http::request::Parts;
use thiserror::Error;

pub use self::options::KeyedCacheOptions;
use self::{
    bounded_map::BoundedMap,
    key_source::{KeySource, Loader},
};
use super::{CacheState, Cached, SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// A [`Cached`] for each tenant or endpoint.
///
/// The key comes from the request's head: path, host or headers. Each key has the guarantees of
/// [`Cached`]: no request waits while there is a fresh answer, a secret that was changed a moment
/// ago works with its first delivery, and forged requests cause at most one load in 10 s. In
/// addition:
///
/// - **Limits.** It keeps at most [`max_keys`](KeyedCacheOptions::with_max_keys) keys, and at most
///   [`max_loads`](KeyedCacheOptions::with_max_loads) loads run at a time.
/// - **Unknown keys cannot evict known ones.** A key is known if the source has secrets for it.
///   Other keys have a separate bounded map and a separate limit of loads. If requests with made-up
///   keys arrive faster than the source answers, a request to a key that is not known yet may be
///   rejected with `503`, and Stripe delivers the event again. To avoid that, call
///   [`refresh`](Self::refresh) for important keys, for example at startup. Each made-up key costs
///   one load, so let the key function reject malformed keys: see [`new`](Self::new).
/// - **No key.** If the head has no key, or the key does not exist, the request is rejected with
///   `503` and `no_signing_secret`, so that Stripe keeps an event that arrives before its tenant is
///   set up. A forged request to an existing key is rejected with `400`. If senders must not find
///   out which keys exist, use keys that cannot be guessed.
///
/// The next request to an evicted key loads its secrets again, and
/// [`SigningSecret::last_verified_at`](crate::SigningSecret::last_verified_at) starts again at
/// `None`. Clones share the cache. A request to a cached key takes a shared lock. Adding a key
/// takes the lock exclusively for a short time.
///
/// # Example
///
/// Tenants by the last part of the path:
///
/// ```
/// use http::request::Parts;
/// use tower_stripe_webhook::{
///     BoxError, SigningSecret, SigningSecrets, StripeWebhookLayer, secret::CachedByKey,
/// };
///
/// fn tenant_of(head: &Parts) -> Option<String> {
///     let name = head.uri.path().strip_prefix("/webhooks/")?;
///     let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
///     let is_name = (1..=40).contains(&name.len()) && name.bytes().all(is_allowed);
///     is_name.then(|| name.to_owned())
/// }
///
/// # async fn rows_of(tenant: &str) -> std::io::Result<Vec<String>> { Ok(vec![format!("whsec_{tenant}")]) }
/// async fn secrets_of(tenant: String) -> Result<SigningSecrets, BoxError> {
///     let rows = rows_of(&tenant).await?; // SELECT secret FROM … WHERE tenant = …
///     Ok(rows.into_iter().map(SigningSecret::new).collect::<Result<_, _>>()?)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let secrets = CachedByKey::new(tenant_of, secrets_of);
/// let layer = StripeWebhookLayer::new(secrets.clone());
///
/// // After an operator has changed a tenant's secret. It is in force when this returns.
/// secrets.refresh(&"acme".to_owned()).await.unwrap();
/// # }
/// ```
///
/// A Connect platform has two endpoints in Stripe: one for its own events and one for those of
/// connected accounts. Each has its own secret. If both have their own route and layer, no key is
/// needed. Behind one layer, use an `enum` as the key:
///
/// ```
/// use http::request::Parts;
/// use tower_stripe_webhook::secret::CachedByKey;
/// # use tower_stripe_webhook::{BoxError, SigningSecret, SigningSecrets};
///
/// #[derive(Clone, PartialEq, Eq, Hash)]
/// enum Endpoint {
///     Account,
///     Connect,
/// }
///
/// # async fn secrets_of(_: Endpoint) -> Result<SigningSecrets, BoxError> { Ok(SigningSecret::new("whsec_a")?.into()) }
/// let secrets = CachedByKey::new(
///     |head: &Parts| match head.uri.path() {
///         "/webhooks/account" => Some(Endpoint::Account),
///         "/webhooks/connect" => Some(Endpoint::Connect),
///         _ => None,
///     },
///     secrets_of,
/// );
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub struct CachedByKey<K> {
    shared: Arc<Shared<K>>,
}

type KeyOf<K> = dyn Fn(&Parts) -> Option<K> + Send + Sync;

struct Shared<K> {
    key_of: Box<KeyOf<K>>,
    loader: Arc<Loader<K>>,
    options: KeyedCacheOptions,
    /// Never locked across an `await`.
    keys: RwLock<Keys<K>>,
}

struct Keys<K> {
    /// Keys for which the source had secrets.
    known: BoundedMap<K, Cached<KeySource<K>>>,
    unknown: BoundedMap<K, Cached<KeySource<K>>>,
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> CachedByKey<K> {
    /// Makes a cache with the default [`KeyedCacheOptions`].
    ///
    /// `key_of` returns the key of a request, from data that any sender can choose. Let it return
    /// `None` for text that does not have the form and length of a key, because a path may have 64
    /// KiB and the cache keeps the key. Let it normalize the key, for example to lower case: `Acme`
    /// and `acme` are two keys with separate caches and limits. With HTTP/1 the host is in
    /// `head.headers[HOST]`, with HTTP/2 in `head.uri.host()`.
    ///
    /// `load` returns the secrets of a key. For a key that does not exist, it returns empty
    /// [`SigningSecrets`] and not an error.
    pub fn new<F, L, Fut>(key_of: F, load: L) -> Self
    where
        F: Fn(&Parts) -> Option<K> + Send + Sync + 'static,
        L: Fn(K) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<SigningSecrets, BoxError>> + Send + 'static,
    {
        Self::with_options(key_of, load, KeyedCacheOptions::default())
    }

    /// Makes a cache with the given options. See [`new`](Self::new).
    pub fn with_options<F, L, Fut>(key_of: F, load: L, options: KeyedCacheOptions) -> Self
    where
        F: Fn(&Parts) -> Option<K> + Send + Sync + 'static,
        L: Fn(K) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<SigningSecrets, BoxError>> + Send + 'static,
    {
        let keys = Keys {
            known: BoundedMap::new(options.max_keys),
            unknown: BoundedMap::new(options.max_loads.saturating_mul(10)),
        };
        let loader = Loader::new(move |key| Box::pin(load(key)), options.max_loads);
        let shared = Shared {
            key_of: Box::new(key_of),
            loader: Arc::new(loader),
            options,
            keys: RwLock::new(keys),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Reloads a key's secrets, and returns when they are in force.
    ///
    /// Call it after an operator has changed a secret, or at startup to load the key early. The key
    /// counts as known from now on and may evict another one, so do not pass a key from a request.
    ///
    /// # Errors
    ///
    /// The error of `load`, a timeout or a panic, if the load failed. The last answer stays in use.
    pub async fn refresh(&self, key: &K) -> Result<(), BoxError> {
        let cached = self.shared.get_or_insert_known(key);
        cached.refresh().await
    }

    /// Drops a key's secrets, so that the next request waits for new ones.
    ///
    /// Call it after a secret has leaked.
    pub fn invalidate(&self, key: &K) {
        let cached = self.shared.read().peek(key).cloned();
        if let Some(cached) = cached {
            cached.invalidate();
        }
    }

    /// Returns the current state of a key's cache, for a status page.
    ///
    /// `None` if the key is not cached.
    #[must_use]
    pub fn state(&self, key: &K) -> Option<CacheState> {
        let cached = self.shared.read().peek(key).cloned();
        cached.map(|cached| cached.state())
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> SecretProvider for CachedByKey<K> {
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        let Some(key) = (self.shared.key_of)(head) else { return Ok(SigningSecrets::default()) };
        let known = self.shared.read().known.get(&key).cloned();
        match known {
            Some(cached) => cached.secrets(head).await,
            // Boxed, so that the future stays small for the usual request, which does not wait.
            None => Box::pin(self.shared.secrets_of_unknown(key, head)).await,
        }
    }

    async fn newer_secrets(
        &self,
        head: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        let Some(key) = (self.shared.key_of)(head) else { return Ok(None) };
        match self.shared.cached(&key) {
            Some(cached) => cached.newer_secrets(head, tried).await,
            None => {
                let secrets = self.secrets(head).await?;
                Ok(secrets.contains_other_than(tried).then_some(secrets))
            }
        }
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Shared<K> {
    fn read(&self) -> RwLockReadGuard<'_, Keys<K>> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Keys<K>> {
        self.keys.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn cached(&self, key: &K) -> Option<Cached<KeySource<K>>> {
        self.read().get(key).cloned()
    }

    async fn secrets_of_unknown(&self, key: K, head: &Parts) -> Result<SigningSecrets, BoxError> {
        let cached = match self.cached(&key) {
            Some(cached) => cached,
            None => self.get_or_insert_unknown(&key)?,
        };
        let secrets = cached.secrets(head).await?;
        if !secrets.is_empty() {
            self.write().make_known(key, &cached);
        }
        Ok(secrets)
    }

    fn get_or_insert_unknown(&self, key: &K) -> Result<Cached<KeySource<K>>, TooManyLoads> {
        let mut keys = self.write();
        if let Some(cached) = keys.get(key) {
            return Ok(cached.clone());
        }
        // A key whose load runs stays, otherwise a second load of it could start.
        if !keys.unknown.make_room(|cached| !cached.is_loading()) {
            return Err(TooManyLoads);
        }
        let cached =
            Cached::with_options(KeySource::new(key.clone(), &self.loader), self.options.cache);
        keys.unknown.insert(key.clone(), cached.clone());
        Ok(cached)
    }

    /// Returns the cache of a key that the app refreshes, and makes the key known.
    fn get_or_insert_known(&self, key: &K) -> Cached<KeySource<K>> {
        let mut keys = self.write();
        if let Some(cached) = keys.known.get(key) {
            return cached.clone();
        }
        let cached = keys.unknown.remove(key).unwrap_or_else(|| {
            Cached::idle(KeySource::new(key.clone(), &self.loader), self.options.cache)
        });
        keys.insert_known(key.clone(), cached.clone());
        cached
    }
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> Keys<K> {
    fn get(&self, key: &K) -> Option<&Cached<KeySource<K>>> {
        self.known.get(key).or_else(|| self.unknown.get(key))
    }

    fn peek(&self, key: &K) -> Option<&Cached<KeySource<K>>> {
        self.known.peek(key).or_else(|| self.unknown.peek(key))
    }

    /// Moves a key to the known ones.
    ///
    /// Does nothing if the key was evicted meanwhile, because `invalidate` would not reach
    /// `cached`.
    fn make_known(&mut self, key: K, cached: &Cached<KeySource<K>>) {
        if self.unknown.peek(&key).is_some_and(|other| other.is_same_as(cached))
            && let Some(cached) = self.unknown.remove(&key)
        {
            self.insert_known(key, cached);
        }
    }

    fn insert_known(&mut self, key: K, cached: Cached<KeySource<K>>) {
        if self.known.make_room(|_| true) {
            cached.provider().mark_known();
            self.known.insert(key, cached);
        }
    }
}

#[derive(Debug, Error)]
#[error("too many loads for unknown keys are running")]
struct TooManyLoads;

impl<K> Clone for CachedByKey<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

/// Shows the number of cached keys.
///
/// The keys themselves come from requests, so they are not shown.
impl<K: Clone + Eq + Hash> fmt::Debug for CachedByKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.shared.keys.read().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("CachedByKey")
            .field("options", &self.shared.options)
            .field("known", &keys.known.len())
            .field("unknown", &keys.unknown.len())
            .finish_non_exhaustive()
    }
}
