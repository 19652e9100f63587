//! The deadline that a request carries to the retry policy.

use std::time::Duration;

use tokio::time::Instant;

/// The time at which the client stops waiting, in the extensions of an HTTP request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(pub(super) Instant);

impl Deadline {
    /// Returns `None` if the time is too far away to exist.
    pub(super) fn after(duration: Duration) -> Option<Self> {
        Instant::now().checked_add(duration).map(Self)
    }
}
