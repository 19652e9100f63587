//! An axum app whose handler gets verified Stripe events.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example axum
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send     # in a second terminal
//! ```

mod common;

use std::error::Error;

use axum::{Router, http::StatusCode, routing::post};
use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let (shutdown, end_of_patience) = common::shutdown()?;
    let listener = common::listen().await?;
    common::print_welcome(&listener, &secret)?;

    let app = Router::new().route(common::PATH, post(receive).route_layer(StripeWebhookLayer::new(secret)));

    tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(shutdown) => served?,
        () = end_of_patience => {}
    }
    Ok(())
}

/// Is called with events that Stripe signed, and with nothing else.
async fn receive(event: VerifiedEvent) -> StatusCode {
    println!("{} {} livemode={}", event.id(), event.event_type(), event.livemode());
    StatusCode::OK
}
