//! The answers for many tenants or endpoints, kept and refreshed one by one.
//!
//! Keys that have secrets and keys that have none are kept apart: whoever invents keys can only push out other
//! inventions.

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

/// Keeps the secrets of each tenant or endpoint, chosen by the request's path, host or headers: a [`Cached`] for each
/// key.
///
/// What [`Cached`] promises holds for each key by itself: no request waits while there is an answer, a secret that was
/// changed a moment ago works with its first delivery, and forged requests cause at most one load in 10 s. Beyond that:
///
/// - It is **bounded**: answers are kept for at most [`max_keys`](KeyedCacheOptions::with_max_keys) keys, and at most
///   [`max_loads`](KeyedCacheOptions::with_max_loads) loads run at a time.
/// - **Whoever invents keys harms nobody else.** A key counts once the source has secrets for it. Until then it is
///   remembered apart, in a bounded place where it can push out other inventions alone, and its loads take no place
///   from those of keys that count. Where inventions come faster than the source answers, a key that is not known yet
///   may be answered `503`, and Stripe delivers again: [`refresh`](Self::refresh) makes the keys known that must not
///   wait, at startup for example. Each invention costs one load at the source, so let the key function refuse what
///   cannot be a key: see [`new`](Self::new).
/// - A head that **names no key** has no secret, as a key that does not exist: both are answered `503` with
///   `no_signing_secret`. So Stripe keeps an event that came before its tenant was set up. A forged request to a key
///   that exists is answered `400`, as everywhere: whoever must not find out which keys exist must not be able to guess
///   them.
///
/// A key that was pushed out is loaded anew when it is asked for;
/// [`SigningSecret::last_verified_at`](crate::SigningSecret::last_verified_at) begins anew, too. Clones share what is
/// kept. A request to a key that is kept takes a lock that is shared by all of them; it is held exclusively for moments,
/// when a key is put in.
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
///     let is_of_a_name = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
///     let is_name = (1..=40).contains(&name.len()) && name.bytes().all(is_of_a_name);
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
/// // After an operator has changed a tenant's secret: in force when this returns.
/// secrets.refresh(&"acme".to_owned()).await.unwrap();
/// # }
/// ```
///
/// A Connect platform has two endpoints in Stripe, one for its own events and one for those of connected accounts, each
/// with a secret of its own. With a route and a layer for each there is nothing to choose. Behind one layer the key is
/// an `enum`:
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
    /// Locked for moments, and never while anything is loaded.
    keys: RwLock<Keys<K>>,
}

struct Keys<K> {
    /// Those for which there were secrets.
    known: BoundedMap<K, Cached<KeySource<K>>>,
    unknown: BoundedMap<K, Cached<KeySource<K>>>,
}

impl<K: Clone + Eq + Hash + Send + Sync + 'static> CachedByKey<K> {
    /// Keeps what `load` says about the key that `key_of` finds in a request's head, with the default of every option.
    ///
    /// `key_of` reads what anybody may have sent. Let it refuse what has not the form and length of a key, because a
    /// path may have 64 KiB, and a key is kept. Let it bring what means the same into one form, in lower case for
    /// example: `Acme` and `acme` are two keys, each with a cache and a limit of its own. Under HTTP/1 the host is in
    /// `head.headers[HOST]`, under HTTP/2 it is `head.uri.host()`.
    ///
    /// `load` answers with no secrets for a key that does not exist. Anything that goes wrong is an error, and not the
    /// same.
    pub fn new<F, L, Fut>(key_of: F, load: L) -> Self
    where
        F: Fn(&Parts) -> Option<K> + Send + Sync + 'static,
        L: Fn(K) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<SigningSecrets, BoxError>> + Send + 'static,
    {
        Self::with_options(key_of, load, KeyedCacheOptions::default())
    }

    /// As [`new`](Self::new), with other options.
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
        let shared = Shared { key_of: Box::new(key_of), loader: Arc::new(loader), options, keys: RwLock::new(keys) };
        Self { shared: Arc::new(shared) }
    }

    /// Loads a key's secrets anew, and returns when they are in force: for after an operator has changed one, and for
    /// warming up. The key counts from now on, so it takes a place of those that exist: name no key that a request has
    /// brought.
    ///
    /// # Errors
    ///
    /// Why the load failed. The answer of before goes on serving.
    pub async fn refresh(&self, key: &K) -> Result<(), BoxError> {
        let cached = self.shared.known(key);
        cached.refresh().await
    }

    /// Forgets a key's secrets: the next request waits for new ones. For after a secret has leaked.
    pub fn invalidate(&self, key: &K) {
        let cached = self.shared.read().peek(key).cloned();
        if let Some(cached) = cached {
            cached.invalidate();
        }
    }

    /// What is known about a key at the moment, for a status page. `None` if it is not kept.
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
            // In a box, so that the future of a request that waits for nothing is small.
            None => Box::pin(self.shared.secrets_of_unknown(key, head)).await,
        }
    }

    async fn newer_secrets(&self, head: &Parts, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        let Some(key) = (self.shared.key_of)(head) else { return Ok(None) };
        match self.shared.kept(&key) {
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

    fn kept(&self, key: &K) -> Option<Cached<KeySource<K>>> {
        self.read().get(key).cloned()
    }

    async fn secrets_of_unknown(&self, key: K, head: &Parts) -> Result<SigningSecrets, BoxError> {
        let cached = match self.kept(&key) {
            Some(cached) => cached,
            None => self.kept_or_new(&key)?,
        };
        let secrets = cached.secrets(head).await?;
        if !secrets.is_empty() {
            self.write().becomes_known(key, &cached);
        }
        Ok(secrets)
    }

    fn kept_or_new(&self, key: &K) -> Result<Cached<KeySource<K>>, TooManyLoads> {
        let mut keys = self.write();
        if let Some(cached) = keys.get(key) {
            return Ok(cached.clone());
        }
        // One that is loaded stays, or its load would run twice.
        if !keys.unknown.make_room(|cached| !cached.is_loading()) {
            return Err(TooManyLoads);
        }
        let cached = Cached::with_options(KeySource::new(key.clone(), &self.loader), self.options.of_each);
        keys.unknown.insert(key.clone(), cached.clone());
        Ok(cached)
    }

    /// The cache of a key that an operator names, which counts from then on.
    fn known(&self, key: &K) -> Cached<KeySource<K>> {
        let mut keys = self.write();
        if let Some(cached) = keys.known.get(key) {
            return cached.clone();
        }
        let cached = keys
            .unknown
            .remove(key)
            .unwrap_or_else(|| Cached::idle(KeySource::new(key.clone(), &self.loader), self.options.of_each));
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

    /// Does nothing if the key was pushed out meanwhile: an operator who invalidates it now could not reach `cached`.
    fn becomes_known(&mut self, key: K, cached: &Cached<KeySource<K>>) {
        if self.unknown.peek(&key).is_some_and(|kept| kept.is_same_as(cached))
            && let Some(cached) = self.unknown.remove(&key)
        {
            self.insert_known(key, cached);
        }
    }

    fn insert_known(&mut self, key: K, cached: Cached<KeySource<K>>) {
        if self.known.make_room(|_| true) {
            cached.provider().becomes_known();
            self.known.insert(key, cached);
        }
    }
}

#[derive(Debug, Error)]
#[error("the secrets of too many keys that are not known are being loaded already")]
struct TooManyLoads;

impl<K> Clone for CachedByKey<K> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

/// Shows how many keys are kept, and none of them: they came from requests.
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
