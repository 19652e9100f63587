//! An event recorded in the caller's own transaction.

use std::time::Duration;

use sqlx::{Error, Pool, Transaction};

use super::{
    Delivery, EventKey,
    outermost::check_depth,
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

/// Records an event in your own transaction, and returns whether it was recorded before.
///
/// Record and effect are committed together, or neither is. So the effect happens **exactly once**, even if the process is killed between
/// any two steps. Answer Stripe with a `2xx` only after the commit has succeeded.
///
/// The transaction is one of [`Sqlite`](sqlx::Sqlite), [`Postgres`](sqlx::Postgres) or [`Any`](sqlx::Any) of these.
/// [`create_events_table`] creates the table, and [`prune_events`] deletes what is too old to be delivered again. On Postgres this is
/// one statement and one round trip.
///
/// If several endpoints or services record in one table, each of them needs [a scope of its own](EventKey::in_scope).
///
/// # Transactions
///
/// Call it first in the transaction. If the same event is in another transaction at the moment, this one waits until that has ended:
/// then it is [`Duplicate`](Delivery::Duplicate) if the other was committed, and [`First`](Delivery::First) if it was rolled back. On SQLite
/// a transaction waits for any other that writes, and one that has read before may fail with `SQLITE_BUSY` instead.
///
/// The transaction must be the outermost one of its connection, which is checked: otherwise its commit would store nothing, and only the
/// commit of the transaction around it would. For a transaction that you nest on purpose there is [`record_nested`]. On SQLite, open the
/// pool with [`pool_options`](super::pool_options), which says why a transaction may be nested although you have not nested it.
///
/// Return the error of each statement in the transaction instead of committing what is left. Postgres answers the `COMMIT` of a
/// transaction in which a statement has failed with a rollback, which sqlx reports as success.
///
/// Postgres waits for locks without a limit, and Stripe does not. Set a `lock_timeout` and a `statement_timeout` for the connections,
/// below the 10 seconds or so that Stripe waits (with `PgConnectOptions`:
/// `.options([("lock_timeout", "3s"), ("statement_timeout", "5s")])`): then the second transaction fails in time, and Stripe delivers the
/// event again.
///
/// # Errors
///
/// The database's, and [`Error::Configuration`] if a commit of the transaction may store nothing: because it is nested, or because SQLite
/// has rolled it back. Answer Stripe with a `5xx`, so that it delivers the event again. Do the same if the commit fails or its outcome is
/// unknown: the next delivery finds out whether the event was recorded.
///
/// Under Postgres's isolation levels `REPEATABLE READ` and `SERIALIZABLE`, a repeated event may also be a serialization failure.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{VerifiedEvent, idempotency::{self, Delivery, EventKey}};
///
/// async fn handle(event: &VerifiedEvent, pool: &sqlx::Pool<sqlx::Any>) -> sqlx::Result<()> {
///     let mut transaction = pool.begin().await?;
///     match idempotency::record(&mut transaction, &EventKey::of(event)).await? {
///         Delivery::Duplicate => {}
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
    record_nested(transaction, key, 1).await
}

/// Records an event as [`record`] does, in a transaction inside others.
///
/// `depth` is the number of transactions that the caller has open on the connection: 1 for the outermost one, 2 for a savepoint in it.
/// What is recorded is stored when the outermost one is committed: acknowledge no event before.
///
/// # Errors
///
/// As [`record`], and [`Error::Configuration`] if another number of transactions is open.
///
/// # Example
///
/// Several events share a commit, and one that fails takes none of the others with it:
///
/// ```
/// use sqlx::{Connection, SqlitePool};
/// use tower_stripe_webhook::{VerifiedEvent, idempotency::{self, EventKey}};
///
/// async fn handle_all(events: &[VerifiedEvent], pool: &SqlitePool) -> sqlx::Result<()> {
///     let mut transaction = pool.begin().await?;
///     for event in events {
///         let mut savepoint = transaction.begin().await?;
///         if idempotency::record_nested(&mut savepoint, &EventKey::of(event), 2).await?.is_first() {
///             sqlx::query("UPDATE accounts SET credits = credits + 1").execute(&mut *savepoint).await?;
///         }
///         savepoint.commit().await?;
///     }
///     transaction.commit().await
/// }
/// ```
pub async fn record_nested<DB: RecordingDatabase>(
    transaction: &mut Transaction<'_, DB>,
    key: &EventKey,
    depth: usize,
) -> Result<Delivery, Error> {
    check_depth(transaction, depth).await?;
    let record = if DB::is_postgres(transaction) { RECORD_IN_POSTGRES } else { RECORD_IN_SQLITE };
    let inserted = DB::execute(transaction, record, Some(key.as_str()), &[]).await?;
    Ok(if inserted == 1 { Delivery::First } else { Delivery::Duplicate })
}

/// Makes the table of [`record`], unless it is there: [`EVENTS_TABLE`]. Several processes may do so at once.
///
/// # Errors
///
/// The database's.
pub async fn create_events_table<DB: RecordingDatabase>(pool: &Pool<DB>) -> Result<(), Error> {
    sql::create(pool, EVENTS_TABLE).await
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
