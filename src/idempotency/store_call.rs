//! A call to the store that continues in the background after a timeout.

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

/// The time a caller waits for a call, and the time the call may then continue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) wait: Duration,
    pub(super) background: Duration,
}

/// A call to the store that is answered within [`Bounds::wait`].
///
/// If it times out or is dropped after it has started, the call continues in the background.
/// It may already have reached the store, and a claim whose token is unknown cannot be
/// released. The result of such a call is dropped, which releases a granted claim.
pub(super) struct StoreCall<T: Send + 'static> {
    operation: Operation,
    key: EventKey,
    bounds: Bounds,
    call: Option<BoxCall<T>>,
    /// Set by the first poll that returns `Pending`.
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
        // Most calls to `MemoryStore` are ready immediately and need no timer.
        let deadline = this.deadline.get_or_insert_with(|| Box::pin(sleep(this.bounds.wait)));
        if deadline.as_mut().poll(cx).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Err(StoreError::timed_out(this.operation, this.bounds.wait)))
    }
}

impl<T: Send + 'static> Drop for StoreCall<T> {
    fn drop(&mut self) {
        let has_started = self.deadline.is_some();
        if let (Some(call), true, Ok(runtime)) =
            (self.call.take(), has_started, Handle::try_current())
        {
            let (operation, key, limit) =
                (self.operation, self.key.clone(), self.bounds.background);
            runtime.spawn(async move {
                let ended = timeout(limit, call)
                    .await
                    .unwrap_or_else(|_| Err(StoreError::timed_out(operation, limit)));
                super::trace::ended_in_background(&key, ended.err());
            });
        }
    }
}
