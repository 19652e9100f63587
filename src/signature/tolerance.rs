//! How far a signature's timestamp may be from the clock.

use std::time::{Duration, SystemTime};

/// How far the timestamp of a signature may be from the clock, in the past and in the future alike.
///
/// The default is Stripe's: 300 seconds. The bounds are inclusive: an event that was signed exactly 300 s ago
/// is accepted, one a millisecond older is not. A tolerance of zero means zero, not "off".
///
/// The timestamp is what protects against replays: whoever captures a signed request can send it again, and it
/// stays valid for as long as the tolerance lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance(Option<Duration>);

impl Tolerance {
    /// Accepts a signature that is at most `tolerance` old, and at most as much in the future.
    #[must_use]
    pub const fn new(tolerance: Duration) -> Self {
        Self(Some(tolerance))
    }

    /// Accepts a signature of any time: **whoever captures one request can replay it for ever**.
    ///
    /// To check an event that waited in a queue, pass the time at which it was *received* as `now` to
    /// [`verify`](crate::verify) instead.
    #[must_use]
    pub const fn danger_accept_any_timestamp() -> Self {
        Self(None)
    }

    /// Step 2 of a request's way: hold `signed_at` against `now`, both ways.
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

/// By how much a timestamp is outside the tolerance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Skew {
    pub(crate) off_by: Duration,
    pub(crate) in_future: bool,
    pub(crate) tolerance: Duration,
}
