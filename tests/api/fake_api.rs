//! The fake of Stripe's API for tests of handlers.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Empty};
use serde_json::Value;
use tokio::{task::yield_now, time::timeout};
use tower::ServiceExt;
use tower_stripe_webhook::{
    api::{ApiClient, ApiErrorKind, ApiKey, ApiRequest, ApiScope, StripeApi},
    test_util::{FakeApi, FakeApiFailure, samples},
};

use crate::support::{INVOICE, invoice, key};

fn fake() -> FakeApi {
    let fake = FakeApi::new();
    fake.insert("/v1/invoices/in_1", INVOICE);
    fake
}

/// Sends a request with these headers, and returns the status and the body.
async fn send(
    fake: &FakeApi,
    method: Method,
    path: &str,
    headers: &[(&'static str, &str)],
) -> (u16, Value) {
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    for (name, value) in headers {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    let response = fake.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers()["request-id"].to_str().unwrap().starts_with("req_"));
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

const KEY: (&str, &str) = ("authorization", "Bearer sk_test_1");
const VERSION: (&str, &str) = ("stripe-version", "2026-10-28.endive");

async fn get(fake: &FakeApi, path: &str, headers: &[(&'static str, &str)]) -> (u16, Value) {
    send(fake, Method::GET, path, &[headers, &[KEY]].concat()).await
}

#[tokio::test]
async fn a_request_without_the_right_key_is_answered_401() {
    let fake = fake().with_key(ApiKey::new("sk_test_1").unwrap());
    let path = "/v1/invoices/in_1";
    for authorization in [
        None,
        Some(""),
        Some("sk_test_1"),
        Some("Basic c2tfdGVzdF8x"),
        Some("Bearer "),
        Some("Bearer pk_test_1"),
        Some("Bearer sk_test_2"),
        Some("Bearer sk_test_1 "),
    ] {
        let headers: Vec<_> = authorization.iter().map(|&value| ("authorization", value)).collect();
        let (status, body) = send(&fake, Method::GET, path, &headers).await;
        assert_eq!(status, 401, "{authorization:?}");
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    assert_eq!(get(&fake, path, &[]).await.0, 200);
    // Without a key of its own, it accepts each.
    let (status, _) =
        send(&self::fake(), Method::GET, path, &[("authorization", "Bearer rk_live_anything")])
            .await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn a_missing_object_has_the_code_of_its_api() {
    let fake = fake();
    for (path, code) in
        [("/v1/invoices/in_2", "resource_missing"), ("/v2/core/events/evt_1", "not_found")]
    {
        let (status, body) = get(&fake, path, &[VERSION]).await;
        assert_eq!((status, body["error"]["code"].as_str()), (404, Some(code)));
    }
}

#[tokio::test]
async fn an_unknown_path_or_method_has_no_code() {
    let fake = fake();
    for path in ["/v1/invoices", "/v2/core/accounts", "/v3/invoices/in_1", "/", "/v1/"] {
        let (status, body) = get(&fake, path, &[VERSION]).await;
        assert_eq!((status, &body["error"]["code"]), (404, &Value::Null), "{path}");
        assert!(body["error"]["message"].as_str().unwrap().starts_with("Unrecognized request URL"));
    }
    for method in [Method::POST, Method::DELETE, Method::HEAD] {
        let (status, body) = send(&fake, method, "/v1/invoices/in_1", &[KEY]).await;
        assert_eq!((status, &body["error"]["code"]), (404, &Value::Null));
    }
}

#[tokio::test]
async fn api_v2_needs_a_version() {
    let fake = FakeApi::new();
    fake.insert("/v2/core/accounts/acct_1", r#"{"object":"v2.core.account"}"#);
    assert_eq!(get(&fake, "/v2/core/accounts/acct_1", &[]).await.0, 400);
    assert_eq!(get(&fake, "/v2/core/accounts/acct_1", &[VERSION]).await.0, 200);
}

#[tokio::test]
async fn an_account_gets_its_own_objects_only() {
    let fake = fake();
    fake.insert_for("acct_1", "/v1/invoices/in_2", INVOICE);
    fake.insert_for("acct_2", "/v1/invoices/in_3", INVOICE);
    fake.insert_for("org_1/acct_2", "/v1/invoices/in_4", INVOICE);
    let status = async |id: &str, headers: &[(&'static str, &str)]| {
        get(&fake, &format!("/v1/invoices/{id}"), headers).await.0
    };
    for name in ["stripe-account", "stripe-context"] {
        assert_eq!(status("in_2", &[(name, "acct_1")]).await, 200);
        assert_eq!(status("in_3", &[(name, "acct_2")]).await, 200);
        assert_eq!(status("in_2", &[(name, "acct_2")]).await, 404);
        assert_eq!(status("in_1", &[(name, "acct_1")]).await, 404);
        assert_eq!(status("in_2", &[(name, "acct_9")]).await, 403);
    }
    assert_eq!(status("in_2", &[]).await, 404);
    assert_eq!(status("in_4", &[("stripe-context", "org_1/acct_2")]).await, 200);
    assert_eq!(status("in_4", &[("stripe-context", "acct_2")]).await, 404);
    let both = [("stripe-account", "acct_1"), ("stripe-context", "acct_1")];
    assert_eq!(status("in_2", &both).await, 400);

    fake.remove_for("acct_1", "/v1/invoices/in_2");
    assert_eq!(status("in_2", &[("stripe-account", "acct_1")]).await, 404);
    assert_eq!(status("in_3", &[("stripe-account", "acct_2")]).await, 200);
}

#[tokio::test]
async fn a_singleton_object_has_a_short_path() {
    let fake = FakeApi::new();
    assert_eq!(get(&fake, "/v1/balance", &[]).await.1["error"]["code"], "resource_missing");
    fake.insert("/v1/balance", r#"{"object":"balance"}"#);
    assert_eq!(get(&fake, "/v1/balance", &[]).await.0, 200);
}

#[tokio::test]
async fn failures_are_used_up_in_order() {
    let fake = fake();
    let api = StripeApi::new(key(), fake.clone());
    fake.fail(FakeApiFailure::new(StatusCode::INTERNAL_SERVER_ERROR).times(2));
    fake.fail(FakeApiFailure::connection_error());
    fake.fail(FakeApiFailure::with_body(StatusCode::OK, "[]"));
    fake.fail(FakeApiFailure::new(StatusCode::FORBIDDEN).for_path("/v1/invoices/in_2"));
    fake.fail(FakeApiFailure::new(StatusCode::FORBIDDEN).times(0));
    for kind in [
        ApiErrorKind::Stripe,
        ApiErrorKind::Stripe,
        ApiErrorKind::Transport,
        ApiErrorKind::UnexpectedResponse,
    ] {
        assert_eq!(api.get(&invoice()).await.unwrap_err().kind(), kind);
    }
    assert!(api.get(&invoice()).await.is_ok());
    let other = ApiRequest::new("/v1/invoices/in_2").unwrap();
    assert_eq!(api.get(&other).await.unwrap_err().kind(), ApiErrorKind::Permission);
    assert_eq!(api.get(&other).await.unwrap_err().kind(), ApiErrorKind::NotFound);

    fake.fail(FakeApiFailure::connection_error().times(usize::MAX));
    assert!(api.get(&invoice()).await.is_err());
    fake.recover();
    assert!(api.get(&invoice()).await.is_ok());
}

#[tokio::test]
async fn a_failure_has_its_code_and_its_headers() {
    let fake = fake();
    fake.fail(
        FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS)
            .with_code("lock_timeout")
            .with_header("retry-after", "2")
            .with_header("request-id", "req_own"),
    );
    let error = StripeApi::new(key(), fake).get(&invoice()).await.unwrap_err();
    assert_eq!(error.code(), Some("lock_timeout"));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert_eq!(error.request_id(), Some("req_own"));
}

#[tokio::test(start_paused = true)]
async fn a_gate_holds_answers_back_until_it_opens() {
    let fake = fake();
    let api = StripeApi::new(key(), fake.clone());
    let (first, second) = (fake.hold(), fake.hold());
    let request = tokio::spawn({
        let api = api.clone();
        async move { api.get(&invoice()).await }
    });
    fake.arrived(1).await;
    first.open();
    yield_now().await;
    assert!(!request.is_finished());
    // The answer is of the time at which the request arrived.
    fake.insert("/v1/invoices/in_1", r#"{"id":"in_1","status":"paid"}"#);
    drop(second);
    assert_eq!(request.await.unwrap().unwrap().body(), INVOICE);
    assert_ne!(api.get(&invoice()).await.unwrap().body(), INVOICE);
}

#[tokio::test(start_paused = true)]
async fn arrived_waits_for_a_number_of_requests() {
    let fake = fake();
    let api = StripeApi::new(key(), fake.clone());
    fake.arrived(0).await;
    api.get(&invoice()).await.unwrap();
    fake.arrived(1).await;
    assert!(timeout(Duration::from_secs(1), fake.arrived(2)).await.is_err());
    api.get(&invoice()).await.unwrap();
    fake.arrived(2).await;
}

#[tokio::test]
async fn the_log_has_each_request_without_the_key() {
    let fake = fake();
    let api = StripeApi::new(key(), fake.clone());
    let scope = ApiScope::Account("acct_1".into());
    api.get(&invoice().with_scope(scope).with_event_id("evt_1")).await.unwrap_err();
    let list = "/v1/events?limit=1";
    get(&fake, list, &[]).await;
    let requests = fake.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].method(), requests[0].path()), (&Method::GET, "/v1/invoices/in_1"));
    assert_eq!(requests[0].header("Stripe-Account"), Some("acct_1"));
    assert_eq!(requests[0].header("stripe-context"), None);
    assert_eq!((requests[1].path(), requests[1].query()), ("/v1/events", Some("limit=1")));
    let text = format!("{fake:?} {fake:#?} {requests:?}");
    assert!(!text.contains("Bqk2") && !text.contains("sk_test_1"), "{text}");
}

#[tokio::test]
async fn an_event_is_at_its_own_path() {
    let fake = FakeApi::new();
    fake.insert_event(samples::INVOICE_PAID);
    fake.insert_event(samples::V2_CORE_ACCOUNT_UPDATED);
    for (sample, list) in [
        (samples::INVOICE_PAID, "/v1/events"),
        (samples::V2_CORE_ACCOUNT_UPDATED, "/v2/core/events"),
    ] {
        let event: Value = serde_json::from_str(sample).unwrap();
        let path = format!("{list}/{}", event["id"].as_str().unwrap());
        let context = event["context"].as_str().map(|context| ("stripe-context", context));
        let headers: Vec<_> = context.into_iter().chain([VERSION]).collect();
        assert_eq!(get(&fake, &path, &headers).await, (200, event));
    }
}

#[test]
#[should_panic(expected = "must be the path of an object")]
fn the_path_of_a_list_is_no_place_for_an_object() {
    FakeApi::new().insert("/v1/invoices", INVOICE);
}

#[test]
#[should_panic(expected = "must be JSON")]
fn an_object_is_json() {
    FakeApi::new().insert("/v1/invoices/in_1", "[]");
}

#[test]
#[should_panic(expected = "an event must have")]
fn inserting_another_object_as_an_event_panics() {
    FakeApi::new().insert_event(INVOICE);
}
