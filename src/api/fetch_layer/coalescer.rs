//! Shares fetches between events about one object, and bounds how many are in flight.
//!
//! [`Flights`] decides which fetch answers which event. Here a task per key drives the fetches, so
//! that an event whose request is cancelled takes no other event with it.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use thiserror::Error;
use tokio::sync::{Semaphore, watch};

use super::flights::{Flights, Joined};
use crate::api::{ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse};

pub(super) type Answer = Result<ApiResponse, ApiError>;

/// Fetches the objects of events. Clones share their fetches and their limit.
pub(super) struct Coalescer<A> {
    shared: Arc<Shared<A>>,
}

struct Shared<A> {
    api: A,
    permits: Semaphore,
    concurrency: usize,
    /// The key is a request without the id of an event.
    flights: Mutex<Flights<ApiRequest, Arc<Fetch>>>,
}

/// A fetch that is open or in flight.
struct Fetch {
    /// With the id of the event that opened it.
    request: ApiRequest,
    answer: watch::Sender<Option<Answer>>,
}

impl<A: ApiClient> Coalescer<A> {
    pub(super) fn new(api: A, concurrency: usize) -> Self {
        let concurrency = concurrency.clamp(1, Semaphore::MAX_PERMITS);
        let shared = Shared {
            api,
            permits: Semaphore::new(concurrency),
            concurrency,
            flights: Mutex::new(Flights::new()),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Returns an answer to a request that is sent after this call.
    ///
    /// `request` has no id of an event. The fetch has the id of the event that opened it.
    pub(super) async fn get(&self, request: &ApiRequest, event_id: &str) -> Answer {
        let mut answer = self.shared.join(request, event_id);
        // The borrow ends before the answer is returned, because it holds a lock.
        let answer = answer.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone());
        answer.unwrap_or_else(|| {
            Err(ApiError::new(ApiErrorKind::Transport).with_source(FetchAborted))
        })
    }
}

impl<A> Shared<A> {
    fn flights(&self) -> MutexGuard<'_, Flights<ApiRequest, Arc<Fetch>>> {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<A: ApiClient> Shared<A> {
    fn join(
        self: &Arc<Self>,
        request: &ApiRequest,
        event_id: &str,
    ) -> watch::Receiver<Option<Answer>> {
        let mut flights = self.flights();
        let joined = flights.join(request.clone(), || {
            let request = request.clone().with_event_id(event_id);
            Arc::new(Fetch { request, answer: watch::Sender::new(None) })
        });
        // Subscribed while the lock is held, so that the driver does not miss that it waits.
        match joined {
            Joined::Waiting(fetch) => fetch.answer.subscribe(),
            Joined::First(fetch) => {
                let answer = fetch.answer.subscribe();
                drop(fetch);
                // If the runtime shuts down, `spawn` drops the driver at once, and the drop takes
                // the lock.
                drop(flights);
                let driver =
                    Driver { shared: Arc::clone(self), key: request.clone(), has_ended: false };
                tokio::spawn(driver.run());
                answer
            }
        }
    }
}

/// Sends the fetches of one key, one after the other.
///
/// Its drop removes the key, also if its task panics or its runtime shuts down. Then the events that
/// wait for a fetch get [`FetchAborted`].
struct Driver<A> {
    shared: Arc<Shared<A>>,
    key: ApiRequest,
    has_ended: bool,
}

impl<A: ApiClient> Driver<A> {
    async fn run(mut self) {
        while let Some(fetch) = self.next() {
            // No permit is needed for a fetch that no event waits for.
            let permit = unless_abandoned(&fetch, self.shared.permits.acquire()).await;
            let Some(Ok(_permit)) = permit else { continue };
            self.shared.flights().send(&self.key);
            if let Some(answer) =
                unless_abandoned(&fetch, self.shared.api.get(&fetch.request)).await
            {
                fetch.answer.send_replace(Some(answer));
            }
        }
    }

    fn next(&mut self) -> Option<Arc<Fetch>> {
        let has_waiting = |fetch: &Arc<Fetch>| !fetch.answer.is_closed();
        let next = self.shared.flights().next(&self.key, has_waiting);
        self.has_ended = next.is_none();
        next
    }
}

impl<A> Drop for Driver<A> {
    fn drop(&mut self) {
        // Another driver may have the key by now.
        if !self.has_ended {
            self.shared.flights().remove(&self.key);
        }
    }
}

/// Returns the output of the future. `None` as soon as no event waits for the fetch any more.
async fn unless_abandoned<F: Future>(fetch: &Fetch, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut abandoned = pin!(fetch.answer.closed());
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => abandoned.as_mut().poll(cx).map(|()| None),
    })
    .await
}

/// The error if the task of a fetch ended without an answer.
#[derive(Debug, Error)]
#[error("the fetch ended early: the API client panicked, or its tokio runtime shut down")]
struct FetchAborted;

impl<A> Clone for Coalescer<A> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<A> fmt::Debug for Coalescer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Coalescer")
            .field("concurrency", &self.shared.concurrency)
            .field("objects", &self.shared.flights().len())
            .finish_non_exhaustive()
    }
}
