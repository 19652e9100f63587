//! A new database for each test.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{AnyConnection, AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

/// A database. Clones share it. The last clone deletes a SQLite file. Postgres databases stay in
/// their server, which `.ci/run` creates only for the tests.
#[derive(Clone)]
pub struct Store {
    folder: Arc<Folder>,
    url: String,
}

/// A new folder, which is also the program's working directory.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Arc<Self> {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("billing-{}", Uuid::now_v7()));
        fs::create_dir_all(&path).expect("a folder can be made");
        Arc::new(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Store {
    pub fn sqlite() -> Self {
        let folder = Folder::new();
        let url = format!("sqlite://{}", folder.0.join("billing.db").display());
        Self { folder, url }
    }

    /// Panics without a server, so that an ignored test that is run is not skipped silently.
    pub async fn postgres() -> Self {
        let server =
            env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a Postgres server");
        let name = format!("billing_{}", Uuid::now_v7().simple());
        let mut connection =
            PgConnection::connect(&server).await.expect("the Postgres server answers");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sqlx::query(create).execute(&mut connection).await.expect("a database can be made");
        let (authority, options) = match server.split_once('?') {
            Some((url, options)) => (url, format!("?{options}")),
            None => (&*server, String::new()),
        };
        let host = authority.rsplit_once('/').map_or(authority, |(host, _)| host);
        Self { folder: Folder::new(), url: format!("{host}/{name}{options}") }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs a statement, as another program on the database would.
    pub async fn execute(&self, sql: &'static str) {
        let executed = match self.url.starts_with("sqlite") {
            true => {
                let mut connection =
                    SqliteConnection::connect(&self.url).await.expect("the database opens");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
            false => {
                let mut connection =
                    PgConnection::connect(&self.url).await.expect("the database opens");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
        };
        executed.expect("the statement is right");
    }

    /// Makes all deliveries older than a day.
    pub async fn let_a_day_pass(&self) {
        const HOURS: i64 = 25;
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url).await.expect("the database opens");
        let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM deliveries")
            .fetch_all(&mut connection)
            .await
            .expect("the table is there");
        for id in ids {
            // The first 48 bits are the time in milliseconds.
            let time = u128::from(HOURS.unsigned_abs()) * 3_600_000;
            let older = Uuid::parse_str(&id).expect("an id is a UUID").as_u128() - (time << 80);
            sqlx::query(
                "UPDATE deliveries SET id = $1, received_at = received_at - $2 WHERE id = $3",
            )
            .bind(Uuid::from_u128(older).to_string())
            .bind(HOURS * 3_600)
            .bind(id)
            .execute(&mut connection)
            .await
            .expect("the delivery can be changed");
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }
}
