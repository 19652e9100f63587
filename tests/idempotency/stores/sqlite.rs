//! The store in SQLite. Each test has its own file.

use std::time::Duration;

use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tempfile::TempDir;
use tower_stripe_webhook::{
    idempotency::{ClaimToken, IdempotencyStore, SqliteStore},
    test_util::check_idempotency_store,
};

use super::{LEASE, finish, is_finished, is_granted, key, sql};

fn folder() -> TempDir {
    TempDir::new().unwrap()
}

async fn pool(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("events.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    SqlitePoolOptions::new().max_connections(8).connect_with(options).await.unwrap()
}

fn age(pool: &SqlitePool) -> impl AsyncFn(i64) {
    async move |millis| {
        let older = "UPDATE stripe_webhook_claims SET changed_at = changed_at - $1";
        sqlx::query(older).bind(millis).execute(pool).await.unwrap();
    }
}

fn set_back(pool: &SqlitePool) -> impl AsyncFn(i64) {
    async move |millis| {
        let later = "UPDATE stripe_webhook_claims SET changed_at = changed_at + $1, leased_until = leased_until + $1";
        sqlx::query(later).bind(millis).execute(pool).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_contract() {
    sql::keeps_its_promises::<SqliteStore>(pool(&folder()).await).await;
}

#[tokio::test]
async fn it_keeps_the_contract_with_one_connection_in_memory() {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let store = SqliteStore::new(pool);
    store.create_table().await.unwrap();
    check_idempotency_store(store).await;
}

#[tokio::test]
async fn it_only_forgets_events_past_its_retention() {
    let folder = folder();
    let pool = pool(&folder).await;
    sql::forgets_what_is_too_old::<SqliteStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test]
async fn it_keeps_events_for_its_retention() {
    let folder = folder();
    let pool = pool(&folder).await;
    sql::keeps_events_for_as_long_as_it_is_told::<SqliteStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test]
async fn the_retention_starts_when_an_event_is_finished() {
    let folder = folder();
    let pool = pool(&folder).await;
    sql::keeps_events_from_their_end_on::<SqliteStore>(pool.clone(), age(&pool)).await;
}

#[tokio::test]
async fn it_prunes_by_itself() {
    let folder = folder();
    let pool = pool(&folder).await;
    sql::prunes_by_itself::<SqliteStore>(pool.clone(), age(&pool)).await;
}

/// A reader lets SQLite insert, but not commit, unless the file has a WAL.
#[tokio::test]
async fn a_claim_without_a_commit_in_sqlite_is_not_granted() {
    let folder = folder();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("events.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(Duration::ZERO);
    // One connection, for which the prune in the background waits instead of locking the file.
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await.unwrap();
    let store = SqliteStore::new(pool);
    store.create_table().await.unwrap();
    finish(&store, "evt_1").await;

    let mut reader = SqlitePool::connect_with(options).await.unwrap().begin().await.unwrap();
    sqlx::query("SELECT * FROM stripe_webhook_claims").fetch_all(&mut *reader).await.unwrap();
    let result = store.claim(&key("evt_2"), LEASE).await;
    assert!(result.is_err(), "{result:?}");

    reader.rollback().await.unwrap();
    assert!(is_granted(&store, "evt_2").await);
}

async fn one_connection(folder: &TempDir) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("events.db"))
        .create_if_missing(true);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

/// A connection in a transaction that sqlx counts and SQLite has ended.
///
/// Another user of the pool has left it so.
#[tokio::test]
async fn a_connection_with_a_failed_commit_is_not_used() {
    let folder = folder();
    let pool = one_connection(&folder).await;
    let store = SqliteStore::new(pool.clone());
    store.create_table().await.unwrap();
    for id in ["evt_1", "evt_2"] {
        let mut transaction = pool.begin().await.unwrap();
        sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
        assert!(transaction.commit().await.is_err());
        finish(&store, id).await;
    }
    let other = SqliteStore::new(one_connection(&folder).await);
    assert!(is_finished(&other, "evt_1").await && is_finished(&other, "evt_2").await);
}

/// sqlx does not count a transaction that began with a statement.
#[tokio::test]
async fn a_claim_in_an_abandoned_transaction_is_not_granted() {
    let folder = folder();
    let pool = one_connection(&folder).await;
    let store = SqliteStore::new(pool.clone());
    store.create_table().await.unwrap();
    for begin in ["BEGIN", "SAVEPOINT mine"] {
        sqlx::query(begin).execute(&pool).await.unwrap();
        assert!(store.claim(&key("evt_1"), LEASE).await.is_err());
        assert!(
            is_granted(&store, begin).await,
            "the connection is closed, and the next one is fine"
        );
    }
    assert!(is_granted(&SqliteStore::new(one_connection(&folder).await), "evt_1").await);
}

/// A connection has its temporary tables as long as it is open.
async fn is_same_connection(pool: &SqlitePool) -> bool {
    sqlx::query("SELECT * FROM marker").fetch_all(pool).await.is_ok()
}

#[tokio::test]
async fn a_connection_is_closed_after_a_failed_call_and_kept_otherwise() {
    let folder = folder();
    let pool = one_connection(&folder).await;
    let store = SqliteStore::new(pool.clone());
    let mark = async || sqlx::query("CREATE TEMP TABLE marker (a)").execute(&pool).await.unwrap();

    mark().await;
    store.create_table().await.unwrap();
    finish(&store, "evt_1").await;
    store.prune().await.unwrap();
    assert!(is_same_connection(&pool).await, "what succeeds keeps the connection");

    sqlx::query("DROP TABLE stripe_webhook_claims").execute(&pool).await.unwrap();
    let token = ClaimToken::new(1);
    for call in 0..5 {
        let failed = match call {
            0 => store.claim(&key("evt_1"), LEASE).await.is_err(),
            1 => store.renew(&key("evt_1"), token, LEASE).await.is_err(),
            2 => store.commit(&key("evt_1"), token).await.is_err(),
            3 => store.release(&key("evt_1"), token).await.is_err(),
            _ => store.prune().await.is_err(),
        };
        assert!(failed && !is_same_connection(&pool).await, "{call}");
        mark().await;
    }
}

#[tokio::test]
async fn it_keeps_events_across_a_restart() {
    let folder = folder();
    let before = pool(&folder).await;
    let store = SqliteStore::new(before.clone());
    store.create_table().await.unwrap();
    finish(&store, "evt_1").await;
    before.close().await;

    let after = SqliteStore::new(pool(&folder).await);
    after.create_table().await.unwrap();
    assert!(is_finished(&after, "evt_1").await);
}

#[tokio::test]
async fn a_clock_set_back_leaves_no_claim_for_longer_than_two_leases() {
    let folder = folder();
    let pool = pool(&folder).await;
    sql::bounds_a_claim_though_the_clock_is_set_back::<SqliteStore>(pool.clone(), set_back(&pool))
        .await;
}
