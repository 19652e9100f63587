//! Deliveries through axum and a socket.

use std::net::SocketAddr;

use axum::{Router, http::StatusCode, routing::post};
use bytes::Bytes;
use http::{HeaderValue, Request, header::HOST};
use http_body_util::Full;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::net::TcpListener;
use tower::ServiceBuilder;
use tower_stripe_webhook::{
    VerifiedEvent,
    idempotency::{IdempotencyLayer, MemoryStore},
};

use crate::app::{Calls, delivery, text_of, verification};

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

async fn post_to(address: SocketAddr, id: &str) -> (StatusCode, String) {
    let mut request: Request<Full<Bytes>> = delivery(id);
    *request.uri_mut() = format!("http://{address}/webhook").parse().unwrap();
    request.headers_mut().insert(HOST, HeaderValue::from_str(&address.to_string()).unwrap());
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.unwrap();
    (response.status(), text_of(response).await)
}

#[tokio::test]
async fn stripe_gets_the_handlers_response_and_then_200() {
    let calls = Calls::default();
    let layers = ServiceBuilder::new()
        .layer(verification())
        .layer(IdempotencyLayer::new(MemoryStore::new()));
    let called = calls.clone();
    let handler = move |event: VerifiedEvent| {
        called.add();
        async move { format!("handled {}", event.id()) }
    };
    let address = serve(Router::new().route("/webhook", post(handler).route_layer(layers))).await;

    assert_eq!(post_to(address, "evt_1").await, (StatusCode::OK, "handled evt_1".to_owned()));
    let (status, text) = post_to(address, "evt_1").await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains(r#""code":"duplicate""#), "{text}");
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn the_layers_can_be_added_one_by_one_the_outer_last() {
    let handler = async |event: VerifiedEvent| event.id().to_owned();
    let app = Router::new()
        .route("/webhook", post(handler))
        .route_layer(IdempotencyLayer::new(MemoryStore::new()))
        .route_layer(verification());
    let address = serve(app).await;
    assert_eq!(post_to(address, "evt_1").await, (StatusCode::OK, "evt_1".to_owned()));
    assert!(post_to(address, "evt_1").await.1.contains("duplicate"));
}
