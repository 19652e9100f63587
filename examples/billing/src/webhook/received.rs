//! An event with what was fetched for it.

use std::ops::Deref;

use tower_stripe_webhook::{
    Event, VerifiedEvent,
    event::{CurrentObject, DeletedObject, object},
};

use crate::time;

/// An event with what was fetched for it. Dereferences to the event, which carries the fetched
/// object.
pub(super) struct Received {
    event: Event,
    /// When the event was created, or signed if it does not say, in Unix seconds.
    pub(super) at: i64,
    /// `None` if nothing was fetched.
    pub(super) fetched: Option<Fetched>,
}

/// What was fetched for an event.
pub(super) struct Fetched {
    /// When the fetch was sent, in Unix microseconds by the database's clock.
    pub(super) sent_at: i64,
    /// The subscription of the event's object, if the object is not the subscription itself.
    pub(super) subscription: Option<Box<object::Subscription>>,
}

impl Received {
    pub(super) fn new(event: &VerifiedEvent) -> Self {
        Self {
            at: time::unix_seconds(event.created().unwrap_or_else(|| event.signed_at())),
            event: (**event).clone(),
            fetched: None,
        }
    }

    pub(super) fn with_fetched(self, event: Event, fetched: Fetched) -> Self {
        Self { event, fetched: Some(fetched), ..self }
    }

    /// Returns when the fetch of the event's own object was sent, in Unix microseconds.
    pub(super) fn current_since(&self) -> Option<i64> {
        self.current()?;
        self.fetched.as_ref().map(|fetched| fetched.sent_at)
    }

    /// Returns the time as of which the event's object is known, in Unix seconds. `None` if it was
    /// not fetched.
    pub(super) fn as_of(&self) -> Option<i64> {
        self.current_since().map(|micros| self.at.max(micros.div_euclid(1_000_000)))
    }

    /// Returns whether something was fetched for the event. An object that Stripe does not have was
    /// not, unless Stripe states that it was deleted.
    pub(super) fn is_fetched(&self) -> bool {
        self.fetched.is_some() && self.deleted().is_none_or(DeletedObject::is_confirmed)
    }

    /// Returns the object if it was fetched and no longer exists.
    pub(super) fn deleted(&self) -> Option<&DeletedObject> {
        self.current().and_then(CurrentObject::deleted)
    }
}

impl Deref for Received {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}
