//! A model check of the state machine.
//!
//! It tries every order of a few requests, loads, changes of the source and steps of time. A step
//! is what happens while the cache's lock is held. These invariants hold after each step:
//!
//! 1. At most one load runs.
//! 2. The current answer was loaded after the last invalidation started.
//! 3. Mismatches cause at most one load per interval that finds no new secret.
//!
//! When a request gets its answer:
//!
//! 4. A request for any answer has one, unless a load failed.
//! 5. A refresh returns the secrets that were set before it, unless a load failed, and so does the
//!    mismatch that caused a load. Mismatches during that load share it, and none of them is
//!    rejected before it ends.
//!
//! If no further step is possible, no request waits.

use std::collections::HashSet;

use super::*;

const INTERVAL: Duration = Duration::from_secs(10);

/// The version of the secrets at the source.
type Version = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wish {
    /// Any answer, as for the first request.
    Any,
    /// The current secrets.
    Refresh,
    /// Newer secrets than those of the current answer: a mismatch.
    Newer,
    /// Drops the current answer.
    Invalidate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Progress {
    Idle,
    /// Needs a load and has not asked which one.
    Asking,
    Waiting(Wait),
    /// Waits for the end of the running load.
    Sleeping(Wait, u64),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Wait {
    load: u64,
    /// The version at the source when the request asked.
    ///
    /// `None` if the load had started by then.
    at_least: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Load {
    number: u64,
    started_at: Instant,
    read: Option<Version>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    flight: SingleFlight,
    source: Version,
    running: Option<Load>,
    /// The load of the current answer.
    answer: Option<Load>,
    /// The number of the last load that had started at the last invalidation.
    invalidated: u64,
    now: Instant,
    requests: Vec<(Wish, Progress)>,
    /// Whether the last load failed. The requests that waited for it get the error.
    has_failed: bool,
    /// The last load for a mismatch.
    mismatch: u64,
    /// The start of the last load for a mismatch that found no new secret.
    without_news: Option<Instant>,
    changes_left: u8,
    failures_left: u8,
    /// The steps of time that are left. All steps together are one interval.
    steps_left: u8,
    step: Duration,
    refreshes_left: u8,
    cancellations_left: u8,
}

impl World {
    fn new(now: Instant, wishes: &[Wish], upsets: u8) -> Self {
        Self {
            flight: SingleFlight::default(),
            source: 0,
            running: None,
            answer: None,
            invalidated: 0,
            now,
            requests: wishes.iter().map(|wish| (*wish, Progress::Idle)).collect(),
            has_failed: false,
            mismatch: 0,
            without_news: None,
            changes_left: 1,
            failures_left: 1,
            steps_left: 1 + upsets,
            step: INTERVAL / u32::from(1 + upsets),
            refreshes_left: upsets,
            cancellations_left: upsets,
        }
    }

    /// Returns every state that can follow.
    fn next(&self) -> Vec<Self> {
        let mut worlds: Vec<Self> =
            (0..self.requests.len()).filter_map(|request| self.clone().step(request)).collect();
        let mut then = |possible: bool, change: &dyn Fn(&mut Self)| {
            if possible {
                let mut world = self.clone();
                change(&mut world);
                worlds.push(world);
            }
        };
        then(self.changes_left > 0, &|world| {
            world.changes_left -= 1;
            world.source += 1;
        });
        then(self.steps_left > 0, &|world| {
            world.steps_left -= 1;
            world.now += world.step;
        });
        // A request that does not wait starts a reload in the background.
        then(self.refreshes_left > 0, &|world| {
            world.refreshes_left -= 1;
            world.start_or_join();
        });
        for (request, (_, progress)) in self.requests.iter().enumerate() {
            // The request is cancelled.
            let waits = matches!(progress, Progress::Waiting(_) | Progress::Sleeping(..));
            then(waits && self.cancellations_left > 0, &|world| {
                world.cancellations_left -= 1;
                world.requests[request].1 = Progress::Done;
            });
        }
        if let Some(load) = self.running {
            then(load.read.is_none(), &|world| {
                world.running = Some(Load { read: Some(world.source), ..load });
            });
            then(load.read.is_some(), &|world| world.end_load(load.read));
            // The load failed, timed out, panicked, or its runtime shut down.
            then(self.failures_left > 0, &|world| {
                world.failures_left -= 1;
                world.end_load(None);
            });
        }
        worlds
    }

    fn end_load(&mut self, read: Option<Version>) {
        let load = self.running.take().expect("a load runs");
        let counts = self.flight.counts();
        let found_new = counts && read > self.current();
        if self.mismatch == load.number
            && !found_new
            && let Some(before) = self.without_news.replace(load.started_at)
        {
            assert!(
                load.started_at - before >= INTERVAL,
                "two loads without a new secret in an interval: {self:#?}"
            );
        }
        self.flight.end(found_new);
        if counts {
            self.has_failed = read.is_none();
            self.answer = if self.has_failed { self.answer } else { Some(load) };
        }
        if let Some(answer) = self.answer {
            assert!(answer.number > self.invalidated, "an invalidated answer is in use: {self:#?}");
        }
    }

    /// Starts a load unless one runs, and returns the number of the running load.
    fn start_or_join(&mut self) -> u64 {
        if self.flight.start(self.now) {
            assert_eq!(self.running, None, "two loads run");
            let number = self.flight.next_load() - 1;
            self.running = Some(Load { number, started_at: self.now, read: None });
        }
        self.running.expect("a load runs").number
    }

    fn current(&self) -> Option<Version> {
        self.answer.and_then(|answer| answer.read)
    }

    /// Returns the state after the next step of a request.
    ///
    /// `None` if it waits or is done.
    fn step(mut self, request: usize) -> Option<Self> {
        let (wish, progress) = self.requests[request];
        let current = self.current();
        let next = match (progress, wish) {
            (Progress::Idle, Wish::Invalidate) => {
                self.flight.invalidate();
                self.invalidated = self.flight.next_load() - 1;
                self.answer = None;
                self.has_failed = false;
                Progress::Done
            }
            (Progress::Idle, Wish::Any) if current.is_some() => Progress::Done,
            (Progress::Idle, _) => Progress::Asking,
            (Progress::Asking, _) => {
                let load = match wish {
                    Wish::Any => Some(self.flight.any_load()),
                    Wish::Refresh => Some(self.flight.next_load()),
                    Wish::Newer => self.flight.load_for_mismatch(self.now, INTERVAL),
                    Wish::Invalidate => unreachable!("it does not ask"),
                };
                let Some(load) = load else {
                    let runs = self.running.is_some_and(|running| running.number == self.mismatch);
                    assert!(!runs, "rejected while a load for a mismatch runs: {self:#?}");
                    self.requests[request].1 = Progress::Done;
                    return Some(self);
                };
                if wish == Wish::Newer {
                    self.mismatch = load;
                }
                let has_started = self.running.is_some_and(|running| running.number >= load);
                let at_least = (!has_started).then_some(self.source);
                Progress::Waiting(Wait { load, at_least })
            }
            (Progress::Waiting(wait), _) => {
                if self.flight.has_answered(wait.load) {
                    self.assert_answered(wish, wait);
                    Progress::Done
                } else {
                    Progress::Sleeping(wait, self.start_or_join())
                }
            }
            (Progress::Sleeping(wait, load), _) => {
                // Only the end of that load wakes it.
                if self.running.is_some_and(|running| running.number == load) {
                    return None;
                }
                Progress::Waiting(wait)
            }
            (Progress::Done, _) => return None,
        };
        self.requests[request].1 = next;
        Some(self)
    }

    fn assert_answered(&self, wish: Wish, wait: Wait) {
        if self.has_failed {
            return;
        }
        let current = self.current();
        assert_ne!(current, None, "no answer, although no load failed: {self:#?}");
        if wish != Wish::Any {
            assert!(current >= wait.at_least, "an answer from before the request: {self:#?}");
        }
    }

    fn assert_no_request_waits(&self) {
        assert_eq!(self.running, None, "{self:#?}");
        assert!(
            self.requests.iter().all(|(_, progress)| *progress == Progress::Done),
            "a request waits without end: {self:#?}"
        );
    }
}

/// Visits every state that these requests can reach, and counts the states.
///
/// `upsets` is the number of cancelled requests, and of background reloads.
fn explore(wishes: &[Wish], upsets: u8) -> usize {
    let first = World::new(Instant::now(), wishes, upsets);
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(world) = open.pop() {
        let next = world.next();
        if next.is_empty() {
            world.assert_no_request_waits();
        }
        open.extend(next.into_iter().filter(|world| seen.insert(world.clone())));
    }
    seen.len()
}

#[test]
fn the_invariants_hold_in_every_order_of_events() {
    use Wish::{Any, Invalidate, Newer, Refresh};

    for wishes in [
        [Any, Refresh, Refresh],
        [Any, Newer, Newer],
        [Newer, Newer, Newer],
        [Any, Newer, Refresh],
        [Refresh, Newer, Invalidate],
        [Any, Refresh, Invalidate],
    ] {
        let worlds = explore(&wishes, 0);
        assert!(worlds > 1_000, "{wishes:?}: {worlds}");
    }
    for wishes in
        [[Any, Newer], [Newer, Newer], [Newer, Refresh], [Newer, Invalidate], [Refresh, Invalidate]]
    {
        let worlds = explore(&wishes, 1);
        assert!(worlds > 1_000, "{wishes:?}: {worlds}");
    }
}
