//! The store in SQLite.

use sqlx::{Connection, Error, Sqlite, SqliteConnection, SqliteTransaction};

use super::{
    sql::Statements,
    sql_store::{Dialect, Found, SqlStore, StoringDatabase, changes},
};

/// An [`IdempotencyStore`](super::IdempotencyStore) in a SQLite file: for one machine. It needs SQLite 3.42, which sqlx brings along.
///
/// Open the pool in WAL mode, and with a busy timeout (sqlx's default is 5 s): SQLite has one writer at a time.
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
pub type SqliteStore = SqlStore<Sqlite>;

macro_rules! now {
    () => {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    };
}

const CLAIM: &str = concat!(
    "INSERT INTO stripe_webhook_claims (event_key, token, leased_until, changed_at, lease) VALUES ($1, 1, ",
    now!(),
    " + $2, ",
    now!(),
    ", $2) ON CONFLICT (event_key) DO UPDATE SET token = token + 1, leased_until = excluded.leased_until, \
     changed_at = excluded.changed_at, lease = excluded.lease \
     WHERE leased_until <= excluded.changed_at OR leased_until - excluded.changed_at >= 2 * lease RETURNING token"
);

const LOOK: &str = concat!("SELECT leased_until - ", now!(), " FROM stripe_webhook_claims WHERE event_key = $1");

impl StoringDatabase for Sqlite {}

impl Dialect for Sqlite {
    changes!(now!());
    const PRUNE: &'static str = concat!(
        "DELETE FROM stripe_webhook_claims WHERE event_key IN \
         (SELECT event_key FROM stripe_webhook_claims WHERE changed_at < ",
        now!(),
        " - $1 AND (leased_until IS NULL OR leased_until <= ",
        now!(),
        ") ORDER BY changed_at LIMIT $2)"
    );

    async fn claim(connection: &mut SqliteConnection, key: &str, lease: i64) -> Result<Option<Found>, Error> {
        let mut transaction = begin(connection).await?;
        let granted = sqlx::query_scalar(CLAIM).bind(key).bind(lease).fetch_optional(&mut *transaction).await?;
        let found = match granted {
            Some(token) => Some(Found { token: Some(token), remaining: None }),
            // In this process, so it costs no round trip.
            None => {
                let remaining = sqlx::query_scalar(LOOK).bind(key).fetch_optional(&mut *transaction).await?;
                remaining.map(|remaining| Found { token: None, remaining })
            }
        };
        transaction.commit().await?;
        Ok(found)
    }

    async fn change(
        connection: &mut SqliteConnection,
        statement: &'static str,
        key: &str,
        numbers: &[i64],
    ) -> Result<u64, Error> {
        let mut transaction = begin(connection).await?;
        let changed = Self::execute(&mut transaction, statement, Some(key), numbers).await?;
        transaction.commit().await?;
        Ok(changed)
    }
}

/// Begins a transaction, which fails if the connection is in one already: so the commit at its end stores what is in it. A statement by
/// itself would be part of a transaction that was left open on the connection, and `fetch_optional` would not report that its commit
/// has failed.
async fn begin(connection: &mut SqliteConnection) -> Result<SqliteTransaction<'_>, Error> {
    connection.begin_with("BEGIN IMMEDIATE").await
}
