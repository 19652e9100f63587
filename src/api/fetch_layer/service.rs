//! The Tower service.

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

use super::{layer::Settings, response, trace};
use crate::{
    api::{ApiClient, FetchError, target::Target},
    response::ResponseBody,
    verified_event::VerifiedEvent,
};

/// A service that fetches the object of an event and calls its inner service with it.
///
/// [`FetchLayer`](super::FetchLayer) makes it and documents its behaviour. Readiness and errors are
/// those of the inner service.
pub struct Fetch<S, A> {
    inner: S,
    settings: Arc<Settings<A>>,
}

impl<S, A> Fetch<S, A> {
    pub(super) fn new(inner: S, settings: Arc<Settings<A>>) -> Self {
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

impl<S, A, ReqBody, ResBody> Service<Request<ReqBody>> for Fetch<S, A>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    A: ApiClient,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = FetchFuture<S, ReqBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // `poll_ready` only vouches for this instance; a clone may not be ready (see
        // `tower::Service`).
        let next = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, next);

        let state = match request.extensions().get::<VerifiedEvent>() {
            None => State::NoVerifiedEvent,
            Some(event) => match self.settings.target_of(event) {
                None => State::Inner { future: ready.call(request) },
                Some(target) => State::Fetching {
                    fetch: fetch(Arc::clone(&self.settings), target, event.clone()),
                    call: Some((ready, request)),
                },
            },
        };
        FetchFuture { state }
    }
}

type BoxFetch = Pin<Box<dyn Future<Output = Result<VerifiedEvent, FetchError>> + Send>>;

fn fetch<A: ApiClient>(
    settings: Arc<Settings<A>>,
    target: Result<Target, FetchError>,
    event: VerifiedEvent,
) -> BoxFetch {
    Box::pin(async move {
        match settings.fetch(target, event.id()).await {
            Ok(current) => {
                let event = event.with_current(current);
                trace::fetched(&event);
                Ok(event)
            }
            Err(error) => {
                trace::failed(&event, &error);
                Err(error)
            }
        }
    })
}

impl<S: Clone, A> Clone for Fetch<S, A> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), settings: Arc::clone(&self.settings) }
    }
}

impl<S: fmt::Debug, A> fmt::Debug for Fetch<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetch")
            .field("inner", &self.inner)
            .field("settings", &self.settings)
            .finish()
    }
}

pin_project! {
    /// The response future of [`Fetch`].
    #[must_use = "futures do nothing unless polled"]
    pub struct FetchFuture<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody, S::Future>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody, F> {
        NoVerifiedEvent,
        Fetching { fetch: BoxFetch, call: Option<(S, Request<ReqBody>)> },
        Inner { #[pin] future: F },
    }
}

impl<S, ReqBody, ResBody> Future for FetchFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::NoVerifiedEvent => {
                    trace::no_verified_event();
                    return Poll::Ready(Ok(response::no_verified_event()));
                }
                StateProj::Fetching { fetch, call } => {
                    let fetched = ready!(fetch.as_mut().poll(cx));
                    let (mut service, mut request) = call.take().expect("polled after completion");
                    match fetched {
                        Ok(event) => {
                            request.extensions_mut().insert(event);
                            State::Inner { future: service.call(request) }
                        }
                        Err(error) => return Poll::Ready(Ok(response::fetch_failed(error))),
                    }
                }
                StateProj::Inner { future } => {
                    return Poll::Ready(Ok(ready!(future.poll(cx))?.map(ResponseBody::app)));
                }
            };
            this.state.set(next);
        }
    }
}

impl<S, ReqBody> fmt::Debug for FetchFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchFuture").finish_non_exhaustive()
    }
}
