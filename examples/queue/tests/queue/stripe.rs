//! Stripe, which delivers events.

use std::time::SystemTime;

use axum::http::StatusCode;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower_stripe_webhook::{
    SigningSecret,
    test_util::{samples, signed_request},
};

use crate::{in_time, program::Program};

pub const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";

/// The id of every test webhook of Stripe's dashboard.
pub const TEST_WEBHOOK: &str = "evt_00000000000000";

/// Returns the body of `invoice.paid` with that id.
pub fn event(id: &str) -> String {
    samples::INVOICE_PAID.replace("evt_1SampleInvoicePaid000000", id)
}

/// Delivers `event(id)`, and gives the answer's status.
pub async fn deliver(id: &str, program: &Program) -> StatusCode {
    let secret = SigningSecret::new(SECRET).expect("a signing secret");
    let request = signed_request(&program.url, event(id), &secret, SystemTime::now());
    let client = Client::builder(TokioExecutor::new()).build_http();
    in_time("the answer", client.request(request)).await.expect("the program answers").status()
}
