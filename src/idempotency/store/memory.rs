//! A store in memory, for one process.

use std::{
    collections::{HashMap, VecDeque, hash_map::Entry},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use thiserror::Error;
use tokio::time::Instant;

use super::{
    super::{EventKey, RETENTION},
    Claim, ClaimToken, IdempotencyStore,
};
use crate::error::BoxError;

/// About 200 bytes each.
const DEFAULT_CAPACITY: usize = 100_000;

/// Longer leases are cut to this, so that an `Instant` cannot overflow.
const MAX_LEASE: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An [`IdempotencyStore`] in memory, for a single process.
///
/// Its data is lost when the process ends, and other processes do not see it.
///
/// Its [capacity](Self::with_capacity) is 100,000 events by default, which take about 200 bytes
/// each. When it is full, it evicts expired claims, and then the event that was finished first.
/// It never evicts an event that is being handled. If all are, claims fail, and the layer
/// answers `503`. It also evicts events 35 days after they were finished ([`RETENTION`], see
/// [`with_retention`](Self::with_retention)).
///
/// Layers share it in an `Arc`, each with
/// [a scope of its own](super::super::IdempotencyLayer::with_scope).
///
/// ```
/// use std::sync::Arc;
/// use tower_stripe_webhook::idempotency::{IdempotencyLayer, MemoryStore};
///
/// let store = Arc::new(MemoryStore::with_capacity(10_000));
/// let billing = IdempotencyLayer::new(Arc::clone(&store)).with_scope("billing");
/// let analytics = IdempotencyLayer::new(store).with_scope("analytics");
/// ```
pub struct MemoryStore {
    events: Mutex<Events>,
    capacity: usize,
    retention: Duration,
}

#[derive(Default)]
struct Events {
    states: HashMap<EventKey, State>,
    /// Finished events, oldest first.
    finished: VecDeque<(Instant, EventKey)>,
    /// No claim expires before this.
    next_expiry: Option<Instant>,
    last_token: u64,
}

enum State {
    Claimed { token: ClaimToken, until: Instant },
    Finished,
}

/// The store is full of events that are being handled.
#[derive(Debug, Error)]
#[error("the store in memory is full: {capacity} events are being handled at the moment")]
struct Full {
    capacity: usize,
}

impl MemoryStore {
    /// Creates a store with a capacity of 100,000 events.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// Creates a store with a capacity of `events`, at least 1.
    #[must_use]
    pub fn with_capacity(events: usize) -> Self {
        Self { events: Mutex::default(), capacity: events.max(1), retention: RETENTION }
    }

    /// Sets how long finished events are kept. Default: 35 days, [`RETENTION`].
    ///
    /// They are evicted earlier if the store is full. An event that is delivered again after
    /// this is handled again.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // No code under the lock panics halfway through a change.
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("capacity", &self.capacity)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}

impl IdempotencyStore for MemoryStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        let now = Instant::now();
        let mut events = self.lock();
        events.evict_older_than(self.retention, now);
        let is_known = match events.states.get(key) {
            Some(State::Finished) => return Ok(Claim::Finished),
            Some(State::Claimed { until, .. }) if *until > now => {
                return Ok(Claim::InFlight { remaining: *until - now });
            }
            state => state.is_some(),
        };
        if !is_known && !events.make_room(self.capacity, now) {
            return Err(Full { capacity: self.capacity }.into());
        }
        events.last_token += 1;
        let token = ClaimToken::new(events.last_token);
        let until = expiry(lease, now);
        events.next_expiry = Some(events.next_expiry.map_or(until, |first| first.min(until)));
        events.states.insert(key.clone(), State::Claimed { token, until });
        Ok(Claim::Granted(token))
    }

    async fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, BoxError> {
        let now = Instant::now();
        let mut events = self.lock();
        let claim = events.claim(key, token, now);
        if let Some(until) = claim {
            *until = expiry(lease, now);
            events.next_expiry = events.next_expiry.min(Some(expiry(lease, now)));
            return Ok(true);
        }
        Ok(false)
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        let now = Instant::now();
        let mut events = self.lock();
        if events.claim(key, token, now).is_none() {
            return Ok(false);
        }
        events.states.insert(key.clone(), State::Finished);
        events.finished.push_back((now, key.clone()));
        Ok(true)
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        if let Entry::Occupied(entry) = self.lock().states.entry(key.clone())
            && matches!(entry.get(), State::Claimed { token: claimed, .. } if *claimed == token)
        {
            entry.remove();
        }
        Ok(())
    }
}

impl Events {
    /// Returns when the claim with this token expires, unless it has ended.
    fn claim(&mut self, key: &EventKey, token: ClaimToken, now: Instant) -> Option<&mut Instant> {
        match self.states.get_mut(key) {
            Some(State::Claimed { token: claimed, until }) if *claimed == token && *until > now => {
                Some(until)
            }
            _ => None,
        }
    }

    fn evict_older_than(&mut self, age: Duration, now: Instant) {
        while self.finished.front().is_some_and(|(finished, _)| now - *finished > age) {
            self.evict_oldest();
        }
    }

    fn evict_oldest(&mut self) -> bool {
        let oldest = self.finished.pop_front();
        oldest.is_some_and(|(_, key)| self.states.remove(&key).is_some())
    }

    fn make_room(&mut self, capacity: usize, now: Instant) -> bool {
        if self.states.len() >= capacity && self.next_expiry.is_some_and(|expiry| expiry <= now) {
            self.evict_expired_claims(now);
        }
        self.states.len() < capacity || self.evict_oldest()
    }

    /// Evicts expired claims. Scans all events, so call it only if needed.
    fn evict_expired_claims(&mut self, now: Instant) {
        self.next_expiry = None;
        self.states.retain(|_, state| match *state {
            State::Claimed { until, .. } if until <= now => false,
            State::Claimed { until, .. } => {
                self.next_expiry = Some(self.next_expiry.map_or(until, |first| first.min(until)));
                true
            }
            State::Finished => true,
        });
    }
}

fn expiry(lease: Duration, now: Instant) -> Instant {
    now + lease.min(MAX_LEASE)
}
