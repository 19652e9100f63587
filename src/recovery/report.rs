//! What came of a run.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Cursor, RecoveryError, ReplayOutcome, ReplayedEvent};

/// The number of events by their outcome.
///
/// As JSON: `{"listed":3,"applied":1,"duplicate":2,"ignored":0,…}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; ReplayOutcome::ALL.len()]);

impl Counts {
    /// Returns the number of events with an outcome.
    #[must_use]
    pub fn of(&self, outcome: ReplayOutcome) -> u64 {
        self.0[outcome as usize]
    }

    /// Returns the number of all events.
    #[must_use]
    pub fn listed(&self) -> u64 {
        self.0.iter().sum()
    }

    fn add(&mut self, outcome: ReplayOutcome) {
        self.0[outcome as usize] += 1;
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.0.len()))?;
        map.serialize_entry("listed", &self.listed())?;
        for outcome in ReplayOutcome::ALL {
            map.serialize_entry(outcome.code(), &self.of(outcome))?;
        }
        map.end()
    }
}

/// What came of a run, by outcome and by type.
///
/// It does not grow with the number of events, only with that of their types and of the failures.
/// With serde, it is JSON for scripts.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    #[serde(flatten)]
    counts: Counts,
    by_type: BTreeMap<Box<str>, Counts>,
    #[serde(rename = "events")]
    failures: Vec<ReplayedEvent>,
    cursor: Cursor,
    #[serde(serialize_with = "as_text")]
    error: Option<RecoveryError>,
}

impl Report {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self {
            counts: Counts::default(),
            by_type: BTreeMap::new(),
            failures: Vec::new(),
            cursor,
            error: None,
        }
    }

    pub(super) fn add(&mut self, event: &ReplayedEvent) {
        self.counts.add(event.outcome());
        self.by_type.entry(event.event_type().into()).or_default().add(event.outcome());
        if !event.outcome().is_settled() {
            self.failures.push(event.clone());
        }
    }

    pub(super) fn set_cursor(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }

    pub(super) fn set_error(&mut self, error: RecoveryError) {
        self.error.get_or_insert(error);
    }

    /// Returns the number of events by outcome.
    #[must_use]
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Returns the number of events by type and outcome, sorted by type.
    pub fn by_type(&self) -> impl Iterator<Item = (&str, &Counts)> {
        self.by_type.iter().map(|(event_type, counts)| (&**event_type, counts))
    }

    /// Returns the events that are not settled: those that failed, and those that another delivery
    /// was handling. [`Recovery::retry`](super::Recovery::retry) tries them again.
    #[must_use]
    pub fn failures(&self) -> &[ReplayedEvent] {
        &self.failures
    }

    /// Returns where the next run begins. Every event before it is settled.
    ///
    /// Store it, and pass it to [`EventFilter::with_cursor`](super::EventFilter::with_cursor). An
    /// event that is not settled holds it back. That of a dry run, or of a
    /// [`retry`](super::Recovery::retry), is where the run began.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns the error that ended the run early.
    #[must_use]
    pub fn error(&self) -> Option<&RecoveryError> {
        self.error.as_ref()
    }

    /// Returns whether the run came to its end and all events are settled.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.error.is_none() && self.failures.is_empty()
    }
}

fn as_text<S: Serializer>(error: &Option<RecoveryError>, serializer: S) -> Result<S::Ok, S::Error> {
    error.as_ref().map(ToString::to_string).serialize(serializer)
}

/// How far a run is, after one more event.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub(super) event: &'a ReplayedEvent,
    pub(super) report: &'a Report,
}

impl<'a> Progress<'a> {
    /// Returns the event, with what came of it.
    #[must_use]
    pub fn event(&self) -> &'a ReplayedEvent {
        self.event
    }

    /// Returns the report so far. Store its [cursor](Report::cursor) now and then: a run that is
    /// killed continues there.
    #[must_use]
    pub fn report(&self) -> &'a Report {
        self.report
    }
}
