//! The rate limit of the login.

use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

const BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();

const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// A rate limit of ten wrong tokens at once and ten per minute.
///
/// It is shared by all addresses: behind a proxy all clients have one address, and an attacker can
/// have many. An attack blocks logins, but neither open sessions nor the API.
#[derive(Debug)]
pub struct LoginAttempts(Mutex<DefaultDirectRateLimiter>);

impl LoginAttempts {
    pub fn new() -> Self {
        Self(Mutex::new(full_quota()))
    }

    /// Takes one attempt. Returns how long to wait if none is left.
    pub fn take(&self) -> Result<(), Duration> {
        let limiter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.check().map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }

    /// Restores all attempts, after a login with the right token.
    pub fn reset(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = full_quota();
    }
}

fn full_quota() -> DefaultDirectRateLimiter {
    RateLimiter::direct(Quota::per_minute(PER_MINUTE).allow_burst(BURST))
}
