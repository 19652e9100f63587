//! Why an event behind `IdempotencyLayer` may take effect again.

use std::fmt;

use crate::{
    history::{HandlerRun, Happened},
    node::LEASE,
    plan::Kind,
    target::Target,
};

/// In microseconds.
const SECOND: i64 = 1_000_000;

/// A reason that the layer's documentation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The handler failed after its effect.
    Failed,
    /// The node died between the effect and the commit.
    Killed,
    /// The sender had hung up before the commit.
    HungUp,
    /// The lease expired: the node was paused, the store was unreachable, or its clock was set.
    LeaseLost,
    /// The store did not confirm the commit.
    Unrecorded,
    /// The store has lost its data, as its documentation says.
    DataLost,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Failed => "failed",
            Self::Killed => "killed",
            Self::HungUp => "hung up",
            Self::LeaseLost => "lease lost",
            Self::Unrecorded => "unrecorded",
            Self::DataLost => "data lost",
        })
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub struct Judged {
    pub again: Vec<Reason>,
    pub unexplained: usize,
}

/// Explains each effect of an event after its first.
pub fn judge(target: Target, runs: &[&HandlerRun], faults: &[Happened]) -> Judged {
    let mut runs = runs.to_vec();
    runs.sort_by_key(|run| run.begun);
    let mut judged = Judged::default();
    for pair in runs.windows(2) {
        match reason(target, pair[0], pair[1], faults) {
            Some(reason) => judged.again.push(reason),
            None => judged.unexplained += 1,
        }
    }
    judged
}

fn reason(
    target: Target,
    earlier: &HandlerRun,
    later: &HandlerRun,
    faults: &[Happened],
) -> Option<Reason> {
    let during = |from: i64, until: i64| {
        faults.iter().filter(move |fault| fault.from <= until && fault.until >= from)
    };
    let loses_data = |fault: &Happened| Some(fault.kind) == target.loses_data_by();
    if during(earlier.begun, later.begun).any(loses_data) {
        return Some(Reason::DataLost);
    }
    let lease = i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX);
    // A claim that was granted late, or whose lease began before the run did.
    let lost_lease = |run: &HandlerRun, until: i64| {
        let from = run.begun.saturating_sub(lease);
        during(from, until).any(|fault| match fault.kind {
            // A paused process may hold the lock of SQLite.
            Kind::Pause => fault.process == Some(run.process) || target == Target::Sqlite,
            kind => kind.disturbs_the_store(),
        }) || steps_end_leases(during(from, until), lease)
    };
    let overlaps = |end: i64| later.begun < end;
    match &earlier.outcome {
        Some((code, at)) => match code.as_str() {
            "lease_lost" => lost_lease(earlier, *at).then_some(Reason::LeaseLost),
            // No fault is needed: on a busy machine the store can be slower than its timeout.
            "unrecorded" => Some(Reason::Unrecorded),
            "released" | "unreleased" if !overlaps(earlier.end.unwrap_or(*at)) => {
                Some(Reason::Failed)
            }
            "released" | "unreleased" => {
                lost_lease(earlier, later.begun).then_some(Reason::LeaseLost)
            }
            // The later run had the claim first, and its node was paused between claim and begin.
            "committed" => {
                let lost = later.outcome.as_ref().is_some_and(|(code, _)| code == "lease_lost");
                let begun_late = during(later.begun - SECOND, later.begun)
                    .any(|fault| fault.kind == Kind::Pause && fault.process == Some(later.process));
                (lost && begun_late).then_some(Reason::LeaseLost)
            }
            _ => None,
        },
        None => {
            let killed = faults
                .iter()
                .find(|fault| fault.kind == Kind::Kill && fault.process == Some(earlier.process));
            let (end, reason) = match (earlier.dropped, killed) {
                (Some(dropped), _) => (dropped, Reason::HungUp),
                (None, Some(killed)) => (killed.from, Reason::Killed),
                (None, None) => return None,
            };
            if overlaps(end) {
                return lost_lease(earlier, later.begun).then_some(Reason::LeaseLost);
            }
            Some(reason)
        }
    }
}

