//! The store in Redis.

use std::{fmt, time::Duration};

use redis::{FromRedisValue, Script, ScriptInvocation, aio::ConnectionManager};

use super::{
    super::{EventKey, RETENTION},
    Claim, ClaimToken, IdempotencyStore, millis,
};
use crate::error::BoxError;

const DEFAULT_PREFIX: &str = "stripe-webhook";

/// An event's key holds the token and the lease of its claim, as `token:lease`, and expires with the lease; or `finished`, and expires with
/// the retention.
///
/// Redis keeps the time at which a key expires, so if its clock is set back, a claim lasts for as much longer. One of which twice its lease
/// is left is over. A token is the time in microseconds, or more than the last one, so that none is granted twice, not even after Redis has
/// lost its data. Lua's numbers are exact up to 2^53 microseconds, which is the year 2255.
const CLAIM: &str = include_str!("claim.lua");
const RENEW: &str = include_str!("renew.lua");
const COMMIT: &str = include_str!("commit.lua");
const RELEASE: &str = include_str!("release.lua");

/// An [`IdempotencyStore`] in Redis, for any number of nodes.
///
/// It needs Redis 5. Each step is one script, which Redis runs atomically, and one round trip. Leases, and events that are too old to come again, are
/// Redis's own expiring keys: nothing has to be pruned. All keys begin with [a prefix](Self::with_prefix). Endpoints that share one need
/// [a scope each](super::super::IdempotencyLayer::with_scope).
///
/// What Redis forgets is handled again if it comes again. So give it `appendonly yes` and `maxmemory-policy noeviction`, and mind that a
/// failover to a replica loses what was not replicated. It is for a single primary, not for Redis Cluster. Tokens come from Redis's
/// clock, so that no claim of before a loss can be mistaken for one of after it.
///
/// Leases are measured by that clock, too. If it is set back, a claim whose node died would last for as much longer: so a claim is over
/// as well if twice its lease is left of it or more, which only happens if the clock was set back by a lease. A smaller correction ends no
/// claim.
///
/// **Give the connection a response timeout as long as a lease**, as below. Its default of 500 ms is shorter than the layer's
/// [store timeout](super::super::IdempotencyLayer::with_store_timeout), and ends each call for good: of a claim that Redis grants after that nobody
/// hears, so that nobody can give it back, and the event waits until the lease ends.
///
/// # Example
///
/// ```no_run
/// use std::time::Duration;
///
/// use redis::{Client, aio::{ConnectionManager, ConnectionManagerConfig}};
/// use tower_stripe_webhook::idempotency::{IdempotencyLayer, RedisStore};
///
/// # async fn layer() -> redis::RedisResult<IdempotencyLayer<RedisStore>> {
/// let client = Client::open("redis://localhost")?;
/// let config = ConnectionManagerConfig::new().set_response_timeout(Some(Duration::from_secs(60)));
/// let connection = ConnectionManager::new_with_config(client, config).await?;
/// let layer = IdempotencyLayer::new(RedisStore::new(connection));
/// # Ok(layer)
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore {
    connection: ConnectionManager,
    prefix: String,
    retention: Duration,
    claim: Script,
    renew: Script,
    commit: Script,
    release: Script,
}

impl RedisStore {
    /// Keeps events behind `connection`, which connects again by itself when Redis was restarted.
    #[must_use]
    pub fn new(connection: ConnectionManager) -> Self {
        Self {
            connection,
            prefix: DEFAULT_PREFIX.to_owned(),
            retention: RETENTION,
            claim: Script::new(CLAIM),
            renew: Script::new(RENEW),
            commit: Script::new(COMMIT),
            release: Script::new(RELEASE),
        }
    }

    /// What each key begins with, before a colon. Default: `stripe-webhook`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// For how long events are kept after they were finished. Default: 35 days, [`RETENTION`]; at least 1 ms.
    ///
    /// An event that comes again after this is handled again.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention.max(Duration::from_millis(1));
        self
    }

    fn key(&self, key: &EventKey) -> String {
        format!("{}:{key}", self.prefix)
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, BoxError> {
        // A clone is the same connection.
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }
}

impl IdempotencyStore for RedisStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        let mut script = self.claim.key(self.key(key));
        // No event's key has this name: those begin with their kind and a slash.
        script.key(format!("{}:last-token", self.prefix)).arg(millis(lease));
        let (state, number): (String, i64) = self.run(&script).await?;
        Ok(match &*state {
            "granted" => Claim::Granted(ClaimToken::new(number.unsigned_abs())),
            "finished" => Claim::Finished,
            _ => Claim::InFlight { remaining: Duration::from_millis(u64::try_from(number).unwrap_or(0)) },
        })
    }

    async fn renew(&self, key: &EventKey, token: ClaimToken, lease: Duration) -> Result<bool, BoxError> {
        self.run(self.renew.key(self.key(key)).arg(token.get()).arg(millis(lease))).await
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        self.run(self.commit.key(self.key(key)).arg(token.get()).arg(millis(self.retention))).await
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        self.run::<bool>(self.release.key(self.key(key)).arg(token.get())).await.map(drop)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}
