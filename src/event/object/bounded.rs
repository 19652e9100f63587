//! The limit on the elements of arrays and maps.
//!
//! An element takes up to 100 times the memory of its shortest JSON (`{}`): without a limit, 2 MiB of JSON become 200 MiB.

use serde::de::{IgnoredAny, SeqAccess};

use super::lenient::{Lenient, Maybe};

/// The maximum number of elements. Stripe's API returns at most 100 in a page, and events have 10 to 20.
pub(super) const MAX_ELEMENTS: usize = 1000;

/// Reads the first [`MAX_ELEMENTS`] elements of a known form, and whether more elements follow.
pub(super) fn elements<'de, A: SeqAccess<'de>, T: Lenient>(mut seq: A) -> Result<(Vec<T>, bool), A::Error> {
    let mut elements = Vec::new();
    while elements.len() < MAX_ELEMENTS {
        let Some(Maybe(element)) = seq.next_element::<Maybe<T>>()? else { return Ok((elements, false)) };
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
