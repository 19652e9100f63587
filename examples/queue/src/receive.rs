//! The webhook: what is stored is answered.

use std::time::Duration;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use tokio::time::timeout;
use tower_stripe_webhook::{BoxError, EnvSecret, StripeWebhookLayer, VerifiedEvent};

use crate::{
    common,
    queue::{Queue, Stored},
    settings::Settings,
};

/// Well below what Stripe waits for an answer.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);

pub async fn serve(queue: Queue, settings: &Settings) -> Result<(), BoxError> {
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let (shutdown, end_of_patience) = common::shutdown()?;
    let listener = common::listen().await.map_err(|error| error.to_string())?;
    common::print_welcome(&listener, &secret).map_err(|error| error.to_string())?;

    let webhook = post(receive).route_layer(StripeWebhookLayer::new(secret));
    let app = Router::new().route(common::PATH, webhook).with_state((queue, settings.max_attempts));
    tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(shutdown) => served?,
        () = end_of_patience => {}
    }
    Ok(())
}

/// Answers `200` once the event is on disk. Until then the event is Stripe's, which delivers it again after any other answer.
async fn receive(State((queue, max_attempts)): State<(Queue, u32)>, event: VerifiedEvent) -> StatusCode {
    let problem = match timeout(STORE_TIMEOUT, queue.put(&event, max_attempts)).await {
        Ok(Ok(stored)) => {
            let what = match stored {
                Stored::First => "stored",
                Stored::Duplicate => "duplicate",
            };
            println!("{what} {} {}", event.id(), event.event_type());
            return StatusCode::OK;
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("the queue's database took longer than {STORE_TIMEOUT:?}"),
    };
    eprintln!("not stored {}: {problem}", event.id());
    StatusCode::SERVICE_UNAVAILABLE
}
