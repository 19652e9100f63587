//! A provider's answer, kept and refreshed.
//!
//! Requests read an `ArcSwap` and two flags that a timer sets, because reading the clock would cost them more than the
//! rest. Loads run as tasks of their own, so that they end also if the request that started them is gone.

mod answer;
mod options;
mod single_flight;

use std::{
    error::Error,
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use http::{Request, request::Parts};
use thiserror::Error as ThisError;
use tokio::{
    runtime::Handle,
    sync::watch,
    task::AbortHandle,
    time::{Instant, timeout},
};

pub use self::options::CacheOptions;
use self::{answer::Answer, single_flight::SingleFlight};
use super::{SecretProvider, SigningSecrets};
use crate::{error::BoxError, trace::event};

/// Keeps what a provider said, so that requests do not wait for it: for one that asks a database or a secret manager.
///
/// - It loads as soon as it is made, if that is within a tokio runtime; otherwise with the first request.
/// - While there is an answer no request waits. One that is older than
///   [`refresh_after`](CacheOptions::with_refresh_after) is loaded anew in the background, and serves meanwhile. Only
///   after a while without requests does the first one wait for a load.
/// - If no secret matches a request, or none is set, it loads at once and the request is checked again: so a secret
///   that was changed a moment ago, by another node or in Stripe's dashboard, works with its first delivery. Forged
///   requests cannot make it load more often than [`mismatch_interval`](CacheOptions::with_mismatch_interval) says.
/// - While the provider fails, the last answer serves for a [while](CacheOptions::with_serve_stale_for).
/// - One load runs at a time, however many want one. A load that hangs is given up, one that panics has failed.
/// - [`SigningSecret::last_verified_at`](crate::SigningSecret::last_verified_at) is kept across loads, also for a
///   secret that was away for some of them.
///
/// There is one answer for all requests: the provider gets an empty head, and not that of a request. Clones share the
/// answer.
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
/// // After an operator has changed the secret: in force when this returns.
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
    /// Locked for moments, and only to start or to join a load.
    loads: Mutex<Loads>,
}

#[derive(Default)]
struct Loads {
    flight: SingleFlight,
    /// Closes when the running load ends.
    running: Option<watch::Receiver<()>>,
    /// What ages the answer.
    timer: Option<AbortHandle>,
    /// The secrets of the last answer and some of before: what is known of their use outlasts that they are away.
    known: SigningSecrets,
}

/// How many secrets are known that are not alive any more.
const KNOWN_OF_BEFORE: usize = 8;

impl Drop for Loads {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }
}

impl<P: SecretProvider> Cached<P> {
    /// Keeps what `provider` says, with the default of every option.
    pub fn new(provider: P) -> Self {
        Self::with_options(provider, CacheOptions::default())
    }

    /// Keeps what `provider` says, for as long as `options` say.
    pub fn with_options(provider: P, options: CacheOptions) -> Self {
        let cached = Self::idle(provider, options);
        if Handle::try_current().is_ok() {
            cached.shared.start_or_join(cached.shared.loads());
        }
        cached
    }

    /// One that loads when it is asked for the first time.
    pub(super) fn idle(provider: P, options: CacheOptions) -> Self {
        let shared =
            Shared { provider, options, answer: ArcSwap::from_pointee(Answer::none()), loads: Mutex::default() };
        Self { shared: Arc::new(shared) }
    }

    /// Loads anew, and returns when the answer is in force: for after an operator has changed a secret.
    ///
    /// # Errors
    ///
    /// Why the load failed. The answer of before goes on serving.
    pub async fn refresh(&self) -> Result<(), BoxError> {
        let load = self.shared.loads().flight.next_load();
        match &self.shared.wait_for(load).await.error {
            Some(error) => Err(SharedError::boxed(error)),
            None => Ok(()),
        }
    }

    /// Forgets the answer: the next request waits for a new one. For after a secret has leaked, where no request may be
    /// checked against the old answer, not even while the source is down.
    pub fn invalidate(&self) {
        let mut loads = self.shared.loads();
        loads.flight.invalidate();
        self.shared.answer.store(Arc::new(Answer::none()));
        if let Some(timer) = loads.timer.take() {
            timer.abort();
        }
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

    /// What is known at the moment, for a status page.
    #[must_use]
    pub fn state(&self) -> CacheState {
        let now = Instant::now();
        let answer = self.shared.answer.load();
        CacheState {
            secrets: answer.at(now).cloned(),
            age: answer.loaded_at.map(|at| now.saturating_duration_since(at)),
            refresh_in: answer.refresh_at.saturating_duration_since(now),
            error: answer.error.clone(),
        }
    }
}

/// What a [`Cached`] knows at a moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CacheState {
    /// The secrets against which requests are checked. `None` before the first load and once the provider has failed
    /// for too long.
    pub secrets: Option<SigningSecrets>,
    /// How long ago they were loaded. `None` before the first load.
    pub age: Option<Duration>,
    /// In how much time the next request will have them loaded anew.
    pub refresh_in: Duration,
    /// Why the last load failed. `None` if it did not.
    pub error: Option<Arc<dyn Error + Send + Sync>>,
}

