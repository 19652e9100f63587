//! The limit on the elements of arrays and maps.
//!
//! An element takes up to 100 times the memory of its shortest JSON (`{}`): without a limit, 2 MiB
//! of JSON become 200 MiB.

use std::collections::BTreeMap;

use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::lenient::{Lenient, Maybe};

/// The maximum number of elements.
///
/// Stripe's API returns at most 100 in a page, and events have 10 to 20.
pub(super) const MAX_ELEMENTS: usize = 1000;

/// Reads the first [`MAX_ELEMENTS`] elements of a known form.
///
/// The second value is whether more elements follow.
pub(super) fn elements<'de, A: SeqAccess<'de>, T: Lenient>(
    mut seq: A,
) -> Result<(Vec<T>, bool), A::Error> {
    let mut elements = Vec::new();
    while elements.len() < MAX_ELEMENTS {
        let Some(Maybe(element)) = seq.next_element::<Maybe<T>>()? else {
            return Ok((elements, false));
        };
        elements.extend(element);
    }
    let mut has_more = false;
    while seq.next_element::<IgnoredAny>()?.is_some() {
        has_more = true;
    }
    Ok((elements, has_more))
}

/// The elements of an array, and whether some were dropped.
pub(super) struct Elements<T>(pub(super) Vec<T>, pub(super) bool);

impl<T: Lenient> Lenient for Elements<T> {
    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        elements(seq).map(|(elements, has_more)| Some(Self(elements, has_more)))
    }
}

/// Elements of an unknown form are dropped.
///
/// An array of too many elements is empty, because a result computed from some of its elements,
/// such as a sum, would be wrong.
impl<T: Lenient> Lenient for Vec<T> {
    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        let (elements, has_more) = elements(seq)?;
        Ok((!has_more).then_some(elements))
    }
}

/// Values of an unknown form are dropped. A map of too many entries is empty.
impl<T: Lenient> Lenient for BTreeMap<String, T> {
    fn from_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Option<Self>, A::Error> {
        let mut entries = Self::new();
        while entries.len() <= MAX_ELEMENTS {
            match map.next_entry::<String, Maybe<T>>()? {
                Some((key, Maybe(Some(value)))) => drop(entries.insert(key, value)),
                Some((key, Maybe(None))) => drop(entries.remove(&key)),
                None => return Ok(Some(entries)),
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}
