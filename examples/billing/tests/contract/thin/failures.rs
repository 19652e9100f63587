//! An API that is down, slow, rate limiting or lying, and an API key that no text contains.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tower_stripe_webhook::test_util::FakeApiFailure;

use super::{EMAIL, fetch_failed, rejection};
use crate::{
    harness::{
        Billing, Store,
        events::*,
        stripe::{API_KEY, Stripe, path_of},
    },
    on_both,
    portal::Browser,
};

on_both! {
    an_unfetched_thin_event_is_answered_503,
    a_failing_api_does_not_stop_snapshot_events,
    a_fetch_from_a_silent_api_times_out,
    events_waiting_for_the_api_do_not_stop_the_others,
    a_retry_fetches_the_object,
    events_waiting_for_a_retry_do_not_stop_the_others,
    a_redirect_is_not_followed,
    no_text_contains_the_api_key,
}

fn error(status: u16) -> FakeApiFailure {
    FakeApiFailure::new(StatusCode::from_u16(status).unwrap())
        .with_header("stripe-should-retry", "false")
}

fn body(status: u16, body: impl Into<String>) -> FakeApiFailure {
    FakeApiFailure::with_body(StatusCode::from_u16(status).unwrap(), body.into())
}

/// Failures and lies, for an event about a top-up.
fn failures(session: &Value) -> Vec<FakeApiFailure> {
    let object = |values| {
        let mut object = session.clone();
        object
            .as_object_mut()
            .unwrap()
            .extend::<serde_json::Map<_, _>>(serde_json::from_value(values).unwrap());
        body(200, object.to_string())
    };
    let mut failures: Vec<_> = [400, 401, 402, 403, 404, 409, 429, 500, 502, 503].map(error).into();
    failures.extend([
        object(json!({ "id": "cs_test_other" })),
        object(json!({ "object": "payment_intent" })),
        object(json!({ "object": null })),
        object(json!({ "livemode": true })),
        body(200, r#"{"error":{"type":"api_error","message":"no"}}"#),
        body(200, "[]"),
        body(200, "null"),
        body(200, ""),
        body(200, "<html>welcome</html>"),
        body(200, "{\"id\":"),
        body(204, ""),
        body(200, format!("{{\"a\":\"{}\"}}", "0".repeat(10_000_000))),
        body(404, "<html>nothing here</html>").with_header("stripe-should-retry", "false"),
        FakeApiFailure::connection_error().times(9),
    ]);
    failures
}

async fn an_unfetched_thin_event_is_answered_503(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let snapshot = top_up(EMAIL, 100);
    let event = stripe.publish(&snapshot);
    let mut count = 0;
    for failure in failures(&snapshot["data"]["object"]) {
        let text = format!("{failure:.200?}");
        stripe.api.fail(failure);
        assert_eq!(rejection(&billing, &event).await, fetch_failed(), "{text}");
        stripe.api.recover();
        count += 1;
    }
    let deliveries = billing.deliveries().await;
    assert_eq!(deliveries.len(), count);
    for delivery in &deliveries {
        assert_eq!((&delivery["outcome"], &delivery["kind"]), (&json!("failed"), &json!("thin")));
        assert!(delivery["reason"].as_str().unwrap().contains("was not fetched"), "{delivery}");
    }
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    // Nothing was recorded, so the next delivery is the first.
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);

    // A path that names another host is not asked.
    let before = stripe.paths().len();
    for url in
        ["https://evil.example/v1/x", "//evil.example/v1/x", "/v3/x", "/v1/../x", "/v1/x?y=z", ""]
    {
        let mut event = stripe.publish(&with_new_id(snapshot.clone()));
        event["related_object"]["url"] = url.into();
        assert_eq!(rejection(&billing, &event).await, fetch_failed(), "{url}");
    }
    let mut event = stripe.publish(&with_new_id(snapshot));
    event["related_object"] = Value::Null;
    assert_eq!(rejection(&billing, &event).await, fetch_failed());
    assert_eq!(stripe.paths().len(), before);
}

