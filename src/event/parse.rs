//! Parsing of the envelope: step 7 of request processing.
//!
//! Only an id, a type and a snapshot event's object are required. Any other field that is missing
//! or has an unexpected form is treated as absent: Stripe adds and changes fields, and rejecting an
//! event for one of them would lose the event.

use std::{
    borrow::Cow,
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;
use thiserror::Error;

use super::{
    Event, EventKind, EventReason, EventRequest, EventType, Mode, characters::replace_unstorable,
    envelope::Envelope, json_object::JsonObject, test_webhook::is_placeholder,
};

/// The reason why a body is not an event.
#[derive(Debug, Error)]
pub(crate) enum EnvelopeError {
    #[error("not valid UTF-8")]
    NotUtf8(#[source] std::str::Utf8Error),
    #[error("not valid JSON")]
    NotJson(#[source] serde_json::Error),
    #[error("not an event: {0}")]
    NotAnEvent(&'static str),
}

impl Event {
    /// Parses an event from its body and keeps the body.
    pub(crate) fn parse(body: Bytes) -> Result<Self, EnvelopeError> {
        let json = replace_unstorable(&body);
        let text = std::str::from_utf8(&json).map_err(EnvelopeError::NotUtf8)?;
        let envelope = match read_object::<Fields<'_, JsonObject<Data<'_>>>>(text) {
            Ok(JsonObject(mut fields)) => {
                let data = fields.data.take().map(|JsonObject(data)| data);
                fields.into_envelope(data, &json, body)
            }
            // `data` may have an unexpected form, which only a snapshot event is rejected for.
            Err(EnvelopeError::NotAnEvent(_)) => {
                let JsonObject(fields) = read_object::<Fields<'_, IgnoredAny>>(text)?;
                fields.into_envelope(None, &json, body)
            }
            Err(error) => Err(error),
        };
        envelope.map(Self::from)
    }
}

/// The fields of both kinds of event, not decoded yet.
#[derive(Deserialize)]
struct Fields<'a, D> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    created: Option<&'a RawValue>,
    #[serde(borrow)]
    livemode: Option<&'a RawValue>,
    #[serde(borrow)]
    api_version: Option<&'a RawValue>,
    #[serde(borrow)]
    account: Option<&'a RawValue>,
    /// The account of a Connect event before 2017-05-25.
    #[serde(borrow)]
    user_id: Option<&'a RawValue>,
    #[serde(borrow)]
    context: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    reason: Option<&'a RawValue>,
    #[serde(borrow)]
    related_object: Option<&'a RawValue>,
    #[serde(borrow)]
    snapshot_event: Option<&'a RawValue>,
    #[serde(borrow)]
    changes: Option<&'a RawValue>,
    data: Option<D>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow)]
    previous_attributes: Option<&'a RawValue>,
}

/// The `changes` of a thin event.
#[derive(Deserialize)]
struct Changes<'a> {
    #[serde(borrow)]
    before: Option<&'a RawValue>,
    #[serde(borrow)]
    after: Option<&'a RawValue>,
}

