//! The HTTP requests that the client makes.

use http::Method;
use tower_stripe_webhook::{
    Mode,
    api::{
        ApiBaseUrl, ApiClient, ApiErrorKind, ApiKey, ApiRequest, ApiScope, ApiVersion, ListQuery,
        SharedApiClient, StripeApi,
    },
    test_util::FakeApi,
};

use crate::support::{INVOICE, chain, invoice, key, recorder};

/// The headers of the only request, sorted, with the API key in plain text.
async fn headers_of(request: &ApiRequest) -> Vec<(String, String)> {
    let (api, sent) = recorder();
    api.get(request).await.unwrap();
    let sent = sent.lock().unwrap();
    assert_eq!(sent.len(), 1);
    let mut headers: Vec<_> = sent[0]
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    headers
}

fn with(mut headers: Vec<(String, String)>, more: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.extend(more.iter().map(|(name, value)| ((*name).into(), (*value).into())));
    headers.sort();
    headers
}

fn always() -> Vec<(String, String)> {
    with(
        Vec::new(),
        &[
            ("accept", "application/json"),
            ("authorization", "Bearer rk_test_Bqk2Uj0QZzR1hmYd"),
            ("stripe-version", "2026-10-28.endive"),
            ("user-agent", concat!("tower-stripe-webhook/", env!("CARGO_PKG_VERSION"))),
        ],
    )
}

#[tokio::test]
async fn a_request_has_these_headers_and_no_others() {
    assert_eq!(headers_of(&invoice()).await, always());
}

#[tokio::test]
async fn the_scope_and_the_event_are_headers() {
    let account = ApiScope::Account("acct_1".into());
    assert_eq!(
        headers_of(&invoice().with_scope(account).with_event_id("evt_1")).await,
        with(always(), &[("stripe-account", "acct_1"), ("stripe-request-trigger", "event=evt_1")]),
    );
    let context = ApiScope::Context("org_1/acct_2".into());
    assert_eq!(
        headers_of(&invoice().with_scope(context)).await,
        with(always(), &[("stripe-context", "org_1/acct_2")]),
    );
}

#[tokio::test]
async fn a_request_is_a_get_of_the_path_at_the_base_url() {
    let (api, sent) = recorder();
    api.get(&invoice()).await.unwrap();
    let local = ApiBaseUrl::new("http://[::1]:1/").unwrap();
    api.with_base_url(local).get(&ApiRequest::new("/v2/core/events/evt_1").unwrap()).await.unwrap();
    let sent = sent.lock().unwrap();
    assert!(sent.iter().all(|request| request.method() == Method::GET));
    assert_eq!(sent[0].uri(), "https://api.stripe.com/v1/invoices/in_1");
    assert_eq!(sent[1].uri(), "http://[::1]:1/v2/core/events/evt_1");
}

#[tokio::test]
async fn the_version_can_be_changed() {
    let (api, sent) = recorder();
    let api = api.with_version(ApiVersion::new("2025-03-31.basil").unwrap());
    assert_eq!(api.version().as_str(), "2025-03-31.basil");
    api.get(&invoice()).await.unwrap();
    assert_eq!(sent.lock().unwrap()[0].headers()["stripe-version"], "2025-03-31.basil");
}

#[tokio::test]
async fn the_authorization_header_is_marked_as_sensitive() {
    let (api, sent) = recorder();
    api.get(&invoice()).await.unwrap();
    let sent = sent.lock().unwrap();
    assert!(sent[0].headers()["authorization"].is_sensitive());
    assert!(!format!("{sent:?}").contains("Bqk2"));
}

#[tokio::test]
async fn an_event_id_unfit_for_a_header_is_left_out() {
    let long = "a".repeat(513);
    let (api, sent) = recorder();
    for bad in ["", "a\r\nb", "é", "a b", "evt_1:2", "evt_1/evt_2", "\0", &long] {
        api.get(&invoice().with_event_id(bad)).await.unwrap();
        let request = sent.lock().unwrap().pop().expect("a request");
        assert!(!request.headers().contains_key("stripe-request-trigger"), "{bad:?}");
    }
}

