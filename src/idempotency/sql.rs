//! What is generic over sqlx's databases and cannot be said in its traits without naming each of their bounds.

use std::{future::Future, io, time::Duration};

use sqlx::{Any, AnyConnection, AssertSqlSafe, Connection, Database, Error, Pool, pool::PoolConnection};
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};
use tokio::time::timeout;

/// Postgres's `IF NOT EXISTS` fails if two sessions make the table at once: so one of them waits until the other has. The number is this
/// crate's own. Statements that are sent together are one transaction, at whose end the lock is free again.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7381240911502366);\n";

/// So many that the round trips do not matter, so few that nobody waits for them.
const PRUNED_AT_ONCE: u16 = 1000;

/// Deleting so few rows never takes as long, unless the database does not answer.
const PRUNE_TIMEOUT: Duration = Duration::from_secs(60);

/// Statements with a text and numbers as parameters, `$1` and on.
#[doc(hidden)]
pub trait Statements: Database {
    /// Whether the database is Postgres, or else SQLite.
    fn is_postgres(connection: &Self::Connection) -> bool;

    /// How many rows the statement has changed.
    fn execute(
        connection: &mut Self::Connection,
        statement: &'static str,
        key: Option<&str>,
        numbers: &[i64],
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Makes tables, though several processes do so at once.
    fn migrate(
        connection: &mut Self::Connection,
        tables: &'static str,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A connection outside of any transaction. It is closed, instead of returned to the pool, unless its statements have
/// [succeeded](Self::succeeded).
///
/// A call that is dropped halfway would leave the pool to ping the connection, without a limit: on a line that has fallen silent, each
/// such call would take a connection from the pool for good. And a connection to SQLite on which a commit has failed counts a transaction
/// that SQLite has ended, see [`pool_options`](super::pool_options).
pub(super) struct CancelSafeConnection<DB: Database> {
    pub(super) connection: PoolConnection<DB>,
    has_succeeded: bool,
}

impl<DB: Database> CancelSafeConnection<DB> {
    pub(super) async fn acquire(pool: &Pool<DB>) -> Result<Self, Error> {
        loop {
            let mut connection = pool.acquire().await?;
            if !connection.is_in_transaction() {
                return Ok(Self { connection, has_succeeded: false });
            }
            // Another user of the pool has left a transaction open: what is written in it may never be committed.
            connection.close_on_drop();
        }
    }

    pub(super) fn succeeded(mut self) {
        self.has_succeeded = true;
    }
}

impl<DB: Database> Drop for CancelSafeConnection<DB> {
    fn drop(&mut self) {
        if !self.has_succeeded {
            self.connection.close_on_drop();
        }
    }
}

/// Creates tables that are not there, though several processes do so at once.
pub(super) async fn create<DB: Statements>(pool: &Pool<DB>, tables: &'static str) -> Result<(), Error> {
    let mut pooled = CancelSafeConnection::acquire(pool).await?;
    DB::migrate(&mut pooled.connection, tables).await?;
    pooled.succeeded();
    Ok(())
}

/// Runs a statement that deletes what is older than `$1`, `$2` rows at most, until there is no more, each time as a transaction of its own.
/// Tells how many rows that were.
pub(super) async fn prune<DB: Statements>(
    pool: &Pool<DB>,
    statement: impl Fn(&DB::Connection) -> &'static str,
    older: i64,
) -> Result<u64, Error> {
    let mut total = 0;
    loop {
        let mut pooled = CancelSafeConnection::acquire(pool).await?;
        let statement = statement(&pooled.connection);
        let numbers = [older, PRUNED_AT_ONCE.into()];
        let deleted = timeout(PRUNE_TIMEOUT, DB::execute(&mut pooled.connection, statement, None, &numbers)).await;
        let deleted = deleted.map_err(|_| Error::Io(io::ErrorKind::TimedOut.into()))??;
        pooled.succeeded();
        total += deleted;
        if deleted < PRUNED_AT_ONCE.into() {
            return Ok(total);
        }
    }
}

macro_rules! statements {
    ($database:ty, $connection:ty, $is_postgres:expr) => {
        impl Statements for $database {
            fn is_postgres(connection: &$connection) -> bool {
                let is_postgres: fn(&$connection) -> bool = $is_postgres;
                is_postgres(connection)
            }

            async fn execute(
                connection: &mut $connection,
                statement: &'static str,
                key: Option<&str>,
                numbers: &[i64],
            ) -> Result<u64, Error> {
                let mut query = sqlx::query(statement);
                if let Some(key) = key {
                    query = query.bind(key);
                }
                for number in numbers {
                    query = query.bind(*number);
                }
                Ok(query.execute(connection).await?.rows_affected())
            }

            async fn migrate(connection: &mut $connection, tables: &'static str) -> Result<(), Error> {
                let lock = if Self::is_postgres(connection) { MIGRATION_LOCK } else { "" };
                sqlx::raw_sql(AssertSqlSafe(format!("{lock}{tables}"))).execute(connection).await.map(drop)
            }
        }
    };
}

statements!(Any, AnyConnection, |connection| connection.backend_name() == "PostgreSQL");
#[cfg(feature = "postgres")]
statements!(Postgres, PgConnection, |_| true);
#[cfg(feature = "sqlite")]
statements!(Sqlite, SqliteConnection, |_| false);
