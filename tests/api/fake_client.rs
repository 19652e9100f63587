//! A client of Stripe's API that answers from memory, notes its requests, and can be held.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::StatusCode;
use tokio::sync::Semaphore;
use tower_stripe_webhook::api::{ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse};

/// Clones share their objects and their log.
#[derive(Clone, Default)]
pub struct FakeClient(Arc<Inner>);

#[derive(Default)]
struct Inner {
    answers: Mutex<HashMap<String, Result<String, ApiError>>>,
    requests: Mutex<Vec<ApiRequest>>,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    /// `None` unless the client is held.
    gate: Mutex<Option<Arc<Semaphore>>>,
}

impl FakeClient {
    /// A client with one object.
    pub fn with(path: &str, json: impl ToString) -> Self {
        let client = Self::default();
        client.set(path, json);
        client
    }

    pub fn set(&self, path: &str, json: impl ToString) {
        self.0.answers.lock().unwrap().insert(path.to_owned(), Ok(json.to_string()));
    }

    pub fn fail(&self, path: &str, error: ApiError) {
        self.0.answers.lock().unwrap().insert(path.to_owned(), Err(error));
    }

    /// Holds all requests until `answer` is called for each.
    pub fn hold(self) -> Self {
        *self.0.gate.lock().unwrap() = Some(Arc::new(Semaphore::new(0)));
        self
    }

    /// Lets `requests` more requests be answered.
    pub fn answer(&self, requests: usize) {
        self.0.gate.lock().unwrap().as_ref().expect("it is held").add_permits(requests);
    }

    pub fn requests(&self) -> Vec<ApiRequest> {
        self.0.requests.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.path().to_owned()).collect()
    }

    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::SeqCst)
    }

    pub fn most_in_flight(&self) -> usize {
        self.0.most_in_flight.load(Ordering::SeqCst)
    }
}

/// Counts a request until it is answered or dropped.
struct InFlight<'a>(&'a Inner);

impl<'a> InFlight<'a> {
    fn begin(inner: &'a Inner) -> Self {
        let in_flight = inner.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        inner.most_in_flight.fetch_max(in_flight, Ordering::SeqCst);
        Self(inner)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ApiClient for FakeClient {
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        let _in_flight = InFlight::begin(&self.0);
        self.0.requests.lock().unwrap().push(request.clone());
        let gate = self.0.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            gate.acquire().await.expect("it is never closed").forget();
        }
        let answer = self.0.answers.lock().unwrap().get(request.path()).cloned();
        let json = answer.unwrap_or_else(|| Err(missing()))?;
        Ok(ApiResponse::new(json).with_request_id("req_fake"))
    }
}

/// Stripe's answer for an object that it does not have.
pub fn missing() -> ApiError {
    ApiError::new(ApiErrorKind::NotFound)
        .with_status(StatusCode::NOT_FOUND)
        .with_code("resource_missing")
}
