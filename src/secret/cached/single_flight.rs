//! Which load answers whom: the numbers of a cache's loads, without a clock, a task or a lock.
//!
//! Loads run one at a time and are numbered from 1. Whoever needs an answer that is newer than a certain moment waits
//! for a load of a higher number than the last that had started by then. [`model`] explores what follows from that in
//! every order of events.

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

/// The last load because of a request that no secret has signed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Mismatch {
    load: u64,
    /// When it started. `None` also once it has brought news.
    started_at: Option<Instant>,
}

impl SingleFlight {
    /// Starts a load, unless one runs. Whether it did: then the caller runs it, and calls [`end`](Self::end) however it
    /// ends.
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

    /// Whether the outcome of the load that runs will count: not if it may have read what was invalidated.
    pub(super) fn counts(&self) -> bool {
        self.started > self.void
    }

    /// Ends the load that runs. If it brought news, which nobody outside can bring about, the next one for a mismatch
    /// is not to wait.
    pub(super) fn end(&mut self, brought_news: bool) {
        self.ended = self.started;
        if brought_news && self.ended == self.mismatch.load {
            self.mismatch.started_at = None;
        }
    }

    /// Whether this load has ended, or a later one, which did not read what was invalidated.
    pub(super) fn has_answered(&self, load: u64) -> bool {
        self.ended >= load && self.ended > self.void
    }

    /// Voids the load that runs, if one does.
    pub(super) fn invalidate(&mut self) {
        self.void = self.started;
    }

    /// The load for whoever wants any answer: the one that runs, unless it is void, or else the next.
    pub(super) fn any_load(&self) -> u64 {
        self.void.max(self.ended) + 1
    }

    /// The load for whoever wants to know what is set now: the next, because one that runs may have read what was set
    /// before.
    pub(super) fn next_load(&self) -> u64 {
        self.started + 1
    }

    /// The load for a request that no secret has signed: the next, which the requests of its kind that come before its
    /// end share. `None` within `interval` of the one before, if that brought no news.
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
