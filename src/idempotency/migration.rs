//! Tables, made by several processes at once.

use std::future::Future;

use sqlx::{Any, AnyConnection, AssertSqlSafe, Database, Error};
#[cfg(feature = "postgres")]
use sqlx::{PgConnection, Postgres};
#[cfg(feature = "sqlite")]
use sqlx::{Sqlite, SqliteConnection};

/// Postgres's `IF NOT EXISTS` fails if two sessions make the table at once: so one of them waits until the other has. The number is this
/// crate's own. Statements that are sent together are one transaction, at whose end the lock is free again.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7381240911502366);\n";

/// A database in which tables can be made.
pub trait Migration: Database {
    fn migrate(
        connection: &mut Self::Connection,
        tables: &'static str,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

#[cfg(feature = "sqlite")]
impl Migration for Sqlite {
    async fn migrate(connection: &mut SqliteConnection, tables: &'static str) -> Result<(), Error> {
        sqlx::raw_sql(tables).execute(connection).await.map(drop)
    }
}

#[cfg(feature = "postgres")]
impl Migration for Postgres {
    async fn migrate(connection: &mut PgConnection, tables: &'static str) -> Result<(), Error> {
        sqlx::raw_sql(AssertSqlSafe(format!("{LOCK}{tables}"))).execute(connection).await.map(drop)
    }
}

impl Migration for Any {
    async fn migrate(connection: &mut AnyConnection, tables: &'static str) -> Result<(), Error> {
        let lock = if connection.backend_name() == "PostgreSQL" { LOCK } else { "" };
        sqlx::raw_sql(AssertSqlSafe(format!("{lock}{tables}"))).execute(connection).await.map(drop)
    }
}
