//! One of the two servers.

use std::{io, process, sync::Arc, thread, time::Duration};

use axum::{
    Extension, Router,
    http::{HeaderValue, StatusCode},
    middleware::map_response,
    response::{IntoResponse, Response},
    routing::{MethodRouter, post},
};
use rand::{RngExt, rng, seq::IndexedRandom};
use sqlx::PgPool;
use tokio::{net::TcpListener, time::sleep};
use tower::ServiceBuilder;
use tower_stripe_webhook::{
    BoxError, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    idempotency::{
        self, Delivery, EventKey, IdempotencyLayer, IdempotencyStore, Outcome, PostgresStore,
        RedisStore,
    },
};

use crate::{
    SECRET,
    ledger::{HandlerRun, Ledger},
};

pub const PATH: &str = "/webhook";

/// The response header with the code of the [`Outcome`], for the sender.
pub const OUTCOME: &str = "x-outcome";

/// The time for which a killed node's claims block other nodes.
///
/// Long enough for a busy machine to renew in time.
const LEASE: Duration = Duration::from_secs(5);

/// The time for which Redis keeps the data of a run.
const RETENTION: Duration = Duration::from_secs(60 * 60);

/// Listens on a free port, prints it and serves.
///
/// It ends if it is killed, or if the process that started it is gone.
pub async fn serve(ledger: Ledger) -> Result<(), BoxError> {
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(1);
    });
    let verified = StripeWebhookLayer::new(SigningSecret::new(SECRET)?);
    let webhook = match ledger.clone() {
        Ledger::PostgresTransaction(pool) => {
            let handler = async move |event| {
                in_one_transaction(event, pool.clone()).await.map_err(answer_failure).map(Extension)
            };
            post(handler).route_layer(verified).route_layer(map_response(show_outcome))
        }
        Ledger::Postgres(pool) => claiming(PostgresStore::new(pool), verified, ledger),
        Ledger::Redis { connection, prefix } => {
            let store = RedisStore::new(connection).with_prefix(prefix).with_retention(RETENTION);
            claiming(store, verified, ledger)
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, Router::new().route(PATH, webhook)).await?)
}

fn claiming<S: IdempotencyStore>(
    store: S,
    verified: StripeWebhookLayer<SigningSecret>,
    ledger: Ledger,
) -> MethodRouter {
    let layers =
        ServiceBuilder::new().layer(verified).layer(IdempotencyLayer::new(store).with_lease(LEASE));
    let ledger = Arc::new(ledger);
    post(async move |event| {
        keyed_by_event(event, Arc::clone(&ledger)).await.map_err(answer_failure)
    })
    .route_layer(layers)
    .route_layer(map_response(show_outcome))
}

async fn show_outcome(mut response: Response) -> Response {
    if let Some(outcome) = response.extensions().get::<Outcome>() {
        let code = HeaderValue::from_static(outcome.code());
        response.headers_mut().insert(OUTCOME, code);
    }
    response
}

/// The points at which a handler can fail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    BeforeTheEffect,
    AfterTheEffect,
    /// Only if the handler commits and not the layer.
    AfterTheCommit,
}

/// Returns one of the points, one time in ten.
fn failure_at_one_of(points: &[Failure]) -> Option<Failure> {
    let mut rng = rng();
    if rng.random_ratio(1, 10) { points.choose(&mut rng).copied() } else { None }
}

fn fail_at(point: Failure, failure: Option<Failure>) -> Result<(), BoxError> {
    if failure == Some(point) { Err("this handler fails one time in ten".into()) } else { Ok(()) }
}

async fn in_one_transaction(event: VerifiedEvent, pool: PgPool) -> Result<Outcome, BoxError> {
    let failure = failure_at_one_of(&[
        Failure::BeforeTheEffect,
        Failure::AfterTheEffect,
        Failure::AfterTheCommit,
    ]);
    fail_at(Failure::BeforeTheEffect, failure)?;
    let mut transaction = pool.begin().await?;
    match idempotency::record(&mut transaction, &EventKey::of(&event)).await? {
        Delivery::Duplicate => return Ok(Outcome::Duplicate),
        Delivery::First => {
            let insert = sqlx::query("INSERT INTO effects VALUES ($1)").bind(event.id());
            insert.execute(&mut *transaction).await?;
        }
    }
    work().await;
    fail_at(Failure::AfterTheEffect, failure)?;
    transaction.commit().await?;
    work().await;
    fail_at(Failure::AfterTheCommit, failure)?;
    Ok(Outcome::Committed)
}

/// Handles an event whose effect is keyed. The layer then commits the claim.
async fn keyed_by_event(event: VerifiedEvent, ledger: Arc<Ledger>) -> Result<(), BoxError> {
    let failure = failure_at_one_of(&[Failure::BeforeTheEffect, Failure::AfterTheEffect]);
    let run = HandlerRun::begin(event.id(), failure.is_none());
    fail_at(Failure::BeforeTheEffect, failure)?;
    work().await;
    ledger.apply_keyed(&run).await?;
    work().await;
    ledger.end(&run).await?;
    fail_at(Failure::AfterTheEffect, failure)
}

/// Takes a moment, so that nodes are killed in the middle of it.
async fn work() {
    let millis = rng().random_range(0..5);
    sleep(Duration::from_millis(millis)).await;
}

fn answer_failure(error: BoxError) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
}
