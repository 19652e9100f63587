//! All that touches the database: SQLite or Postgres, chosen by the URL.
//!
//! One set of statements serves both, through sqlx's `Any`, which knows integers, floats and texts: truth is 0 or 1, and a
//! `SUM` is cast, because Postgres makes it a `NUMERIC`. Transactions that wait for each other's rows take them in one order, so
//! that they never wait in a circle: event, subscription, customer, payment, ledger, delivery.

pub mod credits;
pub mod customers;
pub mod deliveries;
pub mod payments;
pub mod pruning;
pub mod refusals;
pub mod secrets;
pub mod sessions;
pub mod subscriptions;
mod url;
pub mod users;

use std::time::Duration;

use sqlx::{
    AnyConnection, AnyPool, Connection, Executor, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions, install_drivers},
    migrate::Migrator,
};
use tokio::time::timeout;
use tower_stripe_webhook::idempotency;

use self::url::Kind;
pub use self::url::{DatabaseUrl, DatabaseUrlError};
use crate::{email, time};

static MIGRATOR: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it is answered `503`.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// So that whoever holds a lock for long, or a connection that nobody hears of any more, stops no event: each is shorter than what
/// Stripe and the requests' own timeout wait for an answer.
const POSTGRES_SETTINGS: &str =
    "SET lock_timeout = '5s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'";

const POSTGRES_CONNECTIONS: u32 = 10;
const SQLITE_READERS: u32 = 4;

/// SQLite writes one transaction at a time anyway: waiting for the one connection is fair, and waiting for its lock is not.
const SQLITE_WRITERS: u32 = 1;

/// `FULL`, because a `200` tells Stripe to forget the event: it has to survive a power cut.
const SQLITE_SETTINGS: &str =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON";

/// Clones share the connections.
#[derive(Clone, Debug)]
pub struct Database {
    writer: AnyPool,
    reader: AnyPool,
    begin: &'static str,
}

impl Database {
    /// Connects, creates a SQLite file that is missing, and brings the tables up to date.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        // Whoever was first has installed the same.
        let _ = install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
        let options = url.connect_options()?;
        // Migrations may take longer than a pool's connection allows, and they wait for each other.
        let mut connection = connect_once(&options).await.map_err(OpenError::Connect)?;
        MIGRATOR.run(&mut connection).await.map_err(OpenError::Migrate)?;
        connection.close().await.map_err(OpenError::Connect)?;
        let database = match url.kind() {
            Kind::Sqlite => Self::open_sqlite(options),
            Kind::Postgres => Self::open_postgres(options),
        };
        idempotency::create_events_table(&database.writer).await.map_err(OpenError::CreateTable)?;
        Ok(database)
    }

    fn open_sqlite(options: AnyConnectOptions) -> Self {
        let pool = pool_options()
            // A connection to a file does not break, and asking whether it did costs as much as a statement.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| Box::pin(async { connection.execute(SQLITE_SETTINGS).await.map(drop) }));
        Self {
            writer: pool.clone().max_connections(SQLITE_WRITERS).connect_lazy_with(options.clone()),
            reader: pool.max_connections(SQLITE_READERS).connect_lazy_with(options),
            begin: "BEGIN IMMEDIATE",
        }
    }

    fn open_postgres(options: AnyConnectOptions) -> Self {
        let pool = pool_options()
            .max_connections(POSTGRES_CONNECTIONS)
            .after_connect(|connection, _| Box::pin(async { connection.execute(POSTGRES_SETTINGS).await.map(drop) }));
        let writer = pool.connect_lazy_with(options);
        Self { reader: writer.clone(), writer, begin: "BEGIN" }
    }

    /// For statements that change something.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// For statements that only read. With SQLite they neither wait for a transaction nor hold one up.
    pub fn reader(&self) -> &AnyPool {
        &self.reader
    }

    /// Begins a transaction that writes.
    ///
    /// SQLite takes its lock at once. A transaction that reads first and writes later fails if another process has written
    /// in between.
    pub async fn begin(&self) -> Result<DatabaseTransaction, sqlx::Error> {
        self.writer.begin_with(self.begin).await
    }

    /// Whether the database answers and stores what is written: a disk that is full still lets everything be read.
    pub async fn check(&self) -> Result<(), sqlx::Error> {
        self.reader.execute("SELECT livemode FROM signing_secret_locks LIMIT 1").await?;
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO health_checks (id, checked_at) VALUES (1, $1)
             ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at",
        )
        .bind(time::now())
        .execute(&mut *tx)
        .await?;
        tx.commit().await
    }

    /// Lets what is under way finish.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// With these a connection on which a commit has failed is closed, so that the next event is stored on a new one.
fn pool_options() -> AnyPoolOptions {
    idempotency::pool_options().acquire_timeout(ACQUIRE_TIMEOUT)
}

/// A pool tries again for a while. At startup, a mistake in the URL is to be told at once.
async fn connect_once(options: &AnyConnectOptions) -> Result<AnyConnection, sqlx::Error> {
    timeout(ACQUIRE_TIMEOUT, AnyConnection::connect_with(options)).await.map_err(|_| sqlx::Error::PoolTimedOut)?
}

pub type DatabaseTransaction = Transaction<'static, sqlx::Any>;

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "DATABASE_URL cannot be read: write it as `sqlite://billing.db` or `postgres://user:password@host/database`"
    )]
    Url(#[source] sqlx::Error),
    #[error("the database of DATABASE_URL cannot be opened: start it, or set DATABASE_URL to one that is there")]
    Connect(#[source] sqlx::Error),
    #[error("the tables cannot be brought up to date: set DATABASE_URL to a database of this program's own")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    #[error("the table of handled events cannot be made: give this program the right to make tables")]
    CreateTable(#[source] sqlx::Error),
}

/// Whether Postgres can never store a value, such as a text with a NUL or one that is too long for an index: by the classes of
/// [SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html), which has five characters. SQLite takes all of them.
pub fn is_of_a_value(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| code.len() == 5 && ["22", "23", "54"].iter().any(|class| code.starts_with(class)))
}

/// 0 or 1.
fn as_number(truth: bool) -> i64 {
    i64::from(truth)
}

/// A pattern for `LIKE … ESCAPE '!'` that finds a text in any case anywhere: in what is in lower case.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in email::lower_case(text).chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod migration_tests;

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn signs_that_mean_something_in_a_pattern_are_looked_for_as_they_are() {
        assert_eq!(containing(""), "%%");
        assert_eq!(containing("Ada_L%!"), "%ada!_l!%!!%");
        assert_eq!(containing("ZOË\u{212A}"), "%zoë\u{212A}%");
    }
}
