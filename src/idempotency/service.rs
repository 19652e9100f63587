//! The Tower service. [`lease`](super::lease) claims, renews and commits.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{
    EventKey, IdempotencyStore, OnStoreFailure, Outcome, StoreError,
    lease::{Claimed, Ended, Lease, claim},
    response,
    settings::Settings,
    store_call::StoreCall,
    store_error::Operation,
};
use crate::response::ResponseBody;

/// A service that calls its inner service once per event.
///
/// [`IdempotencyLayer`](super::IdempotencyLayer) makes it and documents its behaviour.
/// Readiness and errors are those of the inner service.
pub struct Idempotency<S, St> {
    inner: S,
    settings: Arc<Settings<St>>,
}

impl<S, St> Idempotency<S, St> {
    pub(super) fn new(inner: S, settings: Arc<Settings<St>>) -> Self {
        Self { inner, settings }
    }

    /// Returns a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Consumes `self` and returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, St, ReqBody, ResBody> Service<Request<ReqBody>> for Idempotency<S, St>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    St: IdempotencyStore,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S, St, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // `poll_ready` only vouches for this instance; a clone may not be ready (see
        // `tower::Service`).
        let next = self.inner.clone();
        let ready = mem::replace(&mut self.inner, next);

        let key = request.extensions().get().map(|event| self.settings.key_of(event));
        let state = match &key {
            None => State::NoVerifiedEvent,
            Some(key) => State::Claiming {
                claim: claim(Arc::clone(&self.settings), key.clone()),
                call: Some((ready, request)),
            },
        };
        ResponseFuture { state, key, store_failure: self.settings.store_failure }
    }
}

impl<S: Clone, St> Clone for Idempotency<S, St> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), settings: Arc::clone(&self.settings) }
    }
}

impl<S: fmt::Debug, St> fmt::Debug for Idempotency<S, St> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .finish()
    }
}

pin_project! {
    /// The response future of [`Idempotency`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, St, ReqBody>
    where
        S: Service<Request<ReqBody>>,
        St: IdempotencyStore,
    {
        #[pin]
        state: State<S, St, ReqBody, S::Future, Result<S::Response, S::Error>>,
        key: Option<EventKey>,
        store_failure: OnStoreFailure,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, St: IdempotencyStore, ReqBody, F, R> {
        NoVerifiedEvent,
        Claiming { claim: StoreCall<Claimed<St>>, call: Option<(S, Request<ReqBody>)> },
        // Fields are dropped in this order: the handler is gone before its claim is released.
        Handling { #[pin] future: F, lease: Option<Lease<St>> },
        PassedThrough { #[pin] future: F, error: Option<StoreError> },
        Ending { end: StoreCall<Ended>, answer: Option<R> },
    }
}

impl<S, St, ReqBody, ResBody> Future for ResponseFuture<S, St, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    St: IdempotencyStore,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.state.poll_answer(*this.store_failure, cx));
        if let Ok(response) = &answer {
            super::trace::answered(this.key.as_ref(), response.extensions());
        }
        Poll::Ready(answer)
    }
}

impl<S, St, ReqBody, ResBody> State<S, St, ReqBody, S::Future, Result<S::Response, S::Error>>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    St: IdempotencyStore,
{
    fn poll_answer(
        mut self: Pin<&mut Self>,
        store_failure: OnStoreFailure,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<ResponseBody<ResBody>>, S::Error>> {
        loop {
            let next = match self.as_mut().project() {
                StateProj::NoVerifiedEvent => {
                    return Poll::Ready(Ok(response::no_verified_event()));
                }
                StateProj::Claiming { claim, call } => {
                    let claimed = ready!(Pin::new(claim).poll(cx));
                    let (mut service, request) = call.take().expect("polled after completion");
                    match claimed {
                        Ok(Claimed::Granted(mut lease)) => {
                            lease.keep_renewed();
                            State::Handling { future: service.call(request), lease: Some(lease) }
                        }
                        Ok(Claimed::InFlight { remaining }) => {
                            return Poll::Ready(Ok(response::in_flight(remaining)));
                        }
                        Ok(Claimed::Finished) => return Poll::Ready(Ok(response::duplicate())),
                        Err(error) => match store_failure {
                            OnStoreFailure::Reject => {
                                return Poll::Ready(Ok(with_error(
                                    response::store_failed(),
                                    error,
                                )));
                            }
                            OnStoreFailure::PassThrough => State::PassedThrough {
                                future: service.call(request),
                                error: Some(error),
                            },
                        },
                    }
                }
                StateProj::Handling { future, lease } => {
                    let answer = ready!(future.poll(cx));
                    let lease = lease.take().expect("polled after completion");
                    let end = if is_success(&answer) { lease.commit() } else { lease.release() };
                    State::Ending { end, answer: Some(answer) }
                }
                StateProj::PassedThrough { future, error } => {
                    let answer = ready!(future.poll(cx))?.map(ResponseBody::app);
                    let error = error.take().expect("polled after completion");
                    return Poll::Ready(Ok(with_error(
                        with_outcome(answer, Outcome::PassedThrough),
                        error,
                    )));
                }
                StateProj::Ending { end, answer } => {
                    let ended = ready!(Pin::new(end).poll(cx));
                    let answer =
                        answer.take().expect("polled after completion")?.map(ResponseBody::app);
                    return Poll::Ready(Ok(settle(answer, ended)));
                }
            };
            self.set(next);
        }
    }
}

impl<S, St, ReqBody> fmt::Debug for ResponseFuture<S, St, ReqBody>
where
    S: Service<Request<ReqBody>>,
    St: IdempotencyStore,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn is_success<B, E>(answer: &Result<Response<B>, E>) -> bool {
    answer.as_ref().is_ok_and(|response| response.status().is_success())
}

/// Returns the handler's response with the outcome of its claim.
///
/// The response is sent however the claim has ended, because the effect has happened.
fn settle<B>(response: Response<B>, ended: Result<Ended, StoreError>) -> Response<B> {
    match ended {
        Ok(Ended::Committed) => with_outcome(response, Outcome::Committed),
        Ok(Ended::Released) => with_outcome(response, Outcome::Released),
        Ok(Ended::Lost) => with_outcome(response, Outcome::LeaseLost),
        Err(error) if error.operation() == Operation::Release => {
            with_error(with_outcome(response, Outcome::Unreleased), error)
        }
        Err(error) => with_error(with_outcome(response, Outcome::Unrecorded), error),
    }
}

fn with_outcome<B>(mut response: Response<B>, outcome: Outcome) -> Response<B> {
    response.extensions_mut().insert(outcome);
    response
}

fn with_error<B>(mut response: Response<B>, error: StoreError) -> Response<B> {
    response.extensions_mut().insert(error);
    response
}
