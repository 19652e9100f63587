//! Records events in the caller's own transaction.

mod depth;

use std::time::Duration;

use sqlx::{Error, Pool, Transaction};

use self::depth::check_depth;
use super::{
    EventKey,
    sql::{self, Statements},
};

/// The table of [`record`], for your own migrations.
///
/// It is the same for SQLite and Postgres. [`create_events_table`] creates it.
///
/// ```sql
#[doc = include_str!("events_table.sql")]
/// ```
pub const EVENTS_TABLE: &str = include_str!("events_table.sql");

const RECORD_IN_SQLITE: &str = include_str!("sqlite/record.sql");
const RECORD_IN_POSTGRES: &str = include_str!("postgres/record.sql");
const PRUNE_SQLITE: &str = include_str!("sqlite/prune.sql");
const PRUNE_POSTGRES: &str = include_str!("postgres/prune.sql");

/// The result of [`record`]: a first delivery or a duplicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The event was not recorded before: handle it.
    First,
    /// The event was recorded before, and its effect is committed.
    ///
    /// Do nothing, and answer `2xx`.
    Duplicate,
}

impl Delivery {
    /// Returns whether this is [`First`](Self::First).
    #[must_use]
    pub fn is_first(self) -> bool {
        self == Self::First
    }
}

/// Records an event in your transaction and returns whether it is a duplicate.
///
/// The record and the effect are committed together, or neither is. So the effect happens
/// **exactly once**, even if the process is killed between any two steps. Answer Stripe with
/// `2xx` only after the commit has succeeded.
///
/// The transaction is one of [`Sqlite`](sqlx::Sqlite), [`Postgres`](sqlx::Postgres) or
/// [`Any`](sqlx::Any) of these. [`create_events_table`] creates the table, and
/// [`prune_events`] deletes events that are too old to be delivered again. On Postgres this
/// is one statement and one round trip.
///
/// If several endpoints or services record in one table, each needs
/// [a scope of its own](EventKey::in_scope).
///
/// # Transactions
///
/// Call it before any other statement of the transaction. If another open transaction has
/// recorded the same event, this one waits until the other ends: the event is then a
/// [`Duplicate`](Delivery::Duplicate) if the other was committed, and
/// [`First`](Delivery::First) if it was rolled back. On SQLite a transaction waits for any
/// other that writes. One that has read before may fail with `SQLITE_BUSY` instead.
///
/// The transaction must be the outermost one of its connection, and `record` checks this.
/// Committing an inner transaction stores nothing until the outer one is committed. For a
/// transaction that you nest on purpose there is [`record_nested`]. On SQLite, open the pool
/// with [`pool_options`](super::pool_options), which explains how a transaction can be nested
/// although you did not nest it.
///
/// If a statement in the transaction fails, return its error; do not commit. Postgres answers
/// the `COMMIT` of a transaction with a failed statement with a rollback, which sqlx reports
/// as success.
///
/// Postgres waits for locks without a time limit, but Stripe waits only some seconds for
/// the answer. Set a shorter `lock_timeout` and `statement_timeout` for the connections (with
/// `PgConnectOptions`: `.options([("lock_timeout", "3s"), ("statement_timeout", "5s")])`). The
/// second transaction then fails in time, and Stripe delivers the event again.
///
/// # Errors
///
/// The database's errors, and [`Error::Configuration`] if committing the transaction might
/// store nothing: it is nested, or SQLite has rolled it back. Answer Stripe with `5xx`, so
/// that it delivers the event again. Do the same if the commit fails or its outcome is
/// unknown: the next delivery finds out whether the event was recorded.
///
/// Under Postgres's isolation levels `REPEATABLE READ` and `SERIALIZABLE`, a duplicate may
/// also be reported as a serialization failure.
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

/// Records an event as [`record`] does, in a nested transaction.
///
/// `depth` is the number of transactions that are open on the connection: 1 for the outermost
/// one, 2 for a savepoint in it. The record is stored when the outermost transaction is
/// committed: acknowledge no event before.
///
/// # Errors
///
/// The errors of [`record`], and [`Error::Configuration`] if the number of open transactions
/// is not `depth`.
///
/// # Example
///
/// Several events share a commit. If one fails, the others are still stored:
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
    let statement =
        if DB::is_postgres(transaction) { RECORD_IN_POSTGRES } else { RECORD_IN_SQLITE };
    let inserted = DB::execute(transaction, statement, Some(key.as_str()), &[]).await?;
    Ok(if inserted == 1 { Delivery::First } else { Delivery::Duplicate })
}

/// Creates the table of [`record`], [`EVENTS_TABLE`], if it does not exist.
///
/// Several processes may do so at the same time.
///
/// # Errors
///
/// The database's errors.
pub async fn create_events_table<DB: RecordingDatabase>(pool: &Pool<DB>) -> Result<(), Error> {
    sql::create_tables(pool, EVENTS_TABLE).await
}

/// Deletes events that were recorded longer than `age` ago and returns how many.
///
/// Stripe retries a delivery for 3 days and keeps events for 30:
/// [`RETENTION`](super::RETENTION) is 35 days, by the database's clock.
///
/// Call it regularly, for example once a day. It deletes 1000 rows at a time, each time in a
/// transaction of its own, so other transactions do not wait long.
///
/// # Errors
///
/// The database's errors, or a timeout if it does not answer within a minute. What was
/// deleted before stays deleted.
pub async fn prune_events<DB: RecordingDatabase>(
    pool: &Pool<DB>,
    age: Duration,
) -> Result<u64, Error> {
    let statement = |connection: &DB::Connection| {
        if DB::is_postgres(connection) { PRUNE_POSTGRES } else { PRUNE_SQLITE }
    };
    sql::prune(pool, statement, i64::try_from(age.as_secs()).unwrap_or(i64::MAX)).await
}

/// A database in whose transactions [`record`] can record an event.
///
/// These are [`Sqlite`](sqlx::Sqlite), [`Postgres`](sqlx::Postgres) and [`Any`](sqlx::Any) of
/// these. The trait is sealed.
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
