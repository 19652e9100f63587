//! The state machine that decides which load answers which request.
//!
//! It has no clock, tasks or locks. Loads run one at a time and are numbered from 1. A request that
//! needs an answer newer than a certain moment waits for a load with a higher number than the last
//! load that had started at that moment. [`model`] checks every order of events.

#[cfg(test)]
mod model;

use std::time::Duration;

use tokio::time::Instant;

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct SingleFlight {
    /// The number of the load that started last.
    started: u64,
    /// The number of the load that ended last: `started`, or one less while one runs.
    ended: u64,
    /// Loads up to this number may have read what was invalidated.
    void: u64,
    mismatch: Mismatch,
}

/// The last load that a mismatch caused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Mismatch {
    load: u64,
    /// The time at which it started.
    ///
    /// `None` if it has not started, or if it found a new secret.
    started_at: Option<Instant>,
}

impl SingleFlight {
    /// Starts a load, unless one runs, and returns whether it did.
    ///
    /// If it did, the caller runs the load and calls [`end`](Self::end), also if the load fails.
    #[must_use]
    pub(super) fn start(&mut self, now: Instant) -> bool {
        let may_start = self.ended == self.started;
        if may_start {
            self.started += 1;
            if self.started == self.mismatch.load {
                self.mismatch.started_at = Some(now);
            }
        }
        may_start
    }

    /// Returns whether the result of the running load counts.
    ///
    /// It does not if the load may have read an invalidated answer.
    pub(super) fn counts(&self) -> bool {
        self.started > self.void
    }

    /// Ends the running load.
    ///
    /// If it found a new secret, the next mismatch may load at once: a forged request cannot cause
    /// new secrets.
    pub(super) fn end(&mut self, found_new: bool) {
        self.ended = self.started;
        if found_new && self.ended == self.mismatch.load {
            self.mismatch.started_at = None;
        }
    }

    /// Returns whether this or a later load has ended with a valid answer.
    ///
    /// An answer that was read before an invalidation is not valid.
    pub(super) fn has_answered(&self, load: u64) -> bool {
        self.ended >= load && self.ended > self.void
    }

    /// Makes the running load void, if there is one.
    pub(super) fn invalidate(&mut self) {
        self.void = self.started;
    }

    /// Returns the load for a request that accepts any answer.
    ///
    /// It is the running load unless that is void, otherwise the next one.
    pub(super) fn any_load(&self) -> u64 {
        self.void.max(self.ended) + 1
    }

    /// Returns the load for a caller that needs the current secrets: the next one.
    ///
    /// The running load may have read the source before the caller asked.
    pub(super) fn next_load(&self) -> u64 {
        self.started + 1
    }

    /// Returns the load for a mismatch.
    ///
    /// It is the next load, which later mismatches share until it ends.
    ///
    /// Returns `None` within `interval` of the last load for a mismatch, unless that one found a
    /// new secret.
    pub(super) fn load_for_mismatch(&mut self, now: Instant, interval: Duration) -> Option<u64> {
        if self.ended >= self.mismatch.load {
            if self.mismatch.started_at.is_some_and(|at| now.duration_since(at) < interval) {
                return None;
            }
            self.mismatch = Mismatch { load: self.next_load(), started_at: None };
        }
        Some(self.mismatch.load)
    }
}
