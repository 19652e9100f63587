//! A database of the test's own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

/// Clones are the same database. A SQLite file is deleted with the last of them; a Postgres database stays in its server, which
/// `.ci/run` makes for the tests alone.
#[derive(Clone)]
pub struct Store {
    folder: Arc<Folder>,
    url: String,
}

/// A new one, which the program also works in.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Arc<Self> {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("billing-{}", Uuid::now_v7()));
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

    /// Not a silent skip: whoever runs an ignored test wants it to run.
    pub async fn postgres() -> Self {
        let server = env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a Postgres server");
        let name = format!("billing_{}", Uuid::now_v7().simple());
        let mut connection = PgConnection::connect(&server).await.expect("the Postgres server answers");
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

    /// What another program does in the database.
    pub async fn execute(&self, sql: &'static str) {
        let executed = match self.url.starts_with("sqlite") {
            true => {
                let mut connection = SqliteConnection::connect(&self.url).await.expect("the database opens");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
            false => {
                let mut connection = PgConnection::connect(&self.url).await.expect("the database opens");
                sqlx::raw_sql(sql).execute(&mut connection).await.map(drop)
            }
        };
        executed.expect("the statement is right");
    }

    pub fn folder(&self) -> &Path {
        &self.folder.0
    }
}