/// Whether steps of the store's clock end a lease early.
///
/// A step forward does. A step back does if it is a lease or more.
fn steps_end_leases<'a>(faults: impl Iterator<Item = &'a Happened>, lease: i64) -> bool {
    let steps: Vec<i64> =
        faults.filter(|fault| fault.kind == Kind::StoreClock).map(|fault| fault.step).collect();
    let back: i64 = steps.iter().filter(|step| **step < 0).sum();
    steps.iter().any(|step| *step > 0) || back.saturating_mul(1_000) <= -lease
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(process: u32, begun: i64, end: Option<i64>, outcome: Option<&str>) -> HandlerRun {
        let outcome = outcome.zip(end).map(|(code, end)| (code.to_owned(), end * SECOND));
        HandlerRun {
            process,
            begun: begun * SECOND,
            effect: Some(begun * SECOND),
            end: end.map(|end| end * SECOND),
            outcome,
            ..HandlerRun::default()
        }
    }

    fn fault(kind: Kind, process: Option<u32>, from: i64, until: i64, step: i64) -> Happened {
        Happened { kind, process, from: from * SECOND, until: until * SECOND, step }
    }

    fn of(target: Target, runs: &[HandlerRun], faults: &[Happened]) -> Option<Reason> {
        let judged = judge(target, &runs.iter().collect::<Vec<_>>(), faults);
        assert_eq!(judged.again.len() + judged.unexplained, runs.len() - 1);
        judged.again.first().copied()
    }

    fn reason_of(runs: &[HandlerRun], faults: &[Happened]) -> Option<Reason> {
        of(Target::Postgres, runs, faults)
    }

    #[test]
    fn a_run_after_a_failure_is_explained_and_one_beside_it_is_not() {
        let failed = run(1, 10, Some(20), Some("released"));
        let after = run(2, 21, Some(30), Some("committed"));
        let beside = run(2, 19, Some(30), Some("committed"));
        assert_eq!(reason_of(&[failed.clone(), after], &[]), Some(Reason::Failed));
        assert_eq!(reason_of(&[failed, beside], &[]), None);
    }

    #[test]
    fn nothing_explains_a_run_after_a_commit() {
        let runs =
            [run(1, 10, Some(20), Some("committed")), run(2, 30, Some(40), Some("committed"))];
        let faults = [
            fault(Kind::Kill, Some(1), 25, 25, 0),
            fault(Kind::Pause, Some(1), 10, 30, 0),
            fault(Kind::Restart, None, 10, 30, 0),
            fault(Kind::StoreClock, None, 22, 22, 10_000),
        ];
        assert_eq!(reason_of(&runs, &[]), None);
        assert_eq!(reason_of(&runs, &faults), None);
        // Except in stores that lose their data, if they did between the runs.
        assert_eq!(of(Target::RedisVolatile, &runs, &faults), Some(Reason::DataLost));
        assert_eq!(of(Target::Memory, &runs, &faults), Some(Reason::DataLost));
        let before = [fault(Kind::Restart, None, 1, 9, 0)];
        assert_eq!(of(Target::RedisVolatile, &runs, &before), None);
    }

    #[test]
    fn a_run_that_began_late_is_explained_by_a_pause_at_its_begin() {
        let runs =
            [run(1, 10, Some(20), Some("committed")), run(2, 15, Some(22), Some("lease_lost"))];
        let pause = |process, until| fault(Kind::Pause, Some(process), 10, until, 0);
        assert_eq!(reason_of(&runs, &[pause(2, 14)]), Some(Reason::LeaseLost));
        assert_eq!(reason_of(&runs, &[pause(2, 13)]), None);
        assert_eq!(reason_of(&runs, &[pause(1, 14)]), None);
        assert_eq!(reason_of(&runs, &[fault(Kind::Stall, None, 10, 20, 0)]), None);
    }

    #[test]
    fn a_run_after_a_kill_is_explained_only_by_a_kill_of_its_node() {
        let runs = [run(1, 10, None, None), run(2, 30, Some(40), Some("committed"))];
        let killed = |process, at| fault(Kind::Kill, Some(process), at, at, 0);
        assert_eq!(reason_of(&runs, &[]), None);
        assert_eq!(reason_of(&runs, &[killed(1, 20)]), Some(Reason::Killed));
        assert_eq!(reason_of(&runs, &[killed(2, 20)]), None);
        // The second run began before the kill, and no fault has ended the claim.
        assert_eq!(reason_of(&runs, &[killed(1, 31)]), None);
    }

    #[test]
    fn a_lost_lease_is_explained_by_a_fault_that_can_end_it() {
        let runs =
            [run(1, 10, Some(20), Some("lease_lost")), run(2, 15, Some(18), Some("committed"))];
        let own = fault(Kind::Pause, Some(1), 11, 15, 0);
        let others = fault(Kind::Pause, Some(2), 11, 15, 0);
        let after = fault(Kind::Stall, None, 21, 22, 0);
        let stall = fault(Kind::Stall, None, 11, 15, 0);
        assert_eq!(reason_of(&runs, &[own]), Some(Reason::LeaseLost));
        assert_eq!(reason_of(&runs, &[stall]), Some(Reason::LeaseLost));
        assert_eq!(reason_of(&runs, &[others.clone(), after]), None);
        assert_eq!(of(Target::Sqlite, &runs, &[others]), Some(Reason::LeaseLost));
    }

    #[test]
    fn a_commit_without_an_answer_explains_a_later_run() {
        let runs =
            [run(1, 10, Some(20), Some("unrecorded")), run(2, 30, Some(40), Some("committed"))];
        assert_eq!(reason_of(&runs, &[]), Some(Reason::Unrecorded));
    }

    #[test]
    fn a_step_of_the_clock_explains_a_lost_lease_unless_it_is_short_and_back() {
        let runs =
            [run(1, 10, Some(20), Some("lease_lost")), run(2, 15, Some(18), Some("committed"))];
        let step = |millis| fault(Kind::StoreClock, None, 12, 12, millis);
        assert_eq!(reason_of(&runs, &[step(500)]), Some(Reason::LeaseLost));
        assert_eq!(reason_of(&runs, &[step(-3_000)]), Some(Reason::LeaseLost));
        assert_eq!(reason_of(&runs, &[step(-2_999)]), None);
    }
}
