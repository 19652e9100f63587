//! SQLite with a lock held by another writer, and with a full pool.
//!
//! Each delivery takes bounded time, and each claim ends.

use std::time::Duration;

use http::StatusCode;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions},
};
use tempfile::TempDir;
use tokio::time::timeout;
use tower_stripe_webhook::idempotency::{IdempotencyLayer, Outcome, SqliteStore};

use crate::app::{App, Calls, counting, deliver, eventually, is_handled};

/// Long enough for a busy machine to answer in time.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

async fn pool(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("events.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

async fn app_on(pool: SqlitePool) -> (App, Calls) {
    let store = SqliteStore::new(pool);
    store.create_table().await.unwrap();
    counting(IdempotencyLayer::new(store).with_store_timeout(STORE_TIMEOUT))
}

#[tokio::test]
async fn events_are_rejected_in_time_while_another_writer_has_the_lock() {
    let folder = TempDir::new().unwrap();
    let (app, calls) = app_on(pool(&folder).await).await;
    let writer = pool(&folder).await.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let rejected = timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));

    writer.rollback().await.unwrap();
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn events_are_rejected_in_time_while_the_pool_is_full_and_later_handled() {
    let folder = TempDir::new().unwrap();
    let pool = pool(&folder).await;
    let (app, calls) = app_on(pool.clone()).await;
    let taken = pool.acquire().await.unwrap();
    let rejected = timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));

    drop(taken);
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(calls.count(), 1);
}

#[tokio::test]
async fn duplicates_are_known_after_a_restart() {
    let folder = TempDir::new().unwrap();
    let before = pool(&folder).await;
    assert_eq!(deliver(&app_on(before.clone()).await.0, "evt_1").await.1, Outcome::Committed);
    before.close().await;
    assert_eq!(deliver(&app_on(pool(&folder).await).await.0, "evt_1").await.1, Outcome::Duplicate);
}
