//! Decoding a part of an event, and why it could not be decoded.

use serde::Deserialize;
use thiserror::Error;

use super::Event;

/// An event's object is not as the type asked for.
///
/// The event itself was verified: what to do now is the app's to say. Answering with an error status makes Stripe deliver
/// the event again, which helps once the app was mended.
#[derive(Debug, Error)]
#[error("event {event_id} ({event_type}): {path}: {problem}")]
pub struct DecodeError {
    event_id: String,
    event_type: String,
    path: String,
    problem: String,
}

impl DecodeError {
    pub(super) fn no_object(event: &Event) -> Self {
        let problem = "a thin event carries no object: fetch the URL of its related object";
        Self::new(event, "data.object".into(), problem.into())
    }

    fn new(event: &Event, path: String, problem: String) -> Self {
        Self { event_id: event.id().to_owned(), event_type: event.event_type().to_string(), path, problem }
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

    /// Where in the event it is, such as `data.object.items.data[0].quantity`: the field, or the object that lacks one.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// Decodes one part of an event. The path to a mistake is found in a second go, so that events without one do not pay for it.
pub(super) fn decode<'de, T: Deserialize<'de>>(
    event: &'de Event,
    part: &'static str,
    json: &'de [u8],
) -> Result<T, DecodeError> {
    serde_json::from_slice(json).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = match error.path().iter().next() {
                Some(_) => format!("{part}.{}", error.path()),
                None => part.to_owned(),
            };
            DecodeError::new(event, path, without_value(&error.into_inner()))
        })
    })
}

/// What was expected, without what was found instead: that may be somebody's name, and errors end up in logs. Without the position,
/// too, which counts within the part.
fn without_value(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    let expected = message.rfind(", expected ").filter(|_| message.starts_with("invalid "));
    match expected.zip(message.find(['"', '`'])) {
        Some((expected, value)) if value < expected => {
            format!("{}{}", message[..value].trim_end(), &message[expected..])
        }
        _ => message.to_owned(),
    }
}
