//! How often the admin token may be tried.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

const AT_ONCE: NonZeroU32 = NonZeroU32::new(10).unwrap();

const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// Ten wrong tokens at once, and ten a minute from then on.
///
/// All addresses share them: behind a proxy all are one, and whoever guesses has many. While somebody guesses, nobody
/// can log in; those who are logged in, and the API, go on.
#[derive(Debug)]
pub struct LoginAttempts(Mutex<DefaultDirectRateLimiter>);

impl LoginAttempts {
    pub fn new() -> Self {
        Self(Mutex::new(all_left()))
    }

    /// Takes one, or says how long to wait for it.
    pub fn take(&self) -> Result<(), Duration> {
        let limiter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.check().map_err(|refused| refused.wait_time_from(DefaultClock::default().now()))
    }

    /// Gives all back, to somebody who had the token.
    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = all_left();
    }
}

fn all_left() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_minute(PER_MINUTE).allow_burst(AT_ONCE))
}
