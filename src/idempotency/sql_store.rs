//! A store in an SQL database, whatever its dialect.

use std::{
    fmt,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{Error, Pool};
use tokio::time::Instant;

use super::{
    Claim, ClaimToken, EventKey, IdempotencyStore, RETENTION,
    millis::millis,
    sql::{self, CancelSafeConnection, Statements},
};
use crate::error::BoxError;

/// The table of [`SqlStore`], for your own migrations: [`SqlStore::create_table`] runs it. It is the same for SQLite and Postgres.
///
/// ```sql
#[doc = include_str!("claims_table.sql")]
/// ```
pub const CLAIMS_TABLE: &str = include_str!("claims_table.sql");

/// Seldom enough to cost nothing, and often enough that there is never much to do.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// An [`IdempotencyStore`] in a table of an SQL database, which all nodes share: [`SqliteStore`](super::SqliteStore) or
/// [`PostgresStore`](super::PostgresStore).
///
/// Leases are measured by the database's clock, so the nodes' clocks do not matter. If that clock is set back, a claim whose node died would
/// last for as much longer: so a claim is over as well if twice its lease is left of it or more, which only happens if the clock was set
/// back by a lease. A smaller correction ends no claim. Each step is a transaction of its own. A connection
/// of the pool on which another transaction is open is closed instead of used, so that no step is reported that was not committed.
///
/// Events that were finished 35 days ago ([`RETENTION`], see [`with_retention`](Self::with_retention)) are forgotten. Once an hour a claim
/// starts [`prune`](Self::prune) in the background, so that no job has to.
///
/// Clones are the same store. A call that fails, or that is dropped before the database has answered, closes its connection.
///
/// Endpoints that share the table need [a scope each](super::IdempotencyLayer::with_scope).
///
/// The table is its own, and not that of [`record`](super::record): a handler inside of the layer may record the event in its own
/// transaction as well.
pub struct SqlStore<DB: StoringDatabase> {
    pool: Pool<DB>,
    retention: Duration,
    next_prune: Arc<Mutex<Option<Instant>>>,
}

impl<DB: StoringDatabase> SqlStore<DB> {
    /// Keeps events in the database of `pool`, in the table [`CLAIMS_TABLE`], which [`create_table`](Self::create_table) makes.
    #[must_use]
    pub fn new(pool: Pool<DB>) -> Self {
        Self { pool, retention: RETENTION, next_prune: Arc::default() }
    }

    /// For how long events are kept after they were finished, or claimed last. Default: 35 days, [`RETENTION`].
    ///
    /// An event that comes again after this is handled again. It must be longer than a lease.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Makes the table, unless it is there. Several processes may do so at once.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn create_table(&self) -> Result<(), Error> {
        sql::create(&self.pool, CLAIMS_TABLE).await
    }

    /// Forgets what is older than the retention, and tells how many events that were; never one that is being handled.
    ///
    /// It deletes 1000 at a time, each in a transaction of its own, so that nobody waits for it.
    ///
    /// # Errors
    ///
    /// The database's, or that it did not answer within a minute. What was deleted before stays deleted.
    pub async fn prune(&self) -> Result<u64, Error> {
        sql::prune(&self.pool, |_| DB::PRUNE, millis(self.retention)).await
    }

    fn maybe_prune(&self) {
        let now = Instant::now();
        {
            let mut next_prune = self.next_prune.lock().unwrap_or_else(PoisonError::into_inner);
            if next_prune.is_some_and(|next| next > now) {
                return;
            }
            *next_prune = Some(now + PRUNE_INTERVAL);
        }
        let (pool, retention) = (self.pool.clone(), self.retention);
        tokio::spawn(async move {
            let pruned = sql::prune(&pool, |_| DB::PRUNE, millis(retention)).await;
            super::trace::pruned(&pruned);
        });
    }
}

