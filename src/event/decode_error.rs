//! Why an event's object could not be decoded.

use thiserror::Error;

use super::Event;

/// An event's object is not as the type asked for.
///
/// The event itself was verified: what to do now is the app's to say. Answering with an error status makes Stripe deliver
/// the event again, which helps once the app was mended.
#[derive(Debug, Error)]
#[error("event {event_id} ({event_type}): {problem}")]
pub struct DecodeError {
    event_id: String,
    event_type: String,
    problem: &'static str,
    source: Option<serde_json::Error>,
}

impl DecodeError {
    pub(super) fn no_object(event: &Event) -> Self {
        Self::new(event, "a thin event carries no object: fetch the URL of its related object", None)
    }

    pub(super) fn json(event: &Event, problem: &'static str, source: serde_json::Error) -> Self {
        Self::new(event, problem, Some(source))
    }

    fn new(event: &Event, problem: &'static str, source: Option<serde_json::Error>) -> Self {
        Self { event_id: event.id().to_owned(), event_type: event.event_type().to_string(), problem, source }
    }

    /// The id of the event.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// The type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }
}
