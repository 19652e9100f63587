//! Events about one object share a fetch, and the number of fetches in flight is bounded.
//!
//! The unit tests have a model check of the same rules.

use http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tower_stripe_webhook::{
    EventData, VerifiedEvent,
    api::{ApiError, ApiErrorKind, FetchError, FetchErrorKind, FetchLayer},
    test_util::verified_event,
};

use crate::{
    app::{App, Handled, app, deliver, is_fetched, settle},
    events::{invoice, snapshot_json, thin_json},
    fake_client::FakeClient,
};

const INVOICE: &str = "/v1/invoices/in_1";

/// A thin event about an invoice, with more fields of its own.
fn event_with(id: &str, invoice: &str, more: Value) -> VerifiedEvent {
    let path = format!("/v1/invoices/{invoice}");
    let mut json = thin_json("v1.invoice.paid", &path, "invoice", more);
    json["id"] = json!(id);
    verified_event(json.to_string())
}

fn event(id: &str) -> VerifiedEvent {
    event_with(id, "in_1", json!({}))
}

/// An API that has `in_1` to `in_20`, and that is held.
fn held_api() -> FakeClient {
    let api = FakeClient::default();
    for number in 1..=20 {
        let id = format!("in_{number}");
        api.set(&format!("/v1/invoices/{id}"), invoice(&id, "paid"));
    }
    api.hold()
}

type Delivery = JoinHandle<StatusCode>;

/// Delivers an event at the same time as others.
async fn begin(app: &App, event: VerifiedEvent) -> Delivery {
    let app = app.clone();
    let delivery = tokio::spawn(async move { deliver(&app, &event).await.status() });
    settle().await;
    delivery
}

async fn assert_all_are_ok(deliveries: Vec<Delivery>) {
    for delivery in deliveries {
        assert_eq!(delivery.await.unwrap(), StatusCode::OK);
    }
}

fn ids(handled: &Handled) -> Vec<String> {
    handled.events().iter().map(|event| event.id().to_owned()).collect()
}

fn triggers(api: &FakeClient) -> Vec<String> {
    let requests = api.requests();
    requests.iter().map(|request| request.event_id().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_event_does_not_use_the_answer_to_an_earlier_request() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let mut deliveries = vec![begin(&app, event("evt_1")).await];
    deliveries.push(begin(&app, event("evt_2")).await);
    deliveries.push(begin(&app, event("evt_3")).await);
    assert_eq!((api.requests().len(), api.in_flight()), (1, 1));

    // The object changes: the first answer is old, and only the first event gets it.
    api.answer(1);
    settle().await;
    assert_eq!(ids(&handled), ["evt_1"]);
    assert_eq!((api.requests().len(), api.in_flight()), (2, 1));
    deliveries.push(begin(&app, event("evt_4")).await);

    // The second and the third share the second answer.
    api.set(INVOICE, invoice("in_1", "void"));
    api.answer(1);
    settle().await;
    let mut second_and_third = ids(&handled).split_off(1);
    second_and_third.sort();
    assert_eq!(second_and_third, ["evt_2", "evt_3"]);
    for event in &handled.events()[1..] {
        assert_eq!(event.object::<Value>().unwrap()["status"], "void");
    }

    api.answer(1);
    assert_all_are_ok(deliveries).await;
    assert_eq!(triggers(&api), ["evt_1", "evt_2", "evt_4"]);
    assert_eq!(api.most_in_flight(), 1);
}

#[tokio::test]
async fn a_thousand_events_about_one_object_cause_two_fetches() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let mut deliveries = vec![begin(&app, event("evt_0")).await];
    for number in 1..1000 {
        let app = app.clone();
        let event = event(&format!("evt_{number}"));
        deliveries.push(tokio::spawn(async move { deliver(&app, &event).await.status() }));
    }
    settle().await;
    api.answer(1000);
    assert_all_are_ok(deliveries).await;
    assert_eq!((handled.count(), api.requests().len()), (1000, 2));
    assert!(handled.events().iter().all(|event| is_fetched(event)));
}

