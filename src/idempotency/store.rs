//! The trait of a store, in which nodes agree on who handles an event.

use std::{future::Future, sync::Arc, time::Duration};

use super::EventKey;
use crate::error::BoxError;

/// Remembers which events are being handled, and which were: what [`IdempotencyLayer`](super::IdempotencyLayer) asks.
///
/// A claim is a lease: whoever was granted it handles the event, and nobody else is granted one until it was released or its time is
/// over. Its [`ClaimToken`] tells it from every other claim of the same event, so that a node which comes back after its lease has ended
/// changes nothing.
///
/// ```text
///             claim            commit
///   unknown ─────────▶ claimed ──────▶ finished
///      ▲                  │
///      └──────────────────┘
///       release, or the lease ends
/// ```
///
/// A store measures leases by one clock for all nodes. If that clock can be set back, a claim must not last for as much longer: its node may
/// have died. And a store that can lose what it knows, as Redis can, must not grant a token again that it granted before: a node that
/// comes back with it would change the claim of another.
///
/// Each method is one atomic step. The layer limits how long it waits for one, and what it no longer waits for is finished in the
/// background. A store needs no deadline, but must not panic.
///
/// The trait has `async fn`s: implement it with `async fn`. `test_util::check_idempotency_store` holds your own against every sentence that
/// is written here.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store which events were handled",
    label = "must implement `IdempotencyStore`",
    note = "a `MemoryStore`, `SqliteStore`, `PostgresStore` or `RedisStore`, and an `Arc` or a `Box` of a store do"
)]
pub trait IdempotencyStore: Send + Sync + 'static {
    /// Claims an event for as long as `lease`, if it is neither claimed nor finished. Of many that claim at once, one is granted.
    ///
    /// A lease of zero ends at once.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The claim may have been granted all the same: nobody has its token, and it ends with the lease.
    fn claim(&self, key: &EventKey, lease: Duration) -> impl Future<Output = Result<Claim, BoxError>> + Send;

    /// Makes a claim last for `lease` from now. `false` if it has ended: by its lease, `commit` or `release`.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The layer tries again until it is told that the claim has ended.
    fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Marks the event of a claim as finished, for as long as Stripe can repeat it ([`RETENTION`](super::RETENTION)). `false`, and nothing
    /// has changed, if the claim has ended.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The event may be finished all the same. The layer tries again until the lease has ended.
    fn commit(&self, key: &EventKey, token: ClaimToken) -> impl Future<Output = Result<bool, BoxError>> + Send;

    /// Gives a claim back, so that the next delivery is granted one at once. Nothing changes if it has ended.
    ///
    /// # Errors
    ///
    /// Whatever went wrong. The claim ends with its lease.
    fn release(&self, key: &EventKey, token: ClaimToken) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// The answer to [`IdempotencyStore::claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The event is the caller's to handle.
    Granted(ClaimToken),
    /// Somebody else is handling it, for so long at the most, unless that claim is renewed.
    InFlight {
        /// When the other claim ends.
        remaining: Duration,
    },
    /// It was handled.
    Finished,
}

/// Tells a claim from all others of the same event: each that is granted has a greater one than those before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimToken(u64);

impl ClaimToken {
    /// A store makes tokens from numbers that only grow.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
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
