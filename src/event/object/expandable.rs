//! A link to another object.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess},
};

use super::{
    Charge, Customer, Invoice, PaymentIntent, Subscription,
    lenient::{Lenient, Maybe, object},
};

/// A link to another object: its id, or the object itself where the endpoint's API version or the event's type has it inside.
///
/// ```
/// use tower_stripe_webhook::object::{Expandable, Subscription};
///
/// fn customer_of(subscription: &Subscription) -> &str {
///     match &subscription.customer {
///         Expandable::Id(id) => id,
///         Expandable::Object(customer) => &customer.id,
///     }
/// }
/// ```
///
/// Most often the id is all that is wanted: `subscription.customer_id()` and the like.
#[derive(Clone, Debug, PartialEq)]
pub enum Expandable<T> {
    /// The object's id.
    Id(String),
    /// The object.
    Object(Box<T>),
}

impl<T> Expandable<T> {
    /// The object, if it is inside.
    #[must_use]
    pub fn as_object(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Object(object) => Some(object),
        }
    }
}

impl<T: HasId> Expandable<T> {
    /// The object's id. `None` only for an object inside that has none, such as a preview of an invoice.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Id(id) => Some(id),
            Self::Object(object) => object.id(),
        }
    }
}

impl<T: Lenient> Lenient for Expandable<T> {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::Id(text.to_owned()))
    }

    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(Box::from_map(map)?.map(Self::Object))
    }
}

impl<'de, T: Lenient> Deserialize<'de> for Expandable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Maybe(link) = Maybe::deserialize(deserializer)?;
        link.ok_or_else(|| D::Error::custom("expected the id of an object, or the object"))
    }
}

/// An object that a link can lead to.
pub trait HasId: sealed::Sealed {
    /// The object's id. `None` only for what has none, such as a preview of an invoice.
    fn id(&self) -> Option<&str>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! has_id {
    ($($object:ty => |$this:ident| $id:expr,)*) => {$(
        impl sealed::Sealed for $object {}

        impl HasId for $object {
            fn id(&self) -> Option<&str> {
                let $this = self;
                $id
            }
        }
    )*};
}

has_id! {
    Charge => |charge| Some(&charge.id),
    Customer => |customer| Some(&customer.id),
    Invoice => |invoice| invoice.id.as_deref(),
    OtherObject => |object| object.id.as_deref(),
    PaymentIntent => |intent| Some(&intent.id),
    Subscription => |subscription| Some(&subscription.id),
}

object! {
    /// An object that this crate has no type for, where a link leads to it and it is inside.
    pub struct OtherObject {
        /// The object's id.
        pub id: Option<String>,
        /// What it is, such as `payment_method`.
        pub object: Option<String>,
    }
}

/// The id that an optional link leads to.
pub(super) fn id_of<T: HasId>(link: Option<&Expandable<T>>) -> Option<&str> {
    link?.id().filter(|id| !id.is_empty())
}
