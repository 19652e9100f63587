//! Events from other trusted sources, such as a queue or Amazon EventBridge.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::{
    Event,
    json_object::JsonObject,
    parse::{EnvelopeError, read_object},
};

impl Event {
    /// Parses an event from JSON **without verifying a signature**.
    ///
    /// Use it for events of Stripe's API, and for events that the app verified before it put them
    /// into a queue. An [`Event`] is also `Deserialize`, for a struct that contains one.
    ///
    /// The result is an [`Event`], which cannot become a [`VerifiedEvent`](crate::VerifiedEvent).
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if `json` is not JSON, or has no `id`, no `type`, or, for a snapshot event,
    /// no `data.object`. An array of events is an error, too: split a batch and parse each event.
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

    /// Parses the event in the `detail` of an Amazon EventBridge envelope.
    ///
    /// **No signature is verified**: any caller of the target can forge an event.
    ///
    /// See <https://docs.stripe.com/event-destinations/eventbridge>.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if there is no `detail`, or if it is not an event. A batch of envelopes is
    /// an error, too.
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

    /// Parses the event in the `data` of an Azure Event Grid envelope (CloudEvents).
    ///
    /// **No signature is verified**: any caller of the handler can forge an event.
    ///
    /// See <https://docs.stripe.com/event-destinations/eventgrid>.
    ///
    /// # Errors
    ///
    /// [`InvalidEvent`] if there is no `specversion` or no `data`, or if the `data` is not an
    /// event. A batch of envelopes is an error, too.
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
    let text = std::str::from_utf8(envelope)
        .map_err(|error| InvalidEvent(EnvelopeError::NotUtf8(error)))?;
    let JsonObject(fields) = read_object(text).map_err(InvalidEvent)?;
    Ok(fields)
}

/// Parses the event inside an envelope. It shares the bytes of the envelope.
fn nested(
    envelope: &Bytes,
    event: Option<&RawValue>,
    missing: &'static str,
) -> Result<Event, InvalidEvent> {
    let event = event.ok_or(InvalidEvent(EnvelopeError::NotAnEvent(missing)))?;
    Event::unverified_from_json(envelope.slice_ref(event.get().as_bytes()))
}

/// The error for bytes that are not an event.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct InvalidEvent(EnvelopeError);
