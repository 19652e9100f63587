//! Events as values of other data, such as the jobs of a queue.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
    forward_to_deserialize_any,
    ser::Error as _,
};
use serde_json::{Value, value::RawValue};

use super::Event;

/// Serializes the event as the JSON that Stripe sent.
///
/// White space around it is left out, and so is a [`current`](Event::current) object that was
/// fetched. It supports `serde_json` only, which keeps the text unchanged. For other formats, store
/// [`Event::body`].
impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_slice::<&RawValue>(self.body())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

/// Deserializes an event that was serialized, **without verifying a signature**.
///
/// Use it for the jobs of a queue that only the app writes to. As a field of a struct, in a `Vec` or
/// in a map, `serde_json` keeps its text unchanged. The idempotency key of a test webhook is not
/// part of the text: see [`idempotency_key`](Event::idempotency_key).
///
/// `serde_json` decodes the text to a [`Value`] first if the event is in a `Value`, in a struct with
/// `#[serde(flatten)]`, or in an enum that is untagged or has its tag inside. White space, the order
/// of the fields and numbers beyond 64 bits then change, and an unpaired surrogate is an error.
///
/// # Errors
///
/// Those of [`Event::unverified_from_json`].
///
/// # Example
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tower_stripe_webhook::{Event, VerifiedEvent};
///
/// #[derive(Serialize, Deserialize)]
/// struct Job {
///     key: String,
///     event: Event,
/// }
///
/// fn enqueue(event: VerifiedEvent) -> serde_json::Result<String> {
///     let key = event.idempotency_key().to_owned();
///     serde_json::to_string(&Job { key, event: event.into_event() })
/// }
///
/// fn work(job: &str) -> serde_json::Result<()> {
///     let Job { key, event } = serde_json::from_str(job)?;
///     println!("{key} {}", event.event_type());
///     Ok(())
/// }
/// ```
impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(TextOrValue(deserializer))?;
        Self::unverified_from_json(Box::<str>::from(json).into_string()).map_err(D::Error::custom)
    }
}

/// A deserializer for a [`RawValue`], which `serde` alone reads from JSON text only.
///
/// If the deserializer has no text, for example because `serde` buffers the value, it is decoded to
/// a [`Value`], whose text is the result.
struct TextOrValue<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for TextOrValue<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    /// `RawValue` asks for a newtype struct whose name only `serde_json` knows.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, TextVisitor { name, visitor })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct TextVisitor<V> {
    name: &'static str,
    visitor: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TextVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Stripe event")
    }

    /// The deserializer has the text.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(map)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        Value::deserialize(deserializer)?
            .deserialize_newtype_struct(self.name, self.visitor)
            .map_err(D::Error::custom)
    }
}
