//! A node: a server that handles the events of one target.

mod claims;
mod clock;
mod journal;
mod transaction;

use std::time::Duration;

use axum::{
    Router,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rand::{RngExt, rng};
use tokio::{net::TcpListener, time::sleep};
use tower_stripe_webhook::{BoxError, SigningSecret, StripeWebhookLayer, VerifiedEvent};

use self::clock::NodeClock;
use crate::{SECRET, arguments::NodeArguments};

pub const PATH: &str = "/webhook";

/// What a node prints before its address.
pub const LISTENING: &str = "listening on http://";

/// The time for which a dead node's claims block others.
pub const LEASE: Duration = Duration::from_secs(3);

/// Shorter than the lease, so that there is time to retry a renewal.
const STORE_TIMEOUT: Duration = Duration::from_secs(1);

/// The pause in which a node that is broken on purpose can die after its answer.
const PAUSE_OF_CONTROL: Duration = Duration::from_millis(300);

/// Listens on a free port, prints it and serves.
///
/// Ends if the process that started it has ended.
pub async fn serve(arguments: NodeArguments) -> Result<(), BoxError> {
    let clock = NodeClock::listen_to_stdin();
    let verified = StripeWebhookLayer::new(SigningSecret::new(SECRET)?).with_clock(clock);
    let webhook = if arguments.target.claims() {
        claims::route(&arguments, verified).await?
    } else {
        transaction::route(&arguments, verified).await?
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{LISTENING}{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route(PATH, webhook)).await?)
}

/// Returns the number of an event, which is in its id.
fn number(event: &VerifiedEvent) -> Result<usize, BoxError> {
    Ok(event.id().rsplit('_').next().unwrap_or_default().parse()?)
}

/// The points at which a handler can fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    BeforeTheEffect,
    AfterTheEffect,
    /// Only if the handler commits and not the layer.
    AfterTheCommit,
}

/// Returns one of the points, one time in twenty.
fn failure() -> Option<Failure> {
    match rng().random_range(0..60) {
        0 => Some(Failure::BeforeTheEffect),
        1 => Some(Failure::AfterTheEffect),
        2 => Some(Failure::AfterTheCommit),
        _ => None,
    }
}

fn fail_at(point: Failure, failure: Option<Failure>) -> Result<(), BoxError> {
    if failure == Some(point) { Err("this handler sometimes fails".into()) } else { Ok(()) }
}

/// Takes a moment, and one time in ten up to this time, so that faults happen in the middle of it.
async fn work(longest: Duration) {
    let longest = if rng().random_ratio(1, 10) { longest } else { Duration::from_millis(5) };
    let length = longest.mul_f64(rng().random_range(0.0..1.0));
    sleep(length).await;
}

fn answer_failure(error: BoxError) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
}
