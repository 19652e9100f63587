//! How often diagnoses are made.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// Anybody can send requests that match no secret.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Allows one diagnosis a second.
#[derive(Debug, Default)]
pub(crate) struct DiagnosisLimit {
    last: Mutex<Option<SystemTime>>,
}

impl DiagnosisLimit {
    /// Whether a diagnosis may be made at this time. Then it counts as made.
    pub(crate) fn allows(&self, now: SystemTime) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not switch diagnoses off.
        let allows = last.is_none_or(|last| now.duration_since(last).map_or(true, |since| since >= MIN_INTERVAL));
        if allows {
            *last = Some(now);
        }
        allows
    }
}
