//! The responses of the layer, and the body type of all responses.
//!
//! The layer only answers a rejected request, and an event of the mode that it does not serve.
//! Every other response comes from the inner service and goes back unchanged. [`ResponseBody`] is
//! the body of both, so the inner service may have any body type.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::Full;
use pin_project_lite::pin_project;
use serde::Serialize;

use crate::{rejection::Rejection, verified_event::VerifiedEvent};

/// Makes the response to a rejected request.
pub(crate) type RejectionResponse = Arc<dyn Fn(&Rejection) -> Response<Bytes> + Send + Sync>;

/// Makes the default response to a rejected request, with [`json_error`].
pub(crate) fn default_rejection_response(rejection: &Rejection) -> Response<Bytes> {
    json_error(
        rejection.status(),
        rejection.kind().code(),
        &rejection.public_message(),
        rejection.retry_after(),
    )
}

/// Makes the response `{"error":{"code":"…","message":"…"}}`.
///
/// `retry_after` becomes the `Retry-After` header, in whole seconds.
pub(crate) fn json_error(
    status: StatusCode,
    code: &str,
    message: &str,
    retry_after: Option<Duration>,
) -> Response<Bytes> {
    let mut response = json_response(status, &Json::Error { code, message });
    if let Some(wait) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, retry_after_seconds(wait).into());
    }
    response
}

/// Returns the value of `Retry-After`.
///
/// Rounded up, and at least 1: a sender that retries before the time is over gets the same answer.
pub(crate) fn retry_after_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// Makes the response `{"ignored":{"code":"…","message":"…"}}` with `200`.
///
/// It acknowledges an event without calling the handler. Stripe shows the text to the operator.
pub(crate) fn json_ignored(code: &str, message: &str) -> Response<Bytes> {
    json_response(StatusCode::OK, &Json::Ignored { code, message })
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Json<'a> {
    Error { code: &'a str, message: &'a str },
    Ignored { code: &'a str, message: &'a str },
}

fn json_response(status: StatusCode, json: &Json<'_>) -> Response<Bytes> {
    // Serializing strings into memory cannot fail.
    let json = serde_json::to_vec(json).unwrap_or_default();
    let mut response = Response::new(Bytes::from(json));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The event that was acknowledged because it exists in the other mode.
///
/// If an event is not of the mode that [`with_mode`](crate::StripeWebhookLayer::with_mode) serves,
/// the layer acknowledges it without calling the inner service, and puts this into the response's
/// extensions.
#[derive(Clone, Debug)]
pub struct OtherModeEvent(pub VerifiedEvent);

/// Acknowledges an event of the other mode.
pub(crate) fn other_mode_response<B>(event: VerifiedEvent) -> Response<ResponseBody<B>> {
    let message = if event.livemode() {
        "a live event: this endpoint serves test mode"
    } else {
        "a test event: this endpoint serves live mode"
    };
    let mut response = json_ignored("other_mode", message).map(ResponseBody::own);
    response.extensions_mut().insert(OtherModeEvent(event));
    response
}

pin_project! {
    /// The response body of [`StripeWebhook`](crate::StripeWebhook).
    ///
    /// It is the inner service's body, or the layer's own if the layer answers without calling it.
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

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
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
