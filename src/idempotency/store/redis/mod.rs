//! The store in Redis.

use std::{fmt, time::Duration};

use redis::{FromRedisValue, Script, ScriptInvocation, aio::ConnectionManager};

use super::{
    super::{EventKey, RETENTION},
    Claim, ClaimToken, IdempotencyStore, millis,
};
use crate::error::BoxError;

const DEFAULT_PREFIX: &str = "stripe-webhook";

/// Claims an event.
///
/// The value of an event's key is `token:lease` while it is claimed, and expires with the
/// lease. Then it is `finished`, and expires with the retention.
///
/// Redis stores the time at which a key expires. If its clock is set back, a claim lasts
/// longer by as much. So a claim counts as expired if the rest of its lease is at least twice
/// the lease. A token is the time in microseconds, or the last token plus one if that is
/// greater, so no token is granted twice, even after Redis has lost its data. Lua's numbers are
/// exact up to 2^53 microseconds, the year 2255.
const CLAIM: &str = include_str!("claim.lua");
const RENEW: &str = include_str!("renew.lua");
const COMMIT: &str = include_str!("commit.lua");
const RELEASE: &str = include_str!("release.lua");

/// An [`IdempotencyStore`] in Redis, for any number of nodes.
///
/// It needs Redis 5 or later, with a single primary: Redis Cluster is not supported. Each step
/// is one script, which Redis runs atomically, and one round trip. Claims and finished events
/// are keys that expire, so no pruning is needed. All keys begin with
/// [a prefix](Self::with_prefix). Endpoints that share a prefix need
/// [a scope each](super::super::IdempotencyLayer::with_scope).
///
/// Redis's clock [measures leases](super::super#the-clock-of-leases).
///
/// # Durability
///
/// An event that Redis loses is handled again if it is delivered again. So set
/// `appendonly yes` and `maxmemory-policy noeviction`. A failover to a replica loses what was
/// not replicated. Tokens are based on Redis's clock, so a claim from before the loss cannot be
/// mistaken for one from after it.
///
/// # Response timeout
///
/// **Set the connection's response timeout to the length of a lease**, as in the example. The
/// default of 500 ms is shorter than the layer's
/// [store timeout](super::super::IdempotencyLayer::with_store_timeout), and cancels the call. If
/// Redis grants a claim after that, its token is unknown: the claim cannot be released, and the
/// event is not handled before the lease expires.
///
/// # Reconnecting
///
/// If Redis is down, the connection tries again after 0.1 s, and then waits twice as long each time,
/// up to several seconds. So events can be rejected for as long after Redis has come back. Limit
/// the wait with `set_max_delay`, as in the example.
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
/// let config = ConnectionManagerConfig::new()
///     .set_response_timeout(Some(Duration::from_secs(60)))
///     .set_max_delay(Duration::from_secs(1));
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
    /// Creates a store that uses `connection`, which reconnects if Redis restarts.
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

    /// Sets the prefix of all keys, before a colon. Default: `stripe-webhook`.
    #[must_use]
    pub fn with_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long finished events are kept. Default: 35 days, [`RETENTION`].
    ///
    /// At least 1 ms. An event that is delivered again after this is handled again.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention.max(Duration::from_millis(1));
        self
    }

    fn key(&self, key: &EventKey) -> String {
        format!("{}:{key}", self.prefix)
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, BoxError> {
        // A clone uses the same connection.
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }
}

impl IdempotencyStore for RedisStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        let mut script = self.claim.key(self.key(key));
        // No event has this key: an event's key begins with its kind and a slash.
        script.key(format!("{}:last-token", self.prefix)).arg(millis(lease));
        let (state, number): (String, i64) = self.run(&script).await?;
        Ok(match &*state {
            "granted" => Claim::Granted(ClaimToken::new(number.unsigned_abs())),
            "finished" => Claim::Finished,
            _ => Claim::InFlight {
                remaining: Duration::from_millis(u64::try_from(number).unwrap_or(0)),
            },
        })
    }

    async fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, BoxError> {
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
