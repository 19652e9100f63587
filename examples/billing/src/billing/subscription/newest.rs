//! Values that newer events replace.

use serde::{Deserialize, Serialize};

/// The order of events: by creation time in Unix seconds, then by id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    pub at: i64,
    pub event_id: String,
}

/// A value and the event that has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest<T> {
    pub moment: Moment,
    pub value: T,
}

impl<T> Newest<T> {
    /// Keeps the newer of two.
    pub fn merge(known: &mut Option<Self>, new: Option<Self>) {
        let is_newer = match (&*known, &new) {
            (Some(known), Some(new)) => new.moment > known.moment,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_newer {
            *known = new;
        }
    }
}
