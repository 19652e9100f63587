//! The check that a commit will store what a transaction holds.

use sqlx::{Database, Error, Transaction};
use sqlx_core::transaction::TransactionManager;
use thiserror::Error as ThisError;

use super::sql::Statements;

/// Why an event is not recorded in a transaction. It is inside a [`sqlx::Error::Configuration`].
#[derive(Clone, Copy, Debug, ThisError)]
enum NotStored {
    #[error(
        "the event is not recorded, because sqlx counts {found} open transactions on this connection instead of {expected}, so that a commit \
         may store nothing: either a commit has failed on it, for example on a full disk, then open the pool with \
         `idempotency::pool_options`; or the transaction is a savepoint in one of yours, then use `idempotency::record_nested`"
    )]
    Depth { found: usize, expected: usize },
    #[error(
        "the event is not recorded, because SQLite has rolled back this transaction after a statement in it failed: return the \
         error of each statement instead of going on in the transaction"
    )]
    RolledBack,
}

/// Checks that sqlx has as many transactions open on the connection as the caller, and that SQLite has one open at all: it rolls back
/// by itself if the disk is full, and sqlx goes on counting.
pub(super) async fn check_depth<DB: Statements>(
    transaction: &mut Transaction<'_, DB>,
    expected: usize,
) -> Result<(), Error> {
    let found = <DB as Database>::TransactionManager::get_transaction_depth(transaction);
    if found != expected {
        return Err(Error::Configuration(NotStored::Depth { found, expected }.into()));
    }
    if !DB::is_postgres(transaction) && !is_open_in_sqlite::<DB>(transaction).await? {
        return Err(Error::Configuration(NotStored::RolledBack.into()));
    }
    Ok(())
}

/// `BEGIN` fails inside a transaction, and changes nothing. SQLite has no function that tells.
async fn is_open_in_sqlite<DB: Statements>(connection: &mut DB::Connection) -> Result<bool, Error> {
    match DB::execute(connection, "BEGIN", None, &[]).await {
        // `SQLITE_ERROR`
        Err(Error::Database(error)) if error.code().as_deref() == Some("1") => Ok(true),
        Err(error) => Err(error),
        Ok(_) => {
            DB::execute(connection, "ROLLBACK", None, &[]).await?;
            Ok(false)
        }
    }
}
