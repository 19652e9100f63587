//! What is generic over sqlx's databases and cannot be said in its traits without naming each of their bounds.

use std::future::Future;

use sqlx::{Any, AnyConnection, AssertSqlSafe, Database, Error};
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};

/// Postgres's `IF NOT EXISTS` fails if two sessions make the table at once: so one of them waits until the other has. The number is this
/// crate's own. Statements that are sent together are one transaction, at whose end the lock is free again.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7381240911502366);\n";

/// How many rows one statement of a `prune` deletes: so many that the round trips do not matter, so few that nobody waits for them.
pub(super) const PRUNED_AT_ONCE: u16 = 1000;

/// Statements with a text and numbers as parameters, `$1` and on.
pub trait Statements: Database {
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

macro_rules! statements {
    ($database:ty, $connection:ty, $is_postgres:expr) => {
        impl Statements for $database {
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
                let is_postgres: fn(&$connection) -> bool = $is_postgres;
                let lock = if is_postgres(connection) { MIGRATION_LOCK } else { "" };
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