#[tokio::test]
async fn events_waiting_for_their_turn_share_a_fetch() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_concurrency(1));
    let mut deliveries = vec![begin(&app, event_with("evt_1", "in_2", json!({}))).await];
    for id in ["evt_2", "evt_3", "evt_4"] {
        deliveries.push(begin(&app, event(id)).await);
    }
    assert_eq!(api.requests().len(), 1);
    api.answer(2);
    assert_all_are_ok(deliveries).await;
    assert_eq!(triggers(&api), ["evt_1", "evt_2"]);
    assert_eq!((handled.count(), api.most_in_flight()), (4, 1));
}

#[tokio::test]
async fn both_kinds_of_one_event_share_a_fetch() {
    let api = held_api();
    let layer = FetchLayer::new(api.clone()).with_snapshot_events(true).with_concurrency(1);
    let (app, handled) = app(&layer);
    let mut deliveries = vec![begin(&app, event_with("evt_1", "in_2", json!({}))).await];
    let json = snapshot_json("invoice.paid", invoice("in_1", "open"), json!({}));
    deliveries.push(begin(&app, verified_event(json.to_string())).await);
    deliveries.push(begin(&app, event("evt_2")).await);
    api.answer(2);
    assert_all_are_ok(deliveries).await;
    assert_eq!((api.requests().len(), handled.count()), (2, 3));
}

#[tokio::test]
async fn objects_of_different_accounts_and_modes_are_never_shared() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_snapshot_events(true));
    let in_account = |account: &str| {
        let more = json!({"account": account});
        let json = snapshot_json("invoice.paid", invoice("in_1", "open"), more);
        verified_event(json.to_string())
    };
    let in_context = |context: &str| event_with("evt_1", "in_1", json!({"context": context}));
    let mut deliveries = Vec::new();
    for event in [
        event("evt_1"),
        in_context("acct_1"),
        in_context("acct_2"),
        in_context("acct_1/acct_2"),
        in_account("acct_1"),
        in_account("acct_2"),
        event_with("evt_1", "in_1", json!({"livemode": null})),
    ] {
        deliveries.push(begin(&app, event).await);
    }
    let live = begin(&app, event_with("evt_1", "in_1", json!({"livemode": true}))).await;
    assert_eq!(api.in_flight(), 8);
    api.answer(8);
    assert_all_are_ok(deliveries).await;
    assert_eq!(live.await.unwrap(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(handled.count(), 7);
}

#[tokio::test]
async fn at_most_as_many_fetches_as_set_are_in_flight() {
    for (limit, with_limit) in [
        (10, FetchLayer::new as fn(FakeClient) -> FetchLayer<FakeClient>),
        (1, |api| FetchLayer::new(api).with_concurrency(1)),
        (1, |api| FetchLayer::new(api).with_concurrency(0)),
        (3, |api| FetchLayer::new(api).with_concurrency(3)),
        (11, |api| FetchLayer::new(api).with_concurrency(usize::MAX)),
    ] {
        let api = held_api();
        let (app, handled) = app(&with_limit(api.clone()));
        let mut deliveries = Vec::new();
        for number in 1..=11 {
            let event = event_with("evt_1", &format!("in_{number}"), json!({}));
            deliveries.push(begin(&app, event).await);
        }
        assert_eq!((api.in_flight(), api.requests().len()), (limit, limit));
        api.answer(11);
        assert_all_are_ok(deliveries).await;
        assert_eq!((api.most_in_flight(), handled.count()), (limit, 11));
    }
}

#[tokio::test]
async fn clones_of_the_layer_share_fetches_and_limit() {
    let api = held_api();
    let layer = FetchLayer::new(api.clone()).with_concurrency(1);
    let (first, _) = app(&layer);
    let (second, _) = app(&layer.clone());
    let deliveries = vec![
        begin(&first, event_with("evt_1", "in_2", json!({}))).await,
        begin(&first, event("evt_2")).await,
        begin(&second, event("evt_3")).await,
    ];
    assert_eq!(api.in_flight(), 1);
    api.answer(2);
    assert_all_are_ok(deliveries).await;
    assert_eq!(triggers(&api), ["evt_1", "evt_2"]);
}

#[tokio::test]
async fn a_disconnected_client_does_not_end_the_fetch_of_other_events() {
    for is_sent in [false, true] {
        let api = held_api();
        let layer = FetchLayer::new(api.clone()).with_concurrency(1);
        let (app, handled) = app(&layer);
        let other = begin(&app, event_with("evt_other", "in_2", json!({}))).await;
        let leader = begin(&app, event("evt_leader")).await;
        let follower = begin(&app, event("evt_follower")).await;
        if is_sent {
            api.answer(1);
            settle().await;
        }
        leader.abort();
        settle().await;
        api.answer(2);
        assert_all_are_ok(vec![other, follower]).await;
        assert_eq!(ids(&handled), ["evt_other", "evt_follower"]);
        assert_eq!(triggers(&api), ["evt_other", "evt_leader"]);
    }
}

#[tokio::test]
async fn a_fetch_without_waiting_events_releases_its_place() {
    let api = held_api();
    let (app, _) = app(&FetchLayer::new(api.clone()).with_concurrency(1));
    let sent = begin(&app, event("evt_1")).await;
    let waiting = begin(&app, event_with("evt_2", "in_2", json!({}))).await;
    let last = begin(&app, event_with("evt_3", "in_3", json!({}))).await;
    waiting.abort();
    sent.abort();
    settle().await;
    assert_eq!(api.in_flight(), 1);
    api.answer(1);
    assert_all_are_ok(vec![last]).await;
    assert_eq!(triggers(&api), ["evt_1", "evt_3"]);
}

#[tokio::test]
async fn the_next_fetch_is_sent_if_the_clients_of_the_first_disconnect() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let first = begin(&app, event("evt_1")).await;
    let second = begin(&app, event("evt_2")).await;
    first.abort();
    settle().await;
    assert_eq!((api.requests().len(), api.in_flight()), (2, 1));
    api.answer(1);
    assert_all_are_ok(vec![second]).await;
    assert_eq!(ids(&handled), ["evt_2"]);
}

