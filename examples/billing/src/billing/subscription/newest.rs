//! Values of which the newest counts.

/// When an event was created, in Unix seconds, and its id, which orders the events of one second.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub at: i64,
    pub event_id: String,
}

/// A value, and the event that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest<T> {
    pub moment: Moment,
    pub value: T,
}

impl<T> Newest<T> {
    /// Keeps the newer of two.
    pub fn merge(known: &mut Option<Self>, told: Option<Self>) {
        let is_newer = match (&*known, &told) {
            (Some(known), Some(told)) => told.moment > known.moment,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if is_newer {
            *known = told;
        }
    }
}
