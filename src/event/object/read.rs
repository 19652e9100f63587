//! The decoder of all objects: it reads JSON into [`Slot`]s.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor},
};

use super::lenient::{ArraySlot, RequiredSlot, Slot, Slots};

/// The maximum number of elements of an array or a map. Stripe's API returns at most 100 in a page,
/// and events have 10 to 20.
///
/// An element takes up to 100 times the memory of its shortest JSON (`{}`): without a limit, 2 MiB
/// of JSON become 200 MiB.
pub(super) const MAX_ELEMENTS: usize = 1000;

/// Reads a struct from a JSON object only.
pub(in crate::event) struct ReadObject<'a>(pub(in crate::event) &'a mut dyn Slots);

impl<'de> DeserializeSeed<'de> for ReadObject<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ReadObject<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        read_fields(self.0, map, true).map(drop)
    }
}

/// Reads the fields of an object.
///
/// If a required one is missing or has an unknown form, that is an error if the object is required
/// itself, and else the result is `false`.
fn read_fields<'de, A: MapAccess<'de>>(
    object: &mut dyn Slots,
    mut map: A,
    is_required: bool,
) -> Result<bool, A::Error> {
    let required = object.required();
    let mut found = 0_u32;
    while let Some(name) = map.next_key::<FieldName<'de>>()? {
        let Some(slot) = object.slot(&name.0) else {
            map.next_value::<IgnoredAny>()?;
            continue;
        };
        let is_known = match slot {
            Slot::Required(slot) => map.next_value_seed(ReadRequired { slot, is_required })?,
            slot => {
                map.next_value_seed(ReadSlot { slot, expected: None })?;
                continue;
            }
        };
        if let Some(index) = required.iter().position(|required| *required == name.0) {
            found = found & !(1 << index) | u32::from(is_known) << index;
        }
    }
    for (index, name) in required.iter().enumerate() {
        if found & 1 << index == 0 {
            return if is_required { Err(A::Error::missing_field(name)) } else { Ok(false) };
        }
    }
    object.unify();
    Ok(true)
}

/// Reads a required field. `false` if the form is unknown and the object is not required.
struct ReadRequired<'a> {
    slot: &'a mut dyn RequiredSlot,
    is_required: bool,
}

impl<'de> DeserializeSeed<'de> for ReadRequired<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let expected = self.is_required.then(|| self.slot.expected());
        let mut deserializer = Some(deserializer);
        let mut result = Ok(());
        let is_known = self.slot.read(&mut |slot| {
            if let Some(deserializer) = deserializer.take() {
                result = ReadSlot { slot, expected }.deserialize(deserializer);
            }
        });
        result?;
        match expected {
            Some(expected) if !is_known => {
                Err(D::Error::invalid_value(Unexpected::Other("value"), &expected))
            }
            _ => Ok(is_known),
        }
    }
}

/// Reads any JSON into a slot. The slot is clear if the form is unknown.
struct ReadSlot<'a> {
    slot: Slot<'a>,
    /// The known form, if another one is an error.
    expected: Option<&'static str>,
}

impl<'de> DeserializeSeed<'de> for ReadSlot<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, deserializer: D) -> Result<(), D::Error> {
        self.slot.clear();
        match self.slot {
            Slot::Json(slot) => {
                slot.set(Some(Box::deserialize(deserializer)?));
                Ok(())
            }
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl ReadSlot<'_> {
    fn unknown<E: Error>(&self, found: Unexpected<'_>) -> Result<(), E> {
        self.expected.map_or(Ok(()), |expected| Err(E::invalid_type(found, &expected)))
    }
}

impl<'de> Visitor<'de> for ReadSlot<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.unknown(Unexpected::Unit)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        match self.slot {
            Slot::Flag(slot) => *slot = value,
            Slot::Bool(slot) => *slot = Some(value),
            _ => return self.unknown(Unexpected::Bool(value)),
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        match self.slot {
            Slot::Integer(slot) => *slot = Some(value),
            Slot::Number(slot) => *slot = Some(value as f64),
            _ => return self.unknown(Unexpected::Signed(value)),
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match (i64::try_from(value), self.slot) {
            (Ok(value), Slot::Integer(slot)) => *slot = Some(value),
            (_, Slot::Number(slot)) => *slot = Some(value as f64),
            (_, slot) => return Self { slot, ..self }.unknown(Unexpected::Unsigned(value)),
        }
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        match self.slot {
            Slot::Number(slot) => *slot = Some(value),
            _ => return self.unknown(Unexpected::Float(value)),
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        match self.slot {
            Slot::Text(slot) => *slot = Some(value.to_owned()),
            Slot::Value(slot) => slot.set(Some(value)),
            _ => return self.unknown(Unexpected::Str(value)),
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self.slot {
            Slot::Object(slot) => {
                if !read_fields(slot.open(), map, self.expected.is_some())? {
                    slot.clear();
                }
                return Ok(());
            }
            Slot::List(slot) => return read_fields(slot.open_object(), map, false).map(drop),
            Slot::Map(slot) => {
                let entries = slot.open();
                while entries.len() <= MAX_ELEMENTS {
                    let Some(key) = map.next_key()? else { return Ok(()) };
                    let mut result = Ok(());
                    entries.read_value(key, &mut |slot| {
                        result = map.next_value_seed(ReadSlot { slot, expected: None });
                    });
                    result?;
                }
                slot.clear();
            }
            _ => self.unknown(Unexpected::Map)?,
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        match self.slot {
            Slot::Array(slot) => return read_elements(slot, seq),
            Slot::List(slot) => return read_elements(slot.open_array(), seq),
            _ => self.unknown(Unexpected::Seq)?,
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Reads the first [`MAX_ELEMENTS`] elements of a known form.
fn read_elements<'de, A: SeqAccess<'de>>(
    array: &mut dyn ArraySlot,
    mut seq: A,
) -> Result<(), A::Error> {
    while array.len() < MAX_ELEMENTS {
        let mut next = Ok(None);
        array.read_element(&mut |slot| {
            next = seq.next_element_seed(ReadSlot { slot, expected: None });
        });
        if next?.is_none() {
            return Ok(());
        }
    }
    if seq.next_element::<IgnoredAny>()?.is_some() {
        array.limit();
        while seq.next_element::<IgnoredAny>()?.is_some() {}
    }
    Ok(())
}

/// The name of a field. It is copied only if it has escapes.
struct FieldName<'a>(Cow<'a, str>);

/// Implemented by hand, because `serde_path_to_error` does not see the name in a derived newtype.
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
