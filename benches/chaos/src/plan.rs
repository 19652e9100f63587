//! The faults of a run, chosen by a seed.

use std::{fmt, str::FromStr, time::Duration};

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tower_stripe_webhook::BoxError;

use crate::{node::LEASE, target::Target};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A node gets SIGKILL, and starts again.
    Kill,
    /// A node gets SIGSTOP for longer than a lease, then SIGCONT or SIGKILL.
    Pause,
    /// The database closes connections.
    Disconnect,
    /// The database stops, and starts again with its data.
    Restart,
    /// Packets between a node and the database are late.
    Slow,
    /// No packets arrive for a while.
    Stall,
    /// Open connections stay silent, and are closed in the end. New ones work.
    Silence,
    /// Connections end within an answer, or instead of the answer to `COMMIT`.
    Cut,
    /// No file can grow.
    FullDisk,
    /// A node's clock is wrong.
    NodeClock,
    /// The store's clock is set.
    StoreClock,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::Kill,
        Self::Pause,
        Self::Disconnect,
        Self::Restart,
        Self::Slow,
        Self::Stall,
        Self::Silence,
        Self::Cut,
        Self::FullDisk,
        Self::NodeClock,
        Self::StoreClock,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Pause => "pause",
            Self::Disconnect => "disconnect",
            Self::Restart => "restart",
            Self::Slow => "slow",
            Self::Stall => "stall",
            Self::Silence => "silence",
            Self::Cut => "cut",
            Self::FullDisk => "full-disk",
            Self::NodeClock => "node-clock",
            Self::StoreClock => "store-clock",
        }
    }

    /// Whether the store may be unreachable during such a fault.
    pub fn disturbs_the_store(self) -> bool {
        matches!(
            self,
            Self::Disconnect
                | Self::Restart
                | Self::Slow
                | Self::Stall
                | Self::Silence
                | Self::Cut
                | Self::FullDisk
        )
    }
}

impl FromStr for Kind {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            format!("there is no kind of fault `{text}`: the kinds are {known}").into()
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[derive(Clone, Debug)]
pub enum Fault {
    Kill { node: usize },
    Pause { node: usize, length: Duration, ends_in_kill: bool },
    Disconnect { times: u32 },
    Restart { is_hard: bool, down: Duration },
    Slow { node: usize, length: Duration, delay: Duration },
    Stall { node: usize, length: Duration },
    Silence { node: usize, length: Duration },
    Cut { node: usize, length: Duration, percent: u32 },
    FullDisk { length: Duration, kills: Option<usize> },
    NodeClock { node: usize, length: Duration, seconds: i64 },
    StoreClock { millis: i64 },
}

/// Faults that happen at once, and the pause after them.
#[derive(Clone, Debug)]
pub struct Step {
    pub faults: Vec<Fault>,
    pub calm: Duration,
}

/// An endless plan. Each kind comes once before any comes again.
pub struct Plan {
    rng: StdRng,
    nodes: usize,
    kinds: Vec<Kind>,
    deck: Vec<Kind>,
}

impl Plan {
    pub fn new(target: Target, seed: u64, only: &[Kind]) -> Result<Self, BoxError> {
        let mut kinds = target.faults();
        kinds.retain(|kind| only.is_empty() || only.contains(kind));
        if kinds.is_empty() {
            return Err("none of these kinds of faults can happen to this target".into());
        }
        Ok(Self {
            rng: StdRng::seed_from_u64(seed),
            nodes: target.nodes(),
            kinds,
            deck: Vec::new(),
        })
    }

    fn draw(&mut self) -> Kind {
        loop {
            if let Some(kind) = self.deck.pop() {
                return kind;
            }
            self.deck.clone_from(&self.kinds);
            self.deck.shuffle(&mut self.rng);
        }
    }

    fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.rng.random_range(from..=to))
    }

    fn fault(&mut self, kind: Kind) -> Fault {
        let node = self.rng.random_range(0..self.nodes);
        match kind {
            Kind::Kill => Fault::Kill { node },
            Kind::Pause => {
                let length = LEASE.mul_f64(self.rng.random_range(1.1..2.0));
                Fault::Pause { node, length, ends_in_kill: self.rng.random_ratio(1, 4) }
            }
            Kind::Disconnect => Fault::Disconnect { times: self.rng.random_range(1..=5) },
            Kind::Restart => {
                let is_hard = self.rng.random_bool(0.5);
                Fault::Restart { is_hard, down: self.millis(0, 3_000) }
            }
            Kind::Slow => {
                Fault::Slow { node, length: self.millis(2_000, 4_000), delay: self.millis(10, 300) }
            }
            Kind::Stall => Fault::Stall { node, length: self.millis(500, 5_000) },
            Kind::Silence => Fault::Silence { node, length: self.millis(2_000, 8_000) },
            Kind::Cut => {
                let percent = self.rng.random_range(2..=30);
                Fault::Cut { node, length: self.millis(1_000, 3_000), percent }
            }
            Kind::FullDisk => {
                let kills = self.rng.random_bool(0.5).then_some(node);
                Fault::FullDisk { length: self.millis(1_000, 4_000), kills }
            }
            Kind::NodeClock => {
                // Within the tolerance of 300 s, or beyond it.
                let size = if self.rng.random_bool(0.5) { 200 } else { 400 };
                let seconds = if self.rng.random_bool(0.5) { size } else { -size };
                Fault::NodeClock { node, length: self.millis(1_000, 3_000), seconds }
            }
            Kind::StoreClock => {
                let lease = i64::try_from(LEASE.as_millis()).unwrap_or(i64::MAX);
                let week = 7 * 24 * 60 * 60 * 1_000;
                let steps = [-lease / 3, -lease, -week, lease / 2, 3 * lease];
                Fault::StoreClock { millis: steps[self.rng.random_range(0..steps.len())] }
            }
        }
    }
}

impl Iterator for Plan {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let at_once = self.rng.random_range(1..=3);
        let faults = (0..at_once)
            .map(|_| {
                let kind = self.draw();
                self.fault(kind)
            })
            .collect();
        Some(Step { faults, calm: self.millis(100, 1_500) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seed: u64) -> Vec<String> {
        let plan = Plan::new(Target::Postgres, seed, &[]).unwrap();
        plan.take(50).map(|step| format!("{step:?}")).collect()
    }

    #[test]
    fn a_seed_always_makes_the_same_plan() {
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn only_kinds_that_a_target_can_have_are_planned() {
        assert!(Plan::new(Target::Memory, 1, &[Kind::Restart]).is_err());
        let mut plan = Plan::new(Target::Postgres, 1, &[Kind::Restart, Kind::FullDisk]).unwrap();
        let faults = plan.next().unwrap().faults;
        assert!(faults.iter().all(|fault| matches!(fault, Fault::Restart { .. })), "{faults:?}");
    }

    #[test]
    fn each_kind_comes_once_before_any_comes_again() {
        let mut plan = Plan::new(Target::Redis, 1, &[]).unwrap();
        let kinds = Target::Redis.faults().len();
        for _ in 0..10 {
            let mut drawn: Vec<_> = (0..kinds).map(|_| plan.draw()).collect();
            drawn.sort();
            drawn.dedup();
            assert_eq!(drawn.len(), kinds);
        }
    }
}
