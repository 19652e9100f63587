//! An axum app that receives verified Stripe events.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example axum
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send     # in a second terminal
//! ```
//!
//! `axum::serve` does not close silent connections. In production, put a proxy in front, or serve as
//! `examples/serve` does.

use std::{env, error::Error};

use axum::{Router, http::StatusCode, routing::post};
use tokio::net::TcpListener;
use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};

const PATH: &str = "/api/v1/webhooks/stripe";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);

    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    if let Err(error) = secret.loaded() {
        println!("all webhooks are answered 503: {error}");
    }
    let webhook = post(receive).route_layer(StripeWebhookLayer::new(secret));
    let app = Router::new().route(PATH, webhook);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Handles an event. Only events that Stripe signed arrive here.
async fn receive(event: VerifiedEvent) -> StatusCode {
    println!("{} {} livemode={}", event.id(), event.event_type(), event.livemode());
    StatusCode::OK
}
