//! A claim that was granted, from then to its end.

use std::{sync::Arc, time::Duration};

use tokio::{
    runtime::Handle,
    task::AbortHandle,
    time::{sleep, timeout},
};

use super::{
    Claim, EventKey, EventStore, FencingToken,
    settings::Settings,
    store_call::StoreCall,
    store_error::{Operation, StoreError},
};

/// The answer to a claim, with the [`Lease`] if it was granted.
pub(super) enum Claimed<S: EventStore> {
    Granted(Lease<S>),
    InFlight { remaining: Duration },
    Finished,
}

/// A claim that was granted. Whoever drops it without having ended it gives it back, in the background: so a handler's panic, and a
/// client that went away, do.
pub(super) struct Lease<S: EventStore> {
    settings: Arc<Settings<S>>,
    key: EventKey,
    token: FencingToken,
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

/// Claims an event for whoever waits for the answer. A claim that is granted when nobody waits any more is given back.
pub(super) fn claim<S: EventStore>(settings: Arc<Settings<S>>, key: EventKey) -> StoreCall<Claimed<S>> {
    StoreCall::new(Operation::Claim, settings.bounds(), async move {
        Ok(match settings.store.claim(&key, settings.lease).await? {
            Claim::Granted(token) => Claimed::Granted(Lease { settings, key, token, renewal: None, has_ended: false }),
            Claim::InFlight { remaining } => Claimed::InFlight { remaining },
            Claim::Finished => Claimed::Finished,
        })
    })
}

impl<S: EventStore> Lease<S> {
    /// Renews the claim from now on, until it ends.
    pub(super) fn keep(&mut self) {
        if self.renewal.is_none() {
            let renewal = renew(Arc::clone(&self.settings), self.key.clone(), self.token);
            self.renewal = Some(tokio::spawn(renewal).abort_handle());
        }
    }

    /// Marks the event as finished.
    pub(super) fn commit(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Commit, self.settings.bounds(), async move {
            let in_time = self.settings.store.commit(&self.key, self.token).await?;
            Ok(if in_time { Ended::Committed } else { Ended::Lost })
        })
    }

    /// Lets the next delivery be handled.
    pub(super) fn release(mut self) -> StoreCall<Ended> {
        self.end();
        StoreCall::new(Operation::Release, self.settings.bounds(), async move {
            self.settings.store.release(&self.key, self.token).await?;
            Ok(Ended::Released)
        })
    }

    fn end(&mut self) {
        self.has_ended = true;
        if let Some(renewal) = self.renewal.take() {
            renewal.abort();
        }
    }
}

impl<S: EventStore> Drop for Lease<S> {
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        self.end();
        // Without a runtime the lease ends by itself.
        if let Ok(runtime) = Handle::try_current() {
            let (settings, key, token) = (Arc::clone(&self.settings), self.key.clone(), self.token);
            runtime.spawn(async move {
                let released = timeout(settings.lease, settings.store.release(&key, token)).await;
                #[cfg(feature = "tracing")]
                super::trace::released(&key, &released);
                #[cfg(not(feature = "tracing"))]
                drop(released);
            });
        }
    }
}

/// Renews thrice in a lease, so that one failure does no harm, and more often after one.
async fn renew<S: EventStore>(settings: Arc<Settings<S>>, key: EventKey, token: FencingToken) {
    let mut wait = settings.lease / 3;
    loop {
        sleep(wait).await;
        let renewed = match timeout(settings.store_timeout, settings.store.renew(&key, token, settings.lease)).await {
            Ok(answer) => answer.map_err(|error| StoreError::failed(Operation::Renew, error)),
            Err(_) => Err(StoreError::timed_out(Operation::Renew, settings.store_timeout)),
        };
        #[cfg(feature = "tracing")]
        super::trace::renewed(&key, &renewed);
        wait = match renewed {
            Ok(true) => settings.lease / 3,
            Ok(false) => return,
            Err(_) => settings.lease / 12,
        };
    }
}
