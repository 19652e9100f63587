//! Durations as databases take them.

use std::time::Duration;

/// 100 years: a database could not add much more to its time.
const MAX: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.min(MAX).as_millis()).unwrap_or(i64::MAX)
}
