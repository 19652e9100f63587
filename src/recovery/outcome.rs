//! What came of an event.

use std::time::SystemTime;

use http::StatusCode;
use serde::{Serialize, Serializer};

use super::Cursor;
use crate::event::{Event, EventKind};

/// What came of an event that was replayed.
///
/// The app may put it into the extensions of its response, to say more than the status does: a
/// handler that ignores an event inserts [`Ignored`](Self::Ignored). Without it, the `Outcome` of
/// the [`IdempotencyLayer`](crate::idempotency::IdempotencyLayer) counts, then the body
/// `{"ignored":{"code":"…"}}`, then the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ReplayOutcome {
    /// The handler answered `2xx`.
    Applied,
    /// The event was handled before. The handler was not called, or found a record of it.
    Duplicate,
    /// The app acknowledged the event without an effect, for example because of its type.
    Ignored,
    /// The app knows a newer state than that of the event. Only an app can say so, in the extensions
    /// of its response.
    Stale,
    /// The event is older than the idempotency records are kept, so it was not replayed: it could
    /// have been handled before.
    TooOld,
    /// Another delivery of the event was being handled at each attempt, such as Stripe's own. Run
    /// again to see what came of it.
    InFlight,
    /// The app did not handle the event.
    Failed,
    /// A dry run listed the event. A run would replay it.
    Planned,
}

impl ReplayOutcome {
    /// All outcomes, in the order in which a table shows them.
    pub const ALL: [Self; 8] = [
        Self::Applied,
        Self::Duplicate,
        Self::Ignored,
        Self::Stale,
        Self::TooOld,
        Self::InFlight,
        Self::Failed,
        Self::Planned,
    ];

    /// Returns a stable name for JSON and metrics: the variant's name in snake case.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Ignored => "ignored",
            Self::Stale => "stale",
            Self::TooOld => "too_old",
            Self::InFlight => "in_flight",
            Self::Failed => "failed",
            Self::Planned => "planned",
        }
    }

    /// Whether nothing is left to do for the event.
    #[must_use]
    pub fn is_settled(self) -> bool {
        !matches!(self, Self::InFlight | Self::Failed)
    }
}

impl Serialize for ReplayOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// An event and what came of it.
///
/// It has no personal data: neither the object nor the text of a response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReplayedEvent {
    id: Box<str>,
    #[serde(rename = "type")]
    event_type: Box<str>,
    #[serde(serialize_with = "as_cursor")]
    created: SystemTime,
    account: Option<Box<str>>,
    #[serde(skip)]
    kind: EventKind,
    outcome: ReplayOutcome,
    reason: Option<Box<str>>,
    #[serde(serialize_with = "as_number")]
    status: Option<StatusCode>,
}

impl ReplayedEvent {
    pub(super) fn new(event: &Event, created: SystemTime, answer: Answer) -> Self {
        let account = event.account().or(event.context()).map(Into::into);
        let (id, event_type) = (event.id().into(), event.raw_type().into());
        Self::of_parts(id, event_type, created, account, event.kind(), answer)
    }

    pub(super) fn of_parts(
        id: Box<str>,
        event_type: Box<str>,
        created: SystemTime,
        account: Option<Box<str>>,
        kind: EventKind,
        answer: Answer,
    ) -> Self {
        let Answer { outcome, reason, status } = answer;
        Self { id, event_type, created, account, kind, outcome, reason, status }
    }

    pub(super) fn with_answer(&self, answer: Answer) -> Self {
        let Answer { outcome, reason, status } = answer;
        Self { outcome, reason, status, ..self.clone() }
    }

    /// Returns the event's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the event's type, as the list has it.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// Returns when the event occurred.
    #[must_use]
    pub fn created(&self) -> SystemTime {
        self.created
    }

    /// Returns the event's kind.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// Returns the event's account, or the context of a thin event.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Returns what came of the event.
    #[must_use]
    pub fn outcome(&self) -> ReplayOutcome {
        self.outcome
    }

    /// Returns the code of the reason: that of the response's error or `ignored` body, such as
    /// `fetch_failed`, or one of this module:
    ///
    /// | code | means |
    /// |---|---|
    /// | `service_failed` | the service returned an error instead of a response |
    /// | `panicked` | the handler panicked |
    /// | `secrets_failed` | the secret provider failed, or has no secret |
    /// | `event_not_found` | Stripe no longer has the event |
    /// | `unreadable_event` | the list has the event without a part that each event has |
    /// | `signature_mismatch`, `other_mode` | the run ended: see [`RecoveryError`](super::RecoveryError) |
    ///
    /// `None` if the status says everything.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Returns the status of the last response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }
}

/// What a replay learned from the app.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) outcome: ReplayOutcome,
    pub(super) reason: Option<Box<str>>,
    pub(super) status: Option<StatusCode>,
}

impl Answer {
    pub(super) fn new(outcome: ReplayOutcome) -> Self {
        Self { outcome, reason: None, status: None }
    }

    pub(super) fn failed(reason: &str) -> Self {
        Self { reason: Some(reason.into()), ..Self::new(ReplayOutcome::Failed) }
    }
}

fn as_cursor<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    Cursor::at(*time).serialize(serializer)
}

fn as_number<S: Serializer>(status: &Option<StatusCode>, serializer: S) -> Result<S::Ok, S::Error> {
    status.map(|status| status.as_u16()).serialize(serializer)
}
