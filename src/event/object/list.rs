//! Lists of objects in a parent object.

use std::ops::Deref;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::{
    Expandable,
    bounded::{Elements, MAX_ELEMENTS, elements},
    lenient::{FieldName, Lenient, Maybe},
};

/// A list object: the objects in the event, as a slice.
///
/// An event holds about the first ten. If [`has_more`](Self::has_more) returns `true`, fetch the
/// others from Stripe's API. If an event holds more than 1000 objects, the first 1000 are read, and
/// `has_more` returns `true`.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    data: Vec<T>,
    has_more: bool,
}

impl<T> List<T> {
    /// Returns whether Stripe has more objects than this list.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more
    }

    pub(super) fn from_one(object: T) -> Self {
        Self { data: vec![object], has_more: false }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new(), has_more: false }
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.data
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.data.iter()
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.data.into_iter()
    }
}

/// An element of lists.
pub(super) trait Listed {
    /// Sets the values that follow from the name of the list.
    ///
    /// Until 2012-10-26 an invoice had three lists of lines.
    fn set_list_name(&mut self, _list: &str) {}
}

impl<T> Listed for Expandable<T> {}

/// A list object, or an array, which some lists were until 2014.
impl<T: Lenient + Listed> Lenient for List<T> {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut has_more = false;
        // In the order of the JSON. If a name occurs twice, the last value replaces the first.
        let mut parts: Vec<(FieldName<'de>, Option<Elements<T>>)> = Vec::new();
        while let Some(name) = map.next_key::<FieldName<'de>>()? {
            match name.as_str() {
                "has_more" => has_more = map.next_value::<Maybe<_>>()?.0.unwrap_or_default(),
                "data" | "invoiceitems" | "prorations" | "subscriptions" => {
                    parts.retain(|(other, _)| other.as_str() != name.as_str());
                    parts.push((name, map.next_value::<Maybe<_>>()?.0));
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let mut list = Self { data: Vec::new(), has_more };
        for (name, elements) in parts {
            let Some(Elements(mut data, is_cut)) = elements else { continue };
            data.iter_mut().for_each(|element| element.set_list_name(name.as_str()));
            list.data.append(&mut data);
            list.has_more |= is_cut || list.data.len() > MAX_ELEMENTS;
            list.data.truncate(MAX_ELEMENTS);
        }
        Ok(Some(list))
    }

    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        elements(seq).map(|(data, has_more)| Some(Self { data, has_more }))
    }
}
