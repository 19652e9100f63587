//! Links to other objects.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Unexpected},
};
use serde_json::value::RawValue;

use super::{
    lenient::{Blank, Element, JsonSlot, Slot},
    macros::object,
    write::View,
};

/// A link to another object: its id, and the object itself if it is expanded.
///
/// Whether an object is expanded depends on the event type and on the API version of the endpoint.
/// An expanded object is kept as JSON and decoded on demand, so that an error in it does not fail
/// the object that links to it.
///
/// ```
/// use tower_stripe_webhook::event::object::Subscription;
///
/// fn email_of_customer(subscription: &Subscription) -> Option<String> {
///     println!("{}", subscription.customer_id());
///     let customer = subscription.customer().object()?;
///     customer.email().map(str::to_owned)
/// }
/// ```
pub struct Expandable<T> {
    id: String,
    object: Option<Box<RawValue>>,
    of: PhantomData<fn() -> T>,
}

impl<T> Expandable<T> {
    /// Returns the object's id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl<T: for<'de> Deserialize<'de>> Expandable<T> {
    /// Decodes the object. `None` if it is not expanded, or lacks a required field.
    #[must_use]
    pub fn object(&self) -> Option<T> {
        serde_json::from_str(self.object.as_ref()?.get()).ok()
    }
}

// By hand, because the linked type need not be `Clone`: it is decoded on demand.
impl<T> Clone for Expandable<T> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), object: self.object.clone(), of: PhantomData }
    }
}

/// Equal if both link to the same id, expanded or not.
impl<T> PartialEq for Expandable<T> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<T> fmt::Debug for Expandable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Expandable")
            .field("id", &self.id)
            .field("is_expanded", &self.object.is_some())
            .finish()
    }
}

/// Reads a link: a non-empty id, or an object with one. `None` for any other JSON.
pub(super) fn link<T>(raw: Box<RawValue>) -> Option<Expandable<T>> {
    link_parts(raw).map(|(id, object)| Expandable { id, object, of: PhantomData })
}

fn link_parts(raw: Box<RawValue>) -> Option<(String, Option<Box<RawValue>>)> {
    let (id, object) = if raw.get().starts_with('{') {
        (serde_json::from_str::<WithId>(raw.get()).ok()?.id?, Some(raw))
    } else {
        (serde_json::from_str::<String>(raw.get()).ok()?, None)
    };
    (!id.is_empty()).then_some((id, object))
}

object! {
    struct WithId {
        id: Option<String>,
    }
}

impl<T> JsonSlot for Option<Expandable<T>> {
    fn set(&mut self, json: Option<Box<RawValue>>) {
        *self = json.and_then(link);
    }
}

impl<T> Element for Expandable<T> {
    const EXPECTED: &str = EXPECTED;

    #[inline]
    fn slot(element: &mut Option<Self>) -> Slot<'_> {
        Slot::Json(element)
    }

    fn view(&self) -> View<'_> {
        self.object.as_deref().map_or(View::Text(&self.id), View::Json)
    }
}

impl<T> Blank for Expandable<T> {
    fn blank() -> Self {
        Self { id: String::new(), object: None, of: PhantomData }
    }
}

const EXPECTED: &str = "the id of an object, or an object with an id";

/// Writes the object if it is expanded, and the id otherwise.
impl<T> Serialize for Expandable<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        link(Box::deserialize(deserializer)?)
            .ok_or_else(|| D::Error::invalid_value(Unexpected::Other("link"), &EXPECTED))
    }
}

object! {
    /// An object that this crate has no type for.
    pub struct OtherObject {
        /// Returns the object's id.
        pub id: Option<String>,
        /// Returns the type of the object, such as `payment_method`.
        pub object: Option<String>,
    }
}

/// Returns the id of an optional link.
pub(super) fn id_of<T>(link: Option<&Expandable<T>>) -> Option<&str> {
    link.map(Expandable::id)
}

/// Returns the ids of `links`.
///
/// An old API version has the `one` link instead of them.
pub(super) fn ids_of<'a, T>(
    links: &'a [Expandable<T>],
    one: Option<&'a Expandable<T>>,
) -> impl Iterator<Item = &'a str> {
    links.iter().chain(one.filter(|_| links.is_empty())).map(Expandable::id)
}
