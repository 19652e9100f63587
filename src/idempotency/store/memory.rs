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

/// Some 200 bytes each.
const DEFAULT_CAPACITY: usize = 100_000;

/// Far enough for a lease without end.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An [`IdempotencyStore`] in memory, for one process alone: another process, and the same one after a restart, knows nothing of it.
///
/// It has room for so many events as [`with_capacity`](Self::with_capacity) says, 100,000 by default, which take some 200 bytes each. When
/// it is full it forgets claims whose lease has ended, and then the event that was finished first. It never forgets one that is being
/// handled: if all are, claims fail, which the layer answers `503`. What was finished 35 days ago ([`RETENTION`], see
/// [`with_retention`](Self::with_retention)) is forgotten as well.
///
/// Layers share it by an `Arc`, each in [a scope of its own](super::super::IdempotencyLayer::with_scope).
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
    /// Those that are finished, the oldest first.
    finished: VecDeque<(Instant, EventKey)>,
    /// No claim ends before this.
    first_end: Option<Instant>,
    last_token: u64,
}

enum State {
    Claimed { token: ClaimToken, until: Instant },
    Finished,
}

/// So many events are being handled at the moment that the store has no room for another.
#[derive(Debug, Error)]
#[error("the store in memory is full: {capacity} events are being handled at the moment")]
struct Full {
    capacity: usize,
}

impl MemoryStore {
    /// With room for 100,000 events.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY)
    }

    /// With room for so many events, one at least.
    #[must_use]
    pub fn with_capacity(events: usize) -> Self {
        Self { events: Mutex::default(), capacity: events.max(1), retention: RETENTION }
    }

    /// For how long events are kept after they were finished, if there is room. Default: 35 days, [`RETENTION`].
    ///
    /// An event that comes again after this is handled again.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // Nothing in here panics halfway through a change.
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
        events.forget_older_than(self.retention, now);
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
        let until = end_of(lease, now);
        events.first_end = Some(events.first_end.map_or(until, |first| first.min(until)));
        events.states.insert(key.clone(), State::Claimed { token, until });
        Ok(Claim::Granted(token))
    }

    async fn renew(&self, key: &EventKey, token: ClaimToken, lease: Duration) -> Result<bool, BoxError> {
        let now = Instant::now();
        let mut events = self.lock();
        let claim = events.claim(key, token, now);
        if let Some(until) = claim {
            *until = end_of(lease, now);
            events.first_end = events.first_end.min(Some(end_of(lease, now)));
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
    /// When the claim with this token ends, if it has not yet.
    fn claim(&mut self, key: &EventKey, token: ClaimToken, now: Instant) -> Option<&mut Instant> {
        match self.states.get_mut(key) {
            Some(State::Claimed { token: claimed, until }) if *claimed == token && *until > now => Some(until),
            _ => None,
        }
    }

    fn forget_older_than(&mut self, age: Duration, now: Instant) {
        while self.finished.front().is_some_and(|(finished, _)| now - *finished > age) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> bool {
        let oldest = self.finished.pop_front();
        oldest.is_some_and(|(_, key)| self.states.remove(&key).is_some())
    }

    fn make_room(&mut self, capacity: usize, now: Instant) -> bool {
        if self.states.len() >= capacity && self.first_end.is_some_and(|end| end <= now) {
            self.forget_ended_claims(now);
        }
        self.states.len() < capacity || self.forget_oldest()
    }

    /// They are nobody's, but looking for them takes time.
    fn forget_ended_claims(&mut self, now: Instant) {
        self.first_end = None;
        self.states.retain(|_, state| match *state {
            State::Claimed { until, .. } if until <= now => false,
            State::Claimed { until, .. } => {
                self.first_end = Some(self.first_end.map_or(until, |first| first.min(until)));
                true
            }
            State::Finished => true,
        });
    }
}

fn end_of(lease: Duration, now: Instant) -> Instant {
    now + lease.min(FOREVER)
}
