//! The database of a target: its server, its tables, and what faults do to it.

mod postgres;
mod redis;
pub mod sqlite;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::Mutex,
    time::{Instant, sleep, timeout},
};
use tower_stripe_webhook::BoxError;

use self::{postgres::Postgres, redis::Redis, sqlite::Sqlite};
use crate::{
    signals,
    target::{Database, Target},
};

/// Longer than a server takes to start on a busy machine.
const DEADLINE: Duration = Duration::from_secs(90);

/// The time for one attempt. The server may go down in the middle of it.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(10);

pub enum Store {
    Memory,
    Sqlite(Sqlite),
    Postgres(Postgres),
    Redis(Redis),
}

impl Store {
    /// Starts the database in a folder, and creates its tables.
    pub async fn start(target: Target, folder: &Path) -> Result<Self, BoxError> {
        Ok(match target.database() {
            Database::None => Self::Memory,
            Database::Sqlite => Self::Sqlite(Sqlite::create(target, folder).await?),
            Database::Postgres => Self::Postgres(Postgres::start(target, folder).await?),
            Database::Redis { persistent } => Self::Redis(Redis::start(folder, persistent).await?),
        })
    }

    /// The socket of the server, if the database has one.
    pub fn socket(&self) -> Option<PathBuf> {
        match self {
            Self::Memory | Self::Sqlite(_) => None,
            Self::Postgres(postgres) => Some(postgres.socket()),
            Self::Redis(redis) => Some(redis.socket()),
        }
    }

    /// The URL of the database for a node, which reaches it at this address.
    pub fn url(&self, address: Option<SocketAddr>) -> String {
        match (self, address) {
            (Self::Sqlite(sqlite), _) => sqlite.url(),
            (Self::Postgres(_), Some(address)) => postgres::url(address),
            (Self::Redis(_), Some(address)) => redis::url(address),
            _ => "none".to_owned(),
        }
    }

    /// Makes the database close connections.
    pub async fn disconnect(&self) -> Result<(), BoxError> {
        match self {
            Self::Memory | Self::Sqlite(_) => Err("there are no connections to close".into()),
            Self::Postgres(postgres) => postgres.disconnect().await,
            Self::Redis(redis) => redis.disconnect().await,
        }
    }

    /// Stops the server, and starts it again with its data.
    pub async fn restart(&self, is_hard: bool, down: Duration) -> Result<(), BoxError> {
        match self {
            Self::Memory | Self::Sqlite(_) => Err("there is no server to restart".into()),
            Self::Postgres(postgres) => postgres.restart(is_hard, down).await,
            Self::Redis(redis) => redis.restart(is_hard, down).await,
        }
    }

    /// Sets the clock that measures leases, by milliseconds.
    pub async fn step_clock(&self, millis: i64) -> Result<(), BoxError> {
        match self {
            Self::Memory => Err("the clock of the store in memory cannot be set".into()),
            Self::Sqlite(sqlite) => sqlite.step_clock(millis).await,
            Self::Postgres(postgres) => postgres.step_clock(millis).await,
            Self::Redis(redis) => redis.step_clock(millis).await,
        }
    }

    /// Returns the number of each event that has taken effect, as often as it has.
    ///
    /// For `record`.
    pub async fn effects(&self) -> Result<Vec<i64>, BoxError> {
        match self {
            Self::Sqlite(sqlite) => sqlite.effects().await,
            Self::Postgres(postgres) => postgres.effects().await,
            Self::Memory | Self::Redis(_) => Err("this database has no effects".into()),
        }
    }
}

/// Repeats an attempt until it succeeds.
async fn until_it_works<T, F: Future<Output = Result<T, BoxError>>>(
    what: &str,
    attempt: impl Fn() -> F,
) -> Result<T, BoxError> {
    let started = Instant::now();
    loop {
        match within_limit(attempt()).await {
            Ok(done) => return Ok(done),
            Err(error) if started.elapsed() > DEADLINE => {
                return Err(format!("{what} failed for {DEADLINE:?}: {error}").into());
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn within_limit<T>(
    attempt: impl Future<Output = Result<T, BoxError>>,
) -> Result<T, BoxError> {
    timeout(ATTEMPT_LIMIT, attempt).await?
}

/// Starts a server, again if it ends by itself, until it answers.
///
/// It ends if the last server's processes still hold its memory.
async fn start_until_it_answers<F: Future<Output = Result<(), BoxError>>>(
    name: &str,
    process: &Mutex<Option<Child>>,
    mut command: Command,
    log: &Path,
    is_answering: impl Fn() -> F,
) -> Result<(), BoxError> {
    let mut process = process.lock().await;
    let started = Instant::now();
    let mut running = command.spawn()?;
    while let Err(error) = within_limit(is_answering()).await {
        if started.elapsed() > DEADLINE {
            let log = fs::read_to_string(log).unwrap_or_default();
            let end: Vec<_> = log.lines().rev().take(10).collect();
            let problem = format!("{name} did not start within {DEADLINE:?}: {error}");
            return Err(format!("{problem}; its log, newest first: {end:#?}").into());
        }
        sleep(Duration::from_millis(50)).await;
        if running.try_wait()?.is_some() {
            running = command.spawn()?;
        }
    }
    *process = Some(running);
    Ok(())
}

/// Ends a server with a signal.
async fn stop(process: &Mutex<Option<Child>>, name: &str) -> Result<(), BoxError> {
    let mut process = process.lock().await;
    if let Some(mut running) = process.take() {
        let pid = running.id().ok_or("the server has ended by itself")?;
        signals::send(name, pid)?;
        running.wait().await?;
    }
    Ok(())
}
