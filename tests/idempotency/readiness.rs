//! Tower's contract, checked poll by poll.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower_stripe_webhook::{
    VerifiedEvent,
    idempotency::{Idempotency, IdempotencyLayer, MemoryStore, Outcome},
};
use tower_test::mock::{self, Handle, Mock};

use crate::app::{delivery, outcome_of, verification};

type AppRequest = Request<Full<Bytes>>;
type AppResponse = Response<Full<Bytes>>;
type App = Mock<AppRequest, AppResponse>;

/// The layer around a mock service.
///
/// The mock panics if it is called before it was polled ready, and its clones are not ready.
fn around_mock() -> (mock::Spawn<Idempotency<App, MemoryStore>>, Handle<AppRequest, AppResponse>) {
    mock::spawn_layer(IdempotencyLayer::new(MemoryStore::new()))
}

/// As the layer around it hands it on.
async fn verified(id: &str) -> AppRequest {
    use tower::{Layer, ServiceExt, service_fn};

    let (hand_on, handed_on) = tokio::sync::oneshot::channel();
    let hand_on = std::sync::Arc::new(std::sync::Mutex::new(Some(hand_on)));
    let verification =
        verification().layer(service_fn(move |request: AppRequest| {
            let sent = hand_on.lock().unwrap().take().unwrap().send(request);
            async move {
                sent.map(|()| AppResponse::default()).map_err(|_| "no test waits for the request")
            }
        }));
    verification.oneshot(delivery(id)).await.unwrap();
    handed_on.await.unwrap()
}

#[tokio::test]
async fn the_ready_service_itself_is_called() {
    let (mut service, mut app) = around_mock();
    for id in ["evt_1", "evt_2", "evt_3"] {
        assert_ready_ok!(service.poll_ready::<AppRequest>());
        let mut response = task::spawn(service.call(verified(id).await));
        assert_pending!(response.poll());

        let (request, answer) = app.next_request().await.unwrap();
        assert_eq!(request.extensions().get::<VerifiedEvent>().unwrap().id(), id);
        answer.send_response(Response::default());
        assert!(response.is_woken());
        let response = assert_ready_ok!(response.poll());
        assert_eq!(
            (response.status(), outcome_of(&response)),
            (StatusCode::OK, Outcome::Committed)
        );
    }
}

#[tokio::test]
async fn backpressure_is_the_inner_services() {
    let (mut service, mut app) = around_mock();
    app.allow(0);
    assert_pending!(service.poll_ready::<AppRequest>());
    app.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready::<AppRequest>());
}

#[tokio::test]
async fn the_inner_services_errors_are_passed_on() {
    let (mut service, mut app) = around_mock();
    assert_ready_ok!(service.poll_ready::<AppRequest>());
    let mut response = task::spawn(service.call(verified("evt_1").await));
    assert_pending!(response.poll());
    app.next_request().await.unwrap().1.send_error("the app's own");
    assert_eq!(assert_ready_err!(response.poll()).to_string(), "the app's own");

    app.send_error("not ready");
    assert_eq!(assert_ready_err!(service.poll_ready::<AppRequest>()).to_string(), "not ready");
}

#[test]
fn the_inner_service_can_be_reached() {
    let mut service =
        tower::Layer::layer(&IdempotencyLayer::new(MemoryStore::new()), "inner".to_owned());
    assert_eq!(service.get_ref(), "inner");
    service.get_mut().push_str(" service");
    assert_eq!(service.get_ref(), "inner service");
    assert_eq!(service.into_inner(), "inner service");
}

#[tokio::test]
async fn a_duplicate_releases_its_reserved_place() {
    use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit, service_fn};

    let app =
        service_fn(async |_: AppRequest| Ok::<_, std::convert::Infallible>(AppResponse::default()));
    let mut service =
        IdempotencyLayer::new(MemoryStore::new()).layer(ConcurrencyLimit::new(app, 1));
    for outcome in [Outcome::Committed, Outcome::Duplicate, Outcome::Duplicate] {
        let response = service.ready().await.unwrap().call(verified("evt_1").await).await.unwrap();
        assert_eq!(outcome_of(&response), outcome);
    }
}
