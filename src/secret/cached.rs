//! A cache for the answer of one provider.
//!
//! A request reads an `ArcSwap` and the clock. Loads run in tasks of their own, so that a load also
//! ends if the request that started it was cancelled.

mod answer;
mod options;
mod single_flight;

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use arc_swap::ArcSwap;
use http::{Request, request::Parts};
use thiserror::Error as ThisError;
use tokio::{
    runtime::Handle,
    sync::watch,
    time::{Instant, timeout},
};

pub use self::options::CacheOptions;
use self::{answer::Answer, single_flight::SingleFlight};
use super::{SecretProvider, SigningSecrets};
use crate::{error::BoxError, trace::event};

/// A wrapper that keeps the last answer of a slow [`SecretProvider`].
///
/// Use it for a provider that asks a database or a secret manager, so that requests do not wait for
/// it.
///
/// - **First load.** It starts when the `Cached` is made within a tokio runtime, otherwise with the
///   first request.
/// - **Refresh.** While there is a fresh answer, no request waits. If the answer is older than
///   [`refresh_after`](CacheOptions::with_refresh_after), the next request starts a reload in the
///   background and uses the old answer. If no request came for twice that time, the next one waits
///   for the reload.
/// - **Mismatch.** If no secret matches a request, or no secret is set, it reloads at once and the
///   layer checks the request again. So a secret that was changed a moment ago, by another node or
///   in Stripe's dashboard, works with its first delivery. Forged requests cause at most one load
///   per [`mismatch_interval`](CacheOptions::with_mismatch_interval).
/// - **Failure.** While the provider fails, the last answer is used for
///   [`serve_stale_for`](CacheOptions::with_serve_stale_for).
/// - **Single flight.** One load runs at a time, and all requests that need one share it. A load
///   ends with an error after [`load_timeout`](CacheOptions::with_load_timeout), or if it panics.
/// - **Usage.** A reload keeps
///   [`SigningSecret::last_verified_at`](crate::SigningSecret::last_verified_at), also for a secret
///   that some answers in between did not contain.
///
/// All requests share one answer, so the provider gets an empty head instead of a request's. Clones
/// share the answer.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{
///     Cached, SigningSecret, StripeWebhookLayer, secret::secret_provider_fn,
/// };
///
/// # async fn secret_in_the_database() -> std::io::Result<String> { Ok("whsec_a".into()) }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let secrets = Cached::new(secret_provider_fn(|_| async {
///     Ok(SigningSecret::new(secret_in_the_database().await?)?.into())
/// }));
/// let layer = StripeWebhookLayer::new(secrets.clone());
///
/// // After an operator has changed the secret. It is in force when this returns.
/// secrets.refresh().await.unwrap();
/// # }
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub struct Cached<P> {
    shared: Arc<Shared<P>>,
}

struct Shared<P> {
    provider: P,
    options: CacheOptions,
    answer: ArcSwap<Answer>,
    /// Only locked to start, join or end a load, and never across an `await`.
    loads: Mutex<Loads>,
}

#[derive(Default)]
struct Loads {
    flight: SingleFlight,
    /// Closes when the running load ends.
    running: Option<watch::Receiver<()>>,
    /// The secrets of the last answer and some earlier ones.
    ///
    /// A secret that comes back keeps its usage.
    known: SigningSecrets,
}

/// The number of earlier secrets whose usage is kept.
const MAX_EARLIER_SECRETS: usize = 8;

impl<P: SecretProvider> Cached<P> {
    /// Wraps `provider` with the default [`CacheOptions`].
    pub fn new(provider: P) -> Self {
        Self::with_options(provider, CacheOptions::default())
    }

    /// Wraps `provider` with the given options.
    pub fn with_options(provider: P, options: CacheOptions) -> Self {
        let cached = Self::idle(provider, options);
        if Handle::try_current().is_ok() {
            cached.shared.start_or_join(cached.shared.loads());
        }
        cached
    }

