//! What is generic over sqlx's databases and cannot be said in its traits without naming each of their bounds.

use std::future::Future;

use sqlx::{Any, AnyConnection, AssertSqlSafe, Database, Error, Pool};
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};

/// Postgres's `IF NOT EXISTS` fails if two sessions make the table at once: so one of them waits until the other has. The number is this
/// crate's own. Statements that are sent together are one transaction, at whose end the lock is free again.
const MIGRATION_LOCK: &str = "SELECT pg_advisory_xact_lock(7381240911502366);\n";

/// So many that the round trips do not matter, so few that nobody waits for them.
const PRUNED_AT_ONCE: u16 = 1000;

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

/// Runs a statement that deletes what is older than `$1`, `$2` rows at most, until there is no more, each time as a transaction of its own.
/// Tells how many rows that were.
pub(super) async fn prune<DB: Statements>(pool: &Pool<DB>, statement: &'static str, older: i64) -> Result<u64, Error> {
    let mut total = 0;
    loop {
        let mut connection = pool.acquire().await?;
        let deleted = DB::execute(&mut connection, statement, None, &[older, PRUNED_AT_ONCE.into()]).await?;
        total += deleted;
        if deleted < PRUNED_AT_ONCE.into() {
            return Ok(total);
        }
    }
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
