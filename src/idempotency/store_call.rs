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

use super::store_error::{Operation, StoreError};
use crate::BoxError;

type BoxCall<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// How long a caller waits, and how long the call goes on in the background after that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) wait: Duration,
    pub(super) background: Duration,
}

/// A call of the store, which is answered within [`Bounds::wait`].
///
/// If nobody waits any longer, because of that or because this future was dropped, the call goes on in the background: it may have
/// reached the store already, and whoever never hears of a claim cannot give it back. What it gives is then dropped.
pub(super) struct StoreCall<T: Send + 'static> {
    operation: Operation,
    bounds: Bounds,
    call: Option<BoxCall<T>>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<T: Send + 'static> StoreCall<T> {
    pub(super) fn new(
        operation: Operation,
        bounds: Bounds,
        call: impl Future<Output = Result<T, BoxError>> + Send + 'static,
    ) -> Self {
        Self { operation, bounds, call: Some(Box::pin(call)), deadline: None }
    }
}

impl<T: Send + 'static> Future for StoreCall<T> {
    type Output = Result<T, StoreError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let call = this.call.as_mut().expect("polled after completion");
        if let Poll::Ready(answer) = call.as_mut().poll(cx) {
            this.call = None;
            return Poll::Ready(answer.map_err(|error| StoreError::failed(this.operation, error)));
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
        if let (Some(call), Ok(runtime)) = (self.call.take(), Handle::try_current()) {
            let background = self.bounds.background;
            runtime.spawn(async move { timeout(background, call).await.map(drop) });
        }
    }
}
