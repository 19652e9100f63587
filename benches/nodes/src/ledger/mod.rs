//! The ledger of effects.
//!
//! Events take effect in it, and it shows afterwards how often they did.

mod postgres;
mod redis;

use std::{env, process, time::SystemTime};

use ::redis::aio::ConnectionManager;
use rand::random;
use sqlx::PgPool;
use tower_stripe_webhook::BoxError;

use crate::arguments::Store;

/// A ledger of one run.
#[derive(Clone)]
pub enum Ledger {
    PostgresTransaction(PgPool),
    Postgres(PgPool),
    Redis { connection: ConnectionManager, prefix: String },
}

/// A run of a handler that has reached the effect.
#[derive(Clone, Debug)]
pub struct HandlerRun {
    /// The id, which is unique within this run.
    pub id: String,
    pub event_id: String,
    /// The process.
    pub node: u32,
    /// The start of the run, in microseconds since 1970.
    ///
    /// All processes of one machine share the clock.
    pub begun: i64,
    /// None if the node died before that.
    pub ended: Option<i64>,
    /// Whether it answers `200`, and does not fail after the effect.
    pub succeeds: bool,
}

/// The contents of the ledger at the end.
pub struct Audit {
    /// The event of each effect, as often as it has taken effect.
    pub effects: Vec<String>,
    /// The runs of a handler that have reached the effect.
    ///
    /// Only if the effect is keyed by the event.
    pub runs: Vec<HandlerRun>,
}

impl Ledger {
    /// Creates an empty ledger.
    pub async fn create(store: Store, run: &str) -> Result<Self, BoxError> {
        if store != Store::Redis {
            postgres::create_database(&variable("TEST_POSTGRES_URL")?, run).await?;
        }
        let ledger = Self::open(store, run).await?;
        match &ledger {
            Self::PostgresTransaction(pool) => postgres::create_unkeyed(pool).await?,
            Self::Postgres(pool) => postgres::create_keyed(pool).await?,
            Self::Redis { .. } => {}
        }
        Ok(ledger)
    }

    /// Opens a ledger that was created.
    pub async fn open(store: Store, run: &str) -> Result<Self, BoxError> {
        Ok(match store {
            Store::PostgresTransaction => Self::PostgresTransaction(
                postgres::open(&variable("TEST_POSTGRES_URL")?, run).await?,
            ),
            Store::Postgres => {
                Self::Postgres(postgres::open(&variable("TEST_POSTGRES_URL")?, run).await?)
            }
            Store::Redis => Self::Redis {
                connection: redis::open(&variable("TEST_REDIS_URL")?).await?,
                prefix: format!("nodes-{run}"),
            },
        })
    }

    /// Applies the effect of the event once, and records the handler's run.
    pub async fn apply_keyed(&self, run: &HandlerRun) -> Result<(), BoxError> {
        match self {
            Self::PostgresTransaction(pool) | Self::Postgres(pool) => {
                postgres::apply_keyed(pool, run).await
            }
            Self::Redis { connection, prefix } => redis::apply_keyed(connection, prefix, run).await,
        }
    }

    /// Notes that a handler which has come so far is at its end.
    pub async fn end(&self, run: &HandlerRun) -> Result<(), BoxError> {
        match self {
            Self::PostgresTransaction(pool) | Self::Postgres(pool) => {
                postgres::end(pool, &run.id, micros()).await
            }
            Self::Redis { connection, prefix } => {
                redis::end(connection, prefix, &run.id, micros()).await
            }
        }
    }

    pub async fn audit(&self) -> Result<Audit, BoxError> {
        match self {
            Self::PostgresTransaction(pool) => postgres::audit_unkeyed(pool).await,
            Self::Postgres(pool) => postgres::audit_keyed(pool).await,
            Self::Redis { connection, prefix } => redis::audit(connection, prefix).await,
        }
    }

    pub async fn delete(self) -> Result<(), BoxError> {
        match self {
            Self::PostgresTransaction(pool) | Self::Postgres(pool) => {
                postgres::delete_database(pool, &variable("TEST_POSTGRES_URL")?).await
            }
            Self::Redis { connection, prefix } => redis::delete(connection, &prefix).await,
        }
    }
}

impl HandlerRun {
    pub fn begin(event_id: &str, succeeds: bool) -> Self {
        let id = format!("{:016x}", random::<u64>());
        Self {
            id,
            event_id: event_id.to_owned(),
            node: process::id(),
            begun: micros(),
            ended: None,
            succeeds,
        }
    }
}

/// Microseconds since 1970.
pub fn micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

fn variable(name: &str) -> Result<String, BoxError> {
    env::var(name).map_err(|_| format!("{name} must name the server to use").into())
}
