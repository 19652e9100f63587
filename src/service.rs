//! The service of the layer, and its response future.
//!
//! [`StripeWebhookLayer`](crate::StripeWebhookLayer) makes the service. An app needs these types
//! only to name them in its own types.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    admission::{Admission, Admitted},
    error::BoxError,
    rejection::Rejection,
    response::{RejectionResponse, ResponseBody, other_mode_response},
    secret::SecretProvider,
};

/// A service that passes verified Stripe events to the inner service.
///
/// It rejects every other request with a response, so its error is the inner service's. It is ready
/// when the inner service is.
///
/// [`StripeWebhookLayer`](crate::StripeWebhookLayer) makes it and documents the options.
pub struct StripeWebhook<S, P> {
    inner: S,
    admission: Arc<Admission<P>>,
    rejection_response: RejectionResponse,
}

impl<S, P> StripeWebhook<S, P> {
    pub(crate) fn new(
        inner: S,
        admission: Admission<P>,
        rejection_response: RejectionResponse,
    ) -> Self {
        Self { inner, admission: Arc::new(admission), rejection_response }
    }

    /// Returns a reference to the inner service.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// Returns a mutable reference to the inner service.
    pub fn get_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Returns the inner service.
    pub fn into_inner(self) -> S {
        self.inner
    }
}

impl<S, P, ReqBody, ResBody> Service<Request<ReqBody>> for StripeWebhook<S, P>
where
    S: Service<Request<Full<Bytes>>, Response = Response<ResBody>> + Clone,
    P: SecretProvider,
    ReqBody: Body<Data = Bytes> + Send + 'static,
    ReqBody::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody<ResBody>>;
    type Error = S::Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        // `poll_ready` only vouches for this instance; a clone may not be ready (see
        // `tower::Service`). If the request is rejected, the instance is dropped, and releases what
        // it reserved, such as a concurrency limit's permit.
        let next = self.inner.clone();
        let ready = mem::replace(&mut self.inner, next);

        let (mut head, body) = request.into_parts();
        let state = match self.admission.admit_head(&mut head) {
            Err(rejection) => State::Rejected { rejection: Some(rejection) },
            Ok(signature) => {
                let admission = Arc::clone(&self.admission);
                State::Admission {
                    admission: Box::pin(
                        async move { admission.admit(signature, head, body).await },
                    ),
                    ready,
                }
            }
        };
        ResponseFuture { state, rejection_response: Arc::clone(&self.rejection_response) }
    }
}

impl<S: Clone, P> Clone for StripeWebhook<S, P> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            admission: Arc::clone(&self.admission),
            rejection_response: Arc::clone(&self.rejection_response),
        }
    }
}

impl<S: fmt::Debug, P> fmt::Debug for StripeWebhook<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeWebhook")
            .field("inner", &self.inner)
            .field("admission", &self.admission)
            .finish_non_exhaustive()
    }
}

type BoxAdmission = Pin<Box<dyn Future<Output = Result<Admitted, Rejection>> + Send>>;

pin_project! {
    /// The response future of [`StripeWebhook`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S>
    where
        S: Service<Request<Full<Bytes>>>,
    {
        #[pin]
        state: State<S, S::Future>,
        rejection_response: RejectionResponse,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F> {
        Rejected { rejection: Option<Rejection> },
        Admission { admission: BoxAdmission, ready: S },
        Inner { #[pin] future: F },
    }
}

impl<S, ResBody> Future for ResponseFuture<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<ResBody>>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Rejected { rejection } => {
                    let rejection = rejection.take().expect("polled after completion");
                    return Poll::Ready(Ok(reject(rejection, this.rejection_response)));
                }
                StateProj::Admission { admission, ready } => {
                    match ready!(admission.as_mut().poll(cx)) {
                        Ok(Admitted::ForHandler(request)) => {
                            crate::trace::accepted(&request);
                            State::Inner { future: ready.call(request) }
                        }
                        Ok(Admitted::OtherMode(event)) => {
                            crate::trace::other_mode(&event);
                            return Poll::Ready(Ok(other_mode_response(event)));
                        }
                        Err(rejection) => State::Rejected { rejection: Some(rejection) },
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

impl<S> fmt::Debug for ResponseFuture<S>
where
    S: Service<Request<Full<Bytes>>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn reject<B>(rejection: Rejection, response: &RejectionResponse) -> Response<ResponseBody<B>> {
    crate::trace::rejected(&rejection);
    let mut response = response(&rejection).map(ResponseBody::own);
    response.extensions_mut().insert(rejection);
    response
}
