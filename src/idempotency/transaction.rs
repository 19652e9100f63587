//! An event recorded in the caller's own transaction.

use std::time::Duration;

use sqlx::{Error, Pool, Transaction};

use super::{
    Delivery, EventKey,
    sql::{self, Statements},
};

/// The table of [`record`], for your own migrations: [`create_events_table`] runs it. It is the same for SQLite and Postgres.
///
/// ```sql
#[doc = include_str!("events_table.sql")]
/// ```
pub const EVENTS_TABLE: &str = include_str!("events_table.sql");

const RECORD_IN_SQLITE: &str =
    "INSERT INTO stripe_webhook_events (event_key, recorded_at) VALUES ($1, unixepoch()) ON CONFLICT DO NOTHING";

const RECORD_IN_POSTGRES: &str = "INSERT INTO stripe_webhook_events (event_key, recorded_at) \
    VALUES ($1, extract(epoch FROM clock_timestamp())::bigint) ON CONFLICT DO NOTHING";

const PRUNE_SQLITE: &str = "DELETE FROM stripe_webhook_events WHERE event_key IN \
    (SELECT event_key FROM stripe_webhook_events WHERE recorded_at < unixepoch() - $1 ORDER BY recorded_at LIMIT $2)";

const PRUNE_POSTGRES: &str = "DELETE FROM stripe_webhook_events WHERE event_key IN \
    (SELECT event_key FROM stripe_webhook_events WHERE recorded_at < extract(epoch FROM clock_timestamp())::bigint - $1 \
    ORDER BY recorded_at LIMIT $2 FOR UPDATE SKIP LOCKED)";

/// Records an event in your own transaction, and tells whether it is the first time: so record and effect are committed together, or
/// neither is. That makes the effect happen **exactly once**, whatever crashes when.
///
/// It is one statement, of one round trip. The transaction is of [`Sqlite`](sqlx::Sqlite), [`Postgres`](sqlx::Postgres) or
/// [`Any`](sqlx::Any) of these. [`create_events_table`] makes the table, [`prune_events`] deletes what is too old to come again.
///
/// If several endpoints or services record in one table, each of them needs [a scope of its own](EventKey::in_scope).
///
/// Call it first in the transaction. If the same event is in another transaction at the moment, this one waits until that has ended:
/// then it is [`Repeated`](Delivery::Repeated) if the other was committed, and [`First`](Delivery::First) if it was rolled back. On SQLite
/// a transaction waits for any other that writes, and one that has read before may fail with `SQLITE_BUSY` instead.
///
/// Postgres waits without a limit, and Stripe does not. Set a `lock_timeout` and a `statement_timeout` for the connections, below the 10
/// seconds or so that Stripe waits (with `PgConnectOptions`: `.options([("lock_timeout", "3s"), ("statement_timeout", "5s")])`): then
/// the second one fails in time, and is delivered again.
///
/// # Errors
///
/// The database's. Answer Stripe with a `5xx`, so that it delivers the event again. Under Postgres's isolation levels `REPEATABLE READ` and
/// `SERIALIZABLE`, a repeated event may also be a serialization failure.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{VerifiedEvent, idempotency::{self, Delivery, EventKey}};
///
/// async fn handle(event: &VerifiedEvent, pool: &sqlx::Pool<sqlx::Any>) -> sqlx::Result<()> {
///     let mut transaction = pool.begin().await?;
///     match idempotency::record(&mut transaction, &EventKey::of(event)).await? {
///         Delivery::Repeated => {}
///         Delivery::First => {
///             sqlx::query("UPDATE accounts SET credits = credits + 1").execute(&mut *transaction).await?;
///         }
///     }
///     transaction.commit().await
/// }
/// ```
pub async fn record<DB: RecordingDatabase>(
    transaction: &mut Transaction<'_, DB>,
    key: &EventKey,
) -> Result<Delivery, Error> {
    let record = if DB::is_postgres(transaction) { RECORD_IN_POSTGRES } else { RECORD_IN_SQLITE };
    let inserted = DB::execute(transaction, record, Some(key.as_str()), &[]).await?;
    Ok(if inserted == 1 { Delivery::First } else { Delivery::Repeated })
}

/// Makes the table of [`record`], unless it is there: [`EVENTS_TABLE`]. Several processes may do so at once.
///
/// # Errors
///
/// The database's.
pub async fn create_events_table<DB: RecordingDatabase>(pool: &Pool<DB>) -> Result<(), Error> {
    let mut connection = pool.acquire().await?;
    DB::migrate(&mut connection, EVENTS_TABLE).await
}

/// Forgets the events that were recorded longer ago than `age`, and tells how many. Stripe repeats its deliveries for 3 days, and
/// keeps events for 30: [`RETENTION`](super::RETENTION) is 35.
///
/// Call it from time to time, such as once a day. It deletes 1000 at a time, each in a transaction of its own, so that nobody waits for it.
/// Times are the database's.
///
/// # Errors
///
/// The database's, or that it did not answer within a minute. What was deleted before stays deleted.
pub async fn prune_events<DB: RecordingDatabase>(pool: &Pool<DB>, age: Duration) -> Result<u64, Error> {
    let statement =
        |connection: &DB::Connection| if DB::is_postgres(connection) { PRUNE_POSTGRES } else { PRUNE_SQLITE };
    sql::prune(pool, statement, i64::try_from(age.as_secs()).unwrap_or(i64::MAX)).await
}

/// A database in whose transactions an event can be recorded: [`Sqlite`](sqlx::Sqlite), [`Postgres`](sqlx::Postgres) and
/// [`Any`](sqlx::Any) of these. It is sealed.
#[diagnostic::on_unimplemented(
    message = "an event cannot be recorded in a transaction of `{Self}`",
    note = "`sqlx::Any`, and with the features `sqlite` and `postgres` `sqlx::Sqlite` and `sqlx::Postgres` can"
)]
pub trait RecordingDatabase: Statements {}

impl RecordingDatabase for sqlx::Any {}
#[cfg(feature = "postgres")]
impl RecordingDatabase for sqlx::Postgres {}
#[cfg(feature = "sqlite")]
impl RecordingDatabase for sqlx::Sqlite {}
