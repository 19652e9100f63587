//! A claim that was granted, from then to its end.

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

/// A claim that was granted. Whoever drops it without having ended it gives it back, in the background: so a handler's panic, and a
/// client that went away, do.
pub(super) struct Lease<S: IdempotencyStore> {
    settings: Arc<Settings<S>>,
    key: EventKey,
    token: ClaimToken,
    /// Before the store was asked: so the lease ends no earlier than its length from here.
    asked_at: Instant,
    renewal: Option<AbortHandle>,
    has_ended: bool,
}

/// How a lease has ended.
pub(super) enum Ended {
    Committed,
    Released,
    /// It had ended before.
    Lost,
}

/// Before a commit that has failed is tried again. Doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Claims an event for whoever waits for the answer. A claim that is granted when nobody waits any more, or when its lease may be over, is
/// given back.
pub(super) fn claim<S: IdempotencyStore>(settings: Arc<Settings<S>>, key: EventKey) -> StoreCall<Claimed<S>> {
    StoreCall::new(Operation::Claim, key.clone(), settings.bounds(), async move {
        let asked_at = Instant::now();
        let claim = settings.store.claim(&key, settings.lease).await;
        Ok(match claim.map_err(|error| StoreError::failed(Operation::Claim, error))? {
            Claim::Granted(token) => {
                let lease = Lease { settings, key, token, asked_at, renewal: None, has_ended: false };
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
    /// Renews the claim from now on, until it ends.
    ///
    /// For use before the handler is called: a handler may block its thread from its first line on.
    pub(super) fn keep(&mut self) {
        let renewal = renew(Arc::clone(&self.settings), self.key.clone(), self.token, self.asked_at);
        self.renewal = Some(tokio::spawn(renewal).abort_handle());
        share_last_task();
    }

    /// Marks the event as finished. It is tried again until the lease has ended, which it is not renewed any more.
    pub(super) fn commit(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Commit, self.key.clone(), self.settings.bounds(), async move {
            let (begun, mut pause, mut failure) = (Instant::now(), FIRST_PAUSE, None);
            loop {
                let commit = self.settings.store.commit(&self.key, self.token);
                let error = match attempt(&self.settings, Operation::Commit, commit).await {
                    Ok(true) => return Ok(Ended::Committed),
                    // After a failure, it may have ended because that try has reached the store all the same.
                    Ok(false) => return failure.map_or(Ok(Ended::Lost), Err),
                    Err(error) => error,
                };
                if begun.elapsed() >= self.settings.lease {
                    return Err(error);
                }
                super::trace::commits_again(&self.key, &error);
                failure = Some(error);
                sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        })
    }

    /// Lets the next delivery be handled.
    pub(super) fn release(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Release, self.key.clone(), self.settings.bounds(), async move {
            let released = self.settings.store.release(&self.key, self.token).await;
            released.map(|()| Ended::Released).map_err(|error| StoreError::failed(Operation::Release, error))
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
        // Without a runtime the lease ends by itself.
        if let Ok(runtime) = Handle::try_current() {
            let (settings, key, token) = (Arc::clone(&self.settings), self.key.clone(), self.token);
            runtime.spawn(async move {
                let released = timeout(settings.bounds().background, settings.store.release(&key, token)).await;
                super::trace::released(&key, &released);
            });
        }
    }
}

/// Lets the other workers of a multi-thread runtime take the task that was spawned last.
///
/// A worker keeps the last task that it has spawned for itself, in a slot from which no other worker steals. There the renewal would wait
/// until a handler that blocks the worker is done. The next spawn moves it into the worker's queue, and wakes a worker that steals from it.
fn share_last_task() {
    if Handle::current().runtime_flavor() != RuntimeFlavor::CurrentThread {
        drop(tokio::spawn(async {}));
    }
}

/// Renews thrice in a lease, so that one failure does no harm, and more often after one.
async fn renew<S: IdempotencyStore>(settings: Arc<Settings<S>>, key: EventKey, token: ClaimToken, asked_at: Instant) {
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

/// One try of several, which leaves time for another in the same lease.
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