#[tokio::test]
async fn events_with_one_fetch_share_its_error() {
    let api = held_api();
    api.fail(INVOICE, ApiError::new(ApiErrorKind::RateLimited).with_request_id("req_1"));
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_concurrency(1));
    let other = begin(&app, event_with("evt_0", "in_2", json!({}))).await;
    let deliveries = ["evt_1", "evt_2", "evt_3"].map(|id| {
        let (app, event) = (app.clone(), event(id));
        tokio::spawn(async move { deliver(&app, &event).await })
    });
    settle().await;
    api.answer(2);
    for delivery in deliveries {
        let response = delivery.await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let error = response.extensions().get::<FetchError>().unwrap();
        assert_eq!(error.kind(), FetchErrorKind::Api(ApiErrorKind::RateLimited));
        assert_eq!(error.api_error().unwrap().request_id(), Some("req_1"));
    }
    assert_all_are_ok(vec![other]).await;
    assert_eq!((api.requests().len(), handled.count()), (2, 1));

    // The error is not kept.
    api.set(INVOICE, invoice("in_1", "paid"));
    api.answer(1);
    assert_eq!(deliver(&app, &event("evt_1")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn events_with_one_fetch_share_a_missing_object() {
    let api = FakeClient::default().hold();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let first = begin(&app, event("evt_1")).await;
    let others = [begin(&app, event("evt_2")).await, begin(&app, event("evt_3")).await];
    api.answer(2);
    assert_all_are_ok(vec![first]).await;
    assert_all_are_ok(others.into()).await;
    assert_eq!(api.requests().len(), 2);
    for event in handled.events() {
        assert!(matches!(event.data().unwrap(), EventData::Deleted(_)));
    }
}

#[tokio::test]
async fn each_event_checks_the_shared_answer_itself() {
    let api = held_api();
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_concurrency(1));
    let other = begin(&app, event_with("evt_0", "in_2", json!({}))).await;
    let related = |id: &str, object_type: &str| json!({"related_object": {"id": id, "type": object_type, "url": INVOICE}});
    let right = begin(&app, event("evt_right")).await;
    let wrong = [
        begin(&app, event_with("evt_id", "in_1", related("in_9", "invoice"))).await,
        begin(&app, event_with("evt_type", "in_1", related("in_1", "charge"))).await,
    ];
    api.answer(2);
    assert_all_are_ok(vec![other, right]).await;
    for wrong in wrong {
        assert_eq!(wrong.await.unwrap(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(ids(&handled), ["evt_0", "evt_right"]);
    assert_eq!(api.requests().len(), 2);
}
