//! The webhook: stores each event and answers.

use std::time::Duration;

use axum::{Router, extract::State, http::StatusCode, routing::post};
use tokio::time::timeout;
use tower_stripe_webhook::{BoxError, EnvSecret, StripeWebhookLayer, VerifiedEvent};

use crate::{
    queue::{Queue, Stored},
    server,
    settings::Settings,
};

/// Well below the time that Stripe waits for an answer.
const STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// All bodies together, in bytes.
const BODY_MEMORY: usize = 64 * 1024 * 1024;

pub async fn serve(queue: Queue, settings: &Settings) -> Result<(), BoxError> {
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let (shutdown, grace_period_over) = server::shutdown()?;
    let listener = server::listen().await?;
    server::print_welcome(&listener, &secret)?;

    let layer = StripeWebhookLayer::new(secret).with_body_memory(BODY_MEMORY);
    let webhook = post(receive).route_layer(layer);
    let app = Router::new().route(server::PATH, webhook).with_state((queue, settings.max_attempts));
    tokio::select! {
        () = serve::serve(listener, app, shutdown) => {}
        () = grace_period_over => {}
    }
    Ok(())
}

/// Answers `200` once the event is on disk.
///
/// After any other answer, Stripe delivers it again.
async fn receive(
    State((queue, max_attempts)): State<(Queue, u32)>,
    event: VerifiedEvent,
) -> StatusCode {
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
