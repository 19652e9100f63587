//! A list of objects inside another object.

use std::ops::Deref;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::{
    Expandable,
    lenient::{FieldName, Lenient, Maybe},
};

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

/// A type that occurs in lists.
pub(super) trait Listed {
    /// Takes over what only the name of the list says: until 2012-10-26 an invoice had three lists of lines.
    fn take_over(&mut self, _list: &str) {}
}

impl<T> Listed for Expandable<T> {}

/// A list object, or the bare array that some lists were until 2014.
impl<T: Lenient + Listed> Lenient for List<T> {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut list = Self::default();
        while let Some(name) = map.next_key::<FieldName<'de>>()? {
            match name.as_str() {
                "has_more" => list.has_more = map.next_value::<Maybe<_>>()?.0.unwrap_or_default(),
                name @ ("data" | "invoiceitems" | "prorations" | "subscriptions") => {
                    let mut data = map.next_value::<Maybe<Vec<T>>>()?.0.unwrap_or_default();
                    data.iter_mut().for_each(|element| element.take_over(name));
                    list.data.append(&mut data);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Some(list))
    }

    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        Ok(Vec::from_seq(seq)?.map(|data| Self { data, has_more: false }))
    }
}