    /// Wraps `provider` without starting the first load.
    pub(super) fn idle(provider: P, options: CacheOptions) -> Self {
        let shared = Shared {
            provider,
            options,
            answer: ArcSwap::from_pointee(Answer::none()),
            loads: Mutex::default(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Reloads the secrets, and returns when the new answer is in force.
    ///
    /// Call it after an operator has changed a secret.
    ///
    /// # Errors
    ///
    /// The provider's error, a timeout or a panic, if the load failed. The last answer stays in
    /// use.
    pub async fn refresh(&self) -> Result<(), BoxError> {
        let load = self.shared.loads().flight.next_load();
        match &self.shared.wait_for(load).await.error {
            Some(error) => Err(SharedError::boxed(error)),
            None => Ok(()),
        }
    }

    /// Drops the answer, so that the next request waits for a new one.
    ///
    /// Call it after a secret has leaked: no request is checked against the old answer any more,
    /// even while the source is down.
    pub fn invalidate(&self) {
        let mut loads = self.shared.loads();
        loads.flight.invalidate();
        self.shared.answer.store(Arc::new(Answer::none()));
    }

    pub(super) fn provider(&self) -> &P {
        &self.shared.provider
    }

    pub(super) fn is_loading(&self) -> bool {
        self.shared.loads().running.is_some()
    }

    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Returns the cache's current state, for a status page.
    #[must_use]
    pub fn state(&self) -> CacheState {
        let now = Instant::now();
        let answer = self.shared.answer.load();
        CacheState {
            secrets: answer.at(now).cloned(),
            age: answer.loaded_at.map(|at| now.saturating_duration_since(at)),
            refresh_in: answer.refresh_in(now),
            error: answer.error.clone(),
        }
    }
}

/// The state of a [`Cached`] at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CacheState {
    /// The secrets against which requests are checked.
    ///
    /// `None` before the first load, and after the provider has failed for longer than
    /// [`serve_stale_for`](CacheOptions::with_serve_stale_for).
    pub secrets: Option<SigningSecrets>,
    /// The time since the secrets were loaded. `None` before the first load.
    pub age: Option<Duration>,
    /// The time until a reload is due. Zero if it is due now.
    pub refresh_in: Duration,
    /// The error of the last load. `None` if it succeeded.
    pub error: Option<Arc<dyn Error + Send + Sync>>,
}

impl<P: SecretProvider> SecretProvider for Cached<P> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        match self.shared.fresh_secrets() {
            Some(secrets) => Ok(secrets),
            // Boxed, so that the future stays small for the usual request, which does not wait.
            None => Box::pin(self.shared.wait_for_secrets()).await,
        }
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        self.shared.newer_than(tried).await
    }
}

impl<P: SecretProvider> Shared<P> {
    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh_secrets(self: &Arc<Self>) -> Option<SigningSecrets> {
        let answer = self.answer.load();
        let now = Instant::now();
        let secrets = answer.fresh(now).filter(|secrets| !secrets.is_empty())?;
        if answer.is_due(now) {
            self.refresh_in_background(now);
        }
        Some(secrets.clone())
    }

    async fn wait_for_secrets(self: &Arc<Self>) -> Result<SigningSecrets, BoxError> {
        let fresh = self.answer.load().fresh(Instant::now()).cloned();
        match fresh {
            // No secret is set: an operator may have set one since.
            Some(none) => Ok(self.newer_than(&none).await?.unwrap_or(none)),
            None => self.first_answer().await,
        }
    }

    fn refresh_in_background(self: &Arc<Self>, now: Instant) {
        // If the lock is taken, another request is starting or joining a load, or a load is ending.
        if let Ok(loads) = self.loads.try_lock()
            && self.answer.load().is_due(now)
        {
            self.start_or_join(loads);
        }
    }

    async fn first_answer(self: &Arc<Self>) -> Result<SigningSecrets, BoxError> {
        let load = {
            let loads = self.loads();
            self.answer.load().is_due(Instant::now()).then(|| loads.flight.any_load())
        };
        let answer = self.answer_of(load).await;
        match (answer.at(Instant::now()), &answer.error) {
            (Some(secrets), _) => Ok(secrets.clone()),
            (None, Some(error)) => Err(SharedError::boxed(error)),
            (None, None) => Err("the signing secrets are not loaded".into()),
        }
    }

    async fn newer_than(
        self: &Arc<Self>,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        let is_newer = |secrets: &&SigningSecrets| secrets.contains_other_than(tried);
        if self.answer.load().fresh(Instant::now()).is_none() {
            self.first_answer().await?;
        }
        let load = {
            let mut loads = self.loads();
            if let Some(secrets) = self.answer.load().fresh(Instant::now()).filter(is_newer) {
                return Ok(Some(secrets.clone()));
            }
            loads.flight.load_for_mismatch(Instant::now(), self.options.mismatch_interval)
        };
        let answer = self.answer_of(load).await;
        match (answer.at(Instant::now()).filter(is_newer), &answer.error) {
            (Some(secrets), _) => Ok(Some(secrets.clone())),
            (None, Some(error)) => Err(SharedError::boxed(error)),
            (None, None) => Ok(None),
        }
    }

    /// Waits for this load, if there is one, and returns the answer.
    async fn answer_of(self: &Arc<Self>, load: Option<u64>) -> Arc<Answer> {
        match load {
            Some(load) => self.wait_for(load).await,
            None => self.answer.load_full(),
        }
    }

