//! Thin events, whose objects are fetched from a fake of Stripe's API.

mod answers;
mod connect;
mod failures;
mod money;
mod phases;
mod state;

use serde_json::Value;

use crate::harness::Billing;

const EMAIL: &str = "zoe@example.com";

/// Delivers an event, and returns the status and the error code.
async fn rejection(billing: &Billing, event: &Value) -> (u16, String) {
    let answer = billing.deliver(event).await;
    (answer.status, answer.error_code())
}

fn fetch_failed() -> (u16, String) {
    (503, "fetch_failed".to_owned())
}
