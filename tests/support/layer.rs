//! Parts of the tests of the layer.
//!
//! They share one event, its secret, its time of arrival, and a body that the test feeds.

use std::{
    convert::Infallible,
    fmt, io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::sync::mpsc;
use tower_stripe_webhook::{
    Rejection, RejectionKind, SecretProvider, SigningSecret, StripeWebhookLayer,
    test_util::{FixedClock, samples, signed_request},
};

pub const EVENT: &str = samples::INVOICE_PAID;

pub fn secret() -> SigningSecret {
    SigningSecret::new("whsec_of_the_tests").expect("it has the form of one")
}

/// When `genuine` is signed, and where the clock of `layer` stands.
pub fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

pub fn layer<P: SecretProvider>(provider: P) -> StripeWebhookLayer<P> {
    StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now()))
}

/// The request that the layer accepts.
pub fn genuine() -> Request<Full<Bytes>> {
    signed_request("/webhook", EVENT, &secret(), now())
}

pub fn kind_of<B>(response: &Response<B>) -> Option<RejectionKind> {
    response.extensions().get().map(Rejection::kind)
}

pub async fn text_of<B>(response: Response<B>) -> String
where
    B: Body,
    B::Error: fmt::Debug,
{
    let body = response
        .into_body()
        .collect()
        .await
        .expect("the response's body does not break off")
        .to_bytes();
    String::from_utf8(body.into()).expect("the response's body is text")
}

/// A body that the test feeds.
///
/// It waits for its [`Feeder`], and ends when the feeder is dropped. The feeder's `capacity` is the
/// number of frames that were not polled yet, and `is_closed` is whether the body was dropped.
#[derive(Debug)]
pub struct FedBody(mpsc::Receiver<io::Result<Frame<Bytes>>>);

/// A body whose next frame is always ready and has no data, before the event.
pub struct WithoutData {
    pub frames: usize,
    pub is_trailers: bool,
    pub event: Option<&'static str>,
}

impl Body for WithoutData {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = match self.frames.checked_sub(1) {
            Some(frames) => {
                self.frames = frames;
                Some(match self.is_trailers {
                    true => Frame::trailers(HeaderMap::new()),
                    false => Frame::data(Bytes::new()),
                })
            }
            None => self.event.take().map(|event| Frame::data(event.into())),
        };
        Poll::Ready(frame.map(Ok))
    }
}

pub type Feeder = mpsc::Sender<io::Result<Frame<Bytes>>>;

pub fn fed_body() -> (Feeder, FedBody) {
    // Enough for the event in frames of one byte.
    let (feeder, frames) = mpsc::channel(2 * EVENT.len());
    (feeder, FedBody(frames))
}

impl Body for FedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx)
    }
}
