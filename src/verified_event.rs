//! An event, and who vouches for it.

use std::{ops::Deref, time::SystemTime};

use serde::{Serialize, Serializer};

use crate::{event::Event, secret::SecretId};

/// An [`Event`] that Stripe signed: what the layer puts into the request's extensions.
///
/// Only verification makes one, so a function that takes a `VerifiedEvent` cannot be called with anything else. It derefs
/// to [`Event`], where the accessors are. Clones are cheap: they share the bytes.
///
/// With the feature `axum` it is an extractor, otherwise use `Extension<VerifiedEvent>`.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventType, VerifiedEvent};
///
/// fn handle(event: &VerifiedEvent) {
///     if *event.event_type() == EventType::InvoicePaid {
///         println!("{}: signed with {}", event.id(), event.verified_by());
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct VerifiedEvent {
    event: Event,
    verification: Verification,
}

impl VerifiedEvent {
    pub(crate) fn new(event: Event, verification: Verification) -> Self {
        Self { event, verification }
    }

    /// When Stripe signed this delivery of the event, to the second. Each delivery is signed anew, so for a repeated one
    /// this is later than [`created`](Event::created).
    #[must_use]
    pub fn signed_at(&self) -> SystemTime {
        self.verification.signed_at
    }

    /// Which secret signed it.
    #[must_use]
    pub fn verified_by(&self) -> &SecretId {
        &self.verification.verified_by
    }

    /// The event alone, without who vouches for it.
    #[must_use]
    pub fn into_event(self) -> Event {
        self.event
    }
}

impl Deref for VerifiedEvent {
    type Target = Event;

    fn deref(&self) -> &Event {
        &self.event
    }
}

/// What a signature that was found right says, from [`verify_signature`](crate::verify_signature).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// When Stripe signed, to the second.
    pub signed_at: SystemTime,
    /// Which secret signed.
    pub verified_by: SecretId,
}

/// The event's JSON, as [`Event`]'s: who vouches for it is not in there.
impl Serialize for VerifiedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.event.serialize(serializer)
    }
}
