//! A database of the test's own.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tokio::time::interval;
use uuid::Uuid;

/// Returns a path for temporary files that no other test has.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(Uuid::now_v7().to_string())
}

pub enum Database {
    Sqlite { url: String },
    Postgres { url: String },
}

impl Database {
    pub async fn sqlite() -> Self {
        let folder = folder();
        fs::create_dir_all(&folder).expect("the folder for temporary files can be written to");
        Self::sqlite_in(&folder)
    }

    pub fn sqlite_in(folder: &Path) -> Self {
        Self::Sqlite { url: format!("sqlite:{}", folder.join("queue.db").display()) }
    }

    /// Returns a new one on the server of `TEST_POSTGRES_URL`.
    pub async fn postgres() -> Self {
        let server = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set, see .ci/run");
        let name = format!("queue_{}", Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&server).await.expect("Postgres answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&mut connection).await.expect("the user may create databases");

        let (address, options) = server.split_once('?').unwrap_or((&server, ""));
        let (address, _) = address.rsplit_once('/').expect("the URL names a database");
        Self::Postgres { url: format!("{address}/{name}?{options}") }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Sqlite { url } | Self::Postgres { url } => url,
        }
    }

    /// Holds a lock that keeps everybody else from writing, until it is dropped.
    pub async fn stall(&self) -> Stall {
        match self {
            Self::Sqlite { url } => {
                let mut connection =
                    SqliteConnection::connect(url).await.expect("the file is there");
                sqlx::query("BEGIN IMMEDIATE")
                    .execute(&mut connection)
                    .await
                    .expect("no other connection writes");
                Stall::Sqlite(connection)
            }
            Self::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("Postgres answers");
                sqlx::query("BEGIN").execute(&mut connection).await.expect("a transaction begins");
                sqlx::query("LOCK TABLE apalis.jobs")
                    .execute(&mut connection)
                    .await
                    .expect("the table is there");
                Stall::Postgres(connection)
            }
        }
    }

    /// Makes all that is done look as if it had been done `days` ago.
    pub async fn age_what_is_done(&self, days: i64) {
        match self {
            Self::Sqlite { url } => {
                let mut connection =
                    SqliteConnection::connect(url).await.expect("the file is there");
                let sql = "UPDATE Jobs SET done_at = done_at - ?1 * 86400 WHERE status = 'Done'";
                sqlx::query(sql)
                    .bind(days)
                    .execute(&mut connection)
                    .await
                    .expect("the table is there");
            }
            Self::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("Postgres answers");
                let sql = "UPDATE apalis.jobs SET done_at = done_at - $1 * interval '1 day' WHERE status = 'Done'";
                sqlx::query(sql)
                    .bind(days)
                    .execute(&mut connection)
                    .await
                    .expect("the table is there");
            }
        }
    }

    /// Returns the ids of the events that are stored.
    pub async fn event_ids(&self) -> BTreeSet<String> {
        let rows: Vec<String> = match self {
            Self::Sqlite { url } => {
                let mut connection =
                    SqliteConnection::connect(url).await.expect("the file is there");
                sqlx::query_scalar("SELECT idempotency_key FROM Jobs")
                    .fetch_all(&mut connection)
                    .await
            }
            Self::Postgres { url } => {
                let mut connection = PgConnection::connect(url).await.expect("Postgres answers");
                sqlx::query_scalar("SELECT idempotency_key FROM apalis.jobs")
                    .fetch_all(&mut connection)
                    .await
            }
        }
        .expect("the table is there");
        let ids = BTreeSet::from_iter(rows.iter().cloned());
        assert_eq!(ids.len(), rows.len(), "each is stored once");
        ids
    }

    /// Waits until so many jobs of that status are stored.
    pub async fn has(&self, count: i64, status: &str) {
        let sql = match self {
            Self::Sqlite { .. } => "SELECT count(*) = ?1 FROM Jobs WHERE status = ?2",
            Self::Postgres { .. } => "SELECT count(*) = $1 FROM apalis.jobs WHERE status = $2",
        };
        self.holds(sql, count, status).await;
    }

    /// Waits until `count` workers are alive `seconds` after the first job started.
    pub async fn has_workers_that_live_for(&self, seconds: i64, count: u8) {
        let sql = match self {
            Self::Sqlite { .. } => {
                "SELECT count(*) = CAST(?2 AS INTEGER) FROM Workers
                 WHERE last_seen >= (SELECT min(lock_at) FROM Jobs) + ?1"
            }
            Self::Postgres { .. } => {
                "SELECT count(*) = ($2::text)::bigint FROM apalis.workers
                 WHERE last_seen >= (SELECT min(lock_at) FROM apalis.jobs) + $1 * interval '1 second'"
            }
        };
        self.holds(sql, seconds, &count.to_string()).await;
    }

    /// Asks again and again until the answer is yes.
    async fn holds(&self, sql: &'static str, number: i64, text: &str) {
        let asked = async {
            let mut ticks = interval(Duration::from_millis(20));
            match self {
                Self::Sqlite { url } => {
                    let mut connection = SqliteConnection::connect(url).await?;
                    while !sqlx::query_scalar(sql)
                        .bind(number)
                        .bind(text)
                        .fetch_one(&mut connection)
                        .await?
                    {
                        ticks.tick().await;
                    }
                }
                Self::Postgres { url } => {
                    let mut connection = PgConnection::connect(url).await?;
                    while !sqlx::query_scalar(sql)
                        .bind(number)
                        .bind(text)
                        .fetch_one(&mut connection)
                        .await?
                    {
                        ticks.tick().await;
                    }
                }
            }
            Ok::<_, sqlx::Error>(())
        };
        crate::in_time(sql, asked).await.expect("the database answers");
    }
}

/// A transaction that is rolled back when its connection is closed.
pub enum Stall {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Stall {
    pub async fn end(self) {
        let closed = match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        };
        closed.expect("the connection can be closed");
    }
}
