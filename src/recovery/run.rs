//! The state of a run.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime},
};

use tokio::time::{Instant, sleep_until};

use super::{Cursor, Progress, RecoveryError, ReplayedEvent, Report, outcome::Answer, trace};

/// An event that is being replayed: its time, and its number in the run.
pub(super) type Ticket = (SystemTime, u64);

/// Keeps the report, and the cursor before which every event is settled.
pub(super) struct Run<F> {
    report: Report,
    on_progress: F,
    keeps_cursor: bool,
    begun: u64,
    in_flight: BTreeSet<Ticket>,
    /// The time of the oldest event that is not settled.
    unsettled: Option<SystemTime>,
    /// The time of the last event that was listed.
    last: SystemTime,
}

impl<F: FnMut(Progress<'_>)> Run<F> {
    /// With `keeps_cursor`, the cursor stays where the run begins.
    pub(super) fn new(since: SystemTime, keeps_cursor: bool, on_progress: F) -> Self {
        Self {
            report: Report::new(Cursor::at(since)),
            on_progress,
            keeps_cursor,
            begun: 0,
            in_flight: BTreeSet::new(),
            unsettled: None,
            last: since,
        }
    }

    pub(super) fn begin(&mut self, time: SystemTime) -> Ticket {
        self.begun += 1;
        let ticket = (time, self.begun);
        self.in_flight.insert(ticket);
        self.last = self.last.max(time);
        ticket
    }

    pub(super) fn end(
        &mut self,
        ticket: Ticket,
        event: &ReplayedEvent,
        error: Option<RecoveryError>,
    ) {
        self.in_flight.remove(&ticket);
        if !event.outcome().is_settled() {
            self.unsettled =
                Some(self.unsettled.map_or(ticket.0, |unsettled| unsettled.min(ticket.0)));
        }
        trace::replayed(event);
        self.report.add(event);
        if let Some(error) = error {
            self.report.set_error(error);
        }
        if !self.keeps_cursor {
            let in_flight = self.in_flight.first().map(|(time, _)| *time);
            let oldest = [in_flight, self.unsettled].into_iter().flatten().min();
            self.report.set_cursor(Cursor::at(oldest.unwrap_or(self.last)));
        }
        (self.on_progress)(Progress { event, report: &self.report });
    }

    pub(super) fn fail(&mut self, error: RecoveryError) {
        self.report.set_error(error);
    }

    pub(super) fn report(&self) -> &Report {
        &self.report
    }

    pub(super) fn into_report(self) -> Report {
        self.report
    }
}

/// The answer for an event whose replay ended the run.
pub(super) fn answer_of(error: &RecoveryError) -> Answer {
    use super::RecoveryErrorKind::*;

    Answer::failed(match error.kind() {
        SecretRejected => "signature_mismatch",
        WrongMode => "other_mode",
        Api(_) | TooManyFailures => "not_replayed",
    })
}

/// Keeps a distance between the events.
pub(super) struct Pace {
    interval: Duration,
    next: Instant,
}

impl Pace {
    pub(super) fn new(interval: Duration) -> Self {
        Self { interval, next: Instant::now() }
    }

    pub(super) async fn wait(&mut self) {
        if self.interval.is_zero() {
            return;
        }
        sleep_until(self.next).await;
        let now = Instant::now();
        self.next = now.checked_add(self.interval).unwrap_or(now);
    }
}
