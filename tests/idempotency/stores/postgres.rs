//! The store in Postgres. Each test has its own schema.

use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::task::JoinSet;
use tower_stripe_webhook::idempotency::{Claim, IdempotencyStore, PostgresStore};

use super::{LEASE, finish, is_finished, key, sql};
use crate::postgres_server;

async fn pool() -> PgPool {
    PgPoolOptions::new().max_connections(8).connect(&postgres_server::schema().await).await.unwrap()
}

fn age(pool: &PgPool) -> impl AsyncFn(i64) {
    async move |millis| {
        let older = "UPDATE stripe_webhook_claims SET changed_at = changed_at - $1";
        sqlx::query(older).bind(millis).execute(pool).await.unwrap();
    }
}

fn set_back(pool: &PgPool) -> impl AsyncFn(i64) {
    async move |millis| {
        let later = "UPDATE stripe_webhook_claims SET changed_at = changed_at + $1, leased_until = leased_until + $1";
        sqlx::query(later).bind(millis).execute(pool).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn it_keeps_the_contract() {
    sql::keeps_its_promises::<PostgresStore>(pool().await).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn it_only_forgets_events_past_its_retention() {
    let pool = pool().await;
    sql::forgets_what_is_too_old::<PostgresStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn it_keeps_events_for_its_retention() {
    let pool = pool().await;
    sql::keeps_events_for_as_long_as_it_is_told::<PostgresStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn the_retention_starts_when_an_event_is_finished() {
    let pool = pool().await;
    sql::keeps_events_from_their_end_on::<PostgresStore>(pool.clone(), age(&pool)).await;
}

/// While events are claimed and finished, too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn several_nodes_can_prune_at_once() {
    let pool = pool().await;
    let store = PostgresStore::new(pool.clone());
    store.create_table().await.unwrap();
    let old = "INSERT INTO stripe_webhook_claims SELECT 'old/' || n, 1, NULL, n FROM generate_series(1, 20000) n";
    sqlx::query(old).execute(&pool).await.unwrap();

    let mut prunes = JoinSet::new();
    for _ in 0..3 {
        let store = store.clone();
        prunes.spawn(async move { store.prune().await.unwrap() });
    }
    for event in 0..200 {
        finish(&store, &format!("evt_{event}")).await;
    }
    prunes.join_all().await;
    // A prune skips the rows that another prune has locked.
    store.prune().await.unwrap();
    let old = "SELECT count(*) FROM stripe_webhook_claims WHERE event_key LIKE 'old/%'";
    assert_eq!(sqlx::query_scalar::<_, i64>(old).fetch_one(&pool).await.unwrap(), 0);
    assert!(is_finished(&store, "evt_0").await);
}

/// A claim whose statement sees no row.
///
/// The statement started before another node's first claim was committed, so it sees neither its
/// own row nor the other node's.
#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_claim_behind_a_first_claim_returns_its_remaining_time() {
    let pool = pool().await;
    let store = PostgresStore::new(pool.clone());
    store.create_table().await.unwrap();

    let mut other = pool.begin().await.unwrap();
    let claim = "INSERT INTO stripe_webhook_claims (event_key, token, leased_until, changed_at) \
         VALUES ($1, 1, (extract(epoch FROM now()) * 1000)::bigint + 60000, 0)";
    sqlx::query(claim).bind(key("evt_1").as_str()).execute(&mut *other).await.unwrap();
    let waits = tokio::spawn(async move { store.claim(&key("evt_1"), LEASE).await.unwrap() });
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%stripe_webhook_claims%' \
         AND query NOT LIKE '%pg_stat_activity%'";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&pool).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    other.commit().await.unwrap();

    let Claim::InFlight { remaining } = waits.await.unwrap() else {
        panic!("another node has claimed it")
    };
    assert!(remaining > LEASE / 2 && remaining <= LEASE, "{remaining:?}");
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn it_prunes_by_itself() {
    let pool = pool().await;
    sql::prunes_by_itself::<PostgresStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn nodes_can_create_its_table_at_once() {
    let pool = pool().await;
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let store = PostgresStore::new(pool.clone());
        nodes.spawn(async move { store.create_table().await });
    }
    for made in nodes.join_all().await {
        made.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_clock_set_back_leaves_no_claim_for_longer_than_two_leases() {
    let pool = pool().await;
    sql::bounds_a_claim_though_the_clock_is_set_back::<PostgresStore>(
        pool.clone(),
        set_back(&pool),
    )
    .await;
}
