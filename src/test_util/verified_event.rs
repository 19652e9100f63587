//! A verified event without a request.

use std::time::SystemTime;

use super::sign;
use crate::{
    event::Event, secret::SigningSecret, signature::Tolerance, verified_event::VerifiedEvent,
    verify::verify,
};

/// As long as one of Stripe's, so that no log warns of it.
const SECRET: &str = "whsec_00000000000000000000000000000000";

/// Makes a [`VerifiedEvent`] from its JSON, to test a function that takes one.
///
/// The event is signed and verified as a delivery is. Its [`signed_at`](VerifiedEvent::signed_at)
/// is the event's `created`, and 1970 if it has none or an earlier one.
///
/// # Panics
///
/// If the JSON is not a Stripe event.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventType, VerifiedEvent, test_util::{samples, verified_event}};
///
/// fn is_payment(event: &VerifiedEvent) -> bool {
///     *event.event_type() == EventType::InvoicePaid
/// }
///
/// assert!(is_payment(&verified_event(samples::INVOICE_PAID)));
/// ```
#[must_use]
pub fn verified_event(json: impl Into<String>) -> VerifiedEvent {
    let json = json.into();
    let event = Event::unverified_from_json(json.clone()).expect("`json` must be a Stripe event");
    let signed_at = event.created().unwrap_or(SystemTime::UNIX_EPOCH).max(SystemTime::UNIX_EPOCH);
    let secret = SigningSecret::new(SECRET).expect("the secret has the form of one");
    let header = sign(&json, &secret, signed_at);
    verify(header, json, &secret.into(), signed_at, Tolerance::default())
        .expect("the event is signed with the secret")
}
