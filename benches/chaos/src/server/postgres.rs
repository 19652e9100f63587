//! A Postgres server whose clock can be set.

use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use sqlx::{Connection, PgConnection, PgPool};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::sleep,
};
use tower_stripe_webhook::{
    BoxError,
    idempotency::{self, PostgresStore},
};

use super::{start_until_it_answers, stop, until_it_works};
use crate::{proxy::Proxy, target::Target};

/// Sessions find this function before the one of `pg_catalog`.
const CLOCK: &str = "
    CREATE TABLE clock (step interval NOT NULL);
    INSERT INTO clock VALUES ('0 s');
    CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT pg_catalog.clock_timestamp() + step FROM public.clock';
    ALTER DATABASE postgres SET search_path = public, pg_catalog";

/// Part of the name of the socket.
const PORT: &str = "5432";

pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    /// The way of this program, which no fault disturbs.
    proxy: Proxy,
    process: Mutex<Option<Child>>,
    /// Held during a restart, so that no other one starts a second server.
    restart: Mutex<()>,
}

pub(super) fn url(address: SocketAddr) -> String {
    format!("postgres://postgres@{address}/postgres")
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

impl Postgres {
    pub(super) async fn start(target: Target, folder: &Path) -> Result<Self, BoxError> {
        let folder = folder.join("postgres");
        fs::create_dir(&folder)?;
        if is_root().await? {
            run(Command::new("chown").arg("postgres").arg(&folder)).await?;
        }
        let proxy = Proxy::before(&socket(&folder)).await?;
        let postgres = Self {
            programs: programs()?,
            folder,
            proxy,
            process: Mutex::default(),
            restart: Mutex::default(),
        };
        let mut initdb = postgres.command("initdb").await?;
        initdb.args(["--username", "postgres", "--auth", "trust", "--no-sync", "--pgdata"]);
        run(initdb.arg(postgres.data())).await?;
        postgres.launch().await?;
        postgres.create_tables(target).await?;
        Ok(postgres)
    }

    async fn create_tables(&self, target: Target) -> Result<(), BoxError> {
        sqlx::raw_sql(CLOCK).execute(&mut self.connect().await?).await?;
        let pool = PgPool::connect(&url(self.proxy.address())).await?;
        if target == Target::Postgres {
            PostgresStore::new(pool.clone()).create_table().await?;
        }
        if target == Target::RecordPostgres {
            idempotency::create_events_table(&pool).await?;
            // Without a unique column, so that only the crate prevents a second effect.
            sqlx::raw_sql("CREATE TABLE effects (event bigint NOT NULL)").execute(&pool).await?;
        }
        pool.close().await;
        Ok(())
    }

    pub(super) fn socket(&self) -> PathBuf {
        socket(&self.folder)
    }

    pub(super) async fn disconnect(&self) -> Result<(), BoxError> {
        let half = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5";
        self.execute(half).await
    }

    pub(super) async fn restart(&self, is_hard: bool, down: Duration) -> Result<(), BoxError> {
        let _alone = self.restart.lock().await;
        // Postgres's modes "immediate", which needs a recovery, and "fast".
        stop(&self.process, if is_hard { "QUIT" } else { "INT" }).await?;
        sleep(down).await;
        self.launch().await
    }

    pub(super) async fn step_clock(&self, millis: i64) -> Result<(), BoxError> {
        until_it_works("setting the clock of Postgres", || async {
            let mut connection = self.connect().await?;
            let update = "UPDATE clock SET step = step + $1 * interval '1 ms'";
            sqlx::query(update).bind(millis).execute(&mut connection).await?;
            Ok(connection.close().await?)
        })
        .await
    }

    pub(super) async fn effects(&self) -> Result<Vec<i64>, BoxError> {
        let mut connection = self.connect().await?;
        Ok(sqlx::query_scalar("SELECT event FROM effects").fetch_all(&mut connection).await?)
    }

    async fn execute(&self, sql: &'static str) -> Result<(), BoxError> {
        until_it_works("a statement of this program", || async {
            let mut connection = self.connect().await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
            Ok(connection.close().await?)
        })
        .await
    }

    async fn launch(&self) -> Result<(), BoxError> {
        let path = self.folder.join("log");
        let log = File::options().create(true).append(true).open(&path)?;
        let mut command = self.command("postgres").await?;
        command.arg("-D").arg(self.data()).arg("-k").arg(&self.folder);
        command.args(["-h", "", "-p", PORT]);
        // Without `fsync`, data survives the end of the process, though not that of the machine.
        command.args(["-c", "fsync=off", "-c", "max_connections=100"]);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
        start_until_it_answers("Postgres", &self.process, command, &path, || async {
            Ok(self.connect().await?.close().await?)
        })
        .await
    }

    async fn connect(&self) -> Result<PgConnection, BoxError> {
        Ok(PgConnection::connect(&url(self.proxy.address())).await?)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Makes the command of one of Postgres's programs, which do not run as root.
    async fn command(&self, program: &str) -> Result<Command, BoxError> {
        let program = self.programs.join(program);
        if !is_root().await? {
            return Ok(Command::new(program));
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
        // The folder of this process may not be readable for `postgres`.
        command.current_dir(&self.folder);
        Ok(command)
    }
}

/// Returns the folder with the programs of the newest installed Postgres.
fn programs() -> Result<PathBuf, BoxError> {
    let of_debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = of_debian
        .filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        })
        .max();
    if let Some((_, folder)) = newest {
        return Ok(folder);
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .find(|folder| folder.join("initdb").exists())
        .ok_or_else(|| "Postgres is not installed: there is no `initdb`".into())
}

async fn is_root() -> Result<bool, BoxError> {
    Ok(Command::new("id").arg("-u").output().await?.stdout.trim_ascii() == b"0")
}

async fn run(command: &mut Command) -> Result<(), BoxError> {
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}
