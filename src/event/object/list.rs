//! A list of objects inside another object.

use std::ops::Deref;

use serde::{
    Deserialize,
    de::{IgnoredAny, MapAccess, SeqAccess},
};

use super::lenient::{Lenient, Maybe};

/// The objects that another object has inside: a slice, and whether there are more at Stripe.
///
/// An event holds the first ten or so. If [`has_more`](Self::has_more) is set, the rest has to be fetched.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct List<T> {
    /// The objects in the event.
    pub data: Vec<T>,
    /// Whether Stripe has more than are in the event.
    pub has_more: bool,
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

/// A list object, or the bare array that some lists were until 2014.
impl<T: Lenient> Lenient for List<T> {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut list = Self::default();
        while let Some(key) = map.next_key()? {
            match key {
                Key::Data => list.data.extend(map.next_value::<Maybe<Vec<_>>>()?.0.unwrap_or_default()),
                Key::HasMore => list.has_more = map.next_value::<Maybe<_>>()?.0.unwrap_or_default(),
                Key::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(list))
    }

    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        Ok(Vec::from_seq(seq)?.map(|data| Self { data, has_more: false }))
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Key {
    // The others are what an invoice's lines were in 2012.
    #[serde(alias = "invoiceitems", alias = "prorations", alias = "subscriptions")]
    Data,
    HasMore,
    #[serde(other)]
    Other,
}
