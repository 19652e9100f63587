//! `record` with `sqlx::Any`, over SQLite and over Postgres.

use sqlx::{
    AnyPool,
    any::{AnyPoolOptions, install_default_drivers},
};

use super::{forgets_what_is_too_old, is_repeated_in_one_transaction, records_an_event_once};
use crate::postgres_server::schema;

async fn pool(url: &str) -> AnyPool {
    install_default_drivers();
    AnyPoolOptions::new().max_connections(1).connect(url).await.unwrap()
}

fn age(pool: &AnyPool) -> impl AsyncFn(i64) {
    async move |seconds| {
        let older = "UPDATE stripe_webhook_events SET recorded_at = recorded_at - $1";
        sqlx::query(older).bind(seconds).execute(pool).await.unwrap();
    }
}

#[tokio::test]
async fn an_event_is_recorded_once_in_sqlite() {
    records_an_event_once(&pool("sqlite::memory:").await).await;
}

#[tokio::test]
async fn an_event_is_a_duplicate_in_its_own_transaction_in_sqlite() {
    is_repeated_in_one_transaction(&pool("sqlite::memory:").await).await;
}

#[tokio::test]
async fn only_events_past_the_retention_are_forgotten_in_sqlite() {
    let pool = pool("sqlite::memory:").await;
    forgets_what_is_too_old(&pool, age(&pool)).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_is_recorded_once_in_postgres() {
    records_an_event_once(&pool(&schema().await).await).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_is_a_duplicate_in_its_own_transaction_in_postgres() {
    is_repeated_in_one_transaction(&pool(&schema().await).await).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn only_events_past_the_retention_are_forgotten_in_postgres() {
    let pool = pool(&schema().await).await;
    forgets_what_is_too_old(&pool, age(&pool)).await;
}
