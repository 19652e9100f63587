//! An app with both layers and the test's handler, and Stripe's deliveries to it.

use std::{
    convert::Infallible,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use tokio::task::yield_now;
use tower::{Layer, ServiceExt, service_fn, util::BoxCloneService};
use tower_stripe_webhook::{
    SigningSecret, StripeWebhookLayer,
    idempotency::{IdempotencyLayer, IdempotencyStore, Outcome},
    response::ResponseBody,
    test_util::{FixedClock, signed_request},
};

pub type Answer = Result<Response<Full<Bytes>>, Infallible>;

/// The number of calls of the handler.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<AtomicUsize>);

impl Calls {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

pub fn event(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"invoice.paid","created":1795447000,"livemode":false,"data":{{"object":{{"id":"in_1"}}}}}}"#
    )
}

pub fn delivery_of(json: &str) -> Request<Full<Bytes>> {
    signed_request("/webhook", json.to_owned(), &secret(), now())
}

pub fn delivery(id: &str) -> Request<Full<Bytes>> {
    delivery_of(&event(id))
}

pub fn verification() -> StripeWebhookLayer<SigningSecret> {
    StripeWebhookLayer::new(secret()).with_clock(FixedClock::new(now()))
}

fn secret() -> SigningSecret {
    SigningSecret::new("whsec_of_the_tests").unwrap()
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

pub type App = BoxCloneService<
    Request<Full<Bytes>>,
    Response<ResponseBody<ResponseBody<Full<Bytes>>>>,
    Infallible,
>;

/// Both layers around a handler.
pub fn app<S, H, F>(idempotency: IdempotencyLayer<S>, handler: H) -> App
where
    S: IdempotencyStore,
    H: FnMut(Request<Full<Bytes>>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    BoxCloneService::new(verification().layer(idempotency.layer(service_fn(handler))))
}

/// Both layers around a handler that answers `200`.
pub fn counting<S: IdempotencyStore>(idempotency: IdempotencyLayer<S>) -> (App, Calls) {
    let calls = Calls::default();
    let called = calls.clone();
    let app = app(idempotency, move |_| {
        called.add();
        async { answer(200) }
    });
    (app, calls)
}

/// Delivers an event. Returns whether it is handled by now.
///
/// The answer to a delivery before may have been late, and lost.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
pub async fn is_handled(app: &App, id: &str) -> bool {
    matches!(deliver(app, id).await.1, Outcome::Committed | Outcome::Duplicate)
}

/// Delivers an event. Returns the status and the outcome.
pub async fn deliver(app: &App, id: &str) -> (StatusCode, Outcome) {
    let response = app.clone().oneshot(delivery(id)).await.unwrap();
    (response.status(), outcome_of(&response))
}

pub fn outcome_of<B>(response: &Response<B>) -> Outcome {
    *response.extensions().get().expect("each response has its outcome")
}

pub fn answer(status: u16) -> Answer {
    Ok(Response::builder().status(status).body(Full::default()).unwrap())
}

pub async fn text_of<B: Body<Error: std::fmt::Debug>>(response: Response<B>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

/// Waits for what happens in the background, without waiting for time to pass.
///
/// With a paused clock, it never would.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let begun = std::time::Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} never happens");
        yield_now().await;
    }
}
