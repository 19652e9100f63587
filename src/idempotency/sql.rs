//! Creates and prunes tables, for the SQL stores and [`record`](super::record).

use std::{future::Future, io, time::Duration};

use sqlx::{Any, AnyConnection, AssertSqlSafe, Database, Error, Pool};
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};
use tokio::time::timeout;

use super::connection::CancelSafeConnection;

/// Makes concurrent sessions create a table one after the other.
///
/// Postgres's `CREATE TABLE IF NOT EXISTS` fails if two sessions run it at the same time. The
/// number is arbitrary and this crate's own. Statements that are sent together are one
/// transaction, and its end releases the lock.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7381240911502366);\n";

/// Few round trips per prune, and short locks per batch.
const PRUNE_BATCH: u16 = 1000;

/// Far longer than deleting a batch takes, unless the database does not answer.
const PRUNE_TIMEOUT: Duration = Duration::from_secs(60);

/// Runs statements on a [`RecordingDatabase`](super::RecordingDatabase).
///
/// sqlx's own traits could say this too, but each generic function would repeat their bounds.
#[doc(hidden)]
pub trait Statements: Database {
    /// Returns whether the database is Postgres. Otherwise it is SQLite.
    fn is_postgres(connection: &Self::Connection) -> bool;

    /// Runs a statement and returns how many rows it changed.
    ///
    /// Its parameters are the key, if there is one, and then the numbers.
    fn execute(
        connection: &mut Self::Connection,
        statement: &'static str,
        key: Option<&str>,
        numbers: &[i64],
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Runs several statements without parameters.
    fn execute_script(
        connection: &mut Self::Connection,
        script: String,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Creates tables that do not exist. Several processes may do so at the same time.
pub(super) async fn create_tables<DB: Statements>(
    pool: &Pool<DB>,
    tables: &str,
) -> Result<(), Error> {
    let mut pooled = CancelSafeConnection::acquire(pool).await?;
    let lock = if DB::is_postgres(&pooled.connection) { MIGRATION_LOCK } else { "" };
    DB::execute_script(&mut pooled.connection, format!("{lock}{tables}")).await?;
    pooled.succeeded();
    Ok(())
}

/// Runs a `DELETE` in batches and returns how many rows it deleted in total.
///
/// `$1` is `age` and `$2` the size of a batch. Each batch is a transaction of its own.
pub(super) async fn prune<DB: Statements>(
    pool: &Pool<DB>,
    statement: impl Fn(&DB::Connection) -> &'static str,
    age: i64,
) -> Result<u64, Error> {
    let mut total = 0;
    loop {
        let mut pooled = CancelSafeConnection::acquire(pool).await?;
        let statement = statement(&pooled.connection);
        let numbers = [age, PRUNE_BATCH.into()];
        let batch = DB::execute(&mut pooled.connection, statement, None, &numbers);
        let deleted = timeout(PRUNE_TIMEOUT, batch)
            .await
            .map_err(|_| Error::Io(io::ErrorKind::TimedOut.into()))??;
        pooled.succeeded();
        total += deleted;
        if deleted < PRUNE_BATCH.into() {
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

            async fn execute_script(
                connection: &mut $connection,
                script: String,
            ) -> Result<(), Error> {
                sqlx::raw_sql(AssertSqlSafe(script)).execute(connection).await.map(drop)
            }
        }
    };
}

statements!(Any, AnyConnection, |connection| connection.backend_name() == "PostgreSQL");
#[cfg(feature = "postgres")]
statements!(Postgres, PgConnection, |_| true);
#[cfg(feature = "sqlite")]
statements!(Sqlite, SqliteConnection, |_| false);
