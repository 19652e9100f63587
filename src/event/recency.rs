//! Which of two events is the newer one, as far as can be told.

use std::{cmp::Ordering, time::SystemTime};

use super::Event;

/// Whether an event is newer than another of the same object, by [`Event::created`].
///
/// Events come in any order, and `created` has seconds only. So a newer one is to be taken over and an older one is not, but two of the
/// same second **cannot** be told apart: whoever drops the second one drops the update that counts now and then. Fetch the object from
/// Stripe then, or take over what can only go one way, such as a status that is final.
///
/// This is for what an object *is*. What an event makes you *do*, such as sending a receipt, is done however old it is.
///
/// # Example
///
/// ```
/// use std::time::SystemTime;
/// use tower_stripe_webhook::{VerifiedEvent, event::Recency};
/// # fn save(_: &VerifiedEvent) {}
/// # fn fetch_and_save(_: &VerifiedEvent) {}
///
/// /// `last` is the `created` of the event that was taken over last.
/// fn update(event: &VerifiedEvent, last: Option<SystemTime>) {
///     match event.recency(last) {
///         Recency::Newer => save(event),
///         Recency::SameSecond => fetch_and_save(event),
///         Recency::Older => {}
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recency {
    /// It was created in a later second, or it is the first.
    Newer,
    /// It was created in the same second, so that its order cannot be told; or it does not say when.
    SameSecond,
    /// It was created in an earlier second.
    Older,
}

impl Event {
    /// Whether the event is newer than the one of the same object that was created at `last`. `None` is for the object's first event.
    ///
    /// Times are compared by whole seconds, because a snapshot event has no more, and neither may your database.
    #[must_use]
    pub fn recency(&self, last: Option<SystemTime>) -> Recency {
        match (self.created(), last) {
            (_, None) => Recency::Newer,
            (None, Some(_)) => Recency::SameSecond,
            (Some(created), Some(last)) => match seconds(created).cmp(&seconds(last)) {
                Ordering::Greater => Recency::Newer,
                Ordering::Equal => Recency::SameSecond,
                Ordering::Less => Recency::Older,
            },
        }
    }
}

/// Whole seconds since 1970. What was before is one time.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
