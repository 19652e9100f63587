//! Settings that the layer shares with its services.

use std::{fmt, sync::Arc, time::Duration};

use super::{EventKey, store_call::Bounds};
use crate::verified_event::VerifiedEvent;

const MAX_BACKGROUND: Duration = Duration::from_secs(60);

/// The policy for an event if the store fails to claim it or times out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreFailure {
    /// Answer `503` with `Retry-After`. The default.
    ///
    /// Stripe delivers the event again later.
    #[default]
    Reject,
    /// Call the handler without a claim.
    ///
    /// **An event may be handled twice, even at the same time.** For a handler that tolerates
    /// this and whose work cannot wait for the store.
    PassThrough,
}

pub(super) struct Settings<S> {
    pub(super) store: Arc<S>,
    pub(super) key: Arc<dyn Fn(&VerifiedEvent) -> EventKey + Send + Sync>,
    pub(super) scope: Option<Arc<str>>,
    pub(super) lease: Duration,
    pub(super) store_timeout: Duration,
    pub(super) store_failure: OnStoreFailure,
}

impl<S> Settings<S> {
    pub(super) fn key_of(&self, event: &VerifiedEvent) -> EventKey {
        let key = (self.key)(event);
        match &self.scope {
            Some(scope) => key.in_scope(scope),
            None => key,
        }
    }

    /// Returns how long a call may take.
    ///
    /// A claim that is answered after its lease is void, and no store needs over a minute.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds { wait: self.store_timeout, background: self.lease.min(MAX_BACKGROUND) }
    }
}

// Not derived: `S` need not be `Clone` or `Debug`.
impl<S> Clone for Settings<S> {
    fn clone(&self) -> Self {
        Self {
            store: Arc::clone(&self.store),
            key: Arc::clone(&self.key),
            scope: self.scope.clone(),
            lease: self.lease,
            store_timeout: self.store_timeout,
            store_failure: self.store_failure,
        }
    }
}

impl<S> fmt::Debug for Settings<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("scope", &self.scope)
            .field("lease", &self.lease)
            .field("store_timeout", &self.store_timeout)
            .field("store_failure", &self.store_failure)
            .finish_non_exhaustive()
    }
}
