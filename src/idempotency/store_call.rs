//! One call of the store: waited for within bounds, and finished whoever waits.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    time::{Sleep, sleep, timeout},
};

use super::{
    EventKey,
    store_error::{Operation, StoreError},
};

type BoxCall<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// How long a caller waits, and how long the call goes on in the background after that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) wait: Duration,
    pub(super) background: Duration,
}

/// A call of the store, which is answered within [`Bounds::wait`].
///
/// If nobody waits any longer, because of that or because this future was dropped, a call that has begun goes on in the background: it may
/// have reached the store already, and whoever never hears of a claim cannot give it back. What it gives is then dropped.
pub(super) struct StoreCall<T: Send + 'static> {
    operation: Operation,
    key: EventKey,
    bounds: Bounds,
    call: Option<BoxCall<T>>,
    /// From the first poll on that was not the last.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<T: Send + 'static> StoreCall<T> {
    pub(super) fn new(
        operation: Operation,
        key: EventKey,
        bounds: Bounds,
        call: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Self {
        Self { operation, key, bounds, call: Some(Box::pin(call)), deadline: None }
    }
}

impl<T: Send + 'static> Future for StoreCall<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let call = this.call.as_mut().expect("polled after completion");
        if let Poll::Ready(answer) = call.as_mut().poll(cx) {
            this.call = None;
            return Poll::Ready(answer);
        }
        // Most calls of a store in memory never wait, and need no timer.
        let deadline = this.deadline.get_or_insert_with(|| Box::pin(sleep(this.bounds.wait)));
        if deadline.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Err(StoreError::timed_out(this.operation, this.bounds.wait)))
    }
}

impl<T: Send + 'static> Drop for StoreCall<T> {
    fn drop(&mut self) {
        let has_begun = self.deadline.is_some();
        if let (Some(call), true, Ok(runtime)) = (self.call.take(), has_begun, Handle::try_current()) {
            let (operation, key, limit) = (self.operation, self.key.clone(), self.bounds.background);
            runtime.spawn(async move {
                let ended = timeout(limit, call).await.unwrap_or_else(|_| Err(StoreError::timed_out(operation, limit)));
                super::trace::ended_in_background(&key, ended.err());
            });
        }
    }
}
