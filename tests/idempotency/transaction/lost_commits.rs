//! Connections whose commits store nothing: `record` is an error on them.

use sqlx::{
    Any, Connection, Database, Error, Executor, IntoArguments, Pool, Sqlite, SqlitePool,
    any::install_default_drivers, pool::PoolOptions,
};
use tempfile::TempDir;
use tower_stripe_webhook::idempotency::{self, Delivery, RecordingDatabase, pool_options};

use super::key;
use crate::postgres_server::schema;

fn url(folder: &TempDir) -> String {
    format!("sqlite://{}?mode=rwc", folder.path().join("shop.db").display())
}

/// Opens a pool of one connection.
///
/// The next transaction is on the connection of the last one.
async fn one_connection<DB: RecordingDatabase>(options: PoolOptions<DB>, url: &str) -> Pool<DB> {
    install_default_drivers();
    let pool = options.max_connections(1).connect(url).await.unwrap();
    idempotency::create_events_table(&pool).await.unwrap();
    pool
}

/// Begins a transaction that SQLite rolls back by itself.
///
/// SQLite does so if the disk is full at the commit.
async fn roll_back_behind_sqlx<DB>(pool: &Pool<DB>)
where
    DB: Database,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
{
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("ROLLBACK").execute(&mut *transaction).await.unwrap();
    assert!(transaction.commit().await.is_err());
}

/// The events that are stored, as another connection sees them.
async fn stored(url: &str) -> i64 {
    let pool = SqlitePool::connect(url).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM stripe_webhook_events").fetch_one(&pool).await.unwrap()
}

fn assert_is_rejected(recorded: Result<Delivery, Error>, cause: &str) {
    let Err(Error::Configuration(error)) = recorded else { panic!("{recorded:?}") };
    assert!(error.to_string().contains(cause), "{error}");
}

async fn is_rejected_after_a_commit_that_failed<DB>(options: PoolOptions<DB>)
where
    DB: RecordingDatabase,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
{
    let folder = TempDir::new().unwrap();
    let pool = one_connection(options, &url(&folder)).await;
    roll_back_behind_sqlx(&pool).await;
    for _ in 0..3 {
        let mut transaction = pool.begin().await.unwrap();
        assert_is_rejected(
            idempotency::record(&mut transaction, &key("evt_1")).await,
            "idempotency::pool_options",
        );
        // A handler that ignores the error and continues.
        transaction.commit().await.unwrap();
    }
    assert_eq!(stored(&url(&folder)).await, 0);
}

#[tokio::test]
async fn an_event_is_rejected_on_a_connection_with_a_failed_commit() {
    is_rejected_after_a_commit_that_failed(PoolOptions::<Sqlite>::new()).await;
    is_rejected_after_a_commit_that_failed(PoolOptions::<Any>::new()).await;
}

async fn is_stored_after_a_commit_that_failed<DB>(options: PoolOptions<DB>)
where
    DB: RecordingDatabase,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
{
    let folder = TempDir::new().unwrap();
    let pool = one_connection(options, &url(&folder)).await;
    for event in ["evt_1", "evt_2"] {
        roll_back_behind_sqlx(&pool).await;
        let mut transaction = pool.begin().await.unwrap();
        assert_eq!(
            idempotency::record(&mut transaction, &key(event)).await.unwrap(),
            Delivery::First
        );
        transaction.commit().await.unwrap();
    }
    assert_eq!(stored(&url(&folder)).await, 2);
}

#[tokio::test]
async fn a_pool_with_the_options_recovers_from_a_failed_commit() {
    is_stored_after_a_commit_that_failed(pool_options::<Sqlite>()).await;
    is_stored_after_a_commit_that_failed(pool_options::<Any>()).await;
}

#[tokio::test]
async fn a_pool_with_the_options_keeps_healthy_connections() {
    let pool =
        pool_options::<Sqlite>().max_connections(1).connect("sqlite::memory:").await.unwrap();
    idempotency::create_events_table(&pool).await.unwrap();
    pool.begin().await.unwrap().commit().await.unwrap();
    pool.begin().await.unwrap().rollback().await.unwrap();
    drop(pool.begin().await.unwrap());
    // The database is in the memory of the connection, so it would be empty on another one.
    let mut transaction = pool.begin().await.unwrap();
    assert_eq!(
        idempotency::record(&mut transaction, &key("evt_1")).await.unwrap(),
        Delivery::First
    );
}

/// An `INSERT` that finds the disk full takes its whole transaction with it.
#[tokio::test]
async fn an_event_is_rejected_in_a_transaction_rolled_back_by_sqlite() {
    let folder = TempDir::new().unwrap();
    let pool = one_connection(PoolOptions::<Sqlite>::new(), &url(&folder)).await;
    let mut transaction = pool.begin().await.unwrap();
    let limit = "PRAGMA max_page_count = 1; PRAGMA cache_size = 1; PRAGMA cache_spill = 1";
    sqlx::raw_sql(limit).execute(&mut *transaction).await.unwrap();
    let large = "INSERT INTO stripe_webhook_events VALUES (hex(zeroblob(1000000)), 0)";
    let full = sqlx::query(large).execute(&mut *transaction).await.unwrap_err();
    // `SQLITE_FULL`
    assert_eq!(full.as_database_error().unwrap().code().unwrap(), "13");

    assert_is_rejected(idempotency::record(&mut transaction, &key("evt_1")).await, "rolled back");
    assert!(transaction.commit().await.is_err());
    assert_eq!(stored(&url(&folder)).await, 0);
}

#[tokio::test]
async fn an_event_in_a_savepoint_is_recorded_at_its_depth_only() {
    let folder = TempDir::new().unwrap();
    let pool = one_connection(pool_options::<Sqlite>(), &url(&folder)).await;
    let mut transaction = pool.begin().await.unwrap();
    for depth in [0, 2] {
        let nested = idempotency::record_nested(&mut transaction, &key("evt_1"), depth).await;
        assert_is_rejected(nested, "1 open transactions");
    }
    let mut savepoint = transaction.begin().await.unwrap();
    assert_is_rejected(
        idempotency::record(&mut savepoint, &key("evt_1")).await,
        "idempotency::record_nested",
    );
    assert_is_rejected(
        idempotency::record_nested(&mut savepoint, &key("evt_1"), 3).await,
        "2 open transactions",
    );
    let delivery = idempotency::record_nested(&mut savepoint, &key("evt_1"), 2).await.unwrap();
    assert_eq!(delivery, Delivery::First);
    savepoint.commit().await.unwrap();
    assert_eq!(stored(&url(&folder)).await, 0, "not before the outermost transaction is committed");
    transaction.commit().await.unwrap();
    assert_eq!(stored(&url(&folder)).await, 1);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_in_a_savepoint_is_recorded_at_its_depth_only_in_postgres() {
    let pool = one_connection(pool_options::<sqlx::Postgres>(), &schema().await).await;
    let mut transaction = pool.begin().await.unwrap();
    let mut savepoint = transaction.begin().await.unwrap();
    assert_is_rejected(
        idempotency::record(&mut savepoint, &key("evt_1")).await,
        "idempotency::record_nested",
    );
    let delivery = idempotency::record_nested(&mut savepoint, &key("evt_1"), 2).await.unwrap();
    assert_eq!(delivery, Delivery::First);
}
