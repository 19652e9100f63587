//! A rate limit for diagnoses.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// Bounds the cost of diagnoses, because every sender can cause a mismatch.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// A limit of one diagnosis per second.
#[derive(Debug, Default)]
pub(crate) struct DiagnosisLimit {
    last: Mutex<Option<SystemTime>>,
}

impl DiagnosisLimit {
    /// Returns whether a diagnosis may be made now. If so, it counts as made.
    pub(crate) fn allows(&self, now: SystemTime) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // If the clock was set back, `last` is in the future, which must not block diagnoses until
        // then.
        let allows = last.is_none_or(|last| {
            now.duration_since(last).map_or(true, |since| since >= MIN_INTERVAL)
        });
        if allows {
            *last = Some(now);
        }
        allows
    }
}