impl<P: SecretProvider> SecretProvider for Cached<P> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        match self.shared.secrets_at_hand() {
            Some(secrets) => Ok(secrets),
            // In a box, so that the future of a request that waits for nothing is small.
            None => Box::pin(self.shared.wait_for_secrets()).await,
        }
    }

    async fn newer_secrets(&self, _: &Parts, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        self.shared.newer_than(tried).await
    }
}

impl<P: SecretProvider> Shared<P> {
    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn secrets_at_hand(self: &Arc<Self>) -> Option<SigningSecrets> {
        let answer = self.answer.load();
        let secrets = answer.fresh().filter(|secrets| !secrets.is_empty())?;
        if answer.is_due() {
            self.refresh_in_background();
        }
        Some(secrets.clone())
    }

    async fn wait_for_secrets(self: &Arc<Self>) -> Result<SigningSecrets, BoxError> {
        let none_is_set = self.answer.load().fresh().cloned();
        match none_is_set {
            Some(none) => Ok(self.newer_than(&none).await?.unwrap_or(none)),
            None => self.first_answer().await,
        }
    }

    fn refresh_in_background(self: &Arc<Self>) {
        // Whoever has the lock is starting a load, or ending one.
        if let Ok(loads) = self.loads.try_lock()
            && self.answer.load().is_due()
        {
            self.start_or_join(loads);
        }
    }

    async fn first_answer(self: &Arc<Self>) -> Result<SigningSecrets, BoxError> {
        let load = {
            let loads = self.loads();
            self.answer.load().is_due().then(|| loads.flight.any_load())
        };
        let answer = self.answer_of(load).await;
        match (answer.at(Instant::now()), &answer.error) {
            (Some(secrets), _) => Ok(secrets.clone()),
            (None, Some(error)) => Err(SharedError::boxed(error)),
            (None, None) => Err("the signing secrets are not loaded".into()),
        }
    }

    async fn newer_than(self: &Arc<Self>, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        let is_newer = |secrets: &&SigningSecrets| secrets.contains_other_than(tried);
        if self.answer.load().fresh().is_none() {
            self.first_answer().await?;
        }
        let load = {
            let mut loads = self.loads();
            if let Some(secrets) = self.answer.load().fresh().filter(is_newer) {
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

    /// The answer once this load has ended, or without one at once.
    async fn answer_of(self: &Arc<Self>, load: Option<u64>) -> Arc<Answer> {
        match load {
            Some(load) => self.wait_for(load).await,
            None => self.answer.load_full(),
        }
    }

    /// Waits until this load, or a later one, has brought an answer or an error, and starts it if it has to.
    async fn wait_for(self: &Arc<Self>, load: u64) -> Arc<Answer> {
        loop {
            let mut running = {
                let loads = self.loads();
                if loads.flight.has_answered(load) {
                    return self.answer.load_full();
                }
                self.start_or_join(loads)
            };
            // Nothing is ever sent: the channel closes when the load ends.
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
        // A runtime that shuts down, or none, ends the load at once, which takes the lock.
        drop(loads);
        let load = RunningLoad { shared: Arc::clone(self), outcome: None, _sender: sender };
        tokio::spawn(load.run());
        receiver
    }

    #[cfg_attr(not(feature = "tracing"), expect(unused_variables, reason = "the error is only logged"))]
    fn end_load(&self, outcome: Result<SigningSecrets, Arc<dyn Error + Send + Sync>>) {
        if let Err(error) = &outcome {
            event!(WARN, error = &**error as &(dyn Error + 'static), "cannot load the signing secrets");
        }
        let now = Instant::now();
        let mut loads = self.loads();
        loads.running = None;
        if !loads.flight.counts() {
            loads.flight.end(false);
            return;
        }
        let brought_news = outcome.as_ref().is_ok_and(|secrets| secrets.contains_other_than(&loads.known));
        loads.flight.end(brought_news);
        let answer = Arc::new(match outcome {
            Ok(secrets) => {
                let secrets = secrets.with_usage_of(&loads.known);
                loads.known = secrets.union_with(&loads.known, KNOWN_OF_BEFORE);
                Answer::loaded(secrets, now, &self.options)
            }
            Err(error) => self.answer.load().failed(error, now, &self.options),
        });
        let ageing = Arc::clone(&answer).age();
        self.answer.store(answer);
        let timer = Handle::try_current().ok().map(|runtime| runtime.spawn(ageing).abort_handle());
        if let Some(before) = mem::replace(&mut loads.timer, timer) {
            before.abort();
        }
    }
}

/// A load under way. Dropping it ends it, also when its task panics or its runtime shuts down.
struct RunningLoad<P: SecretProvider> {
    shared: Arc<Shared<P>>,
    outcome: Option<Result<SigningSecrets, Arc<dyn Error + Send + Sync>>>,
    /// Dropped after the load has ended, so that those who wait see the outcome.
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
        let outcome = self.outcome.take().unwrap_or_else(|| Err(Arc::new(LoadError::Aborted)));
        self.shared.end_load(outcome);
    }
}

#[derive(Debug, ThisError)]
enum LoadError {
    #[error("the signing secrets did not arrive within {} s", .0.as_secs_f64())]
    TimedOut(Duration),
    #[error("the load of the signing secrets panicked, or its runtime shut down")]
    Aborted,
}

/// The error of a load that many have waited for.
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
