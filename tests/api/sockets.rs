//! Over a real socket: hyper-util's client, and the fake or a broken server.

use http::StatusCode;
use tower::{ServiceBuilder, retry::RetryLayer};
use tower_stripe_webhook::{
    api::{ApiClient, ApiErrorKind, ApiRequest, ApiRetryPolicy, ApiScope, StripeApi},
    test_util::{FakeApi, FakeApiFailure},
};

use crate::{
    server::{Server, hyper_client},
    support::{INVOICE, chain, invoice, key},
};

#[tokio::test]
async fn an_object_arrives_and_the_headers_do() {
    let fake = FakeApi::new().with_key(key());
    fake.insert_for("acct_1", "/v1/invoices/in_1", INVOICE);
    let server = Server::start(fake.clone()).await;
    let api = server.client(key());

    let request = invoice().with_scope(ApiScope::Context("acct_1".into())).with_event_id("evt_1");
    let response = api.get(&request).await.unwrap();
    assert_eq!(response.body(), INVOICE);
    assert_eq!(response.request_id(), Some("req_fake0000000001"));

    let received = &fake.requests()[0];
    assert_eq!((received.path(), received.query()), ("/v1/invoices/in_1", None));
    let mut names: Vec<_> = received.headers().keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "accept",
            "authorization",
            "host",
            "stripe-context",
            "stripe-request-trigger",
            "stripe-version",
            "user-agent",
        ]
    );
    assert_eq!(received.header("authorization"), Some("Bearer rk_test_Bqk2Uj0QZzR1hmYd"));
    assert!(!format!("{fake:?} {received:?}").contains("Bqk2"));
}

#[tokio::test]
async fn layers_of_tower_around_the_client_work() {
    let fake = FakeApi::new();
    fake.insert("/v1/invoices/in_1", INVOICE);
    fake.fail(FakeApiFailure::new(StatusCode::SERVICE_UNAVAILABLE));
    fake.fail(FakeApiFailure::connection_error());
    let server = Server::start(fake.clone()).await;
    let client = ServiceBuilder::new()
        .concurrency_limit(2)
        .layer(RetryLayer::new(ApiRetryPolicy::new()))
        .service(hyper_client());
    let api = StripeApi::new(key(), client).with_base_url(server.base_url());
    assert_eq!(api.get(&invoice()).await.unwrap().body(), INVOICE);
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn a_redirect_to_another_host_sends_nothing_there() {
    let elsewhere = FakeApi::new();
    let other_server = Server::start(elsewhere.clone()).await;
    let fake = FakeApi::new();
    let server = Server::start(fake.clone()).await;
    let api = server.client(key());
    for _ in 0..2 {
        let location = format!("http://{}/v1/invoices/in_1", other_server.address);
        fake.fail(FakeApiFailure::redirect(&location));
        let error = api.get(&invoice()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
        assert_eq!(error.status(), Some(StatusCode::FOUND));
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_stopped_server_is_a_transport_error() {
    // The port is free again, and no other test binds a given one.
    let address = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let base_url = format!("http://{address}").parse().unwrap();
    let api = StripeApi::new(key(), hyper_client()).with_base_url(base_url);
    let error = api.get(&invoice()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::Transport);
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn a_connection_closed_early_is_a_transport_error() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n{\"id\":\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
    ] {
        let server = Server::raw(bytes, true).await;
        let error = server.client(key()).get(&invoice()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::Transport, "{bytes:?} {}", chain(&error));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_server_is_a_timeout() {
    for bytes in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":",
    ] {
        let server = Server::raw(bytes, false).await;
        let error = server.client(key()).get(&invoice()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::Timeout, "{bytes:?} {}", chain(&error));
    }
}

#[tokio::test]
async fn a_declared_length_of_10_mb_is_rejected_without_the_body() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n";
    let server = Server::raw(head, false).await;
    let error = server.client(key()).get(&invoice()).await.unwrap_err();
    assert_eq!(error.kind(), ApiErrorKind::UnexpectedResponse);
    assert!(chain(&error).contains("longer than the limit"));
}

#[tokio::test]
async fn an_interim_response_before_the_answer_is_skipped() {
    let bytes = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let server = Server::raw(bytes, true).await;
    assert_eq!(server.client(key()).get(&invoice()).await.unwrap().body(), "{}");
}

#[tokio::test]
async fn many_requests_at_once_each_get_their_answer() {
    let fake = FakeApi::new();
    let server = Server::start(fake.clone()).await;
    let api = server.client(key());
    let requests = (0..50).map(|number| {
        let path = format!("/v1/invoices/in_{number}");
        let object = format!(r#"{{"id":"in_{number}"}}"#);
        fake.insert(&path, object.clone());
        let api = api.clone();
        tokio::spawn(async move {
            let answer = api.get(&ApiRequest::new(&path).unwrap()).await.unwrap();
            assert_eq!(answer.body(), &object);
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
}
