//! Lenient decoding: a field of an unknown form is treated as absent.
//!
//! Over the years Stripe has turned ids into objects, arrays into list objects and objects into
//! strings. Such a change of one field must not make the whole event undecodable.
//!
//! A struct maps the names of its fields to [`Slot`]s: the places of the values. One decoder, in
//! [`read`](super::read), reads JSON into them. It is compiled once for all structs; a decoder that
//! is generic over the struct takes about 10 kB of code for each.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::write::{EachElement, EachEntry, Elements, Entries as EntriesView, View, Views};

/// The place of a value, by the form of JSON that it accepts.
pub(in crate::event) enum Slot<'a> {
    Flag(&'a mut bool),
    Bool(&'a mut Option<bool>),
    Integer(&'a mut Option<i64>),
    Number(&'a mut Option<f64>),
    Text(&'a mut Option<String>),
    /// An open enum.
    Value(&'a mut dyn ValueSlot),
    Object(&'a mut dyn ObjectSlot),
    Array(&'a mut dyn ArraySlot),
    /// A list object or an array.
    List(&'a mut dyn ListSlot),
    Map(&'a mut dyn MapSlot),
    /// Any form.
    Json(&'a mut dyn JsonSlot),
    /// Another form than that of the inner slot is an error.
    Required(&'a mut dyn RequiredSlot),
}

impl Slot<'_> {
    /// Sets the default, so that the last value counts if a name occurs more than once.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Flag(slot) => **slot = false,
            Self::Bool(slot) => **slot = None,
            Self::Integer(slot) => **slot = None,
            Self::Number(slot) => **slot = None,
            Self::Text(slot) => **slot = None,
            Self::Value(slot) => slot.set(None),
            Self::Object(slot) => slot.clear(),
            Self::Array(slot) => slot.clear(),
            Self::List(slot) => slot.clear(),
            Self::Map(slot) => slot.clear(),
            Self::Json(slot) => slot.set(None),
            Self::Required(_) => {}
        }
    }
}

/// A struct that is read field by field: see [`object!`](super::macros::object).
pub(in crate::event) trait Slots {
    /// The slot of the field with this JSON name.
    fn slot(&mut self, name: &str) -> Option<Slot<'_>>;

    /// The names of the required fields. At most 32.
    fn required(&self) -> &'static [&'static str] {
        &[]
    }

    /// Moves the values of old API versions to where newer versions have them.
    fn unify(&mut self) {}
}

/// The slot of an open enum.
pub(in crate::event) trait ValueSlot {
    fn set(&mut self, text: Option<&str>);
}

/// The slot of a nested object.
pub(in crate::event) trait ObjectSlot {
    fn clear(&mut self);

    /// A new object, to be read in place.
    fn open(&mut self) -> &mut dyn Slots;
}

/// The slot of an array.
pub(in crate::event) trait ArraySlot {
    fn clear(&mut self);

    /// Called if there are more elements than the limit, of which the slot has the first ones.
    fn limit(&mut self);

    /// Offers a slot for one element to `read`, and keeps the element if it has a known form.
    fn read_element(&mut self, read: &mut dyn FnMut(Slot<'_>));

    fn len(&self) -> usize;
}

/// The slot of a list object, or of an array, which some lists were until 2014.
pub(in crate::event) trait ListSlot {
    fn clear(&mut self);

    fn open_array(&mut self) -> &mut dyn ArraySlot;

    fn open_object(&mut self) -> &mut dyn Slots;
}

/// The slot of a map.
pub(in crate::event) trait MapSlot {
    fn clear(&mut self);

    fn open(&mut self) -> &mut dyn Entries;
}

/// A map that is being read.
pub(in crate::event) trait Entries {
    /// Offers a slot for the value of `key` to `read`, and keeps the value if it has a known form.
    fn read_value(&mut self, key: String, read: &mut dyn FnMut(Slot<'_>));

    fn len(&self) -> usize;
}

/// A slot that decides on its own which forms it knows.
pub(in crate::event) trait JsonSlot {
    fn set(&mut self, json: Option<Box<RawValue>>);
}

/// The slot of a required field.
pub(in crate::event) trait RequiredSlot {
    /// The known form, for error messages.
    fn expected(&self) -> &'static str;

    /// Offers a slot to `read`. `false` if the value has an unknown form.
    fn read(&mut self, read: &mut dyn FnMut(Slot<'_>)) -> bool;
}

/// A value before it is read: what a missing field has.
///
/// It is not `Default`, which would be public: an object without its required fields is none.
pub(in crate::event) trait Blank {
    fn blank() -> Self;
}

macro_rules! blank {
    ($([$($t:ident)?] $type:ty,)*) => {
        $(impl$(<$t>)? Blank for $type {
            #[inline]
            fn blank() -> Self {
                Self::default()
            }
        })*
    };
}

blank! {
    [] bool,
    [] i64,
    [] String,
    [T] Option<T>,
    [T] Vec<T>,
    [T] BTreeMap<String, T>,
    [T] super::List<T>,
}

impl<T: Blank> Blank for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }
}

/// The type of a field.
pub(in crate::event) trait Stored {
    fn slot(&mut self) -> Slot<'_>;

    fn view(&self) -> View<'_>;
}

/// A type that is a field as an `Option`, an element of an array, or a value of a map.
pub(in crate::event) trait Element: Sized {
    /// The known form, for error messages.
    const EXPECTED: &str = "an object";

    fn slot(element: &mut Option<Self>) -> Slot<'_>;

    fn view(&self) -> View<'_>;
}

macro_rules! element {
    ($($type:ty: $slot:ident, $expected:literal, $view:expr;)*) => {
        $(impl Element for $type {
            const EXPECTED: &str = $expected;

            #[inline]
            fn slot(element: &mut Option<Self>) -> Slot<'_> {
                Slot::$slot(element)
            }

            #[inline]
            fn view(&self) -> View<'_> {
                ($view)(self)
            }
        })*
    };
}

element! {
    bool: Bool, "a boolean", |value: &bool| View::Bool(*value);
    i64: Integer, "i64", |value: &i64| View::Integer(*value);
    f64: Number, "f64", |value: &f64| View::Number(*value);
    String: Text, "a string", View::Text;
}

/// An unknown form is `None`, as `null` is. So an `Option<Option<T>>` keeps its default, `None`,
/// only if the field is missing.
impl<T: Element> Element for Option<T> {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        T::slot(element.insert(None))
    }

    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Null, T::view)
    }
}

impl<T: Slots + Blank + Views> Element for Box<T> {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::Object(element)
    }

    fn view(&self) -> View<'_> {
        View::Object(&**self)
    }
}

impl<T: Element> Element for BTreeMap<String, T> {
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::Map(element)
    }

    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl Stored for bool {
    #[inline]
    fn slot(&mut self) -> Slot<'_> {
        Slot::Flag(self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::Bool(*self)
    }
}

impl<T: Element> Stored for Option<T> {
    #[inline]
    fn slot(&mut self) -> Slot<'_> {
        T::slot(self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, T::view)
    }
}

impl<T: Element> Stored for Vec<T> {
    #[inline]
    fn slot(&mut self) -> Slot<'_> {
        Slot::Array(self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::Array(self)
    }
}

impl<T: Element> Stored for BTreeMap<String, T> {
    #[inline]
    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }

    #[inline]
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl<T: for<'a> From<&'a str>> ValueSlot for Option<T> {
    fn set(&mut self, text: Option<&str>) {
        *self = text.map(Into::into);
    }
}

impl<T: Slots> Slots for Box<T> {
    fn slot(&mut self, name: &str) -> Option<Slot<'_>> {
        (**self).slot(name)
    }

    fn required(&self) -> &'static [&'static str] {
        (**self).required()
    }

    fn unify(&mut self) {
        (**self).unify();
    }
}

impl<T: Slots + Blank> ObjectSlot for Option<T> {
    fn clear(&mut self) {
        *self = None;
    }

    fn open(&mut self) -> &mut dyn Slots {
        self.insert(T::blank())
    }
}

/// Elements of an unknown form are dropped. An array of too many elements is empty, because a
/// result computed from some of its elements, such as a sum, would be wrong.
impl<T: Element> ArraySlot for Vec<T> {
    fn clear(&mut self) {
        self.clear();
    }

    fn limit(&mut self) {
        *self = Self::new();
    }

    fn read_element(&mut self, read: &mut dyn FnMut(Slot<'_>)) {
        let mut element = None;
        read(T::slot(&mut element));
        self.extend(element);
    }

    fn len(&self) -> usize {
        self.len()
    }
}

/// Values of an unknown form are dropped. A map of too many entries is empty.
impl<T: Element> MapSlot for BTreeMap<String, T> {
    fn clear(&mut self) {
        self.clear();
    }

    fn open(&mut self) -> &mut dyn Entries {
        self
    }
}

impl<T: Element> MapSlot for Option<BTreeMap<String, T>> {
    fn clear(&mut self) {
        *self = None;
    }

    fn open(&mut self) -> &mut dyn Entries {
        self.insert(BTreeMap::new())
    }
}

impl<T: Element> Entries for BTreeMap<String, T> {
    fn read_value(&mut self, key: String, read: &mut dyn FnMut(Slot<'_>)) {
        let mut value = None;
        read(T::slot(&mut value));
        match value {
            Some(value) => drop(self.insert(key, value)),
            None => drop(self.remove(&key)),
        }
    }

    fn len(&self) -> usize {
        self.len()
    }
}

impl<T: Element> Elements for Vec<T> {
    fn elements(&self, each: &mut EachElement<'_>) {
        self.iter().for_each(|element| each(element.view()));
    }
}

impl<T: Element> EntriesView for BTreeMap<String, T> {
    fn entries(&self, each: &mut EachEntry<'_>) {
        self.iter().for_each(|(key, value)| each(key, value.view()));
    }
}

impl<T: Element> RequiredSlot for T {
    fn expected(&self) -> &'static str {
        T::EXPECTED
    }

    fn read(&mut self, read: &mut dyn FnMut(Slot<'_>)) -> bool {
        let mut element = None;
        read(T::slot(&mut element));
        element.map(|element| *self = element).is_some()
    }
}

/// Moves the value of an old API version to the field of the newer ones, unless that field has a
/// value.
pub(super) fn move_into<T>(current: &mut Option<T>, former: &mut Option<T>) {
    let former = former.take();
    if current.is_none() {
        *current = former;
    }
}
