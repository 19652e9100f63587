//! The store in SQLite.

use std::{fmt, time::Duration};

use sqlx::{
    Connection, Error, Sqlite, SqliteConnection, SqlitePool, SqliteTransaction, query::Query,
    sqlite::SqliteArguments,
};

use super::{
    super::{
        EventKey, RETENTION,
        connection::CancelSafeConnection,
        sql::{create_tables, prune},
    },
    CLAIMS_TABLE, Claim, ClaimToken, IdempotencyStore,
    claims_table::{ClaimRow, token_column},
    millis,
    prune_schedule::PruneSchedule,
};
use crate::error::BoxError;

const CLAIM: &str = include_str!("claim.sql");
const REMAINING: &str = include_str!("remaining.sql");
const RENEW: &str = include_str!("renew.sql");
const COMMIT: &str = include_str!("commit.sql");
const RELEASE: &str = include_str!("release.sql");
const PRUNE: &str = include_str!("prune.sql");

/// An [`IdempotencyStore`] in a SQLite file, for one machine.
///
/// It needs SQLite 3.42 or later; sqlx bundles a later one. SQLite has one writer at a time:
/// open the pool in WAL mode and with a busy timeout (sqlx's default is 5 s).
///
/// Clones share the pool and the schedule for pruning. Endpoints that share the table need
/// [a scope each](super::super::IdempotencyLayer::with_scope). The table is not the one of
/// [`record`](super::super::record), so a handler behind the layer can also record the event
/// in its own transaction.
///
/// Events are deleted 35 days after they were finished ([`RETENTION`], see
/// [`with_retention`](Self::with_retention)). Once an hour a claim starts
/// [`prune`](Self::prune) in the background, so you need no job for it.
///
/// The module page describes [how leases are measured](super::super#the-clock-of-leases) and
/// [when a connection is closed](super::super#connections-of-the-sql-stores).
///
/// # Example
///
/// ```no_run
/// use sqlx::{Sqlite, sqlite::{SqliteConnectOptions, SqliteJournalMode}};
/// use tower_stripe_webhook::idempotency::{self, IdempotencyLayer, SqliteStore};
///
/// # async fn layer() -> sqlx::Result<IdempotencyLayer<SqliteStore>> {
/// let options = SqliteConnectOptions::new()
///     .filename("webhooks.db")
///     .create_if_missing(true)
///     .journal_mode(SqliteJournalMode::Wal);
/// let pool = idempotency::pool_options::<Sqlite>().connect_with(options).await?;
/// let store = SqliteStore::new(pool);
/// store.create_table().await?;
/// let layer = IdempotencyLayer::new(store);
/// # Ok(layer)
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    pool: SqlitePool,
    retention: Duration,
    prune_schedule: PruneSchedule,
}

impl SqliteStore {
    /// Creates a store that uses the table [`CLAIMS_TABLE`] in the database of `pool`.
    ///
    /// [`create_table`](Self::create_table) creates the table.
    #[must_use]
    pub fn new(pool: SqlitePool) -> Self {
        Self { pool, retention: RETENTION, prune_schedule: PruneSchedule::default() }
    }

    /// Sets how long events are kept. Default: 35 days, [`RETENTION`].
    ///
    /// The time counts from when an event was finished, or claimed last. An event that is
    /// delivered again after this is handled again. The retention must be longer than a lease.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Creates the table if it does not exist.
    ///
    /// Several processes may do so at the same time.
    ///
    /// # Errors
    ///
    /// The database's errors.
    pub async fn create_table(&self) -> Result<(), Error> {
        create_tables(&self.pool, CLAIMS_TABLE).await
    }

    /// Deletes events older than the retention and returns how many it deleted.
    ///
    /// It never deletes an event that is being handled. It deletes 1000 rows at a time, each
    /// time in a transaction of its own, so other calls do not wait long.
    ///
    /// # Errors
    ///
    /// The database's errors, or a timeout if it does not answer within a minute. What was
    /// deleted before stays deleted.
    pub async fn prune(&self) -> Result<u64, Error> {
        prune(&self.pool, |_| PRUNE, millis(self.retention)).await
    }

    /// Runs a statement on a claim's row and returns whether it changed the row.
    async fn update(
        &self,
        statement: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<bool, BoxError> {
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let mut transaction = begin(&mut pooled.connection).await?;
        let changed = statement.execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        pooled.succeeded();
        Ok(changed > 0)
    }
}

impl IdempotencyStore for SqliteStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        self.prune_schedule.spawn_if_due(|| {
            let store = self.clone();
            async move { store.prune().await }
        });
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let row = claim(&mut pooled.connection, key.as_str(), millis(lease)).await?;
        pooled.succeeded();
        Ok(row.into())
    }

    async fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, BoxError> {
        self.update(
            sqlx::query(RENEW).bind(key.as_str()).bind(token_column(token)).bind(millis(lease)),
        )
        .await
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        self.update(sqlx::query(COMMIT).bind(key.as_str()).bind(token_column(token))).await
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        self.update(sqlx::query(RELEASE).bind(key.as_str()).bind(token_column(token)))
            .await
            .map(drop)
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

/// Claims a key.
///
/// In a transaction, so that no other writer runs between the two statements.
async fn claim(
    connection: &mut SqliteConnection,
    key: &str,
    lease: i64,
) -> Result<ClaimRow, Error> {
    let mut transaction = begin(connection).await?;
    let token =
        sqlx::query_scalar(CLAIM).bind(key).bind(lease).fetch_optional(&mut *transaction).await?;
    let remaining = match token {
        Some(_) => None,
        None => sqlx::query_scalar(REMAINING).bind(key).fetch_one(&mut *transaction).await?,
    };
    transaction.commit().await?;
    Ok(ClaimRow { token, remaining })
}

/// Begins an outermost transaction.
///
/// Fails if the connection is in a transaction already.
///
/// A statement without `BEGIN` would become part of a transaction that another user of the
/// pool left open. Also, `fetch_optional` does not report a failed implicit commit.
async fn begin(connection: &mut SqliteConnection) -> Result<SqliteTransaction<'_>, Error> {
    connection.begin_with("BEGIN IMMEDIATE").await
}
