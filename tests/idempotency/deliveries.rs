//! First deliveries, duplicates, and deliveries at once.

use std::sync::Arc;

use http::{StatusCode, header::RETRY_AFTER};
use tokio::{sync::Notify, task::JoinSet};
use tower::ServiceExt;
use tower_stripe_webhook::{
    VerifiedEvent,
    idempotency::{IdempotencyLayer, MemoryStore, Outcome},
};

use crate::app::{Calls, answer, app, deliver, delivery, eventually, outcome_of, text_of};

#[tokio::test]
async fn the_handler_sees_a_first_delivery_and_stripe_its_response() {
    let app = app(IdempotencyLayer::new(MemoryStore::new()), async |request: http::Request<_>| {
        let event: &VerifiedEvent = request.extensions().get().unwrap();
        assert_eq!(event.id(), "evt_1");
        let response = http::Response::builder().status(202).header("x-app", "its own");
        Ok(response.body(http_body_util::Full::from("done")).unwrap())
    });
    let response = app.oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.headers()["x-app"], "its own");
    assert_eq!(outcome_of(&response), Outcome::Committed);
    assert_eq!(text_of(response).await, "done");
}

#[tokio::test]
async fn a_duplicate_of_a_finished_event_is_answered_200_without_the_handler() {
    let calls = Calls::default();
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
        called.add();
        async { answer(204) }
    });
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::NO_CONTENT, Outcome::Committed));
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::OK, Outcome::Duplicate));
    assert_eq!(deliver(&app, "evt_2").await, (StatusCode::NO_CONTENT, Outcome::Committed));
    assert_eq!(calls.count(), 2);

    let response = app.oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(
        text_of(response).await,
        r#"{"ignored":{"code":"duplicate","message":"this event was handled before"}}"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_of_an_event_in_flight_gets_409_and_retry_after() {
    let (calls, go_on) = (Calls::default(), Arc::new(Notify::new()));
    let (called, waits) = (calls.clone(), Arc::clone(&go_on));
    let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
        called.add();
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            answer(200)
        }
    });
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the first call", || async { calls.count() == 1 }).await;

    let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(response.headers()[RETRY_AFTER], "60");
    assert_eq!(outcome_of(&response), Outcome::InFlight);
    assert_eq!(
        text_of(response).await,
        r#"{"error":{"code":"event_in_flight","message":"another delivery of this event is being handled at the moment"}}"#
    );

    go_on.notify_one();
    assert_eq!(outcome_of(&first.await.unwrap().unwrap()), Outcome::Committed);
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::OK, Outcome::Duplicate));
    assert_eq!(calls.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_24_deliveries_at_once_is_handled() {
    let calls = Calls::default();
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
        called.add();
        async {
            tokio::task::yield_now().await;
            answer(200)
        }
    });
    let mut deliveries = JoinSet::new();
    for _ in 0..24 {
        deliveries.spawn(app.clone().oneshot(delivery("evt_1")));
    }
    let mut committed = 0;
    for response in deliveries.join_all().await {
        match outcome_of(&response.unwrap()) {
            Outcome::Committed => committed += 1,
            Outcome::InFlight | Outcome::Duplicate => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((committed, calls.count()), (1, 1));
}

#[tokio::test]
async fn the_layer_without_an_outer_verification_names_the_missing_layer() {
    use tower::Layer;

    let alone = IdempotencyLayer::new(MemoryStore::new()).layer(tower::service_fn(
        async |_| -> crate::app::Answer { panic!("the handler is not called") },
    ));
    let response = alone.oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(outcome_of(&response), Outcome::NoVerifiedEvent);
    assert_eq!(
        text_of(response).await,
        r#"{"error":{"code":"no_verified_event","message":"the IdempotencyLayer of this route has no StripeWebhookLayer around it, which makes the VerifiedEvent"}}"#
    );
}
