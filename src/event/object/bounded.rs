//! Arrays of which a bounded number of elements is kept.
//!
//! An element takes up to 100 times as much memory as its shortest JSON (`{}`): without a bound, 2 MiB of JSON become 200 MiB.

use serde::de::{IgnoredAny, SeqAccess};

use super::lenient::{Lenient, Maybe};

/// The most elements of an array that are kept. Stripe's API has at most 100 in a page, and events have 10 to 20.
pub(super) const MAX_ELEMENTS: usize = 1000;

/// The first [`MAX_ELEMENTS`] elements whose form is known, and whether there are more elements.
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

/// The elements of an array, and whether there are more than are kept.
pub(super) struct Elements<T>(pub(super) Vec<T>, pub(super) bool);

impl<T: Lenient> Lenient for Elements<T> {
    fn from_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        elements(seq).map(|(elements, has_more)| Some(Self(elements, has_more)))
    }
}
