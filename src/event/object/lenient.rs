//! Lenient decoding: a field of an unknown form is treated as absent.
//!
//! Over the years Stripe has turned ids into objects, arrays into list objects and objects into
//! strings. Such a change of one field must not make the whole event undecodable.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// A type that knows some forms of JSON. By default it knows none.
pub(super) trait Lenient: Sized {
    /// Deserializes any JSON. `None` if its form is unknown.
    fn deserialize_leniently<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(AnyForm(PhantomData))
    }

    fn from_bool(_: bool) -> Option<Self> {
        None
    }

    fn from_integer(_: i64) -> Option<Self> {
        None
    }

    fn from_text(_: &str) -> Option<Self> {
        None
    }

    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn from_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// A value that was deserialized leniently. `None` if its form is unknown.
pub(super) struct Maybe<T>(pub(super) Option<T>);

impl<'de, T: Lenient> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize_leniently(deserializer).map(Self)
    }
}

struct AnyForm<T>(PhantomData<T>);

impl<'de, T: Lenient> Visitor<'de> for AnyForm<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(T::from_bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(T::from_integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).ok().and_then(T::from_integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(T::from_text(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::from_map(map)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::from_seq(seq)
    }
}

/// A struct that is read field by field: see [`object!`](super::macros::object).
pub(super) trait Fields: Sized {
    fn from_fields<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error>;
}

/// Reads a struct from a JSON object only.
pub(super) fn deserialize_fields<'de, D: Deserializer<'de>, T: Fields>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct FieldsVisitor<T>(PhantomData<T>);

    impl<'de, T: Fields> Visitor<'de> for FieldsVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::from_fields(map)
        }
    }

    deserializer.deserialize_map(FieldsVisitor(PhantomData))
}

/// Moves the value of an old API version to the field of newer ones.
///
/// A field with a value keeps it.
pub(super) fn move_into<T>(current: &mut Option<T>, former: &mut Option<T>) {
    let former = former.take();
    if current.is_none() {
        *current = former;
    }
}

/// The name of a field. It is copied only if it has escapes.
pub(super) struct FieldName<'a>(Cow<'a, str>);

/// Implemented by hand for `serde_path_to_error`.
///
/// It does not see the name in a derived newtype.
impl<'de> Deserialize<'de> for FieldName<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = FieldName<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a field")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(FieldName(name.into()))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(FieldName(name.to_owned().into()))
            }
        }

        deserializer.deserialize_identifier(NameVisitor)
    }
}

impl FieldName<'_> {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Lenient for bool {
    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for i64 {
    fn from_integer(value: i64) -> Option<Self> {
        Some(value)
    }
}

impl Lenient for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

/// An unknown form is `None`, as `null` is.
///
/// So an `Option<Option<T>>` keeps its default, `None`, only if the field is missing.
impl<T: Lenient> Lenient for Option<T> {
    fn deserialize_leniently<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Self>, D::Error> {
        T::deserialize_leniently(deserializer).map(Some)
    }
}

impl<T: Lenient> Lenient for Box<T> {
    fn from_map<'de, A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        Ok(T::from_map(map)?.map(Self::new))
    }
}
