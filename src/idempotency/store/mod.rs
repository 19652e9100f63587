//! Idempotency stores, which remember the events that are claimed or finished.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod claims_table;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod prune_schedule;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::{future::Future, sync::Arc, time::Duration};

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub use self::claims_table::CLAIMS_TABLE;
pub use self::memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
#[cfg(feature = "redis")]
pub use self::redis::RedisStore;
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
use super::EventKey;
use crate::error::BoxError;

/// Remembers which events are being handled and which are finished.
///
/// [`IdempotencyLayer`](super::IdempotencyLayer) calls it. A claim is a lease: its owner
/// handles the event, and no other claim is granted until this one is released or expires.
/// The [`ClaimToken`] distinguishes it from all other claims of the same event, so a node
/// that continues after its lease has expired changes nothing.
///
/// ```text
///             claim            commit
///   unknown ─────────▶ claimed ──────▶ finished
///      ▲                  │
///      └──────────────────┘
///       release, or the lease expires
/// ```
///
/// # Implementing a store
///
/// - Each method is one atomic step.
/// - One clock measures the leases of all nodes. If it can be set back, a claim must not last
///   longer by as much: its node may have died.
/// - A token is never granted twice, even if the store can lose data, as Redis can. Otherwise
///   a node with an old token could change the claim of another node.
/// - A method must not panic. It needs no deadline: the layer limits how long it waits, and
///   lets the call finish in the background.
///
/// Implement the methods as `async fn`. `test_util::check_idempotency_store` checks your store
/// against every statement on this page.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an idempotency store",
    label = "must implement `IdempotencyStore`",
    note = "a `MemoryStore`, `SqliteStore`, `PostgresStore` or `RedisStore`, and an `Arc` or a `Box` of a store do"
)]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Claims an event for `lease`, unless it is claimed or finished.
    ///
    /// If several callers claim an event at the same time, one is granted. A lease of zero
    /// expires immediately.
    ///
    /// # Errors
    ///
    /// Any failure of the store. The claim may have been granted nevertheless: its token is
    /// unknown then, and it expires with the lease.
    fn claim(
        &self,
        key: &EventKey,
        lease: Duration,
    ) -> impl Future<Output = Result<Claim, BoxError>> + Send;

    /// Extends a claim to `lease` from now.
    ///
    /// Returns `false` if the claim has ended: it has expired, or was committed or released.
    ///
    /// # Errors
    ///
    /// Any failure of the store. The layer retries until it learns that the claim has ended.
    fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Marks the event of a claim as finished.
    ///
    /// The store keeps it as long as Stripe can deliver it again
    /// ([`RETENTION`](super::RETENTION)). Returns `false`, and changes nothing, if the claim
    /// has ended.
    ///
    /// # Errors
    ///
    /// Any failure of the store. The event may be finished nevertheless. The layer retries
    /// until the lease has expired.
    fn commit(
        &self,
        key: &EventKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Releases a claim, so that the next delivery is granted one immediately.
    ///
    /// Changes nothing if the claim has ended.
    ///
    /// # Errors
    ///
    /// Any failure of the store. The claim expires with its lease.
    fn release(
        &self,
        key: &EventKey,
        token: ClaimToken,
    ) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// The answer to [`IdempotencyStore::claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The caller may handle the event.
    Granted(ClaimToken),
    /// Another caller is handling the event.
    InFlight {
        /// The time until the other claim expires, unless it is renewed.
        remaining: Duration,
    },
    /// The event was handled before.
    Finished,
}

/// Distinguishes a claim from all others of the same event.
///
/// Each granted claim has a greater token than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimToken(u64);

impl ClaimToken {
    /// Creates a token. A store uses numbers that only grow.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: IdempotencyStore> IdempotencyStore for $pointer {
            async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
                (**self).claim(key, lease).await
            }

            async fn renew(&self, key: &EventKey, token: ClaimToken, lease: Duration) -> Result<bool, BoxError> {
                (**self).renew(key, token, lease).await
            }

            async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
                (**self).commit(key, token).await
            }

            async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
                (**self).release(key, token).await
            }
        }
    )*};
}

forward!(Arc<S>, Box<S>, &'static S);

/// Converts a duration to milliseconds, at most 100 years.
///
/// A database could not add much more to its time.
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
fn millis(duration: Duration) -> i64 {
    const MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    i64::try_from(duration.min(MAX).as_millis()).unwrap_or(i64::MAX)
}
