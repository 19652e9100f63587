//! The responses of the layer, and the body type that they share with the inner service's.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;
use serde::Serialize;

use crate::{rejection::Rejection, verified_event::VerifiedEvent};

/// Makes the response from the reason.
pub(crate) type RejectionResponse = Arc<dyn Fn(&Rejection) -> Response<Bytes> + Send + Sync>;

/// `{"error":{"code":"…","message":"…"}}`
pub(crate) fn default_rejection_response(rejection: &Rejection) -> Response<Bytes> {
    #[derive(Serialize)]
    struct Body<'a> {
        error: Error<'a>,
    }

    #[derive(Serialize)]
    struct Error<'a> {
        code: &'a str,
        message: String,
    }

    let body = Body { error: Error { code: rejection.kind().code(), message: rejection.public_message() } };
    // Two strings always serialize.
    let json = serde_json::to_vec(&body).unwrap_or_default();

    let mut response = Response::new(Bytes::from(json));
    *response.status_mut() = rejection.status();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = rejection.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, wait.as_secs().into());
    }
    response
}

/// In the extensions of a response that acknowledges an event of the mode which
/// [`with_mode`](crate::StripeWebhookLayer::with_mode) does not serve: the event, which no handler has seen.
#[derive(Clone, Debug)]
pub struct OtherModeEvent(pub VerifiedEvent);

/// `{"ignored":{"code":"other_mode","message":"…"}}`, which Stripe shows to the operator.
pub(crate) fn other_mode_response<B>(event: VerifiedEvent) -> Response<ResponseBody<B>> {
    let json: &[u8] = if event.livemode() {
        br#"{"ignored":{"code":"other_mode","message":"a live event: this endpoint serves test mode"}}"#
    } else {
        br#"{"ignored":{"code":"other_mode","message":"a test event: this endpoint serves live mode"}}"#
    };
    let mut response = Response::new(ResponseBody::own(Bytes::from_static(json)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.extensions_mut().insert(OtherModeEvent(event));
    response
}

pin_project! {
    /// The response body of [`StripeWebhook`](crate::StripeWebhook): the app's, or that of a rejection.
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        #[pin]
        inner: Inner<B>,
    }
}

pin_project! {
    #[project = InnerProj]
    #[derive(Debug)]
    enum Inner<B> {
        App { #[pin] body: B },
        Own { #[pin] body: Full<Bytes> },
    }
}

impl<B> ResponseBody<B> {
    pub(crate) fn app(body: B) -> Self {
        Self { inner: Inner::App { body } }
    }

    pub(crate) fn own(body: Bytes) -> Self {
        Self { inner: Inner::Own { body: Full::new(body) } }
    }
}

impl<B: Default> Default for ResponseBody<B> {
    fn default() -> Self {
        Self::app(B::default())
    }
}

impl<B: Body<Data = Bytes>> Body for ResponseBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.project().inner.project() {
            InnerProj::App { body } => body.poll_frame(cx),
            InnerProj::Own { body } => body.poll_frame(cx).map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.inner {
            Inner::App { body } => body.is_end_stream(),
            Inner::Own { body } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.inner {
            Inner::App { body } => body.size_hint(),
            Inner::Own { body } => body.size_hint(),
        }
    }
}
