//! A fake of Stripe's API.

mod answer;
mod events;
mod failure;
mod gate;
mod query;
mod request;
mod store;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::Value;
use tokio::sync::watch;
use tower_service::Service;

use self::{answer::Answer, store::Store};
pub use self::{
    failure::{FakeApiFailure, FakeConnectionError},
    gate::FakeApiGate,
    request::FakeApiRequest,
};
use crate::api::ApiKey;

/// A fake of Stripe's API as a Tower HTTP service, for tests of your own handler.
///
/// It is an HTTP client for [`StripeApi`](crate::api::StripeApi) that needs no network, and it can
/// be served on a socket, where Stripe's own libraries accept it. Clones share the objects.
///
/// It answers as Stripe does:
///
/// | request | answer |
/// |---|---|
/// | without an API key, or with another one than [`with_key`](Self::with_key) set | `401` |
/// | for an account that has no object here | `403` with the code `account_invalid` |
/// | for an object that is not here, or is another account's | `404` with the code `resource_missing`, below `/v2/` with `not_found` |
/// | to another path, or with another method than `GET` | `404` without a code |
/// | below `/v2/` without `Stripe-Version` | `400` |
/// | `/v1/events`, `/v2/core/events` | a page of the [events](Self::insert_event) |
///
/// Each answer has a `request-id`.
///
/// # Example
///
/// ```
/// use http::StatusCode;
/// use tower_stripe_webhook::{
///     api::{ApiClient, ApiErrorKind, ApiKey, ApiRequest, StripeApi},
///     test_util::{FakeApi, FakeApiFailure},
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = FakeApi::new();
/// fake.insert("/v1/invoices/in_1", r#"{"id":"in_1","object":"invoice"}"#);
///
/// let api = StripeApi::new(ApiKey::new("rk_test_123")?, fake.clone());
/// let request = ApiRequest::new("/v1/invoices/in_1")?;
/// assert_eq!(api.get(&request).await?.body(), r#"{"id":"in_1","object":"invoice"}"#);
///
/// fake.fail(FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS).with_code("rate_limit"));
/// assert_eq!(api.get(&request).await.unwrap_err().kind(), ApiErrorKind::RateLimited);
///
/// fake.remove("/v1/invoices/in_1");
/// assert_eq!(api.get(&request).await.unwrap_err().kind(), ApiErrorKind::NotFound);
/// assert_eq!(fake.requests().len(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct FakeApi {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    store: Mutex<Store>,
    /// The number of gates that are closed.
    gates: watch::Sender<usize>,
    /// The number of requests that have arrived.
    arrived: watch::Sender<usize>,
}

impl FakeApi {
    /// Makes a fake without objects, which accepts each API key.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the only API key that is accepted.
    #[must_use]
    pub fn with_key(self, key: ApiKey) -> Self {
        self.store().key = Some(key);
        self
    }

    /// Sets the object at a path, such as `/v1/invoices/in_1`, of the API key's account.
    ///
    /// # Panics
    ///
    /// If `json` is not a JSON object, or `path` not the path of one.
    pub fn insert(&self, path: &str, json: impl Into<String>) {
        self.store().insert(None, path, json.into());
    }

    /// Sets the object at a path of another account.
    ///
    /// A request gets it with `account` in `Stripe-Account` or in `Stripe-Context`. It may be a
    /// path of accounts, for the latter.
    ///
    /// # Panics
    ///
    /// If `json` is not a JSON object, or `path` not the path of one.
    pub fn insert_for(&self, account: &str, path: &str, json: impl Into<String>) {
        self.store().insert(Some(account), path, json.into());
    }

    /// Sets an event, which its own path and the list of events then have.
    ///
    /// It belongs to the account that its `account` (snapshot event) or `context` (thin event)
    /// names. Until [`mark_delivered`](Self::mark_delivered) it counts as not delivered.
    ///
    /// # Panics
    ///
    /// If `json` is not an event with an `id`, a `type` and a `created`.
    pub fn insert_event(&self, json: impl Into<String>) {
        self.store().insert_event(json.into());
    }

    /// Marks an event as delivered: a list with `delivery_success=false` no longer has it.
    ///
    /// # Panics
    ///
    /// If there is no such event.
    pub fn mark_delivered(&self, event_id: &str) {
        self.store().mark_delivered(event_id);
    }

    /// Removes the object at a path of the API key's account.
    pub fn remove(&self, path: &str) {
        self.store().remove(None, path);
    }

    /// Removes the object at a path of another account.
    pub fn remove_for(&self, account: &str, path: &str) {
        self.store().remove(Some(account), path);
    }

    /// Answers the next requests with a failure.
    ///
    /// Several failures are used up in the order in which they were set.
    pub fn fail(&self, failure: FakeApiFailure) {
        self.store().failures.push_back(failure);
    }

    /// Removes the failures that are not used up.
    pub fn recover(&self) {
        self.store().failures.clear();
    }

    /// Holds all answers back until the gate is opened or dropped.
    ///
    /// What a request gets is decided when it arrives. So a test can change an object while an
    /// older state of it is on its way.
    pub fn hold(&self) -> FakeApiGate {
        FakeApiGate::close(self.shared.gates.clone())
    }

    /// Waits until that many requests have arrived, answered or not.
    pub async fn arrived(&self, requests: usize) {
        let mut arrived = self.shared.arrived.subscribe();
        // The sender lives as long as `self`.
        let _ = arrived.wait_for(|count| *count >= requests).await;
    }

    /// Returns the requests that have arrived, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<FakeApiRequest> {
        self.store().requests.clone()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        // A panic of `insert` changes nothing.
        self.shared.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a request gets, and its number.
    fn answer(&self, request: FakeApiRequest) -> (Answer, usize) {
        let mut store = self.store();
        let answer = store.answer(&request);
        store.requests.push(request);
        let number = store.requests.len();
        drop(store);
        // Of two that arrive at once, the first one may come here last.
        self.shared.arrived.send_modify(|arrived| *arrived = number.max(*arrived));
        (answer, number)
    }
}

/// The body of the request is ignored, because each request is a `GET`.
impl<B> Service<Request<B>> for FakeApi {
    type Response = Response<Full<Bytes>>;
    type Error = FakeConnectionError;
    type Future =
        Pin<Box<dyn Future<Output = Result<Response<Full<Bytes>>, FakeConnectionError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (answer, number) = self.answer(FakeApiRequest::new(request));
        let mut gates = self.shared.gates.subscribe();
        Box::pin(async move {
            // An error means that the fake is gone, and with it its gates.
            let _ = gates.wait_for(|closed| *closed == 0).await;
            answer.into_response(number)
        })
    }
}

impl fmt::Debug for FakeApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeApi").field("requests", &self.store().requests).finish_non_exhaustive()
    }
}

/// Returns an error's body in the form of Stripe's.
fn error_body(error_type: &str, code: Option<&str>, message: &str) -> String {
    let mut error = serde_json::json!({ "message": message, "type": error_type });
    if let Some(code) = code {
        error["code"] = Value::from(code);
    }
    serde_json::json!({ "error": error }).to_string()
}

/// Returns Stripe's type of an error with this status.
fn error_type(status: StatusCode) -> &'static str {
    if status.is_server_error() { "api_error" } else { "invalid_request_error" }
}
