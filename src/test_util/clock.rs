//! A clock that only moves on demand.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use crate::clock::Clock;

/// A [`Clock`] that only moves on demand. Clones share the time.
///
/// # Example
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_stripe_webhook::{clock::Clock, test_util::FixedClock};
///
/// let clock = FixedClock::new(SystemTime::UNIX_EPOCH);
/// clock.advance(Duration::from_secs(300));
/// assert_eq!(clock.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(300));
/// ```
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<SystemTime>>);

impl FixedClock {
    /// Makes a clock that shows `now`.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves the clock forward by `duration`.
    pub fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }

    /// Sets the clock to `now`, forward or back.
    pub fn set(&self, now: SystemTime) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

impl Clock for FixedClock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
