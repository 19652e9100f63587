//! The store in Postgres.

use sqlx::{Error, PgConnection, Postgres};

use super::{
    sql::Statements,
    sql_store::{Dialect, Found, SqlStore, StoringDatabase, changes},
};

/// An [`IdempotencyStore`](super::IdempotencyStore) in Postgres, for any number of nodes.
///
/// With a pool that was made as below, a first delivery takes two round trips, a claim and a commit, and a duplicate one. With sqlx's default
/// it is four and two: the pool pings each connection before it gives it out, unless it was made with
/// [`test_before_acquire(false)`](sqlx::pool::PoolOptions::test_before_acquire). Without that ping, the first call on a connection that was
/// lost meanwhile fails: the event is answered `503` and Stripe comes back, and a commit is tried again. Besides, sqlx prepares each of the
/// statements once a connection, and pings one that it was given back, in the background.
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
pub type PostgresStore = SqlStore<Postgres>;

macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}

/// One statement that claims, or else tells why not, so that a duplicate is one round trip. All of it sees one snapshot: a claim that was
/// committed after the statement began is met by the `INSERT`, and not by the `SELECT` below.
const CLAIM: &str = concat!(
    "WITH clock AS (SELECT ",
    now!(),
    " AS now), claimed AS (\
     INSERT INTO stripe_webhook_claims AS claims (event_key, token, leased_until, changed_at, lease) \
     SELECT $1, 1, now + $2, now, $2 FROM clock \
     ON CONFLICT (event_key) DO UPDATE SET token = claims.token + 1, leased_until = excluded.leased_until, \
     changed_at = excluded.changed_at, lease = excluded.lease WHERE claims.leased_until <= excluded.changed_at \
     OR claims.leased_until - excluded.changed_at >= 2 * claims.lease RETURNING token) \
     SELECT token, NULL::bigint FROM claimed \
     UNION ALL \
     SELECT NULL, leased_until - now FROM stripe_webhook_claims, clock \
     WHERE event_key = $1 AND NOT EXISTS (SELECT FROM claimed)"
);

impl StoringDatabase for Postgres {}

impl Dialect for Postgres {
    changes!(now!());
    const PRUNE: &'static str = concat!(
        "DELETE FROM stripe_webhook_claims WHERE event_key IN \
         (SELECT event_key FROM stripe_webhook_claims WHERE changed_at < ",
        now!(),
        " - $1 AND (leased_until IS NULL OR leased_until <= ",
        now!(),
        ") ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED)"
    );

    async fn claim(connection: &mut PgConnection, key: &str, lease: i64) -> Result<Option<Found>, Error> {
        let found = sqlx::query_as(CLAIM).bind(key).bind(lease).fetch_optional(connection).await?;
        Ok(found.map(|(token, remaining)| Found { token, remaining }))
    }
    async fn change(
        connection: &mut PgConnection,
        statement: &'static str,
        key: &str,
        numbers: &[i64],
    ) -> Result<u64, Error> {
        // A statement by itself is a transaction, and it ends when that is committed.
        Self::execute(connection, statement, Some(key), numbers).await
    }
}
