//! Postgres behind a proxy that counts round trips, stalls or breaks.
//!
//! Each delivery takes bounded time, and each claim ends.

use std::time::Duration;

use http::StatusCode;
use sqlx::{PgPool, postgres::PgPoolOptions};
use tower_stripe_webhook::idempotency::{IdempotencyLayer, Outcome, PostgresStore};

use crate::{
    app::{App, Calls, counting, deliver, eventually, is_handled},
    postgres_server::schema,
    proxy::Proxy,
};

/// Long enough for a busy machine to answer in time.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

async fn pool(url: &str) -> PgPool {
    PgPoolOptions::new().max_connections(1).test_before_acquire(false).connect(url).await.unwrap()
}

async fn app_on(pool: PgPool) -> (App, Calls) {
    let store = PostgresStore::new(pool);
    store.create_table().await.unwrap();
    counting(IdempotencyLayer::new(store).with_store_timeout(STORE_TIMEOUT))
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_first_delivery_takes_two_round_trips_and_a_duplicate_one() {
    let (proxy, url) = Proxy::before(&schema().await).await;
    let pool = pool(&url).await;
    let (app, _) = app_on(pool.clone()).await;
    // Prepares the statements, and has the store's first claim prune.
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);
    eventually("the pool is at rest", || async { pool.num_idle() == 1 }).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);

    for id in ["evt_1", "evt_2"] {
        let before = proxy.round_trips();
        assert_eq!(deliver(&app, id).await.1, Outcome::Committed);
        assert_eq!(proxy.round_trips() - before, 2);

        let before = proxy.round_trips();
        assert_eq!(deliver(&app, id).await.1, Outcome::Duplicate);
        assert_eq!(proxy.round_trips() - before, 1);
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_are_rejected_in_time_while_postgres_stalls_and_later_handled() {
    let (proxy, url) = Proxy::before(&schema().await).await;
    let (app, calls) = app_on(pool(&url).await).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);

    proxy.stall();
    for id in ["evt_1", "evt_2", "evt_1"] {
        let rejected =
            tokio::time::timeout(STORE_TIMEOUT * 10, deliver(&app, id)).await.expect("in time");
        assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));
    }
    proxy.work();
    for id in ["evt_1", "evt_2"] {
        eventually("the event is handled", || async { is_handled(&app, id).await }).await;
    }
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);
    assert_eq!(calls.count(), 3);
}

/// Connections that a firewall has dropped silently.
///
/// They get no answer and are not closed.
#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn the_pool_closes_silent_connections_and_works_again() {
    let (proxy, url) = Proxy::before(&schema().await).await;
    let pool = pool(&url).await;
    let store = PostgresStore::new(pool.clone());
    store.create_table().await.unwrap();
    let layer =
        IdempotencyLayer::new(store).with_store_timeout(STORE_TIMEOUT).with_lease(STORE_TIMEOUT);
    let (app, calls) = counting(layer);
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);
    eventually("the pool is at rest", || async { pool.num_idle() == 1 }).await;

    proxy.lose_connections();
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::StoreFailed);
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_are_handled_and_duplicates_known_after_a_postgres_restart() {
    let (proxy, url) = Proxy::before(&schema().await).await;
    let (app, calls) = app_on(pool(&url).await).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Committed);

    proxy.go_down();
    let rejected =
        tokio::time::timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));
    proxy.work();
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(deliver(&app, "evt_0").await.1, Outcome::Duplicate);
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_are_rejected_in_time_while_the_pool_is_full_and_later_handled() {
    let pool = pool(&schema().await).await;
    let (app, calls) = app_on(pool.clone()).await;
    let taken = pool.acquire().await.unwrap();
    let rejected =
        tokio::time::timeout(STORE_TIMEOUT * 10, deliver(&app, "evt_1")).await.expect("in time");
    assert_eq!(rejected, (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed));

    drop(taken);
    eventually("the event is handled", || async { is_handled(&app, "evt_1").await }).await;
    assert_eq!(calls.count(), 1);
}