impl<DB: StoringDatabase> IdempotencyStore for SqlStore<DB> {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        self.maybe_prune();
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let mut found = DB::claim(&mut pooled.connection, key.as_str(), millis(lease)).await?;
        // Another node has claimed it for the first time while the statement ran, or has pruned it: the next one sees what is.
        if found.is_none() {
            found = DB::claim(&mut pooled.connection, key.as_str(), millis(lease)).await?;
        }
        pooled.succeeded();
        Ok(found.map_or(Claim::InFlight { remaining: Duration::ZERO }, Claim::from))
    }

    async fn renew(&self, key: &EventKey, token: ClaimToken, lease: Duration) -> Result<bool, BoxError> {
        self.change(DB::RENEW, key, &[number(token), millis(lease)]).await
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        self.change(DB::COMMIT, key, &[number(token)]).await
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        self.change(DB::RELEASE, key, &[number(token)]).await.map(drop)
    }
}

impl<DB: StoringDatabase> SqlStore<DB> {
    async fn change(&self, statement: &'static str, key: &EventKey, numbers: &[i64]) -> Result<bool, BoxError> {
        let mut pooled = CancelSafeConnection::acquire(&self.pool).await?;
        let changed = DB::change(&mut pooled.connection, statement, key.as_str(), numbers).await?;
        pooled.succeeded();
        Ok(changed > 0)
    }
}

// By hand, because a database need not be `Clone` or `Debug`.
impl<DB: StoringDatabase> Clone for SqlStore<DB> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), retention: self.retention, next_prune: Arc::clone(&self.next_prune) }
    }
}

impl<DB: StoringDatabase> fmt::Debug for SqlStore<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlStore").field("retention", &self.retention).finish_non_exhaustive()
    }
}

/// A database that [`SqlStore`] can use: [`Sqlite`](sqlx::Sqlite) and [`Postgres`](sqlx::Postgres). It is sealed.
pub trait StoringDatabase: Dialect {}

/// The statements, with the database's own clock.
#[doc(hidden)]
pub trait Dialect: Statements {
    /// `$1` key, `$2` token, `$3` lease.
    const RENEW: &'static str;
    /// `$1` key, `$2` token.
    const COMMIT: &'static str;
    /// `$1` key, `$2` token. It keeps the row, and with it the last token.
    const RELEASE: &'static str;
    /// `$1` age, `$2` at most how many.
    const PRUNE: &'static str;

    fn claim(
        connection: &mut Self::Connection,
        key: &str,
        lease: i64,
    ) -> impl Future<Output = Result<Option<Found>, Error>> + Send;

    /// Runs a statement on the row of a claim, and returns how many rows it has changed, once that is committed.
    fn change(
        connection: &mut Self::Connection,
        statement: &'static str,
        key: &str,
        numbers: &[i64],
    ) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// The statements that both dialects share, but for the clock.
macro_rules! changes {
    ($($now:tt)+) => {
        const RENEW: &'static str = concat!(
            "UPDATE stripe_webhook_claims SET leased_until = ",
            $($now)+,
            " + $3, lease = $3 WHERE event_key = $1 AND token = $2 AND leased_until > ",
            $($now)+
        );
        const COMMIT: &'static str = concat!(
            "UPDATE stripe_webhook_claims SET leased_until = NULL, changed_at = ",
            $($now)+,
            " WHERE event_key = $1 AND token = $2 AND leased_until > ",
            $($now)+
        );
        const RELEASE: &'static str = "UPDATE stripe_webhook_claims SET leased_until = 0 \
             WHERE event_key = $1 AND token = $2 AND leased_until IS NOT NULL";
    };
}

pub(super) use changes;

/// What a claim has found or made of its row. `remaining` is of a claim that is not the caller's, and may be negative: it is read from
/// the state before the statement.
#[derive(Debug)]
pub struct Found {
    pub(super) token: Option<i64>,
    pub(super) remaining: Option<i64>,
}

impl From<Found> for Claim {
    fn from(found: Found) -> Self {
        match found {
            Found { token: Some(token), .. } => Self::Granted(ClaimToken::new(token.unsigned_abs())),
            Found { remaining: Some(remaining), .. } => {
                Self::InFlight { remaining: Duration::from_millis(u64::try_from(remaining).unwrap_or(0)) }
            }
            Found { token: None, remaining: None } => Self::Finished,
        }
    }
}

/// The database counts tokens up from 1.
fn number(token: ClaimToken) -> i64 {
    i64::try_from(token.get()).unwrap_or(i64::MAX)
}
