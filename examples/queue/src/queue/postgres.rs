//! The queue in Postgres.

use std::time::Duration;

use apalis::prelude::{Task, TaskSink, TaskSinkError};
use apalis_postgres::{Config, Error, PostgresStorage};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tower_stripe_webhook::BoxError;

use super::{ACQUIRE_TIMEOUT, BATCH, DELETED_AT_ONCE, DeadLetter, Job, NAME, Stored};

/// The index with which apalis keeps the idempotency key unique.
const UNIQUE_KEY: &str = "idx_jobs_idempotency_key";

/// The condition of a dead letter.
const DEAD: &str =
    "job_type = $1 AND (status = 'Killed' OR status = 'Failed' AND attempts >= max_attempts)";

pub(super) async fn open(url: &str) -> Result<PgPool, BoxError> {
    let pool = PgPoolOptions::new().acquire_timeout(ACQUIRE_TIMEOUT).connect(url).await?;
    PostgresStorage::setup(&pool).await?;
    Ok(pool)
}

pub(super) fn storage(pool: &PgPool, heartbeat: Duration) -> PostgresStorage<Job> {
    let config = Config::default().queue(NAME).batch_size(BATCH).heartbeat_interval(heartbeat);
    PostgresStorage::new(pool).with_config(config)
}

pub(super) async fn put(pool: &PgPool, task: Task<Job>) -> Result<Stored, BoxError> {
    let config = Config::default().queue(NAME);
    match PostgresStorage::new(pool).with_config(config).push_task(task).await {
        // On SQLite, apalis skips an insert whose key exists; on Postgres it is an error.
        Err(TaskSinkError::PushError(Error::Database(sqlx::Error::Database(error))))
            if error.constraint() == Some(UNIQUE_KEY) =>
        {
            Ok(Stored::Duplicate)
        }
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Stored::First),
    }
}

pub(super) async fn put_off(
    pool: &PgPool,
    job_id: &str,
    pause: Duration,
) -> Result<(), sqlx::Error> {
    let sql = "UPDATE apalis.jobs SET run_at = now() + $2 WHERE id = $1";
    sqlx::query(sql).bind(job_id).bind(pause).execute(pool).await?;
    Ok(())
}

pub(super) async fn dead_letters(pool: &PgPool) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let sql = format!(
        "SELECT idempotency_key AS event_key, attempts::bigint AS attempts, coalesce(last_result ->> 'Err', '') AS error
         FROM apalis.jobs WHERE {DEAD} ORDER BY done_at, id"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(NAME).fetch_all(pool).await
}

pub(super) async fn revive(pool: &PgPool, event: &str) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "UPDATE apalis.jobs SET status = 'Pending', attempts = 0, run_at = now(),
             lock_by = NULL, lock_at = NULL, done_at = NULL
         WHERE {DEAD} AND (idempotency_key = $2 OR substr(idempotency_key, 1, length($2) + 1) = $2 || '-')"
    );
    let updated =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(NAME).bind(event).execute(pool).await?;
    Ok(updated.rows_affected() > 0)
}

pub(super) async fn forget_done(pool: &PgPool, age: Duration) -> Result<u64, sqlx::Error> {
    let sql = "DELETE FROM apalis.jobs WHERE id IN
        (SELECT id FROM apalis.jobs WHERE job_type = $1 AND status = 'Done' AND done_at < now() - $2 LIMIT $3)";
    let deleted = sqlx::query(sql).bind(NAME).bind(age).bind(DELETED_AT_ONCE).execute(pool).await?;
    Ok(deleted.rows_affected())
}
