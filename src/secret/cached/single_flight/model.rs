//! Every order in which requests, loads, changes of the source and time can follow each other, for a few of each.
//!
//! The steps are those between which the cache's lock is released. After each step holds:
//!
//! 1. At most one load runs.
//! 2. What is served was loaded after the last invalidation began.
//! 3. Mismatches cause at most one load an interval that brings nothing new.
//!
//! When someone has their answer:
//!
//! 4. Whoever wanted any got one, unless a load failed or something was invalidated after they asked.
//! 5. Whoever refreshed sees what was set before they asked; so does whoever caused the load for a mismatch. Who came while it ran
//!    shares it, and nobody is turned away meanwhile.
//!
//! And when nothing can happen any more, nobody waits.

use std::collections::HashSet;

use super::*;

const INTERVAL: Duration = Duration::from_secs(10);

/// A version of what is set at the source.
type Version = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Wish {
    /// Any answer, as the first request has it.
    Any,
    /// What is set now.
    Refresh,
    /// Something newer than what is served: a request that no secret has signed.
    Newer,
    /// Nothing of before is to serve any more.
    Invalidate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Progress {
    Idle,
    /// Has seen that it needs a load, and not yet asked which.
    Asking,
    Waiting(Wait),
    /// Waits for the load that runs to end.
    Sleeping(Wait, u64),
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Wait {
    load: u64,
    /// What was set when it asked, if the load had not started by then.
    at_least: Option<Version>,
    /// What was invalidated by then.
    invalidated: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Load {
    number: u64,
    read: Option<Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Mismatch {
    load: u64,
    at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    flight: SingleFlight,
    set: Version,
    running: Option<Load>,
    /// What is served.
    answer: Option<Load>,
    /// The number of the last load that had started when something was invalidated last.
    invalidated: u64,
    /// The number of the last load that brought an answer.
    succeeded: u64,
    now: Instant,
    people: Vec<(Wish, Progress)>,
    /// The last load for a mismatch, and when the last was asked for that brought nothing new.
    mismatch: Option<Mismatch>,
    fruitless: Option<Instant>,
    changes_left: u8,
    failures_left: u8,
    intervals_left: u8,
}

impl World {
    fn new(now: Instant, wishes: &[Wish]) -> Self {
        Self {
            flight: SingleFlight::default(),
            set: 0,
            running: None,
            answer: None,
            invalidated: 0,
            succeeded: 0,
            now,
            people: wishes.iter().map(|wish| (*wish, Progress::Idle)).collect(),
            mismatch: None,
            fruitless: None,
            changes_left: 1,
            failures_left: 1,
            intervals_left: 1,
        }
    }

    /// All that can happen next.
    fn next(&self) -> Vec<Self> {
        let mut worlds: Vec<Self> = (0..self.people.len()).filter_map(|person| self.clone().step(person)).collect();
        let mut then = |possible: bool, change: &dyn Fn(&mut Self)| {
            if possible {
                let mut world = self.clone();
                change(&mut world);
                worlds.push(world);
            }
        };
        then(self.changes_left > 0, &|world| {
            world.changes_left -= 1;
            world.set += 1;
        });
        then(self.intervals_left > 0, &|world| {
            world.intervals_left -= 1;
            world.now += INTERVAL;
        });
        if let Some(load) = self.running {
            then(load.read.is_none(), &|world| {
                world.running = Some(Load { read: Some(world.set), ..load });
            });
            then(load.read.is_some(), &|world| world.end_load(load.read));
            // It failed, hung, panicked, or its runtime shut down.
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
        let brought_news = counts && read > self.served();
        if let Some(mismatch) = self.mismatch
            && mismatch.load == load.number
            && !brought_news
            && let Some(before) = self.fruitless.replace(mismatch.at)
        {
            assert!(mismatch.at.duration_since(before) >= INTERVAL, "two fruitless loads in an interval: {self:#?}");
        }
        self.flight.end(brought_news);
        if counts && read.is_some() {
            self.answer = Some(load);
            self.succeeded = load.number;
        }
        if let Some(answer) = self.answer {
            assert!(answer.number > self.invalidated, "an invalidated answer serves: {self:#?}");
        }
    }

    fn served(&self) -> Option<Version> {
        self.answer.and_then(|answer| answer.read)
    }

    /// What the person does next, unless it sleeps or is done.
    fn step(mut self, person: usize) -> Option<Self> {
        let (wish, progress) = self.people[person];
        let served = self.served();
        let next = match (progress, wish) {
            (Progress::Idle, Wish::Invalidate) => {
                self.flight.invalidate();
                self.invalidated = self.flight.next_load() - 1;
                self.answer = None;
                Progress::Done
            }
            (Progress::Idle, Wish::Any) if served.is_some() => Progress::Done,
            (Progress::Idle, _) => Progress::Asking,
            (Progress::Asking, _) => {
                let load = match wish {
                    Wish::Any => Some(self.flight.any_load()),
                    Wish::Refresh => Some(self.flight.next_load()),
                    Wish::Newer => self.flight.load_for_mismatch(self.now, INTERVAL),
                    Wish::Invalidate => unreachable!("it does not ask"),
                };
                let Some(load) = load else {
                    let none_runs = self.mismatch.is_none_or(|mismatch| self.flight.has_ended(mismatch.load));
                    assert!(none_runs, "turned away while a load runs that may help: {self:#?}");
                    self.people[person].1 = Progress::Done;
                    return Some(self);
                };
                if wish == Wish::Newer && self.mismatch.is_none_or(|before| before.load != load) {
                    self.mismatch = Some(Mismatch { load, at: self.now });
                }
                let has_started = self.running.is_some_and(|running| running.number >= load);
                let at_least = (!has_started).then_some(self.set);
                Progress::Waiting(Wait { load, at_least, invalidated: self.invalidated })
            }
            (Progress::Waiting(wait), _) => {
                if self.flight.has_ended(wait.load) {
                    self.assert_answered(wish, wait);
                    Progress::Done
                } else {
                    if self.flight.start() {
                        assert_eq!(self.running, None, "two loads run");
                        self.running = Some(Load { number: self.flight.next_load() - 1, read: None });
                    }
                    Progress::Sleeping(wait, self.running.expect("a load runs").number)
                }
            }
            (Progress::Sleeping(wait, load), _) => {
                // It is woken when that load ends, and by nothing else.
                if self.running.is_some_and(|running| running.number == load) {
                    return None;
                }
                Progress::Waiting(wait)
            }
            (Progress::Done, _) => return None,
        };
        self.people[person].1 = next;
        Some(self)
    }

    fn assert_answered(&self, wish: Wish, wait: Wait) {
        let served = self.served();
        if wish == Wish::Any && self.failures_left > 0 && self.invalidated == wait.invalidated {
            assert_ne!(served, None, "no answer, though nothing went wrong: {self:#?}");
        }
        let load_counts = self.succeeded >= wait.load && wait.load > self.invalidated;
        if wish != Wish::Any && load_counts && wait.at_least.is_some() {
            assert!(served >= wait.at_least, "an answer of before the question: {self:#?}");
        }
    }

    fn assert_nobody_waits(&self) {
        assert_eq!(self.running, None, "{self:#?}");
        assert!(
            self.people.iter().all(|(_, progress)| *progress == Progress::Done),
            "someone waits for ever: {self:#?}"
        );
    }
}

/// Explores every world that these people can bring about, and returns how many there are.
fn explore(wishes: &[Wish]) -> usize {
    let first = World::new(Instant::now(), wishes);
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(world) = open.pop() {
        let next = world.next();
        if next.is_empty() {
            world.assert_nobody_waits();
        }
        open.extend(next.into_iter().filter(|world| seen.insert(world.clone())));
    }
    seen.len()
}

#[test]
fn in_every_order_of_events_one_load_runs_and_whoever_waits_is_answered_by_one_that_may_answer() {
    use Wish::{Any, Invalidate, Newer, Refresh};

    for wishes in [
        [Any, Refresh, Refresh],
        [Any, Newer, Newer],
        [Newer, Newer, Newer],
        [Any, Newer, Refresh],
        [Refresh, Newer, Invalidate],
        [Any, Refresh, Invalidate],
    ] {
        let worlds = explore(&wishes);
        assert!(worlds > 1_000, "{wishes:?}: {worlds}");
    }
}