    /// Waits until this load or a later one has ended, and returns the answer.
    ///
    /// Starts the load if none runs.
    async fn wait_for(self: &Arc<Self>, load: u64) -> Arc<Answer> {
        loop {
            let mut running = {
                let loads = self.loads();
                if loads.flight.has_answered(load) {
                    return self.answer.load_full();
                }
                self.start_or_join(loads)
            };
            // Nothing is sent through the channel. It closes when the load ends.
            let _ = running.changed().await;
        }
    }

    fn start_or_join(self: &Arc<Self>, mut loads: MutexGuard<'_, Loads>) -> watch::Receiver<()> {
        if !loads.flight.start(Instant::now())
            && let Some(running) = &loads.running
        {
            return running.clone();
        }
        let (sender, receiver) = watch::channel(());
        loads.running = Some(receiver.clone());
        // If the runtime shuts down, or there is none, `spawn` drops the load at once, and the drop
        // takes the lock.
        drop(loads);
        let load = RunningLoad { shared: Arc::clone(self), outcome: None, _sender: sender };
        tokio::spawn(load.run());
        receiver
    }

    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, reason = "the error is only logged")
    )]
    fn end_load(
        &self,
        outcome: Result<SigningSecrets, Arc<dyn Error + Send + Sync>>,
        retry_after: Duration,
    ) {
        if let Err(error) = &outcome {
            event!(
                WARN,
                error = &**error as &(dyn Error + 'static),
                "cannot load the signing secrets"
            );
        }
        let now = Instant::now();
        let mut loads = self.loads();
        loads.running = None;
        if !loads.flight.counts() {
            loads.flight.end(false);
            return;
        }
        let found_new =
            outcome.as_ref().is_ok_and(|secrets| secrets.contains_other_than(&loads.known));
        loads.flight.end(found_new);
        let answer = Arc::new(match outcome {
            Ok(secrets) => {
                let secrets = secrets.with_usage_of(&loads.known);
                loads.known = secrets.union_with(&loads.known, MAX_EARLIER_SECRETS);
                Answer::loaded(secrets, now, &self.options)
            }
            Err(error) => self.answer.load().failed(error, retry_after, now, &self.options),
        });
        self.answer.store(answer);
    }
}

/// A running load.
///
/// Its drop ends the load, also if its task panics or its runtime shuts down.
struct RunningLoad<P: SecretProvider> {
    shared: Arc<Shared<P>>,
    outcome: Option<Result<SigningSecrets, Arc<dyn Error + Send + Sync>>>,
    /// Dropped after the load has ended, so that the waiting requests see the outcome.
    _sender: watch::Sender<()>,
}

impl<P: SecretProvider> RunningLoad<P> {
    async fn run(mut self) {
        let (head, ()) = Request::new(()).into_parts();
        let limit = self.shared.options.load_timeout;
        let outcome = match timeout(limit, self.shared.provider.secrets(&head)).await {
            Ok(answer) => answer.map_err(Arc::from),
            Err(_) => Err(Arc::new(LoadError::TimedOut(limit)) as _),
        };
        self.outcome = Some(outcome);
    }
}

impl<P: SecretProvider> Drop for RunningLoad<P> {
    fn drop(&mut self) {
        let retry_after = self.shared.options.retry_after;
        let (outcome, retry_after) = match self.outcome.take() {
            Some(outcome) => (outcome, retry_after),
            None if thread::panicking() && Handle::try_current().is_ok() => {
                (Err(Arc::new(LoadError::Panicked) as _), retry_after)
            }
            // This says nothing about the source, so a request in another runtime may load at once.
            None => (Err(Arc::new(LoadError::Aborted) as _), Duration::ZERO),
        };
        self.shared.end_load(outcome, retry_after);
    }
}

#[derive(Debug, ThisError)]
enum LoadError {
    #[error("the signing secrets did not arrive within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("the load of the signing secrets panicked")]
    Panicked,
    #[error(
        "the load of the signing secrets ended early: its tokio runtime shut down, or there is none"
    )]
    Aborted,
}

/// The error of a load, shared by all requests that waited for it.
#[derive(Debug, ThisError)]
#[error("cannot load the signing secrets")]
struct SharedError(#[source] Arc<dyn Error + Send + Sync>);

impl SharedError {
    fn boxed(error: &Arc<dyn Error + Send + Sync>) -> BoxError {
        Self(Arc::clone(error)).into()
    }
}

impl<P> Clone for Cached<P> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<P> fmt::Debug for Cached<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = self.shared.answer.load();
        f.debug_struct("Cached")
            .field("options", &self.shared.options)
            .field("secrets", &answer.secrets)
            .finish_non_exhaustive()
    }
}
