//! The life of a granted claim: renewed, then committed or released.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::AbortHandle,
    time::{Instant, sleep, timeout},
};

use super::{
    Claim, ClaimToken, EventKey, IdempotencyStore,
    settings::Settings,
    store_call::StoreCall,
    store_error::{Operation, StoreError},
};
use crate::error::BoxError;

/// The answer to a claim, with the [`Lease`] if it was granted.
pub(super) enum Claimed<S: IdempotencyStore> {
    Granted(Lease<S>),
    InFlight { remaining: Duration },
    Finished,
}

/// A granted claim.
///
/// Dropping it without `commit` or `release` releases the claim in the background. This
/// happens if the handler panics or the client disconnects.
pub(super) struct Lease<S: IdempotencyStore> {
    settings: Arc<Settings<S>>,
    key: EventKey,
    token: ClaimToken,
    /// The time before the store was called.
    ///
    /// The lease expires no earlier than its length after this.
    asked_at: Instant,
    renewal: Option<AbortHandle>,
    has_ended: bool,
}

/// The end of a lease.
pub(super) enum Ended {
    Committed,
    Released,
    /// The claim had already ended.
    Lost,
}

/// The pause before the first retry of a commit. Doubled for each further retry.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Claims an event.
///
/// A claim is released if it is granted after the caller has stopped waiting, or after its
/// lease may have expired.
pub(super) fn claim<S: IdempotencyStore>(
    settings: Arc<Settings<S>>,
    key: EventKey,
) -> StoreCall<Claimed<S>> {
    StoreCall::new(Operation::Claim, key.clone(), settings.bounds(), async move {
        let asked_at = Instant::now();
        let claim = settings.store.claim(&key, settings.lease).await;
        Ok(match claim.map_err(|error| StoreError::failed(Operation::Claim, error))? {
            Claim::Granted(token) => {
                let lease =
                    Lease { settings, key, token, asked_at, renewal: None, has_ended: false };
                if asked_at.elapsed() >= lease.settings.lease {
                    return Err(StoreError::timed_out(Operation::Claim, lease.settings.lease));
                }
                Claimed::Granted(lease)
            }
            Claim::InFlight { remaining } => Claimed::InFlight { remaining },
            Claim::Finished => Claimed::Finished,
        })
    })
}

impl<S: IdempotencyStore> Lease<S> {
    /// Starts a task that renews the claim until it ends.
    ///
    /// Call it before the handler, which may block its thread immediately.
    pub(super) fn keep_renewed(&mut self) {
        let renewal =
            renew(Arc::clone(&self.settings), self.key.clone(), self.token, self.asked_at);
        self.renewal = Some(tokio::spawn(renewal).abort_handle());
        share_last_task();
    }

    /// Marks the event as finished.
    ///
    /// Stops renewing the claim, and retries until the lease has expired.
    pub(super) fn commit(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Commit, self.key.clone(), self.settings.bounds(), async move {
            let (started_at, mut pause, mut failure) = (Instant::now(), FIRST_PAUSE, None);
            loop {
                let commit = self.settings.store.commit(&self.key, self.token);
                let error = match attempt(&self.settings, Operation::Commit, commit).await {
                    Ok(true) => return Ok(Ended::Committed),
                    // If an attempt failed before, that attempt may have ended the claim.
                    Ok(false) => return failure.map_or(Ok(Ended::Lost), Err),
                    Err(error) => error,
                };
                if started_at.elapsed() >= self.settings.lease {
                    return Err(error);
                }
                super::trace::retrying_commit(&self.key, &error);
                failure = Some(error);
                sleep(pause).await;
                pause = MAX_PAUSE.min(pause * 2);
            }
        })
    }

    /// Releases the claim, so that the next delivery is handled.
    pub(super) fn release(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Release, self.key.clone(), self.settings.bounds(), async move {
            let released = self.settings.store.release(&self.key, self.token).await;
            released
                .map(|()| Ended::Released)
                .map_err(|error| StoreError::failed(Operation::Release, error))
        })
    }

    fn end(&mut self) {
        self.has_ended = true;
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
        }
    }
}

impl<S: IdempotencyStore> Drop for Lease<S> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.end();
        // Without a runtime the claim expires with its lease.
        if let Ok(runtime) = Handle::try_current() {
            let (settings, key, token) = (Arc::clone(&self.settings), self.key.clone(), self.token);
            runtime.spawn(async move {
                let released =
                    timeout(settings.bounds().background, settings.store.release(&key, token))
                        .await;
                super::trace::released(&key, &released);
            });
        }
    }
}

/// Lets other workers of a multi-thread runtime run the task that was spawned last.
///
/// A tokio worker keeps its last spawned task in a slot that other workers cannot steal from.
/// There, the renewal would wait until a handler that blocks the worker returns. Another spawn
/// moves it to the worker's queue and wakes a worker that steals from it.
fn share_last_task() {
    if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
        drop(tokio::spawn(async {}));
    }
}

/// Renews a claim three times per lease, so that one failure is harmless.
///
/// After a failure, it retries after a twelfth of the lease.
async fn renew<S: IdempotencyStore>(
    settings: Arc<Settings<S>>,
    key: EventKey,
    token: ClaimToken,
    asked_at: Instant,
) {
    let mut wait = (settings.lease / 3).saturating_sub(asked_at.elapsed());
    loop {
        sleep(wait).await;
        let renewal = settings.store.renew(&key, token, settings.lease);
        let renewed = attempt(&settings, Operation::Renew, renewal).await;
        super::trace::renewed(&key, &renewed);
        wait = match renewed {
            Ok(true) => settings.lease / 3,
            Ok(false) => return,
            Err(_) => settings.lease / 12,
        };
    }
}

/// Runs one attempt, with a timeout that leaves time for another in the same lease.
async fn attempt<S, T>(
    settings: &Settings<S>,
    operation: Operation,
    call: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, StoreError> {
    let limit = settings.store_timeout.min(settings.lease / 3);
    match timeout(limit, call).await {
        Ok(answer) => answer.map_err(|error| StoreError::failed(operation, error)),
        Err(_) => Err(StoreError::timed_out(operation, limit)),
    }
}
