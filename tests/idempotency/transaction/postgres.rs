//! `record` with Postgres, also in two transactions for the same event.

use std::time::Duration;

use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::{
    task::{JoinHandle, JoinSet, yield_now},
    time::timeout,
};
use tower_stripe_webhook::idempotency::{self, Delivery, RETENTION};

use super::{
    forgets_what_is_too_old, is_repeated_in_one_transaction, key, record_and_commit,
    records_an_event_once,
};
use crate::{postgres_server::schema, proxy::Proxy};

async fn pool() -> PgPool {
    PgPoolOptions::new().max_connections(30).connect(&schema().await).await.unwrap()
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_is_recorded_once() {
    records_an_event_once(&pool().await).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_is_a_duplicate_in_its_own_transaction() {
    is_repeated_in_one_transaction(&pool().await).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn only_events_past_the_retention_are_forgotten() {
    let pool = pool().await;
    forgets_what_is_too_old(&pool, async |seconds| {
        let older = "UPDATE stripe_webhook_events SET recorded_at = recorded_at - $1";
        sqlx::query(older).bind(seconds).execute(&pool).await.unwrap();
    })
    .await;
}

/// Records an event in its own transaction, and waits until Postgres blocks it.
async fn waiting_second(pool: &PgPool) -> JoinHandle<Delivery> {
    let mut transaction = pool.begin().await.unwrap();
    let pid: i32 =
        sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *transaction).await.unwrap();
    let second = tokio::spawn(async move {
        let delivery = idempotency::record(&mut transaction, &key("evt_1")).await.unwrap();
        transaction.commit().await.unwrap();
        delivery
    });
    let waits =
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock')";
    while !sqlx::query_scalar::<_, bool>(waits).bind(pid).fetch_one(pool).await.unwrap() {
        assert!(!second.is_finished(), "it did not wait");
        yield_now().await;
    }
    second
}

async fn delivery(second: JoinHandle<Delivery>) -> Delivery {
    timeout(Duration::from_secs(60), second).await.expect("it waits no longer").unwrap()
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_second_transaction_waits_and_is_a_duplicate_after_the_commit() {
    let pool = pool().await;
    idempotency::create_events_table(&pool).await.unwrap();
    let mut first = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut first, &key("evt_1")).await.unwrap(), Delivery::First);

    let second = waiting_second(&pool).await;
    assert_eq!(
        record_and_commit(&pool, "evt_2").await,
        Delivery::First,
        "other events do not wait"
    );
    first.commit().await.unwrap();
    assert_eq!(delivery(second).await, Delivery::Duplicate);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_second_transaction_waits_and_is_the_first_after_a_rollback() {
    let pool = pool().await;
    idempotency::create_events_table(&pool).await.unwrap();
    let mut first = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut first, &key("evt_1")).await.unwrap(), Delivery::First);

    let second = waiting_second(&pool).await;
    first.rollback().await.unwrap();
    assert_eq!(delivery(second).await, Delivery::First);
    assert_eq!(record_and_commit(&pool, "evt_1").await, Delivery::Duplicate);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_second_transaction_waits_no_longer_than_its_lock_timeout() {
    let pool = pool().await;
    idempotency::create_events_table(&pool).await.unwrap();
    let mut first = pool.begin().await.unwrap();
    assert_eq!(idempotency::record(&mut first, &key("evt_1")).await.unwrap(), Delivery::First);

    let mut second = pool.begin().await.unwrap();
    sqlx::query("SET LOCAL lock_timeout = '50ms'").execute(&mut *second).await.unwrap();
    let error = idempotency::record(&mut second, &key("evt_1")).await.unwrap_err();
    // `lock_not_available`
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "55P03");

    second.rollback().await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(record_and_commit(&pool, "evt_1").await, Delivery::Duplicate);
}

/// While events are recorded, too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn several_nodes_can_prune_at_once() {
    let pool = pool().await;
    idempotency::create_events_table(&pool).await.unwrap();
    let old =
        "INSERT INTO stripe_webhook_events SELECT 'old/' || n, n FROM generate_series(1, 20000) n";
    sqlx::query(old).execute(&pool).await.unwrap();

    let mut prunes = JoinSet::new();
    for _ in 0..3 {
        let pool = pool.clone();
        prunes.spawn(async move { idempotency::prune_events(&pool, RETENTION).await.unwrap() });
    }
    for event in 0..200 {
        assert_eq!(record_and_commit(&pool, &format!("evt_{event}")).await, Delivery::First);
    }
    let pruned: u64 = prunes.join_all().await.iter().sum();
    assert_eq!(pruned + idempotency::prune_events(&pool, RETENTION).await.unwrap(), 20000);
    assert_eq!(record_and_commit(&pool, "evt_0").await, Delivery::Duplicate);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn one_of_24_at_once_is_the_first() {
    let pool = pool().await;
    idempotency::create_events_table(&pool).await.unwrap();
    let mut deliveries = JoinSet::new();
    for _ in 0..24 {
        let pool = pool.clone();
        deliveries.spawn(async move { record_and_commit(&pool, "evt_1").await });
    }
    let first =
        deliveries.join_all().await.into_iter().filter(|delivery| delivery.is_first()).count();
    assert_eq!(first, 1);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_lost_answer_to_a_commit_is_an_error_settled_by_the_next_delivery() {
    let (proxy, url) = Proxy::before(&schema().await).await;
    let pool = PgPool::connect(&url).await.unwrap();
    idempotency::create_events_table(&pool).await.unwrap();
    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(
        idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(),
        Delivery::First
    );
    proxy.lose_answers_to("COMMIT");
    let unknown = transaction.commit().await;
    assert!(matches!(unknown, Err(sqlx::Error::Io(_))), "{unknown:?}");

    proxy.work();
    assert_eq!(record_and_commit(&pool, "evt_1").await, Delivery::Duplicate);
}
