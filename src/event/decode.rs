//! Decoding of a part of an event, and the error if it fails.

use serde::{Deserialize, de::DeserializeSeed};
use serde_path_to_error::{Path, Segment};
use thiserror::Error;

use super::{
    EventType,
    object::{
        Named, OtherObject,
        lenient::{Slot, Slots},
        read::ReadObject,
    },
};
use crate::printable::printable;

/// The error for an event whose object does not have the form that a type requires.
///
/// The message has the path and the expected form, but never the value, which may be personal data.
/// If the error comes from a `Deserialize` implementation of your own, which may quote the value,
/// the message only says that the value does not fit the type.
///
/// The event itself was verified, so your app decides on the response. An error status makes Stripe
/// deliver the event again, which helps if you fix the app in the meantime.
#[derive(Debug, Error)]
#[error("event {} ({}): {path}: {message}", printable(event_id), printable(event_type))]
pub struct DecodeError {
    event_id: String,
    event_type: String,
    path: String,
    message: String,
}

impl DecodeError {
    /// The error for a thin event whose object was not fetched.
    pub(super) fn no_object(event: EventName<'_>, has_related_object: bool) -> Self {
        let message = if has_related_object {
            "a thin event has no object: fetch it with `FetchLayer` or `Event::fetch` of the module `api`"
        } else {
            "a thin event has no object, and this one has no related object to fetch"
        };
        Self::new(event, "data.object".into(), message.into())
    }

    fn new(event: EventName<'_>, path: String, message: String) -> Self {
        Self {
            event_id: event.id.to_owned(),
            event_type: event.event_type.as_str().to_owned(),
            path,
            message,
        }
    }

    /// Returns the id of the event.
    #[must_use]
    pub fn event_id(&self) -> &str {
        &self.event_id
    }

    /// Returns the type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.event_type
    }

    /// Returns the path of the invalid field, or of the object that lacks a field.
    ///
    /// For example `data.object.items.data[0].quantity`. A name that is not an identifier, such
    /// as a map key that is an email address, is shown as `?`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

/// The id and type of an event, for error messages.
#[derive(Clone, Copy)]
pub(super) struct EventName<'a> {
    pub(super) id: &'a str,
    pub(super) event_type: &'a EventType,
}

/// Decodes one part of an event. Only if that fails is it decoded again with `serde_path_to_error`,
/// which is slower.
pub(super) fn decode<'de, T: Deserialize<'de>>(
    event: EventName<'_>,
    part: &'static str,
    json: &'de [u8],
) -> Result<T, DecodeError> {
    serde_json::from_slice(json).or_else(|_| {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            let path = path_without_names(part, error.path());
            DecodeError::new(event, path, without_value(&error.into_inner()))
        })
    })
}

/// Decodes an object. `None` if its `object` field names another type.
pub(super) fn decode_if_named<T: Named>(
    event: EventName<'_>,
    part: &'static str,
    json: &[u8],
) -> Result<Option<T>, DecodeError> {
    let mut object = T::blank();
    let is_named = |name: &str| T::NAMES.contains(&name);
    match read_named(event, part, json, &mut object) {
        Ok(name) => {
            let name = name.as_deref().or(object.own_name());
            Ok(name.is_none_or(is_named).then_some(object))
        }
        Err(_) if name_of(json).is_some_and(|name| !is_named(&name)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The value of the field `object`.
fn name_of(json: &[u8]) -> Option<String> {
    Some(serde_json::from_slice::<OtherObject>(json).ok()?.object()?.to_owned())
}

/// An object with the name of its type.
struct NamedSlots<'a> {
    object: &'a mut dyn Slots,
    name: Option<String>,
}

impl Slots for NamedSlots<'_> {
    fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
        match self.object.slot(name) {
            None if name == "object" => Some(Slot::Text(&mut self.name)),
            slot => slot,
        }
    }

    fn required(&self) -> &'static [&'static str] {
        self.object.required()
    }

    fn unify(&mut self) {
        self.object.unify();
    }
}

/// Reads an object. The result is the value of its field `object`, if it has no slot for it.
///
/// Not generic over the object, so that it is compiled once.
fn read_named(
    event: EventName<'_>,
    part: &'static str,
    json: &[u8],
    object: &mut dyn Slots,
) -> Result<Option<String>, DecodeError> {
    let mut named = NamedSlots { object, name: None };
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    if ReadObject(&mut named).deserialize(&mut deserializer).is_ok() {
        return Ok(named.name);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let mut track = serde_path_to_error::Track::new();
    let traced = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    match ReadObject(&mut named).deserialize(traced) {
        Ok(()) => Ok(named.name),
        Err(error) => {
            let path = path_without_names(part, &track.path());
            Err(DecodeError::new(event, path, without_value(&error)))
        }
    }
}

/// Formats the path without names that may be personal data. Map keys are chosen by the sender;
/// field names consist of letters, digits and underscores, so any other name is a map key.
fn path_without_names(part: &str, path: &Path) -> String {
    let mut text = part.to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } if is_identifier(name) => {
                text.push('.');
                text.push_str(name);
            }
            Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => text.push_str(".?"),
        }
    }
    text
}

fn is_identifier(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns the message without the value and the position.
///
/// The value may be personal data and must not reach the logs. The position is relative to the
/// part.
///
/// Only the format of serde's own messages is known. Any other message comes from a type of the app
/// and may quote the value.
fn without_value(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    // Invalid JSON, such as a number out of range. The message has no value.
    if !error.is_data() {
        return message.to_owned();
    }
    standard_message(message).unwrap_or_else(|| "the value does not fit the type".to_owned())
}

/// Returns a message of `serde::de::Error` without the value that was found.
///
/// `None` for any other message.
fn standard_message(message: &str) -> Option<String> {
    for prefix in ["missing field", "duplicate field"] {
        let name = message
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix(" `")?.strip_suffix('`'));
        if let Some(name) = name {
            return is_identifier(name).then(|| format!("{prefix} `{name}`"));
        }
    }
    // The last occurrence, because the value comes before it and may contain the same words.
    let expected = message.rfind(", expected ").map(|start| &message[start..]);
    for (prefix, none_expected) in
        [("unknown variant", ", there are no variants"), ("unknown field", ", there are no fields")]
    {
        if message.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(" `")) {
            let none_expected = message.ends_with(none_expected).then_some(none_expected);
            return Some(format!("{prefix}{}", none_expected.or(expected)?));
        }
    }
    for prefix in ["invalid type", "invalid value"] {
        if let Some(found) = message.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(": ")) {
            let form = FORMS.iter().find(|form| is_of_form(found, form));
            let form = form.map_or_else(String::new, |form| format!(": {form}"));
            return Some(format!("{prefix}{form}{}", expected?));
        }
    }
    let (length, _) = message.strip_prefix("invalid length ")?.split_once(',')?;
    length.bytes().all(|byte| byte.is_ascii_digit()).then_some(())?;
    Some(format!("invalid length {length}{}", expected?))
}

/// The names of the JSON types in serde's messages (`serde::de::Unexpected`), and `null` as
/// `serde_json` writes it.
const FORMS: [&str; 7] =
    ["boolean", "integer", "floating point", "string", "null", "sequence", "map"];

/// Returns whether `found` starts with the form, with or without a quoted value after it.
fn is_of_form(found: &str, form: &str) -> bool {
    found
        .strip_prefix(form)
        .is_some_and(|rest| [", ", " `", " \""].iter().any(|next| rest.starts_with(next)))
}
