//! The total deadline of a request, with a paused clock.

use std::{
    convert::Infallible,
    future::{Pending, pending},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::time::{Instant, sleep};
use tower::{Service, service_fn};
use tower_stripe_webhook::{
    api::{ApiClient, ApiErrorKind, StripeApi},
    test_util::FakeApi,
};

use crate::support::{INVOICE, chain, invoice, key, response};

const S: fn(u64) -> Duration = Duration::from_secs;

/// Asserts that the request times out after `expected`.
async fn assert_timeout<A: ApiClient>(api: A, expected: Duration) {
    let begin = Instant::now();
    let error = api.get(&invoice()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::Timeout);
    assert_eq!(begin.elapsed().as_millis(), expected.as_millis());
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_answer_times_out_after_10_s() {
    let fake = FakeApi::new();
    let _gate = fake.hold();
    let api = StripeApi::new(key(), fake);
    assert_timeout(api.clone(), S(10)).await;
    assert_timeout(api.clone().with_timeout(S(3)), S(3)).await;
    assert_timeout(api.with_timeout(Duration::ZERO), Duration::ZERO).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_just_before_the_deadline_is_in_time() {
    let client = |millis| {
        service_fn(move |_: Request<Full<Bytes>>| async move {
            sleep(Duration::from_millis(millis)).await;
            Ok::<_, Infallible>(response(200, INVOICE))
        })
    };
    assert!(StripeApi::new(key(), client(9_990)).get(&invoice()).await.is_ok());
    assert_timeout(StripeApi::new(key(), client(10_010)), S(10)).await;
    let forever = StripeApi::new(key(), client(1_000_000)).with_timeout(Duration::MAX);
    assert!(forever.get(&invoice()).await.is_ok());
}

/// A body that begins and then stalls.
struct Stalls(bool);

impl Body for Stalls {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{")))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_times_out() {
    for status in [200, 500] {
        let client = service_fn(move |_: Request<Full<Bytes>>| async move {
            Ok::<_, Infallible>(response(status, "").map(|_| Stalls(false)))
        });
        assert_timeout(StripeApi::new(key(), client), S(10)).await;
    }
}

#[derive(Clone)]
struct NeverReady;

impl Service<Request<Full<Bytes>>> for NeverReady {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Pending<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Pending
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        pending()
    }
}

#[tokio::test(start_paused = true)]
async fn a_never_ready_client_times_out() {
    assert_timeout(StripeApi::new(key(), NeverReady), S(10)).await;
}

/// Is ready after it was asked twice, and panics if it is called before.
#[derive(Clone, Default)]
struct ReadyLate(u32);

impl Service<Request<Full<Bytes>>> for ReadyLate {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0 += 1;
        if self.0 < 2 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        assert_eq!(self.0, 2, "the instance that is called must be the one that is ready");
        std::future::ready(Ok(response(200, INVOICE)))
    }
}

#[tokio::test]
async fn the_client_is_called_when_it_is_ready() {
    let api = StripeApi::new(key(), ReadyLate::default());
    for _ in 0..2 {
        assert!(api.get(&invoice()).await.is_ok());
    }
}

#[derive(Clone)]
struct Closed;

impl Service<Request<Full<Bytes>>> for Closed {
    type Response = Response<Full<Bytes>>;
    type Error = std::io::Error;
    type Future = Pending<Result<Self::Response, std::io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), std::io::Error>> {
        Poll::Ready(Err(std::io::Error::other("closed")))
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        panic!("a client that is not ready must not be called")
    }
}

#[tokio::test]
async fn a_failed_readiness_is_a_transport_error() {
    let error = StripeApi::new(key(), Closed).get(&invoice()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::Transport);
    assert!(chain(&error).ends_with(": closed"));
}
