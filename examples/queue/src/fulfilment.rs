//! The slow work that may fail: passes the event to another service.

use axum::{
    body::Body,
    http::{Request, Uri, header::CONTENT_TYPE},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower_stripe_webhook::{BoxError, Event};

#[derive(Clone, Debug)]
pub struct Fulfilment {
    url: Option<Uri>,
    client: Client<HttpConnector, Body>,
}

impl Fulfilment {
    pub fn new(url: Option<Uri>) -> Self {
        Self { url, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    /// Posts the event with the job's idempotency key.
    ///
    /// The key is the event's id, except for test webhooks. The service needs it because work may
    /// be done twice: a worker can die after the work and before it stores the result.
    pub async fn fulfil(&self, event: &Event, idempotency_key: &str) -> Result<(), BoxError> {
        let Some(url) = &self.url else { return Ok(()) };
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", idempotency_key)
            .body(event.body().clone().into())?;
        let status = self.client.request(request).await?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("the fulfilment service answered {status}").into())
        }
    }
}
