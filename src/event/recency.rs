//! The order of events about the same object.

use std::{cmp::Ordering, time::SystemTime};

use super::Event;

/// The age of an event relative to another event of the same object.
///
/// The age is that of [`Event::created`].
///
/// Events arrive in any order. Save the state of a newer event, and ignore the state of an older
/// one. `created` has a resolution of one second, so the order of two events of the same second is
/// **unknown**: ignoring the one that arrives second sometimes loses the current state. Then fetch
/// the object from Stripe, or save only changes that are final, such as a final status.
///
/// This applies to the *state* of an object. Perform the *actions* that an event causes, such as
/// sending a receipt, however old it is.
///
/// # Example
///
/// ```
/// use std::time::SystemTime;
/// use tower_stripe_webhook::{VerifiedEvent, event::Recency};
/// # fn save(_: &VerifiedEvent) {}
/// # fn fetch_and_save(_: &VerifiedEvent) {}
///
/// /// `last` is the `created` of the last event whose state was saved.
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
    /// The event was created in a later second, or is the first event of the object.
    Newer,
    /// The order is unknown.
    ///
    /// The events were created in the same second, or one has no `created`.
    SameSecond,
    /// The event was created in an earlier second.
    Older,
}

impl Event {
    /// Compares the event with the last event of the same object.
    ///
    /// `last` is the `created` of that event, or `None` if there is none yet.
    ///
    /// Times are compared as whole seconds, because snapshot events, and perhaps your database,
    /// have no higher resolution.
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

/// Returns whole seconds since 1970. Earlier times count as 0.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