impl<D> Fields<'_, D> {
    /// `json` is the text that the fields borrow from: `body`, with unstorable characters replaced.
    fn into_envelope(
        self,
        data: Option<Data<'_>>,
        json: &Bytes,
        body: Bytes,
    ) -> Result<Envelope, EnvelopeError> {
        // Read from the body: the replacement could make two ids equal, and the second event would
        // count as a duplicate.
        let event_id = |raw: Option<&RawValue>| {
            serde_json::from_slice::<String>(part_of_body(raw?, json, &body)?)
                .ok()
                .filter(|id| !id.is_empty())
        };
        let id = event_id(self.id).ok_or(EnvelopeError::NotAnEvent("it has no `id`"))?;
        let raw_type = text(self.event_type)
            .filter(|name| !name.is_empty())
            .ok_or(EnvelopeError::NotAnEvent("it has no `type`"))?;
        let event_type = EventType::from(&*raw_type);
        let kind = match text(self.object) {
            Some(object) if object.starts_with("v2.") => EventKind::Thin,
            _ => EventKind::Snapshot,
        };

        let json_object = |raw: Option<&RawValue>| {
            raw.filter(|raw| raw.get().starts_with('{'))
                .map(|raw| json.slice_ref(raw.get().as_bytes()))
        };
        let (object, before, after) = match (kind, data) {
            (EventKind::Snapshot, Some(data)) => {
                (json_object(data.object), json_object(data.previous_attributes), None)
            }
            (EventKind::Snapshot, None) => (None, None, None),
            (EventKind::Thin, _) => {
                let changes = decode_object::<Changes<'_>>(self.changes);
                let (before, after) = changes.map_or((None, None), |it| (it.before, it.after));
                (None, json_object(before), json_object(after))
            }
        };
        if kind == EventKind::Snapshot && object.is_none() {
            return Err(EnvelopeError::NotAnEvent("it has no `data.object`"));
        }

        Ok(Envelope {
            id: id.into(),
            has_thin_name: event_type.as_str() != raw_type,
            event_type,
            kind,
            created: self.created.and_then(time),
            mode: decode(self.livemode).map(Mode::from_livemode),
            api_version: text(self.api_version).map(Box::from),
            account: text(self.account).or_else(|| text(self.user_id)).map(Box::from),
            context: text(self.context).map(Box::from),
            request: request(self.request),
            reason: reason(self.reason),
            related_object: decode(self.related_object),
            snapshot_event: event_id(self.snapshot_event)
                .filter(|id| kind == EventKind::Thin && !is_placeholder(id))
                .map(Box::from),
            object,
            before,
            after,
            body,
            test_webhook_key: OnceLock::new(),
        })
    }
}

/// The bytes of the body at the position of `raw` in `json`. Replacing characters keeps all
/// positions.
fn part_of_body<'a>(raw: &RawValue, json: &Bytes, body: &'a Bytes) -> Option<&'a [u8]> {
    let start = raw.get().as_ptr().addr().checked_sub(json.as_ptr().addr())?;
    body.get(start..start.checked_add(raw.get().len())?)
}

/// Reads a JSON object. The error distinguishes invalid JSON from JSON of another form.
pub(super) fn read_object<'a, T: Deserialize<'a>>(
    text: &'a str,
) -> Result<JsonObject<T>, EnvelopeError> {
    serde_json::from_str(text).map_err(|_| match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) if is_array_of_objects(text) => EnvelopeError::NotAnEvent(
            "it is an array of events, such as a CloudEvents batch: split the batch, and handle each event by itself",
        ),
        Ok(_) => EnvelopeError::NotAnEvent("it does not have an event's form"),
        Err(error) => EnvelopeError::NotJson(error),
    })
}

/// Whether valid JSON is an array whose first element is an object.
fn is_array_of_objects(json: &str) -> bool {
    let elements = json.trim_start().strip_prefix('[');
    elements.is_some_and(|elements| elements.trim_start().starts_with('{'))
}

fn decode<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// [`decode`] for a struct, which must be a JSON object.
fn decode_object<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    decode(raw).map(|JsonObject(fields)| fields)
}

fn text(raw: Option<&RawValue>) -> Option<Cow<'_, str>> {
    /// A bare `Cow` is always deserialized as owned.
    #[derive(Deserialize)]
    struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

    decode(raw).map(|Text(text)| text)
}

/// Reads a time: Unix seconds, or RFC 3339 in UTC.
fn time(raw: &RawValue) -> Option<SystemTime> {
    match decode::<u64>(Some(raw)) {
        Some(seconds) => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)),
        None => humantime::parse_rfc3339(&text(Some(raw))?).ok(),
    }
}

/// Reads the `request`: an id until 2017-05-25, an object since.
fn request(raw: Option<&RawValue>) -> Option<EventRequest> {
    #[derive(Deserialize)]
    struct Request {
        id: Option<String>,
        idempotency_key: Option<String>,
    }

    if let Some(id) = text(raw) {
        return Some(EventRequest { id: Some(id.into_owned()), idempotency_key: None });
    }
    let Request { id, idempotency_key } = decode_object(raw)?;
    Some(EventRequest { id, idempotency_key })
}

fn reason(raw: Option<&RawValue>) -> Option<EventReason> {
    #[derive(Deserialize)]
    struct Reason<'a> {
        #[serde(borrow, rename = "type")]
        reason_type: Option<&'a RawValue>,
        #[serde(borrow)]
        request: Option<&'a RawValue>,
    }

    let reason: Reason<'_> = decode_object(raw)?;
    Some(EventReason {
        reason_type: text(reason.reason_type).map(Cow::into_owned),
        request: request(reason.request),
    })
}
