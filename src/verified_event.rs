//! An event whose signature was verified.

use std::{ops::Deref, time::SystemTime};

use serde::{Serialize, Serializer};

use crate::{event::Event, secret::SecretId};

/// An [`Event`] with a verified signature.
///
/// The layer puts it into the request's extensions. With the feature `axum` it is an extractor.
///
/// Only verification makes a `VerifiedEvent`, so a function that takes one cannot be called with an
/// unverified event. It derefs to [`Event`], which has the accessors. Clones are cheap, because
/// they share the bytes.
///
/// It is `Serialize`, as an [`Event`] is, but not `Deserialize`: any text could
/// claim to be verified. Store [`into_event`](Self::into_event), which is both.
///
/// ```compile_fail,E0277
/// let event: tower_stripe_webhook::VerifiedEvent = serde_json::from_str("{}")?;
/// # Ok::<(), serde_json::Error>(())
/// ```
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

    /// Returns the time at which Stripe signed this delivery, to the second.
    ///
    /// Stripe signs each delivery separately, so a later delivery of the same event has a later
    /// time.
    #[must_use]
    pub fn signed_at(&self) -> SystemTime {
        self.verification.signed_at
    }

    /// Returns the id of the secret that signed it.
    #[must_use]
    pub fn verified_by(&self) -> &SecretId {
        &self.verification.verified_by
    }

    /// Returns the event with its object as it is now.
    #[cfg(feature = "api")]
    pub(crate) fn with_current(self, current: crate::event::CurrentObject) -> Self {
        Self { event: self.event.with_current(current), ..self }
    }

    /// Returns the event without the result of the verification.
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

/// The result of [`verify_signature`](crate::verify_signature).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verification {
    /// The time at which Stripe signed, to the second.
    pub signed_at: SystemTime,
    /// The id of the secret that signed.
    pub verified_by: SecretId,
}

/// The same JSON as [`Event`]'s, without the result of the verification.
impl Serialize for VerifiedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.event.serialize(serializer)
    }
}
