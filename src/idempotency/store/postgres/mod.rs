//! The store in Postgres.

use std::{fmt, time::Duration};

use sqlx::{Error, PgConnection, PgPool, Postgres, postgres::PgArguments, query::Query};

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

/// Claims an event, or returns why the claim is not granted, in one round trip.
///
/// The whole statement sees one snapshot. If another node commits a claim after the statement
/// has begun, the `INSERT` sees that row and the last `SELECT` does not.
const CLAIM: &str = include_str!("claim.sql");
const RENEW: &str = include_str!("renew.sql");
const COMMIT: &str = include_str!("commit.sql");
const RELEASE: &str = include_str!("release.sql");
const PRUNE: &str = include_str!("prune.sql");

/// An [`IdempotencyStore`] in Postgres, for any number of nodes.
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
/// # Round trips
///
/// With a pool as in the example, a first delivery takes two round trips (claim and commit)
/// and a duplicate takes one. With sqlx's default it is four and two, because the pool pings
/// each connection before it hands it out.
/// [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire) turns that
/// off. Then the first call on a lost connection fails: a claim is answered `503` and Stripe
/// delivers the event again, and a commit is retried. In addition, sqlx prepares each
/// statement once per connection, and pings each returned connection in the background.
///
/// # Example
///
/// ```no_run
/// use sqlx::postgres::PgPoolOptions;
/// use tower_stripe_webhook::idempotency::{IdempotencyLayer, PostgresStore};
///
/// # async fn layer() -> sqlx::Result<IdempotencyLayer<PostgresStore>> {
/// let pool = PgPoolOptions::new().test_before_acquire(false).connect("postgres://localhost/shop").await?;
/// let store = PostgresStore::new(pool);
/// store.create_table().await?;
/// let layer = IdempotencyLayer::new(store);
/// # Ok(layer)
/// # }
/// ```
#[derive(Clone)]
pub struct PostgresStore {
    pool: PgPool,
    retention: Duration,
    prune_schedule: PruneSchedule,
}

impl PostgresStore {
    /// Creates a store that uses the table [`CLAIMS_TABLE`] in the database of `pool`.
    ///
    /// [`create_table`](Self::create_table) creates the table.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
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
    ///
    /// A single statement is a transaction, and is committed when it returns.
    async fn update(&self, statement: Query<'_, Postgres, PgArguments>) -> Result<bool, BoxError> {
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let changed = statement.execute(&mut *pooled.connection).await?.rows_affected();
        pooled.succeeded();
        Ok(changed > 0)
    }
}

impl IdempotencyStore for PostgresStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        self.prune_schedule.spawn_if_due(|| {
            let store = self.clone();
            async move { store.prune().await }
        });
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let mut row = claim(&mut pooled.connection, key.as_str(), millis(lease)).await?;
        // No row: while the statement ran, another node claimed the event for the first time,
        // or pruned it. The next statement sees the result.
        if row.is_none() {
            row = claim(&mut pooled.connection, key.as_str(), millis(lease)).await?;
        }
        pooled.succeeded();
        Ok(row.map_or(Claim::InFlight { remaining: Duration::ZERO }, Claim::from))
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

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

async fn claim(
    connection: &mut PgConnection,
    key: &str,
    lease: i64,
) -> Result<Option<ClaimRow>, Error> {
    let row = sqlx::query_as(CLAIM).bind(key).bind(lease).fetch_optional(connection).await?;
    Ok(row.map(|(token, remaining)| ClaimRow { token, remaining }))
}
