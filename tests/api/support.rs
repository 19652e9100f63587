//! What several modules need.

use std::{
    convert::Infallible,
    error::Error,
    future::{Ready, ready},
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tower::Service;
use tower_stripe_webhook::api::{ApiKey, ApiRequest, StripeApi};

pub const INVOICE: &str = r#"{"id":"in_1","object":"invoice"}"#;

pub fn key() -> ApiKey {
    ApiKey::new("rk_test_Bqk2Uj0QZzR1hmYd").unwrap()
}

pub fn invoice() -> ApiRequest {
    ApiRequest::new("/v1/invoices/in_1").unwrap()
}

/// The requests that a client sent.
pub type Sent = Arc<Mutex<Vec<Request<Full<Bytes>>>>>;

/// An HTTP client that keeps its requests and answers with an invoice.
#[derive(Clone)]
pub struct Recorder(Sent);

impl Service<Request<Full<Bytes>>> for Recorder {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        self.0.lock().unwrap().push(request);
        ready(Ok(Response::new(Full::from(INVOICE))))
    }
}

pub fn recorder() -> (StripeApi<Recorder>, Sent) {
    let sent = Sent::default();
    (StripeApi::new(key(), Recorder(Arc::clone(&sent))), sent)
}

/// A response with a status and a body.
pub fn response(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response
}

/// The texts of an error and of its causes.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}
