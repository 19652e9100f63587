//! Events from a source that is trusted otherwise, and events on their way through a queue.

use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer, ser::Error};
use serde_json::value::RawValue;
use thiserror::Error as ThisError;

use super::{
    Event,
    parse::{EnvelopeError, JsonObject, read_object},
};

impl Event {
    /// Reads an event from JSON **that nobody has verified**: from Stripe's API, or from a queue that the app filled itself with
    /// events that it had verified.
    ///
    /// It is an [`Event`] and never becomes a [`VerifiedEvent`](crate::VerifiedEvent).
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if it is not JSON, or lacks an `id`, a `type`, or a snapshot's `data.object`. Its message names an array of
    /// events as such: split a batch first, and read each event by itself. The same holds for the envelopes below.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::{Event, VerifiedEvent};
    ///
    /// fn enqueue(event: &VerifiedEvent) -> Vec<u8> {
    ///     event.body().to_vec()
    /// }
    ///
    /// fn work(job: Vec<u8>) -> Result<(), tower_stripe_webhook::event::InvalidEvent> {
    ///     let event = Event::unverified_from_json(job)?;
    ///     println!("{}", event.id());
    ///     Ok(())
    /// }
    /// ```
    pub fn unverified_from_json(json: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        Self::parse(json.into()).map_err(InvalidEvent)
    }

    /// Reads an event out of an Amazon EventBridge envelope, where it is the `detail`. **Nothing is verified here**: whoever
    /// can call the target can forge an event.
    ///
    /// See <https://docs.stripe.com/event-destinations/eventbridge>.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if there is no `detail`, or it is not an event.
    pub fn unverified_from_event_bridge(envelope: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            detail: Option<&'a RawValue>,
        }

        let envelope = envelope.into();
        let detail = read::<Envelope<'_>>(&envelope)?.detail;
        nested(&envelope, detail, "it has no `detail`")
    }

    /// Reads an event out of an Azure Event Grid envelope (CloudEvents: `specversion` and `data`), where it is the `data`.
    /// **Nothing is verified here**: whoever can call the handler can forge an event.
    ///
    /// See <https://docs.stripe.com/event-destinations/eventgrid>.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if there is no `specversion` or `data`, or the `data` is not an event.
    pub fn unverified_from_event_grid(envelope: impl Into<Bytes>) -> Result<Self, InvalidEvent> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            specversion: Option<&'a RawValue>,
            #[serde(borrow)]
            data: Option<&'a RawValue>,
        }

        let envelope = envelope.into();
        let Envelope { specversion, data } = read(&envelope)?;
        nested(&envelope, specversion.and(data), "it has no `specversion` and `data`")
    }
}

fn read<'a, T: Deserialize<'a>>(envelope: &'a Bytes) -> Result<T, InvalidEvent> {
    let text = std::str::from_utf8(envelope).map_err(|error| InvalidEvent(EnvelopeError::NotUtf8(error)))?;
    let JsonObject(fields) = read_object(text).map_err(InvalidEvent)?;
    Ok(fields)
}

/// The event shares the envelope's bytes.
fn nested(envelope: &Bytes, event: Option<&RawValue>, missing: &'static str) -> Result<Event, InvalidEvent> {
    let event = event.ok_or(InvalidEvent(EnvelopeError::NotAnEvent(missing)))?;
    Event::unverified_from_json(envelope.slice_ref(event.get().as_bytes()))
}

/// The event's JSON as it came, for a queue or a log. White space around it is left out; [`Event::body`] has every byte.
///
/// Only for JSON: `serde_json` passes the text through unchanged. For other formats, store [`Event::body`].
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_slice::<&RawValue>(self.body()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Bytes that are not an event.
#[derive(Debug, ThisError)]
#[error(transparent)]
pub struct InvalidEvent(EnvelopeError);
