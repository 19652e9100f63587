//! What the example servers with one endpoint share, and what is not about the layer: where to listen, what to print, when to stop.

mod server;

use std::error::Error;

use tokio::net::TcpListener;
use tower_stripe_webhook::{EnvSecret, EventType, event::SUBSCRIPTION_EVENT_TYPES};

pub use self::server::{listen, shutdown};

pub const PATH: &str = "/api/v1/webhooks/stripe";

/// Prints how to send events here, and what is missing.
pub fn print_welcome(listener: &TcpListener, secret: &EnvSecret) -> Result<(), Box<dyn Error>> {
    let address = listener.local_addr()?;
    let events = SUBSCRIPTION_EVENT_TYPES.each_ref().map(EventType::as_str).join(",");
    println!("listening on http://{address}{PATH}");
    println!("from Stripe:        stripe listen --events {events} --forward-to {address}{PATH}");
    println!(
        "without an account: API_PORT={} STRIPE_WEBHOOK_SECRET=<the same> cargo run --example send",
        address.port()
    );
    if let Err(problem) = secret.loaded() {
        println!("every request is answered 503 for now: {problem}");
    }
    Ok(())
}
