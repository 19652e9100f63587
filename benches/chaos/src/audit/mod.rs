//! The check of the effects against the answers.

mod claims;

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    time::Duration,
};

use axum::http::StatusCode;

use self::claims::Reason;
use crate::{
    history::{HandlerRun, Happened},
    plan::Kind,
    sender::Sent,
    target::Target,
};

/// The most violations that are printed in full.
const MAX_PRINTED: usize = 10;

/// The time around a fault in which it is printed in an event's history, in microseconds.
const NEAR: i64 = 5_000_000;

/// All that is known at the end of a run.
pub struct Facts {
    pub target: Target,
    pub seconds: u64,
    pub seed: u64,
    /// By the event's number.
    pub sent: Vec<Sent>,
    /// With `IdempotencyLayer`.
    pub runs: Vec<HandlerRun>,
    pub faults: Vec<Happened>,
    /// The number of each event that has taken effect, as often as it has. Without the layer.
    pub effects: Vec<i64>,
    /// What must not have happened.
    pub problems: Vec<String>,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// It was acknowledged without an effect, or before the effect.
    Lost,
    /// It has taken effect again for no documented reason.
    Twice,
    /// It was not acknowledged after the faults.
    Unacknowledged,
    /// An answer that no fault explains.
    Answer,
}

pub struct Verdict {
    pub facts: Facts,
    pub effects: usize,
    /// The violations, by the event's number.
    pub violations: Vec<(usize, Violation)>,
    /// How often an event took effect again, by the documented reason.
    pub again: BTreeMap<Reason, usize>,
}

pub fn judge(facts: Facts) -> Verdict {
    let (mut violations, mut again, mut effects) = (Vec::new(), BTreeMap::new(), 0);
    let mut runs: HashMap<usize, Vec<&HandlerRun>> = HashMap::new();
    for run in facts.runs.iter().filter(|run| run.effect.is_some()) {
        runs.entry(run.event).or_default().push(run);
    }
    let mut times: HashMap<i64, usize> = HashMap::new();
    for event in &facts.effects {
        *times.entry(*event).or_default() += 1;
    }
    for (number, sent) in facts.sent.iter().enumerate() {
        let is_in_time = if facts.target.claims() {
            let runs = runs.get(&number).map(Vec::as_slice).unwrap_or_default();
            effects += runs.len();
            let judged = claims::judge(facts.target, runs, &facts.faults);
            for reason in judged.again {
                *again.entry(reason).or_default() += 1;
            }
            violations.extend((0..judged.unexplained).map(|_| (number, Violation::Twice)));
            let first = runs.iter().filter_map(|run| run.effect).min();
            first.is_some_and(|first| sent.acknowledged.is_none_or(|at| first <= at))
        } else {
            let times = i64::try_from(number).ok().and_then(|number| times.remove(&number));
            let times = times.unwrap_or_default();
            effects += times;
            violations.extend((1..times).map(|_| (number, Violation::Twice)));
            times > 0
        };
        if sent.acknowledged.is_none() {
            violations.push((number, Violation::Unacknowledged));
        } else if !is_in_time {
            violations.push((number, Violation::Lost));
        }
        if sent.attempts.iter().any(|attempt| !is_expected(attempt.status, &facts.faults)) {
            violations.push((number, Violation::Answer));
        }
    }
    let mut facts = facts;
    facts.problems.extend(
        times.keys().map(|number| format!("event {number} took effect and was never sent")),
    );
    Verdict { facts, effects, violations, again }
}

/// Returns whether Stripe would deliver the event again, or was answered `2xx`.
fn is_expected(status: Option<StatusCode>, faults: &[Happened]) -> bool {
    let Some(status) = status else { return true };
    match status {
        StatusCode::BAD_REQUEST => faults.iter().any(|fault| fault.kind == Kind::NodeClock),
        StatusCode::CONFLICT => true,
        status => status.is_success() || status.is_server_error(),
    }
}

impl Verdict {
    pub fn is_right(&self) -> bool {
        self.violations.is_empty() && self.facts.problems.is_empty()
    }

    pub fn count(&self, wanted: Violation) -> usize {
        self.violations.iter().filter(|(_, violation)| *violation == wanted).count()
    }

    pub fn acknowledged(&self) -> usize {
        self.facts.sent.iter().filter(|sent| sent.acknowledged.is_some()).count()
    }

    pub fn deliveries(&self) -> usize {
        self.facts.sent.iter().map(|sent| sent.attempts.len()).sum()
    }

    /// The number of deliveries that were acknowledged after another of their event.
    pub fn duplicates(&self) -> usize {
        let is_2xx = |status: Option<StatusCode>| status.is_some_and(|status| status.is_success());
        let attempts = self.facts.sent.iter().flat_map(|sent| &sent.attempts);
        let all = attempts.filter(|attempt| is_2xx(attempt.status)).count();
        all - self.acknowledged()
    }

    /// The seconds from the end of the last fault until all events were acknowledged.
    pub fn settled_after(&self) -> f64 {
        let last_fault = self.facts.faults.iter().map(|fault| fault.until).max();
        let last_answer = self.facts.sent.iter().filter_map(|sent| sent.acknowledged).max();
        let micros = last_answer.zip(last_fault).map_or(0, |(answer, fault)| answer - fault);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
    }