async fn a_failing_api_does_not_stop_snapshot_events(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let events = [
        (subscription("created", "sub_1", "cus_1", "active"), "active"),
        (at(subscription("updated", "sub_1", "cus_1", "past_due"), NOON + 1), "past_due"),
        (at(subscription("deleted", "sub_1", "cus_1", "canceled"), NOON + 2), "canceled"),
        (checkout(EMAIL, "cus_2", "sub_2"), "active"),
        (invoice("payment_failed", EMAIL, "cus_3", "sub_3"), "incomplete"),
    ];
    for failure in [error(500), error(401), error(403), body(200, "{}"), error(429)] {
        stripe.api.fail(failure.times(usize::MAX));
        for (event, status) in &events {
            let mut event = with_new_id(event.clone());
            let customer = event["data"]["object"]["customer"].as_str().unwrap().to_owned();
            event["data"]["object"]["billing_reason"] = "subscription_create".into();
            billing.outcome_of(&event).await;
            let state = billing.state_of(&customer).await;
            assert!(state == *status || state == "canceled", "{state} {status}");
        }
        stripe.api.recover();
    }
    // A thin event about the same subscription is not acknowledged.
    stripe.api.fail(error(500).for_path("/v1/subscriptions/sub_9").times(usize::MAX));
    let paid = stripe.publish(&invoice("paid", EMAIL, "cus_9", "sub_9"));
    assert_eq!(rejection(&billing, &paid).await, fetch_failed());
}

async fn a_fetch_from_a_silent_api_times_out(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let thin = stripe.publish(&top_up(EMAIL, 100));
    let gate = stripe.api.hold();
    let snapshot = subscription("updated", "sub_1", "cus_1", "active");
    let (thin_answer, outcome) =
        tokio::join!(rejection(&billing, &thin), billing.outcome_of(&snapshot));
    assert_eq!((thin_answer, &*outcome), (fetch_failed(), "applied"));
    drop(gate);
    assert_eq!(billing.outcome_of(&thin).await, "applied");

    // Its port is closed.
    let next = stripe.publish(&top_up(EMAIL, 100));
    drop(stripe);
    assert_eq!(rejection(&billing, &next).await, fetch_failed());
    let reason = billing.deliveries().await[0]["reason"].to_string();
    assert!(reason.contains("cannot be reached"), "{reason}");
}

async fn events_waiting_for_the_api_do_not_stop_the_others(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    // More than the events that are stored at the same time.
    let waiting: Vec<_> = (0..100).map(|_| stripe.publish(&top_up(EMAIL, 1))).collect();
    let gate = stripe.api.hold();
    let (outcomes, ()) = tokio::join!(
        futures_util::future::join_all(waiting.iter().map(|event| billing.outcome_of(event))),
        async {
            stripe.api.arrived(10).await;
            assert_eq!(billing.outcome_of(&top_up(EMAIL, 100)).await, "applied");
            drop(gate);
        }
    );
    assert_eq!(outcomes, ["applied"; 100]);
    assert_eq!(billing.balance_of(EMAIL).await, 2_000);
}

async fn a_retry_fetches_the_object(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let event = stripe.publish(&top_up(EMAIL, 100));
    for status in [429, 503] {
        stripe.api.fail(FakeApiFailure::new(StatusCode::from_u16(status).unwrap()));
    }
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(stripe.paths(), [path_of(&event); 3]);
}

async fn events_waiting_for_a_retry_do_not_stop_the_others(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    // As many as the requests at the same time.
    let waiting: Vec<_> = (0..10).map(|_| stripe.publish(&top_up(EMAIL, 100))).collect();
    let next = stripe.publish(&top_up(EMAIL, 100));
    let rate_limited =
        FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS).with_header("retry-after", "4");
    stripe.api.fail(rate_limited.times(waiting.len()));
    let (outcomes, outcome) = tokio::join!(
        futures_util::future::join_all(waiting.iter().map(|event| billing.outcome_of(event))),
        async {
            stripe.api.arrived(waiting.len()).await;
            billing.outcome_of(&next).await
        }
    );
    assert_eq!((outcomes, &*outcome), (vec!["applied".to_owned(); 10], "applied"));
    let paths = stripe.paths();
    assert_eq!(paths.len(), 2 * waiting.len() + 1);
    // It was fetched before the first retry.
    assert_eq!(paths[waiting.len()], path_of(&next));
}

