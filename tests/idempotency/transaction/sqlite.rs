//! `record` with SQLite.

use sqlx::{SqlitePool, sqlite::SqlitePoolOptions};

use super::{forgets_what_is_too_old, is_repeated_in_one_transaction, records_an_event_once};

async fn pool() -> SqlitePool {
    SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap()
}

#[tokio::test]
async fn an_event_is_recorded_once() {
    records_an_event_once(&pool().await).await;
}

#[tokio::test]
async fn an_event_is_a_duplicate_in_its_own_transaction() {
    is_repeated_in_one_transaction(&pool().await).await;
}

#[tokio::test]
async fn only_events_past_the_retention_are_forgotten() {
    let pool = pool().await;
    forgets_what_is_too_old(&pool, async |seconds| {
        let older = "UPDATE stripe_webhook_events SET recorded_at = recorded_at - $1";
        sqlx::query(older).bind(seconds).execute(&pool).await.unwrap();
    })
    .await;
}
