//! Decoding a part of an event, and why it could not be decoded.

use serde::Deserialize;
use serde_path_to_error::{Path, Segment};
use thiserror::Error;

use super::Event;
use crate::printable::printable;

/// An event's object is not as the type asked for.
///
/// It says what was expected and where, and never the value that was found, which may be a person's: not even if an error of a type of yours
/// quotes it, of which it says only that the value does not fit.
///
/// The event itself was verified: what to do now is the app's to say. Answering with an error status makes Stripe deliver
/// the event again, which helps once the app was mended.
#[derive(Debug, Error)]
#[error("event {} ({}): {path}: {problem}", printable(event_id), printable(event_type))]
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
        Self { event_id: event.id().to_owned(), event_type: event.event_type().as_str().to_owned(), path, problem }
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
    ///
    /// A name that is no identifier, such as an email address as the key of a map, is shown as `?`.
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
            let path = path_without_names(part, error.path());
            DecodeError::new(event, path, without_value(&error.into_inner()))
        })
    })
}

/// The path, without the names that may be a person's: those of a map's entries are the sender's, and nothing tells them from the names of
/// fields, which have letters, digits and underscores only.
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

/// What was expected, without what was found instead: that may be somebody's name, and errors end up in logs. Without the position,
/// too, which counts within the part.
///
/// Only serde's own messages are known to tell the two apart. Any other is of a type of the app's, and may quote the value.
fn without_value(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message.strip_suffix(&position).unwrap_or(&message);
    // Broken JSON, such as a number out of range: `serde_json` says no more.
    if !error.is_data() {
        return message.to_owned();
    }
    problem(message).unwrap_or_else(|| "the value does not fit the type".to_owned())
}

/// One of serde's messages, from `serde::de::Error`, without the value that was found. `None` for other messages.
fn problem(message: &str) -> Option<String> {
    for prefix in ["missing field", "duplicate field"] {
        let name = message.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(" `")?.strip_suffix('`'));
        if let Some(name) = name {
            return is_identifier(name).then(|| format!("{prefix} `{name}`"));
        }
    }
    // The value comes first, and may have the same words.
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

/// What serde calls the forms of JSON (`serde::de::Unexpected`), with `null` as `serde_json` has it.
const FORMS: [&str; 7] = ["boolean", "integer", "floating point", "string", "null", "sequence", "map"];

/// Whether the form is all that was found, or the value follows in quotes.
fn is_of_form(found: &str, form: &str) -> bool {
    found.strip_prefix(form).is_some_and(|rest| [", ", " `", " \""].iter().any(|next| rest.starts_with(next)))
}
