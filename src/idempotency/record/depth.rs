//! Checks that committing a transaction stores what is written in it.

use sqlx::{Database, Error, Transaction};
use sqlx_core::transaction::TransactionManager;
use thiserror::Error as ThisError;

use super::super::sql::Statements;

/// Why an event is not recorded in a transaction.
///
/// It is the source of a [`sqlx::Error::Configuration`].
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

/// Checks that `expected` transactions are open on the connection.
///
/// sqlx's counter can be wrong on SQLite, which rolls back by itself if the disk is full. So
/// SQLite is asked as well.
pub(super) async fn check_depth<DB: Statements>(
    transaction: &mut Transaction<'_, DB>,
    expected: usize,
) -> Result<(), Error> {
    let found = <DB as Database>::TransactionManager::get_transaction_depth(transaction);
    if found != expected {
        return Err(Error::Configuration(NotStored::Depth { found, expected }.into()));
    }
    if !DB::is_postgres(transaction) && !is_in_sqlite_transaction::<DB>(transaction).await? {
        return Err(Error::Configuration(NotStored::RolledBack.into()));
    }
    Ok(())
}

/// Returns whether SQLite has a transaction open on the connection.
///
/// No SQL function returns this. But inside a transaction, `BEGIN` fails without any effect.
async fn is_in_sqlite_transaction<DB: Statements>(
    connection: &mut DB::Connection,
) -> Result<bool, Error> {
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