    pub fn faults(&self) -> BTreeMap<Kind, usize> {
        let mut counts = BTreeMap::new();
        for fault in &self.facts.faults {
            *counts.entry(fault.kind).or_default() += 1;
        }
        counts
    }

    /// Prints what is wrong, with the history of the events.
    pub fn print_violations(&self) {
        let Facts { target, seed, problems, .. } = &self.facts;
        for problem in problems.iter().take(MAX_PRINTED) {
            println!("{target}, seed {seed}: {problem}");
        }
        for (number, violation) in self.violations.iter().take(MAX_PRINTED) {
            println!(
                "{target}, seed {seed}: event {number}: {violation:?}\n{}",
                self.history(*number)
            );
        }
        if self.violations.len() > MAX_PRINTED {
            println!("{target}, seed {seed}: {} violations in all", self.violations.len());
        }
    }

    fn history(&self, number: usize) -> String {
        let mut lines = Vec::new();
        for attempt in &self.facts.sent[number].attempts {
            let answer = attempt.status.map_or("no answer".to_owned(), |status| status.to_string());
            let until = attempt.until;
            let line = format!("{} delivered to node {}: {answer}", attempt.from, attempt.node);
            lines.push((attempt.from, format!("{line} at {until}")));
        }
        let runs = self.facts.runs.iter().filter(|run| run.event == number);
        lines.extend(runs.map(|run| (run.begun, run.to_string())));
        let moments: Vec<i64> = lines.iter().map(|(at, _)| *at).collect();
        let is_near = |fault: &&Happened| {
            let span = fault.from - NEAR..=fault.until + NEAR;
            moments.iter().any(|at| span.contains(at))
        };
        let faults = self.facts.faults.iter().filter(is_near);
        lines.extend(faults.map(|fault| (fault.from, fault.to_string())));
        lines.sort();
        lines.iter().fold(String::new(), |mut text, (_, line)| {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "    {line}");
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sender::Attempt;

    fn sent(acknowledged: Option<i64>, status: u16) -> Sent {
        let status = Some(StatusCode::from_u16(status).unwrap());
        Sent { attempts: vec![Attempt { from: 1, until: 2, node: 0, status }], acknowledged }
    }

    fn facts(target: Target, sent: Sent) -> Facts {
        Facts {
            target,
            seconds: 1,
            seed: 1,
            sent: vec![sent],
            runs: Vec::new(),
            faults: Vec::new(),
            effects: vec![0],
            problems: Vec::new(),
        }
    }

    fn violations(facts: Facts) -> Vec<Violation> {
        let verdict = judge(facts);
        assert_eq!(
            verdict.is_right(),
            verdict.violations.is_empty() && verdict.facts.problems.is_empty()
        );
        verdict.violations.into_iter().map(|(_, violation)| violation).collect()
    }

    #[test]
    fn an_acknowledged_event_with_one_effect_is_right() {
        let facts = facts(Target::RecordSqlite, sent(Some(2), 200));
        assert_eq!(violations(facts), []);
    }

    #[test]
    fn an_acknowledged_event_without_an_effect_is_lost() {
        let facts = Facts { effects: vec![], ..facts(Target::RecordSqlite, sent(Some(2), 200)) };
        assert_eq!(violations(facts), [Violation::Lost]);
    }

    #[test]
    fn a_second_effect_in_a_transaction_is_a_violation() {
        let facts =
            Facts { effects: vec![0, 0], ..facts(Target::BillingSqlite, sent(Some(2), 200)) };
        assert_eq!(violations(facts), [Violation::Twice]);
    }

    #[test]
    fn an_event_that_was_never_acknowledged_is_a_violation() {
        assert_eq!(
            violations(facts(Target::RecordSqlite, sent(None, 503))),
            [Violation::Unacknowledged]
        );
    }

    #[test]
    fn an_answer_after_which_stripe_gives_up_needs_a_reason() {
        let rejected = || facts(Target::RecordSqlite, sent(Some(2), 400));
        assert_eq!(violations(rejected()), [Violation::Answer]);
        let (kind, process) = (Kind::NodeClock, Some(1));
        let faults = vec![Happened { kind, process, from: 1, until: 2, step: 0 }];
        assert_eq!(violations(Facts { faults, ..rejected() }), []);
        assert_eq!(
            violations(facts(Target::BillingSqlite, sent(Some(2), 422))),
            [Violation::Answer]
        );
    }

    #[test]
    fn an_effect_of_an_event_that_was_never_sent_is_a_problem() {
        let facts =
            Facts { effects: vec![0, 7], ..facts(Target::RecordSqlite, sent(Some(2), 200)) };
        let verdict = judge(facts);
        assert_eq!(verdict.facts.problems, ["event 7 took effect and was never sent"]);
        assert!(!verdict.is_right());
    }

    #[test]
    fn an_answer_before_the_effect_is_a_lost_event() {
        let run = |effect| HandlerRun { begun: 1, effect, end: Some(2), ..HandlerRun::default() };
        let with = |run| Facts { runs: vec![run], ..facts(Target::Memory, sent(Some(5), 200)) };
        assert_eq!(violations(with(run(Some(5)))), []);
        assert_eq!(violations(with(run(Some(6)))), [Violation::Lost]);
        assert_eq!(violations(with(run(None))), [Violation::Lost]);
    }
}
