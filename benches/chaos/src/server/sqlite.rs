//! A SQLite file in a folder that counts as full on demand.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{
    Connection, Sqlite as SqliteDatabase, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tower_stripe_webhook::{
    BoxError,
    idempotency::{self, SqliteStore},
};

use super::until_it_works;
use crate::target::Target;

pub struct Sqlite {
    file: PathBuf,
}

pub(crate) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(2))
}

impl Sqlite {
    pub(super) async fn create(target: Target, folder: &Path) -> Result<Self, BoxError> {
        let file = folder.join("events.db");
        let pool: SqlitePool =
            idempotency::pool_options::<SqliteDatabase>().connect_with(options(&file)).await?;
        if target == Target::Sqlite {
            SqliteStore::new(pool.clone()).create_table().await?;
        }
        if target == Target::RecordSqlite {
            idempotency::create_events_table(&pool).await?;
            // Without a unique column, so that only the crate prevents a second effect.
            sqlx::raw_sql("CREATE TABLE effects (event INTEGER NOT NULL)").execute(&pool).await?;
        }
        pool.close().await;
        Ok(Self { file })
    }

    pub(super) fn url(&self) -> String {
        format!("sqlite://{}", self.file.display())
    }

    /// Moves all stored times, as a step of the clock does.
    ///
    /// SQLite's clock is the operating system's.
    pub(super) async fn step_clock(&self, millis: i64) -> Result<(), BoxError> {
        let update = "UPDATE stripe_webhook_claims
            SET changed_at = changed_at - $1,
                leased_until = CASE WHEN leased_until > 0 THEN leased_until - $1 ELSE leased_until END";
        until_it_works("setting the clock of SQLite", || async {
            let mut connection = SqliteConnection::connect_with(&options(&self.file)).await?;
            sqlx::query(update).bind(millis).execute(&mut connection).await?;
            Ok(connection.close().await?)
        })
        .await
    }

    pub(super) async fn effects(&self) -> Result<Vec<i64>, BoxError> {
        let mut connection = SqliteConnection::connect_with(&options(&self.file)).await?;
        Ok(sqlx::query_scalar("SELECT event FROM effects").fetch_all(&mut connection).await?)
    }
}
