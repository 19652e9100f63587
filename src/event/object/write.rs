//! The encoder of all objects: it writes them in Stripe's shape.
//!
//! Like the decoder, it is compiled once for all structs.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::value::RawValue;

/// A value to be written.
pub(in crate::event) enum View<'a> {
    /// A field that the object does not have.
    Absent,
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(&'a str),
    Object(&'a dyn Views),
    Array(&'a dyn Elements),
    List(&'a dyn ListView),
    Map(&'a dyn Entries),
    Json(&'a RawValue),
}

/// Receives the values of an array.
pub(in crate::event) type EachElement<'a> = dyn FnMut(View<'_>) + 'a;

/// Receives the names and values of an object or a map.
pub(in crate::event) type EachEntry<'a> = dyn FnMut(&str, View<'_>) + 'a;

/// A struct that is written field by field: see [`object!`](super::macros::object).
pub(in crate::event) trait Views {
    fn views(&self, each: &mut EachEntry<'_>);
}

pub(in crate::event) trait Elements {
    fn elements(&self, each: &mut EachElement<'_>);
}

pub(in crate::event) trait Entries {
    fn entries(&self, each: &mut EachEntry<'_>);
}

pub(in crate::event) trait ListView: Elements {
    fn has_more(&self) -> bool;
}

impl View<'_> {
    /// Whether a field that only old API versions have is left out.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Absent | Self::Bool(false) => true,
            Self::Array(array) => is_empty(|found| array.elements(&mut |_| *found = true)),
            Self::List(list) => is_empty(|found| list.elements(&mut |_| *found = true)),
            Self::Map(map) => is_empty(|found| map.entries(&mut |_, _| *found = true)),
            _ => false,
        }
    }
}

fn is_empty(find: impl FnOnce(&mut bool)) -> bool {
    let mut found = false;
    find(&mut found);
    !found
}

/// Writes an object.
pub(super) fn serialize<S: Serializer>(
    object: &dyn Views,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    entries(serializer, &mut |each| object.views(each))
}

impl Serialize for View<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Absent | Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(value),
            Self::Integer(value) => serializer.serialize_i64(value),
            Self::Number(value) => serializer.serialize_f64(value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Object(object) => serialize(object, serializer),
            Self::Array(array) => elements(serializer, &mut |each| array.elements(each)),
            Self::List(list) => entries(serializer, &mut |each| {
                each("object", View::Text("list"));
                each("data", View::Array(&ListElements(list)));
                each("has_more", View::Bool(list.has_more()));
            }),
            Self::Map(map) => entries(serializer, &mut |each| map.entries(each)),
            Self::Json(json) => json.serialize(serializer),
        }
    }
}

struct ListElements<'a>(&'a dyn ListView);

impl Elements for ListElements<'_> {
    fn elements(&self, each: &mut EachElement<'_>) {
        self.0.elements(each);
    }
}

fn elements<S: Serializer>(
    serializer: S,
    for_each: &mut dyn FnMut(&mut EachElement<'_>),
) -> Result<S::Ok, S::Error> {
    let mut seq = serializer.serialize_seq(None)?;
    let mut result = Ok(());
    for_each(&mut |view| {
        if result.is_ok() {
            result = seq.serialize_element(&view);
        }
    });
    result?;
    seq.end()
}

fn entries<S: Serializer>(
    serializer: S,
    for_each: &mut dyn FnMut(&mut EachEntry<'_>),
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    let mut result = Ok(());
    for_each(&mut |name, view| {
        if result.is_ok() && !matches!(view, View::Absent) {
            result = map.serialize_entry(name, &view);
        }
    });
    result?;
    map.end()
}
