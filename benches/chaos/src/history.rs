//! What happened when: faults, and the lines that nodes print.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use tower_stripe_webhook::BoxError;

use crate::plan::Kind;

/// Microseconds since 1970.
///
/// All processes of one machine share this clock, which no fault changes.
pub fn micros() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A fault that happened.
#[derive(Clone, Debug)]
pub struct Happened {
    pub kind: Kind,
    /// The process to which it happened. None if it concerns all of them.
    pub process: Option<u32>,
    pub from: i64,
    pub until: i64,
    /// The step of the store's clock in milliseconds.
    pub step: i64,
}

/// A call of the handler behind `IdempotencyLayer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandlerRun {
    pub event: usize,
    pub process: u32,
    pub begun: i64,
    /// The time of the effect.
    pub effect: Option<i64>,
    pub end: Option<i64>,
    /// The layer's outcome, when it has passed on the answer.
    pub outcome: Option<(String, i64)>,
    /// The time at which the request was dropped without an answer.
    pub dropped: Option<i64>,
}

#[derive(Default)]
pub struct History {
    faults: Mutex<Vec<Happened>>,
    runs: Mutex<HashMap<String, HandlerRun>>,
    problems: Mutex<Vec<String>>,
}

impl History {
    pub fn add(&self, fault: Happened) {
        lock(&self.faults).push(fault);
    }

    /// Adds a fault of one moment.
    pub fn add_now(&self, kind: Kind, process: Option<u32>, step: i64) {
        let now = micros();
        self.add(Happened { kind, process, from: now, until: now, step });
    }

    /// Adds something that must not happen.
    pub fn add_problem(&self, problem: String) {
        lock(&self.problems).push(problem);
    }

    /// Reads a line that a node printed about a run of its handler.
    pub fn read_line(&self, process: u32, line: &str) -> Result<(), BoxError> {
        let unreadable = || format!("a node printed `{line}`");
        let words: Vec<&str> = line.split(' ').collect();
        let mut runs = lock(&self.runs);
        match *words.as_slice() {
            ["begun", run, event, at] => {
                let (event, begun) = (event.parse()?, at.parse()?);
                let begun = HandlerRun { event, process, begun, ..HandlerRun::default() };
                runs.insert(run.to_owned(), begun);
            }
            ["outcome", run, code, at] => {
                let run = runs.get_mut(run).ok_or_else(unreadable)?;
                run.outcome = Some((code.to_owned(), at.parse()?));
            }
            [what, run, at] => {
                let run = runs.get_mut(run).ok_or_else(unreadable)?;
                let moment = match what {
                    "effect" => &mut run.effect,
                    "end" => &mut run.end,
                    "dropped" => &mut run.dropped,
                    _ => return Err(unreadable().into()),
                };
                *moment = Some(at.parse()?);
            }
            _ => return Err(unreadable().into()),
        }
        Ok(())
    }

    pub fn faults(&self) -> Vec<Happened> {
        lock(&self.faults).clone()
    }

    pub fn problems(&self) -> Vec<String> {
        lock(&self.problems).clone()
    }

    pub fn runs(&self) -> Vec<HandlerRun> {
        lock(&self.runs).values().cloned().collect()
    }
}

impl fmt::Display for HandlerRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { process, begun, effect, end, outcome, dropped, .. } = self;
        write!(f, "{begun} process {process} began a run; effect {effect:?}, end {end:?}, ")?;
        write!(f, "outcome {outcome:?}, dropped {dropped:?}")
    }
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, process, from, until, step } = self;
        write!(f, "{from} {kind} until {until}; process {process:?}, step {step}")
    }
}

/// No code under these locks panics halfway through a change.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_run_become_one_record() {
        let history = History::default();
        let lines = ["begun 7.0 42 10", "effect 7.0 11", "end 7.0 12", "outcome 7.0 committed 13"];
        for line in lines {
            history.read_line(7, line).unwrap();
        }
        history.read_line(8, "begun 8.0 43 20").unwrap();
        history.read_line(8, "dropped 8.0 21").unwrap();
        let mut runs = history.runs();
        runs.sort_by_key(|run| run.begun);
        let finished = HandlerRun {
            event: 42,
            process: 7,
            begun: 10,
            effect: Some(11),
            end: Some(12),
            outcome: Some(("committed".to_owned(), 13)),
            dropped: None,
        };
        let dropped = Some(21);
        let unfinished =
            HandlerRun { event: 43, process: 8, begun: 20, dropped, ..HandlerRun::default() };
        assert_eq!(runs, [finished, unfinished]);
    }

    #[test]
    fn an_unreadable_line_is_an_error() {
        let history = History::default();
        history.read_line(7, "begun 7.0 42 10").unwrap();
        for line in ["", "begun 7.1 x 10", "effect 7.2 11", "effect 7.0 x", "other 7.0 11"] {
            assert!(history.read_line(7, line).is_err(), "{line}");
        }
    }
}
