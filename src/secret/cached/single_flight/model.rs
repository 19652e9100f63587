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
//! 4. Whoever wanted any got one, unless a load failed.
//! 5. Whoever refreshed sees what was set before they asked, unless a load failed; so does whoever caused the load for a
//!    mismatch. Who came while it ran shares it, and nobody is turned away meanwhile.
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
    set: Version,
    running: Option<Load>,
    /// What is served.
    answer: Option<Load>,
    /// The number of the last load that had started when something was invalidated last.
    invalidated: u64,
    now: Instant,
    people: Vec<(Wish, Progress)>,
    /// Whether the last load failed, which whoever has waited for it is told.
    has_failed: bool,
    /// The last load for a mismatch.
    mismatch: u64,
    /// When the last load for a mismatch started that brought nothing new.
    fruitless: Option<Instant>,
    changes_left: u8,
    failures_left: u8,
    /// In which time passes: an interval altogether.
    steps_left: u8,
    step: Duration,
    refreshes_left: u8,
    cancellations_left: u8,
}

impl World {
    fn new(now: Instant, wishes: &[Wish], upsets: u8) -> Self {
        Self {
            flight: SingleFlight::default(),
            set: 0,
            running: None,
            answer: None,
            invalidated: 0,
            now,
            people: wishes.iter().map(|wish| (*wish, Progress::Idle)).collect(),
            has_failed: false,
            mismatch: 0,
            fruitless: None,
            changes_left: 1,
            failures_left: 1,
            steps_left: 1 + upsets,
            step: INTERVAL / u32::from(1 + upsets),
            refreshes_left: upsets,
            cancellations_left: upsets,
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
        then(self.steps_left > 0, &|world| {
            world.steps_left -= 1;
            world.now += world.step;
        });
        // A request that does not wait has the answer loaded anew.
        then(self.refreshes_left > 0, &|world| {
            world.refreshes_left -= 1;
            world.start_or_join();
        });
        for (person, (_, progress)) in self.people.iter().enumerate() {
            // The request is gone.
            let waits = matches!(progress, Progress::Waiting(_) | Progress::Sleeping(..));
            then(waits && self.cancellations_left > 0, &|world| {
                world.cancellations_left -= 1;
                world.people[person].1 = Progress::Done;
            });
        }
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
        if self.mismatch == load.number
            && !brought_news
            && let Some(before) = self.fruitless.replace(load.started_at)
        {
            assert!(load.started_at - before >= INTERVAL, "two fruitless loads in an interval: {self:#?}");
        }
        self.flight.end(brought_news);
        if counts {
            self.has_failed = read.is_none();
            self.answer = if self.has_failed { self.answer } else { Some(load) };
        }
        if let Some(answer) = self.answer {
            assert!(answer.number > self.invalidated, "an invalidated answer serves: {self:#?}");
        }
    }

    /// The number of the load that runs.
    fn start_or_join(&mut self) -> u64 {
        if self.flight.start(self.now) {
            assert_eq!(self.running, None, "two loads run");
            let number = self.flight.next_load() - 1;
            self.running = Some(Load { number, started_at: self.now, read: None });
        }
        self.running.expect("a load runs").number
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
                self.has_failed = false;
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
                    let runs = self.running.is_some_and(|running| running.number == self.mismatch);
                    assert!(!runs, "turned away while a load runs that may help: {self:#?}");
                    self.people[person].1 = Progress::Done;
                    return Some(self);
                };
                if wish == Wish::Newer {
                    self.mismatch = load;
                }
                let has_started = self.running.is_some_and(|running| running.number >= load);
                let at_least = (!has_started).then_some(self.set);
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
        if self.has_failed {
            return;
        }
        let served = self.served();
        assert_ne!(served, None, "no answer, though nothing went wrong: {self:#?}");
        if wish != Wish::Any {
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

/// Explores every world that these people can bring about, with so many that give up and refreshes that nobody waits
/// for, and returns how many there are.
fn explore(wishes: &[Wish], upsets: u8) -> usize {
    let first = World::new(Instant::now(), wishes, upsets);
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
        let worlds = explore(&wishes, 0);
        assert!(worlds > 1_000, "{wishes:?}: {worlds}");
    }
    for wishes in [[Any, Newer], [Newer, Newer], [Newer, Refresh], [Newer, Invalidate], [Refresh, Invalidate]] {
        let worlds = explore(&wishes, 1);
        assert!(worlds > 1_000, "{wishes:?}: {worlds}");
    }
}
