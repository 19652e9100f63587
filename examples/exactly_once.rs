//! An axum app on SQLite that processes each Stripe event exactly once.
//!
//! Each event is recorded in the transaction that has its effect. So either both are stored or
//! neither is, however often Stripe delivers the event.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example exactly_once --features sqlite
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send     # in a second terminal
//! ```
//!
//! `DATABASE_URL` is the database, by default `sqlite:shop.db`.

use std::{env, future::Future, io};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use sqlx::{
    Sqlite, SqlitePool, SqliteTransaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tower_stripe_webhook::{
    BoxError, EnvSecret, EventData, StripeWebhookLayer, VerifiedEvent,
    idempotency::{self, EventKey},
};

const PATH: &str = "/api/v1/webhooks/stripe";

const MIGRATION: &str = "
    CREATE TABLE IF NOT EXISTS sales (
        session TEXT PRIMARY KEY, email TEXT, amount INTEGER, currency TEXT);
    CREATE TABLE IF NOT EXISTS subscriptions (
        id TEXT PRIMARY KEY, paid_invoices INTEGER NOT NULL);";

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let secret = EnvSecret::require("STRIPE_WEBHOOK_SECRET")?;
    let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:shop.db".into());
    let pool = open(&url).await?;

    let webhook = post(receive).route_layer(StripeWebhookLayer::new(secret));
    let app = Router::new().route(PATH, webhook).with_state(pool.clone());

    let shutdown = shutdown()?;
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}{PATH}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(shutdown).await?;
    pool.close().await;
    Ok(())
}

/// Opens the database, and creates the tables that it lacks.
async fn open(url: &str) -> sqlx::Result<SqlitePool> {
    let options = url.parse::<SqliteConnectOptions>()?;
    let options = options.create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
    // With these options, the pool closes a connection whose commit failed.
    let pool = idempotency::pool_options::<Sqlite>().connect_with(options).await?;
    idempotency::create_events_table(&pool).await?;
    // A server that runs for months calls this once a day.
    idempotency::prune_events(&pool, idempotency::RETENTION).await?;
    sqlx::raw_sql(MIGRATION).execute(&pool).await?;
    Ok(pool)
}

/// Answers `200` after the event is processed and committed.
///
/// After any error it answers `500`, so that Stripe delivers the event again.
async fn receive(State(pool): State<SqlitePool>, event: VerifiedEvent) -> Result<(), AppError> {
    let mut transaction = pool.begin().await?;
    // First in the transaction: a duplicate that is delivered at the same moment waits here.
    if idempotency::record(&mut transaction, &EventKey::of(&event)).await?.is_first() {
        process(&event, &mut transaction).await?;
        transaction.commit().await?;
        println!("processed {} {}", event.id(), event.event_type());
    } else {
        println!("duplicate {} {}", event.id(), event.event_type());
    }
    Ok(())
}

async fn process(event: &VerifiedEvent, db: &mut SqliteTransaction<'_>) -> Result<(), AppError> {
    match event.data()? {
        // A delayed payment method, such as a bank debit, succeeds some days after the checkout.
        EventData::CheckoutSessionCompleted(session)
        | EventData::CheckoutSessionAsyncPaymentSucceeded(session)
            if session.is_paid() =>
        {
            sqlx::query("INSERT INTO sales VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
                .bind(session.id())
                .bind(session.email())
                .bind(session.amount_total())
                .bind(session.currency())
                .execute(&mut **db)
                .await?;
        }
        EventData::InvoicePaid(invoice) => {
            let count = "INSERT INTO subscriptions VALUES ($1, 1)
                ON CONFLICT DO UPDATE SET paid_invoices = paid_invoices + 1";
            if let Some(subscription) = invoice.subscription_id() {
                sqlx::query(count).bind(subscription).execute(&mut **db).await?;
            }
        }
        _ => {} // acknowledged, so that Stripe does not deliver it again
    }
    Ok(())
}

/// Any error. The details are for the log, because Stripe shows the response.
struct AppError(BoxError);

impl<E: Into<BoxError>> From<E> for AppError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        eprintln!("the event is not processed: {}", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, "the event is not processed").into_response()
    }
}

/// Waits for Ctrl-C or SIGTERM.
///
/// The server then finishes the requests that have started.
fn shutdown() -> io::Result<impl Future<Output = ()> + Send> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
