//! The two limits of a body's size: the layer's, and axum's for its extractors.

use std::time::{Duration, SystemTime};

use axum::{
    Json, Router,
    body::Body,
    extract::DefaultBodyLimit,
    routing::{MethodRouter, post},
};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use tower::ServiceExt;
use tower_stripe_webhook::{
    SigningSecret, StripeWebhookLayer, VerifiedEvent,
    test_util::{FixedClock, signed_request},
};

/// The limit of axum's `DefaultBodyLimit`, unless it is set.
const LIMIT_OF_AXUM: usize = 2 * 1024 * 1024;

const LIMIT_OF_LAYER: usize = 3 * 1024 * 1024;

/// An event of so many bytes.
fn event(size: usize) -> String {
    let frame = |note: &str| {
        format!(
            r#"{{"id":"evt_1","object":"event","type":"ping","data":{{"object":{{"note":"{note}"}}}}}}"#
        )
    };
    frame(&"x".repeat(size - frame("").len()))
}

/// Returns the handler's status for an event of this many bytes.
async fn status(handler: MethodRouter, size: usize) -> StatusCode {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_a").unwrap();
    let layer = StripeWebhookLayer::new(secret.clone())
        .with_clock(FixedClock::new(now))
        .with_max_body_size(LIMIT_OF_LAYER);
    let app: Router = Router::new().route("/", handler.route_layer(layer));
    let request = signed_request("/", event(size), &secret, now).map(Body::new);
    app.oneshot(request).await.unwrap().status()
}

async fn take_event(event: VerifiedEvent) -> String {
    event.body().len().to_string()
}

async fn take_bytes(body: Bytes) -> String {
    body.len().to_string()
}

async fn take_string(body: String) -> String {
    body.len().to_string()
}

async fn take_json(Json(json): Json<Value>) -> String {
    json.to_string()
}

#[tokio::test]
async fn extractors_of_the_body_meet_the_limit_of_axum() {
    for (handler, name) in
        [(post(take_bytes), "Bytes"), (post(take_string), "String"), (post(take_json), "Json")]
    {
        assert_eq!(status(handler.clone(), LIMIT_OF_AXUM).await, StatusCode::OK, "{name}");
        assert_eq!(
            status(handler.clone(), LIMIT_OF_AXUM + 1).await,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{name}"
        );
        let without_limit = handler.layer(DefaultBodyLimit::disable());
        assert_eq!(status(without_limit, LIMIT_OF_AXUM + 1).await, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn a_verified_event_meets_the_limit_of_the_layer_only() {
    for size in [LIMIT_OF_AXUM, LIMIT_OF_AXUM + 1, LIMIT_OF_LAYER] {
        assert_eq!(status(post(take_event), size).await, StatusCode::OK, "{size}");
    }
    assert_eq!(status(post(take_event), LIMIT_OF_LAYER + 1).await, StatusCode::PAYLOAD_TOO_LARGE);
}
