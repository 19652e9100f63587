//! The rate limit of wrong admin tokens.

use std::{num::NonZeroU32, time::Duration};

use governor::{
    DefaultDirectRateLimiter, Quota, RateLimiter,
    clock::{Clock, DefaultClock},
};

const BURST: NonZeroU32 = NonZeroU32::new(10).unwrap();

const PER_MINUTE: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// A rate limit of ten wrong tokens at once and ten per minute.
///
/// It is shared by all addresses: behind a proxy all clients have one address, and an attacker can
/// have many.
#[derive(Debug)]
pub struct WrongTokens(DefaultDirectRateLimiter);

impl WrongTokens {
    pub fn new() -> Self {
        Self(RateLimiter::direct(Quota::per_minute(PER_MINUTE).allow_burst(BURST)))
    }

    /// Counts a wrong token. Returns how long to wait if there were too many.
    pub fn count(&self) -> Result<(), Duration> {
        self.0.check().map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}
