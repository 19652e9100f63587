//! Events of Stripe's lists, and an app that handles them.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::poll_fn,
    num::NonZeroUsize,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::sleep;
use tower::{ServiceBuilder, service_fn, util::BoxCloneSyncService};
use tower_stripe_webhook::{
    Event, SecretProvider, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    api::{ApiClient, ApiError, ApiKey, StripeApi},
    idempotency::{IdempotencyLayer, MemoryStore},
    recovery::{EventFilter, EventStream, Recovery},
    response::ResponseBody,
    test_util::{FakeApi, FixedClock},
};

pub type AppRequest = Request<Full<Bytes>>;
pub type AppResponse = Response<Full<Bytes>>;

/// The time of the clock in all tests. Events occur before.
pub const NOW: u64 = 1_795_447_000;

pub const DAY: u64 = 24 * 60 * 60;

pub fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn clock() -> FixedClock {
    FixedClock::new(at(NOW))
}

pub fn secret() -> SigningSecret {
    SigningSecret::new("whsec_of_the_tests").unwrap()
}

pub fn key() -> ApiKey {
    ApiKey::new("rk_test_Bqk2Uj0QZzR1hmYd").unwrap()
}

pub fn api(fake: &FakeApi) -> StripeApi<FakeApi> {
    StripeApi::new(key(), fake.clone())
}

/// A snapshot event of test mode, with more fields.
pub fn snapshot_with(id: &str, created: u64, event_type: &str, more: Value) -> String {
    let mut event = json!({
        "id": id,
        "object": "event",
        "type": event_type,
        "created": created,
        "livemode": false,
        "data": { "object": { "id": "in_1", "object": "invoice" } },
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

pub fn snapshot(id: &str, created: u64) -> String {
    snapshot_with(id, created, "invoice.paid", json!({}))
}

/// A thin event of test mode, with more fields.
pub fn thin_with(id: &str, millis: u64, event_type: &str, more: Value) -> String {
    let created = SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
    let mut event = json!({
        "id": id,
        "object": "v2.core.event",
        "type": event_type,
        "created": humantime::format_rfc3339_millis(created).to_string(),
        "livemode": false,
        "related_object": { "id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1" },
    });
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event.to_string()
}

pub fn thin(id: &str, millis: u64) -> String {
    thin_with(id, millis, "v1.invoice.paid", json!({}))
}

/// Reads the stream of a filter to its end.
pub async fn list(api: impl ApiClient, filter: EventFilter) -> Result<Vec<Event>, ApiError> {
    let mut events = EventStream::with_clock(api, filter, clock());
    let mut listed = Vec::new();
    while let Some(event) = next(&mut events).await {
        listed.push(event?);
    }
    Ok(listed)
}

pub async fn next<A: ApiClient>(events: &mut EventStream<A>) -> Option<Result<Event, ApiError>> {
    poll_fn(|cx| Pin::new(&mut *events).poll_next(cx)).await
}

pub fn ids<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<String> {
    events.into_iter().map(|event| event.id().to_owned()).collect()
}

/// What the handler did, by event.
#[derive(Clone, Default)]
pub struct Handled(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    order: Vec<String>,
    bodies: HashMap<String, Bytes>,
    /// The answers to the next calls for an event. `200` if there is none.
    answers: HashMap<String, Vec<u16>>,
}

impl Handled {
    /// The ids of the events that were handled with success, in order.
    pub fn order(&self) -> Vec<String> {
        self.0.lock().unwrap().order.clone()
    }

    pub fn body(&self, id: &str) -> Option<Bytes> {
        self.0.lock().unwrap().bodies.get(id).cloned()
    }

    /// Sets the statuses of the next answers for an event. The last one comes first.
    pub fn answer(&self, id: &str, statuses: &[u16]) {
        let statuses = statuses.iter().rev().copied().collect();
        self.0.lock().unwrap().answers.insert(id.to_owned(), statuses);
    }

    fn call(&self, event: &VerifiedEvent) -> StatusCode {
        let mut inner = self.0.lock().unwrap();
        let status = inner.answers.get_mut(event.id()).and_then(Vec::pop).unwrap_or(200);
        if status == 200 {
            inner.order.push(event.id().to_owned());
            inner.bodies.insert(event.id().to_owned(), event.body().clone());
        }
        StatusCode::from_u16(status).unwrap()
    }
}

pub type App =
    BoxCloneSyncService<AppRequest, Response<ResponseBody<ResponseBody<Full<Bytes>>>>, Infallible>;

/// Verification, idempotency, and a handler that takes a millisecond.
pub fn app(secrets: impl SecretProvider, store: Arc<MemoryStore>, handled: &Handled) -> App {
    let handled = handled.clone();
    let handler = service_fn(move |request: AppRequest| {
        let handled = handled.clone();
        async move {
            let event = request.extensions().get::<VerifiedEvent>().expect("it is verified");
            sleep(Duration::from_millis(1)).await;
            let mut response = AppResponse::default();
            *response.status_mut() = handled.call(event);
            Ok::<_, Infallible>(response)
        }
    });
    let layers = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(secrets).with_clock(clock()))
        .layer(IdempotencyLayer::new(store));
    BoxCloneSyncService::new(layers.service(handler))
}

/// An app with its own store and the secret of the tests.
pub fn new_app() -> (App, Handled) {
    let handled = Handled::default();
    (app(secret(), Arc::default(), &handled), handled)
}

pub fn recovery<A: ApiClient, S>(api: A, app: S) -> Recovery<A, S, SigningSecret> {
    Recovery::new(api, app, secret()).with_clock(clock())
}

pub const ONE: NonZeroUsize = NonZeroUsize::MIN;
