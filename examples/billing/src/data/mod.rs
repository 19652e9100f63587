//! Access to the database: SQLite or Postgres, selected by the URL.
//!
//! The same statements run on both, through sqlx's `Any` driver, which supports integers, floats
//! and texts. So booleans are stored as 0 or 1, and a `SUM` is cast, because Postgres returns it as
//! `NUMERIC`.
//!
//! Transactions lock rows in one order, so that they cannot deadlock: event, subscription,
//! customer, payment, ledger, delivery. The lock on secrets is taken after that of the event.

pub mod credits;
pub mod customers;
pub mod deliveries;
pub mod events;
pub mod payments;
mod private_file;
pub mod pruning;
pub mod rejections;
pub mod secrets;
pub mod sessions;
pub mod subscriptions;
mod url;
pub mod users;

use std::{path::PathBuf, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
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

/// Limits how long a lock or a lost connection can delay an event. Each limit is shorter than the
/// timeout of a request.
const POSTGRES_SETTINGS: &str = "SET lock_timeout = '5s'; SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'";

const POSTGRES_CONNECTIONS: u32 = 10;
const SQLITE_READERS: u32 = 4;

/// SQLite runs one write transaction at a time. Waiting for a single connection is fair, and
/// waiting for SQLite's lock is not.
const SQLITE_WRITERS: u32 = 1;

/// `FULL`, because an acknowledged event must survive a power failure: Stripe does not send it
/// again.
const SQLITE_SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON";

/// The connection pools. Clones share them.
#[derive(Clone, Debug)]
pub struct Database {
    writer: AnyPool,
    reader: AnyPool,
    begin: &'static str,
    /// Makes changes of secrets wait for the end of the transaction. SQLite needs no lock, because
    /// it runs one write transaction at a time.
    lock_secrets: Option<&'static str>,
    look_up_event: &'static str,
}

/// The statement of [`events::look_up`], which also asks for the time. SQLite has milliseconds.
const LOOK_UP_IN_SQLITE: &str =
    "SELECT (SELECT COUNT(*) FROM stripe_webhook_events WHERE event_key = $1),
    CAST(unixepoch('subsec') * 1000000 AS BIGINT)";
const LOOK_UP_IN_POSTGRES: &str =
    "SELECT (SELECT COUNT(*) FROM stripe_webhook_events WHERE event_key = $1),
    CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

impl Database {
    /// Connects, creates a missing SQLite file, and runs the migrations.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, OpenError> {
        // Fails if the same drivers are already installed.
        let _ = install_drivers(&[sqlx::sqlite::any::DRIVER, sqlx::postgres::any::DRIVER]);
        let options = url.connect_options()?;
        if let Some(folder) = url.missing_folder() {
            return Err(OpenError::NoFolder(folder));
        }
        url.protect_file().map_err(|error| OpenError::Connect(error.into()))?;
        // Not from the pool, whose statement timeout may be too short for a migration.
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
            // A connection to a file does not break, and testing it costs as much as a statement.
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| {
                Box::pin(async { connection.execute(SQLITE_SETTINGS).await.map(drop) })
            });
        Self {
            writer: pool.clone().max_connections(SQLITE_WRITERS).connect_lazy_with(options.clone()),
            reader: pool.max_connections(SQLITE_READERS).connect_lazy_with(options),
            begin: "BEGIN IMMEDIATE",
            lock_secrets: None,
            look_up_event: LOOK_UP_IN_SQLITE,
        }
    }

    fn open_postgres(options: AnyConnectOptions) -> Self {
        let pool =
            pool_options().max_connections(POSTGRES_CONNECTIONS).after_connect(|connection, _| {
                Box::pin(async { connection.execute(POSTGRES_SETTINGS).await.map(drop) })
            });
        let writer = pool.connect_lazy_with(options);
        Self {
            reader: writer.clone(),
            writer,
            begin: "BEGIN",
            look_up_event: LOOK_UP_IN_POSTGRES,
            // Events share the lock. A change waits for the events that have it, and events that
            // come later wait for the change, so a change is not delayed by a stream of events.
            // `FOR SHARE` would not queue them.
            lock_secrets: Some("LOCK TABLE signing_secrets IN SHARE MODE"),
        }
    }

    /// Returns the pool for statements that write.
    pub fn writer(&self) -> &AnyPool {
        &self.writer
    }

    /// Returns the pool for statements that only read. On SQLite, readers and the writer do not
    /// block each other.
    pub fn reader(&self) -> &AnyPool {
        &self.reader
    }

    fn look_up_event(&self) -> &'static str {
        self.look_up_event
    }

    /// Begins a transaction that writes.
    ///
    /// On SQLite it takes the write lock at once: a transaction that reads first fails if another
    /// process writes before it does.
    pub async fn begin(&self) -> Result<DatabaseTransaction, sqlx::Error> {
        self.writer.begin_with(self.begin).await
    }

    /// Checks that the database can be read and written. On a full disk only reading works.
    pub async fn check_writable(&self) -> Result<(), sqlx::Error> {
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

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// Closes a connection on which a commit has failed, so that the next event uses a new one.
fn pool_options() -> AnyPoolOptions {
    idempotency::pool_options().acquire_timeout(ACQUIRE_TIMEOUT)
}

/// Connects without the retries of a pool, so that an error in the URL is reported at once.
async fn connect_once(options: &AnyConnectOptions) -> Result<AnyConnection, sqlx::Error> {
    timeout(ACQUIRE_TIMEOUT, AnyConnection::connect_with(options))
        .await
        .map_err(|_| sqlx::Error::PoolTimedOut)?
}

pub type DatabaseTransaction = Transaction<'static, sqlx::Any>;

/// An error while the database is opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "DATABASE_URL cannot be read: write it as `sqlite://billing.db` or `postgres://user:password@host/database`"
    )]
    Url(#[source] sqlx::Error),
    #[error(
        "the database of DATABASE_URL cannot be opened: the folder {0:?} does not exist: create it, or set DATABASE_URL to \
         a file in another folder"
    )]
    NoFolder(PathBuf),
    #[error(
        "the database of DATABASE_URL cannot be opened: start it, or set DATABASE_URL to an existing one"
    )]
    Connect(#[source] sqlx::Error),
    #[error(
        "the migrations cannot be run: set DATABASE_URL to a database that only this program uses"
    )]
    Migrate(#[source] sqlx::migrate::MigrateError),
    #[error(
        "the table of handled events cannot be created: grant this program the right to create tables"
    )]
    CreateTable(#[source] sqlx::Error),
}

/// Returns whether Postgres cannot store a value, such as a text with a NUL or one too long for an
/// index.
///
/// Decides by the class of the five-character
/// [SQLSTATE](https://www.postgresql.org/docs/current/errcodes-appendix.html). SQLite stores any
/// value.
pub fn is_invalid_value(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| {
        code.len() == 5 && ["22", "23", "54"].iter().any(|class| code.starts_with(class))
    })
}

/// Encodes the column `facts`.
fn to_json(facts: &impl Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(facts).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// Decodes the column `facts`.
fn from_json<T: DeserializeOwned>(facts: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(facts).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Returns a pattern for `LIKE … ESCAPE '!'` that finds `text` anywhere in a lower-case column.
fn like_pattern(text: &str) -> String {
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
    use super::like_pattern;

    #[test]
    fn wildcards_in_a_search_are_escaped() {
        assert_eq!(like_pattern(""), "%%");
        assert_eq!(like_pattern("Ada_L%!"), "%ada!_l!%!!%");
        assert_eq!(like_pattern("ZOË\u{212A}"), "%zoë\u{212A}%");
    }
}
