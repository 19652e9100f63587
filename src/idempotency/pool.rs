//! Pool options that make lost commits visible.

use sqlx::{Connection, Database, pool::PoolOptions};

/// Returns options for a pool that closes connections with an open transaction.
///
/// Use them for each SQLite pool through which events are recorded, and add your own options
/// to them. They set [`after_release`](PoolOptions::after_release), which a pool can have only
/// once. All other options have sqlx's defaults.
///
/// # Why
///
/// If SQLite fails to commit, for example on a full disk, it rolls the transaction back by
/// itself. sqlx 0.9 does not notice: the next `begin` on this connection only sets a
/// savepoint. From then on each `commit` releases a savepoint **in a transaction that never
/// ends**: it succeeds and stores nothing. With these options the pool closes such a
/// connection, and the next `begin` opens a new one.
///
/// [`record`](super::record) rejects a transaction on such a connection with any pool. Without
/// these options, it keeps rejecting until the connection is closed.
///
/// # Example
///
/// ```
/// use sqlx::{Sqlite, SqlitePool, sqlite::{SqliteConnectOptions, SqliteJournalMode}};
/// use tower_stripe_webhook::idempotency;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sqlx::Result<()> {
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("shop.db");
/// let options = SqliteConnectOptions::new()
///     .filename(file)
///     .create_if_missing(true)
///     .journal_mode(SqliteJournalMode::Wal);
/// let pool: SqlitePool = idempotency::pool_options::<Sqlite>().max_connections(5).connect_with(options).await?;
/// idempotency::create_events_table(&pool).await
/// # }
/// ```
#[must_use]
pub fn pool_options<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new().after_release(|connection: &mut DB::Connection, _| {
        Box::pin(async {
            // A dropped transaction only queues its rollback. The ping waits until that has run.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}
