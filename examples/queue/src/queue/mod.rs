//! The job queue: apalis on a SQLite file or on Postgres.
//!
//! Postgres is for workers on several machines. The event's idempotency key is the job's key, which
//! apalis keeps unique: an event that Stripe delivers repeatedly is stored once. The key is the
//! event's id. For a test webhook of Stripe's dashboard it is the id with a random suffix, because
//! those share one id.

mod poll;
mod postgres;
mod private_file;
mod sqlite;

use std::time::Duration;

use apalis::{
    layers::WorkerBuilderExt,
    prelude::{BackendExt, Task, TaskBuilder, TaskId, WorkerBuilder, WorkerContext, WorkerError},
};
use sqlx::{PgPool, SqlitePool};
use tower::Service;
use tower_stripe_webhook::{BoxError, Event, VerifiedEvent};
use ulid::Ulid;

/// A job is stored as the event's JSON, as Stripe sent it.
pub type Job = Event;

/// The queue's name among those in the same database.
const NAME: &str = "stripe-events";

/// The number of jobs that a worker fetches at once.
///
/// One: while a worker holds a job that waits for a free slot, apalis sends no heartbeat, and
/// another worker would consider it dead.
const BATCH: usize = 1;

/// The number of events that a worker works on at the same time.
const CONCURRENCY: usize = 8;

/// The time between two polls of an idle worker.
const POLL_INTERVAL: Duration = Duration::from_millis(250);

/// The time that a request or worker waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The rows that one statement deletes. A small number holds the lock briefly.
const DELETED_AT_ONCE: i64 = 1000;

#[derive(Clone, Debug)]
pub enum Queue {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The result of storing an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// The event is stored now.
    First,
    /// The event was stored before.
    Duplicate,
}

/// An event whose work has failed too often.
#[derive(Debug, sqlx::FromRow)]
pub struct DeadLetter {
    /// The idempotency key.
    ///
    /// It is the event's id, and for a test webhook the id with a suffix.
    pub event_key: String,
    pub attempts: i64,
    pub error: String,
}

impl Queue {
    /// Opens the database, and creates missing tables.
    pub async fn open(url: &str) -> Result<Self, BoxError> {
        match url.split(':').next() {
            Some("sqlite") => sqlite::open(url).await.map(Self::Sqlite),
            Some("postgres" | "postgresql") => postgres::open(url).await.map(Self::Postgres),
            _ => Err("DATABASE_URL must begin with sqlite: or postgres://".into()),
        }
    }

    /// Stores the event, unless it is stored already.
    pub async fn put(&self, event: &VerifiedEvent, max_attempts: u32) -> Result<Stored, BoxError> {
        let task = TaskBuilder::new(Job::clone(event))
            .task_id(TaskId::from_ulid(Ulid::generate()))
            .idempotency_key(event.idempotency_key())
            .max_attempts(max_attempts as usize)
            .build();
        match self {
            Self::Sqlite(pool) => sqlite::put(pool, task).await,
            Self::Postgres(pool) => postgres::put(pool, task).await,
        }
    }

    /// Calls `service` with each job.
    ///
    /// Ends if the database fails, or after `worker` was stopped and its started jobs are done.
    pub async fn run<S>(
        &self,
        worker: &WorkerContext,
        heartbeat: Duration,
        service: S,
    ) -> Result<(), WorkerError>
    where
        S: Service<Task<Job>, Response = (), Error = BoxError, Future: Send> + Send + 'static,
    {
        let builder = WorkerBuilder::new(worker);
        match self {
            Self::Sqlite(pool) => {
                let backend = sqlite::storage(pool, heartbeat)
                    .poll_with_strategy(poll::Every::new(POLL_INTERVAL));
                builder.backend(backend).concurrency(CONCURRENCY).build(service).run().await
            }
            Self::Postgres(pool) => {
                let backend = postgres::storage(pool, heartbeat)
                    .poll_with_strategy(poll::Every::new(POLL_INTERVAL));
                builder.backend(backend).concurrency(CONCURRENCY).build(service).run().await
            }
        }
    }

    /// Schedules the next attempt of a job that is about to fail, after `pause`.
    pub async fn put_off(&self, job_id: &str, pause: Duration) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::put_off(pool, job_id, pause).await,
            Self::Postgres(pool) => postgres::put_off(pool, job_id, pause).await,
        }
    }

    /// Returns the dead letters, the oldest first.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::dead_letters(pool).await,
            Self::Postgres(pool) => postgres::dead_letters(pool).await,
        }
    }

    /// Retries a dead letter with the full number of attempts.
    ///
    /// Returns whether there was one. `event` is a dead letter's key; the id that test webhooks
    /// share stands for all of them.
    pub async fn revive(&self, event: &str) -> Result<bool, sqlx::Error> {
        match self {
            Self::Sqlite(pool) => sqlite::revive(pool, event).await,
            Self::Postgres(pool) => postgres::revive(pool, event).await,
        }
    }

    /// Deletes the jobs that were done longer than `age` ago.
    ///
    /// Until then, the row identifies duplicates.
    pub async fn forget_done(&self, age: Duration) -> Result<(), sqlx::Error> {
        loop {
            let deleted = match self {
                Self::Sqlite(pool) => sqlite::forget_done(pool, age).await?,
                Self::Postgres(pool) => postgres::forget_done(pool, age).await?,
            };
            if deleted < DELETED_AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
