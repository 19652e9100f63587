//! A pooled connection that is only used again after a success.

use sqlx::{Connection, Database, Error, Pool, pool::PoolConnection};

/// A pooled connection that no transaction is open on.
///
/// Dropping it closes the connection unless [`succeeded`](Self::succeeded) was called:
///
/// - A call that is dropped before its answer would leave the pool to ping the connection,
///   without a time limit. If the network drops packets silently, each such call would take
///   one connection from the pool permanently.
/// - sqlx still counts a transaction on a SQLite connection whose commit failed, although
///   SQLite has ended it. See [`pool_options`](super::pool_options).
pub(super) struct CancelSafeConnection<DB: Database> {
    pub(super) connection: PoolConnection<DB>,
    has_succeeded: bool,
}

impl<DB: Database> CancelSafeConnection<DB> {
    pub(super) async fn acquire(pool: &Pool<DB>) -> Result<Self, Error> {
        loop {
            let mut connection = pool.acquire().await?;
            if !connection.is_in_transaction() {
                return Ok(Self { connection, has_succeeded: false });
            }
            // Another user of the pool has left a transaction open, which may never be committed.
            connection.close_on_drop();
        }
    }

    /// Returns the connection to the pool.
    pub(super) fn succeeded(mut self) {
        self.has_succeeded = true;
    }
}

impl<DB: Database> Drop for CancelSafeConnection<DB> {
    fn drop(&mut self) {
        if !self.has_succeeded {
            self.connection.close_on_drop();
        }
    }
}
