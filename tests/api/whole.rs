//! All layers, and `StripeApi` with the fake of Stripe's API: what an app has, without a network.

use std::{
    convert::Infallible,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::Full;
use serde_json::json;
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_stripe_webhook::{
    DecodeError, EventData, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    api::{ApiErrorKind, ApiKey, FetchError, FetchErrorKind, FetchLayer, StripeApi},
    idempotency::{IdempotencyLayer, MemoryStore, Outcome},
    test_util::{FakeApi, FakeApiFailure, FixedClock, signed_request},
};

use crate::{
    app::AppRequest,
    events::{customer, snapshot_json, stub, thin_json},
    support::key,
};

const PATH: &str = "/v1/customers/cus_1";

/// Delivers an event to an app, and returns the status, the handler's text and the fetch's error.
async fn deliver(
    fake: &FakeApi,
    key: ApiKey,
    event: impl ToString,
) -> (StatusCode, Outcome, Option<FetchErrorKind>, String) {
    let secret = SigningSecret::new("whsec_of_the_tests").unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let app = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(secret.clone()).with_clock(FixedClock::new(now)))
        .layer(IdempotencyLayer::new(MemoryStore::new()))
        .layer(FetchLayer::new(StripeApi::new(key, fake.clone())).with_snapshot_events(true))
        .service(service_fn(|request: AppRequest| async move {
            let event = request.extensions().get::<VerifiedEvent>().unwrap();
            let text = describe(event).unwrap_or_else(|error| error.to_string());
            let mut response = Response::new(Full::<Bytes>::default());
            response.extensions_mut().insert(text);
            Ok::<_, Infallible>(response)
        }));
    let request = signed_request("/webhook", event.to_string(), &secret, now);
    let response = app.oneshot(request).await.unwrap();
    let extensions = response.extensions();
    (
        response.status(),
        *extensions.get().unwrap(),
        extensions.get().map(FetchError::kind),
        extensions.get::<String>().cloned().unwrap_or_default(),
    )
}

/// A handler that does not depend on the kind of the event.
fn describe(event: &VerifiedEvent) -> Result<String, DecodeError> {
    Ok(match event.data()? {
        EventData::CustomerUpdated(customer) => format!("{:?}", customer.email()),
        EventData::CustomerDeleted(customer) => format!("{} is deleted", customer.id()),
        EventData::Deleted(object) => format!("{} is gone", object.id()),
        other => format!("{other:?}"),
    })
}

fn both_kinds(event_type: &str) -> [String; 2] {
    let mut old = customer("cus_1");
    old["email"] = json!("old@example.com");
    [
        thin_json(&format!("v1.{event_type}"), PATH, "customer", json!({"context": "acct_1"}))
            .to_string(),
        snapshot_json(event_type, old, json!({"account": "acct_1"})).to_string(),
    ]
}

#[tokio::test]
async fn the_handler_sees_the_current_object_of_both_kinds() {
    for event in both_kinds("customer.updated") {
        let fake = FakeApi::new();
        fake.insert_for("acct_1", PATH, customer("cus_1").to_string());
        let (status, outcome, error, text) = deliver(&fake, key(), &event).await;
        assert_eq!((status, outcome, error), (StatusCode::OK, Outcome::Committed, None));
        assert_eq!(text, r#"Some("jo@example.com")"#);

        let [request] = &*fake.requests() else { panic!("one request is made") };
        let is_thin = event.contains("evt_thin");
        let (scope, trigger) = if is_thin {
            ("stripe-context", "event=evt_thin")
        } else {
            ("stripe-account", "event=evt_snapshot")
        };
        assert_eq!(request.header(scope), Some("acct_1"));
        assert_eq!(request.header("stripe-request-trigger"), Some(trigger));
    }
}

#[tokio::test]
async fn an_object_of_another_account_is_not_seen() {
    for event in both_kinds("customer.updated") {
        let fake = FakeApi::new();
        fake.insert(PATH, customer("cus_1").to_string());
        fake.insert_for("acct_2", PATH, customer("cus_1").to_string());
        fake.insert_for("acct_1", "/v1/customers/cus_2", customer("cus_2").to_string());
        let (_, outcome, _, text) = deliver(&fake, key(), event).await;
        assert_eq!((outcome, &*text), (Outcome::Committed, "cus_1 is gone"));
    }
}

#[tokio::test]
async fn a_deleted_customer_is_told_to_the_handler() {
    for (event_type, expected) in
        [("customer.updated", "cus_1 is gone"), ("customer.deleted", "cus_1 is deleted")]
    {
        for event in both_kinds(event_type) {
            let fake = FakeApi::new();
            fake.insert_for("acct_1", PATH, stub("cus_1", "customer").to_string());
            assert_eq!(deliver(&fake, key(), &event).await.3, expected);
            fake.remove_for("acct_1", PATH);
            fake.insert_for("acct_1", "/v1/customers/cus_2", customer("cus_2").to_string());
            assert_eq!(deliver(&fake, key(), &event).await.3, expected);
        }
    }
}

#[tokio::test]
async fn a_failure_of_stripe_leaves_the_event_to_the_next_delivery() {
    for event in both_kinds("customer.updated") {
        let fake = FakeApi::new();
        fake.insert_for("acct_1", PATH, customer("cus_1").to_string());
        for status in [StatusCode::TOO_MANY_REQUESTS, StatusCode::BAD_GATEWAY] {
            fake.fail(FakeApiFailure::new(status));
            let (status, outcome, error, text) = deliver(&fake, key(), &event).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(outcome, Outcome::Released);
            assert!(matches!(error, Some(FetchErrorKind::Api(_))), "{error:?}");
            assert_eq!(text, "");
        }
        assert_eq!(deliver(&fake, key(), &event).await.1, Outcome::Committed);
    }
}

#[tokio::test]
async fn a_key_of_the_other_mode_does_not_make_objects_deleted() {
    let live = ApiKey::new("rk_live_Bqk2Uj0QZzR1hmYd").unwrap();
    for event in both_kinds("customer.updated") {
        let fake = FakeApi::new();
        let (status, _, error, _) = deliver(&fake, live.clone(), event).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(error, Some(FetchErrorKind::Api(ApiErrorKind::WrongMode)));
        assert!(fake.requests().is_empty());
    }
}