#[tokio::test]
async fn an_id_unfit_for_a_header_is_an_error_and_not_sent() {
    let long = "a".repeat(513);
    let (api, sent) = recorder();
    for bad in ["", "a\r\nb", "a\nAuthorization: x", "é", "a b", "a,b", "\0", "a\"", &long] {
        for request in [
            invoice().with_scope(ApiScope::Account(bad.into())),
            invoice().with_scope(ApiScope::Context(bad.into())),
        ] {
            let error = api.get(&request).await.expect_err(bad);
            assert_eq!(error.kind(), ApiErrorKind::InvalidRequest, "{bad:?}");
            assert_eq!(error.to_string(), "the request cannot be made");
            assert!(chain(&error).contains("such as `"), "{}", chain(&error));
        }
    }
    // A path of accounts is a context only, and each part of it is an id.
    for request in [
        invoice().with_scope(ApiScope::Account("acct_1/acct_2".into())),
        invoice().with_scope(ApiScope::Context("acct_1//acct_2".into())),
        invoice().with_scope(ApiScope::Context("/acct_1".into())),
        invoice().with_scope(ApiScope::Context("acct_1/".into())),
    ] {
        assert_eq!(api.get(&request).await.unwrap_err().kind(), ApiErrorKind::InvalidRequest);
    }
    assert!(sent.lock().unwrap().is_empty());

    let limit = "a".repeat(512);
    for request in [
        invoice().with_scope(ApiScope::Account((&*limit).into())),
        invoice().with_scope(ApiScope::Context((&*limit).into())),
        invoice().with_event_id(&limit),
    ] {
        api.get(&request).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_of_the_other_mode_is_an_error_and_not_sent() {
    let fake = FakeApi::new();
    fake.insert("/v1/invoices/in_1", INVOICE);
    let answers = async |key: &str, mode| {
        let api = StripeApi::new(ApiKey::new(key).unwrap(), fake.clone());
        api.get(&invoice().with_mode(mode)).await.map_err(|error| error.kind())
    };
    for (key, mode) in [("sk_test_a", Mode::Live), ("rk_live_a", Mode::Test)] {
        assert_eq!(answers(key, mode).await.unwrap_err(), ApiErrorKind::WrongMode);
    }
    assert!(fake.requests().is_empty());
    for (key, mode) in
        [("sk_test_a", Mode::Test), ("rk_live_a", Mode::Live), ("sk_org_a", Mode::Live)]
    {
        assert!(answers(key, mode).await.is_ok(), "{key}");
    }
}

#[tokio::test]
async fn a_shared_client_of_any_type_sends_the_request() {
    let fake = FakeApi::new();
    fake.insert("/v1/invoices/in_1", INVOICE);
    let api = SharedApiClient::new(StripeApi::new(key(), fake.clone()));
    let of_a_shared_one = SharedApiClient::new(api.clone());
    for api in [api, of_a_shared_one] {
        let response = api.get(&invoice()).await.unwrap();
        assert_eq!(response.body(), INVOICE);
        assert!(response.request_id().unwrap().starts_with("req_"));
    }
    assert_eq!(fake.requests().len(), 2);
}

#[tokio::test]
async fn the_query_of_a_list_follows_the_path() {
    let query_of = async |path: &str, query: ListQuery| {
        let (api, sent) = recorder();
        let request = ApiRequest::new(path).unwrap().with_query(query);
        api.get(&request).await.unwrap();
        let uri = sent.lock().unwrap()[0].uri().clone();
        assert_eq!((uri.host(), uri.path()), (Some("api.stripe.com"), path));
        assert_eq!(uri.query(), request.query().as_deref());
        uri.query().map(str::to_owned)
    };
    assert_eq!(query_of("/v1/customers", ListQuery::new()).await, None);
    let query = ListQuery::new().with_limit(100).with_starting_after("cus_1");
    let expected = Some("limit=100&starting_after=cus_1".to_owned());
    assert_eq!(query_of("/v1/customers", query).await, expected);
    // No value can change the path, the host or another parameter.
    let query = ListQuery::new().with("email", "@evil.example/?a=b&limit=1#x y\n");
    let expected = "email=%40evil.example%2F%3Fa%3Db%26limit%3D1%23x%20y%0A".to_owned();
    assert_eq!(query_of("/v1/customers", query).await, Some(expected));
}
