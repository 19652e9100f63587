//! The queue in a SQLite file.

use std::{
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use apalis::prelude::{Task, TaskSink};
use apalis_sqlite::{Config, SqliteStorage};
use sqlx::{
    Sqlite, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tower_stripe_webhook::{BoxError, idempotency};

use super::{ACQUIRE_TIMEOUT, BATCH, DELETED_AT_ONCE, DeadLetter, Job, NAME, Stored, private_file};

/// The condition of a dead letter.
const DEAD: &str =
    "job_type = ?1 AND (status = 'Killed' OR status = 'Failed' AND attempts >= max_attempts)";

pub(super) async fn open(url: &str) -> Result<SqlitePool, BoxError> {
    // Not `SqliteStorage::setup`, which sets `synchronous = OFF` on one connection: a power failure
    // could then lose an answered event.
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let is_memory = url.contains(":memory:") || url.contains("mode=memory");
    if !is_memory {
        // SQLite gives its `-wal` and `-shm` files the mode of the file.
        private_file::create(options.get_filename())?;
    }
    // apalis begins a transaction on a connection of this pool for each event. Without these
    // options, an event that is not stored could be answered after the disk was full.
    let pool = idempotency::pool_options::<Sqlite>()
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_with(options)
        .await?;
    SqliteStorage::migrations().run(&pool).await?;
    Ok(pool)
}

pub(super) fn storage(pool: &SqlitePool, heartbeat: Duration) -> SqliteStorage<Job> {
    let config = Config::default().queue(NAME).batch_size(BATCH).heartbeat_interval(heartbeat);
    SqliteStorage::new(pool).with_config(config)
}

pub(super) async fn put(pool: &SqlitePool, task: Task<Job>) -> Result<Stored, BoxError> {
    let id = task.task_id().ok_or("the job has no id")?.to_string();
    let config = Config::default().queue(NAME);
    SqliteStorage::new(pool).with_config(config).push_task(task).await?;
    // apalis skips an insert whose key exists, and does not report it.
    let sql = "SELECT EXISTS (SELECT 1 FROM Jobs WHERE id = ?1)";
    let is_stored = sqlx::query_scalar(sql).bind(id).fetch_one(pool).await?;
    Ok(if is_stored { Stored::First } else { Stored::Duplicate })
}

pub(super) async fn put_off(
    pool: &SqlitePool,
    job_id: &str,
    pause: Duration,
) -> Result<(), sqlx::Error> {
    // Rounded up, because `run_at` has whole seconds and the pause must not be shorter.
    let run_at = unix_seconds(SystemTime::now() + pause + Duration::from_millis(999));
    sqlx::query("UPDATE Jobs SET run_at = ?2 WHERE id = ?1")
        .bind(job_id)
        .bind(run_at)
        .execute(pool)
        .await?;
    Ok(())
}

pub(super) async fn dead_letters(pool: &SqlitePool) -> Result<Vec<DeadLetter>, sqlx::Error> {
    let sql = format!(
        "SELECT idempotency_key AS event_key, attempts, coalesce(last_result ->> 'Err', '') AS error
         FROM Jobs WHERE {DEAD} ORDER BY done_at, id"
    );
    sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(NAME).fetch_all(pool).await
}

pub(super) async fn revive(pool: &SqlitePool, event: &str) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "UPDATE Jobs SET status = 'Pending', attempts = 0, run_at = strftime('%s', 'now'),
             lock_by = NULL, lock_at = NULL, done_at = NULL
         WHERE {DEAD} AND (idempotency_key = ?2 OR substr(idempotency_key, 1, length(?2) + 1) = ?2 || '-')"
    );
    let updated =
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(NAME).bind(event).execute(pool).await?;
    Ok(updated.rows_affected() > 0)
}

pub(super) async fn forget_done(pool: &SqlitePool, age: Duration) -> Result<u64, sqlx::Error> {
    let sql = "DELETE FROM Jobs WHERE id IN
        (SELECT id FROM Jobs WHERE job_type = ?1 AND status = 'Done' AND done_at < ?2 LIMIT ?3)";
    let before = unix_seconds(SystemTime::now() - age);
    let deleted =
        sqlx::query(sql).bind(NAME).bind(before).bind(DELETED_AT_ONCE).execute(pool).await?;
    Ok(deleted.rows_affected())
}

fn unix_seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
