//! What the layer and each of its services share.

use std::{fmt, sync::Arc, time::Duration};

use super::{EventKey, store_call::Bounds};
use crate::verified_event::VerifiedEvent;

const LONGEST_IN_BACKGROUND: Duration = Duration::from_secs(60);

/// What happens to an event that could not be claimed, because the store has failed or did not answer in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnStoreFailure {
    /// It is answered `503` with `Retry-After`, and Stripe delivers it again later. The default.
    #[default]
    Reject,
    /// The handler is called all the same, so that **an event may be handled twice, even at the same moment**: for a handler that would
    /// bear it, and whose work cannot wait for a store.
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

    /// A claim that was not answered when its lease has ended is void, and no store needs longer than a minute.
    pub(super) fn bounds(&self) -> Bounds {
        Bounds { wait: self.store_timeout, background: self.lease.min(LONGEST_IN_BACKGROUND) }
    }
}

// By hand, because a store need not be `Clone` or `Debug`.
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
