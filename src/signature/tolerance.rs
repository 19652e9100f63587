//! The tolerance between a signature's timestamp and the clock.

use std::time::{Duration, SystemTime};

/// The maximum difference between a signature's timestamp and the clock.
///
/// It applies in both directions and is inclusive: with the default of 300 seconds, an event that
/// was signed exactly 300 s ago is accepted, and one a millisecond older is rejected. Zero means
/// zero, not "off".
///
/// The timestamp limits replays: an attacker who captures a signed request can send it again only
/// within the tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance(Option<Duration>);

impl Tolerance {
    /// Accepts a signature that is at most `tolerance` in the past or in the future.
    #[must_use]
    pub const fn new(tolerance: Duration) -> Self {
        Self(Some(tolerance))
    }

    /// Accepts a signature of any time.
    ///
    /// **An attacker who captures one request can replay it at any later time.** To verify an event
    /// that waited in a queue, pass the time at which it was *received* as `now` to
    /// [`verify`](crate::verify) instead.
    #[must_use]
    pub const fn danger_accept_any_timestamp() -> Self {
        Self(None)
    }

    /// Checks `signed_at` against `now`, in both directions.
    pub(crate) fn check(self, signed_at: SystemTime, now: SystemTime) -> Result<(), Skew> {
        let Some(tolerance) = self.0 else { return Ok(()) };
        let (off_by, in_future) = match now.duration_since(signed_at) {
            Ok(age) => (age, false),
            Err(ahead) => (ahead.duration(), true),
        };
        if off_by <= tolerance { Ok(()) } else { Err(Skew { off_by, in_future, tolerance }) }
    }
}

/// 300 seconds, the tolerance of Stripe's official libraries.
impl Default for Tolerance {
    fn default() -> Self {
        Self::new(Duration::from_secs(300))
    }
}

impl From<Duration> for Tolerance {
    fn from(tolerance: Duration) -> Self {
        Self::new(tolerance)
    }
}

/// A timestamp that is outside the tolerance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skew {
    pub(crate) off_by: Duration,
    pub(crate) in_future: bool,
    pub(crate) tolerance: Duration,
}