async fn a_redirect_is_not_followed(store: Store) {
    let (stripe, elsewhere) = (Stripe::start().await, Stripe::start().await);
    let billing = stripe.billing(&store);
    let snapshot = top_up(EMAIL, 100);
    let event = stripe.publish(&snapshot);
    elsewhere.publish(&snapshot);
    let location = format!("http://{}{}", elsewhere.address, path_of(&event));
    stripe.api.fail(FakeApiFailure::redirect(&location));
    assert_eq!(rejection(&billing, &event).await, fetch_failed());
    assert_eq!(elsewhere.paths(), Vec::<String>::new());
}

async fn no_text_contains_the_api_key(store: Store) {
    let stripe = Stripe::start().await;
    let mut billing = stripe.setup(&store).with("RUST_LOG", "trace").start();
    let snapshot = top_up(EMAIL, 100);
    let event = stripe.publish(&snapshot);
    let mut texts = Vec::new();
    let lies = [
        body(400, format!(r#"{{"error":{{"code":"{API_KEY}","message":"{API_KEY}"}}}}"#)),
        body(200, format!(r#"{{"id":"{API_KEY}","object":"{API_KEY}"}}"#)),
        error(401).with_header("request-id", API_KEY),
        FakeApiFailure::redirect(&format!("http://{API_KEY}@{}/", stripe.address)),
        FakeApiFailure::connection_error().times(9),
    ];
    for failure in lies {
        stripe.api.fail(failure);
        let answer = billing.deliver(&event).await;
        assert_eq!(answer.status, 503);
        texts.push(format!("{:?} {}", answer.headers, answer.text));
        stripe.api.recover();
    }
    assert_eq!(billing.outcome_of(&event).await, "applied");
    let browser = Browser::logged_in(&billing).await;
    for page in
        ["/admin", "/admin/thin-events", "/admin/customization/stripe-settings", "/admin/customers"]
    {
        texts.push(browser.page(page).await);
    }
    texts.push(format!("{:?}", billing.deliveries().await));
    texts.push(billing.get("/api/v1/admin/settings/stripe").await.text);
    let (printed, log) = billing.stop();
    texts.extend([printed, log]);
    let hidden = &API_KEY["rk_test_".len()..];
    for text in &texts {
        assert!(!text.contains(hidden), "{text}");
    }
    assert_not_in_files(store.folder(), hidden);
}

fn assert_not_in_files(folder: &Path, hidden: &str) {
    for file in fs::read_dir(folder).unwrap() {
        let content = fs::read(file.unwrap().path()).unwrap();
        assert!(!content.windows(hidden.len()).any(|part| part == hidden.as_bytes()));
    }
}

/// The fake speaks no TLS.
#[tokio::test]
async fn a_server_without_tls_gets_no_request_for_https() {
    let stripe = Stripe::start().await;
    let base = format!("https://{}", stripe.address);
    let billing = stripe.setup(&Store::sqlite()).with("STRIPE_API_BASE", base).start();
    let event = stripe.publish(&top_up(EMAIL, 100));
    assert_eq!(rejection(&billing, &event).await, fetch_failed());
    let reason = billing.deliveries().await[0]["reason"].to_string();
    assert!(reason.contains("cannot be reached"), "{reason}");
    assert_eq!(stripe.paths(), Vec::<String>::new());
}

#[tokio::test]
async fn the_api_is_not_asked_at_startup() {
    let stripe = Stripe::start().await;
    let billing: Billing = stripe.billing(&Store::sqlite());
    assert_eq!(billing.get("/healthz").await.status, 200);
    assert_eq!(stripe.paths(), Vec::<String>::new());
}
