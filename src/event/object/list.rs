//! Lists of objects in a parent object.

use std::{fmt, ops::Deref};

use super::{
    Expandable,
    lenient::{ArraySlot, Element, ListSlot, Slot, Slots, Stored},
    read::MAX_ELEMENTS,
    write::{EachElement, Elements, ListView, View},
};

/// A list object: the objects in the event, as a slice.
///
/// An event holds about the first ten. If [`has_more`](Self::has_more) returns `true`, fetch the
/// others from Stripe's API. If an event holds more than 1000 objects, the first 1000 are read, and
/// `has_more` returns `true`.
#[derive(Clone, PartialEq)]
pub struct List<T> {
    data: Vec<T>,
    has_more: bool,
    /// Whether elements were dropped because there were too many.
    is_cut: bool,
    /// While a list object is read: the name and the length of each array in it.
    parts: Vec<(&'static str, usize)>,
}

impl<T> List<T> {
    /// Returns whether Stripe has more objects than this list.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.has_more || self.is_cut
    }

    pub(super) fn from_one(object: T) -> Self {
        Self { data: vec![object], ..Self::default() }
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List")
            .field("data", &self.data)
            .field("has_more", &self.has_more())
            .finish()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self { data: Vec::new(), has_more: false, is_cut: false, parts: Vec::new() }
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

impl<T: Element + Listed> Stored for List<T> {
    #[inline]
    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

/// A list object, or an array, which some lists were until 2014.
impl<T: Element + Listed> ListSlot for List<T> {
    fn clear(&mut self) {
        *self = Self::default();
    }

    fn open_array(&mut self) -> &mut dyn ArraySlot {
        self
    }

    fn open_object(&mut self) -> &mut dyn Slots {
        self
    }
}

impl<T: Element + Listed> Element for List<T> {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::List(element)
    }

    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: Element + Listed> ListSlot for Option<List<T>> {
    fn clear(&mut self) {
        *self = None;
    }

    fn open_array(&mut self) -> &mut dyn ArraySlot {
        self.insert(List::default()).open_array()
    }

    fn open_object(&mut self) -> &mut dyn Slots {
        self.insert(List::default())
    }
}

impl<T: Element + Listed> Slots for List<T> {
    fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
        if name == "has_more" {
            return Some(Slot::Flag(&mut self.has_more));
        }
        let parts = ["data", "invoiceitems", "prorations", "subscriptions"];
        self.start_part(parts.into_iter().find(|part| *part == name)?);
        Some(Slot::Array(self))
    }

    fn unify(&mut self) {
        self.parts = Vec::new();
        self.is_cut |= self.data.len() > MAX_ELEMENTS;
        self.data.truncate(MAX_ELEMENTS);
    }
}

impl<T> List<T> {
    /// Starts an array. It replaces an earlier one of its name.
    fn start_part(&mut self, name: &'static str) {
        let mut start = 0;
        if let Some(index) = self.parts.iter().position(|(part, _)| *part == name) {
            start += self.parts[..index].iter().map(|(_, len)| len).sum::<usize>();
            let (_, len) = self.parts.remove(index);
            self.data.drain(start..start + len);
        }
        self.parts.push((name, 0));
    }
}

/// The elements go to the last part of a list object.
impl<T: Element + Listed> ArraySlot for List<T> {
    /// A new part is empty.
    fn clear(&mut self) {}

    fn limit(&mut self) {
        self.is_cut = true;
    }

    fn read_element(&mut self, read: &mut dyn FnMut(Slot<'_>)) {
        let mut element = None;
        read(T::slot(&mut element));
        let Some(mut element) = element else { return };
        if let Some((part, len)) = self.parts.last_mut() {
            element.set_list_name(part);
            *len += 1;
        }
        self.data.push(element);
    }

    fn len(&self) -> usize {
        self.parts.last().map_or(self.data.len(), |(_, len)| *len)
    }
}

impl<T: Element> Elements for List<T> {
    fn elements(&self, each: &mut EachElement<'_>) {
        self.data.elements(each);
    }
}

impl<T: Element> ListView for List<T> {
    fn has_more(&self) -> bool {
        self.has_more()
    }
}
