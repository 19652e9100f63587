//! A handler inside the `FetchLayer`, and what it is called with.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use tokio::task::yield_now;
use tower::{Layer, ServiceExt, service_fn, util::BoxCloneSyncService};
use tower_stripe_webhook::{
    Event, VerifiedEvent,
    api::{ApiClient, FetchLayer},
    response::ResponseBody,
};

pub type AppRequest = Request<Full<Bytes>>;
pub type AppResponse = Response<ResponseBody<Full<Bytes>>>;
pub type Handler = BoxCloneSyncService<AppRequest, Response<Full<Bytes>>, Infallible>;
pub type App = BoxCloneSyncService<AppRequest, AppResponse, Infallible>;

/// The events that the handler was called with.
#[derive(Clone, Default)]
pub struct Handled(Arc<Mutex<Vec<VerifiedEvent>>>);

impl Handled {
    pub fn events(&self) -> Vec<VerifiedEvent> {
        self.0.lock().unwrap().clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The last event.
    pub fn last(&self) -> VerifiedEvent {
        self.events().pop().expect("the handler was called")
    }

    /// A handler that answers `200`.
    pub fn handler(&self) -> Handler {
        let handled = self.clone();
        BoxCloneSyncService::new(service_fn(move |request: AppRequest| {
            let event = request.extensions().get::<VerifiedEvent>().expect("it is verified");
            handled.0.lock().unwrap().push(event.clone());
            async move { Ok(Response::new(request.into_body())) }
        }))
    }
}

/// The layer around a handler that answers `200`.
pub fn app(layer: &FetchLayer<impl ApiClient>) -> (App, Handled) {
    let handled = Handled::default();
    (BoxCloneSyncService::new(layer.layer(handled.handler())), handled)
}

/// The request that the layer around it passes on.
pub fn request(event: &VerifiedEvent) -> AppRequest {
    let mut request = Request::new(Full::new(event.body().clone()));
    request.extensions_mut().insert(event.clone());
    request
}

pub async fn deliver(app: &App, event: &VerifiedEvent) -> AppResponse {
    app.clone().oneshot(request(event)).await.unwrap()
}

pub async fn text_of(response: AppResponse) -> String {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.into()).unwrap()
}

/// Whether the object of an event was fetched.
pub fn is_fetched(event: &Event) -> bool {
    event.current().is_some()
}

/// Lets all tasks run until each of them waits.
pub async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}
