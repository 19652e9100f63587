//! `customer.created` and `customer.updated`: the email address.

use serde::Deserialize;
use sqlx::AnyConnection;
use tower_stripe_webhook::{EventData, EventType, VerifiedEvent};

use super::{Failure, buyer::normalized_email, event_time};
use crate::{
    billing::{
        customer_email::{CustomerEmail, OwnEmail},
        outcome::Verdict,
    },
    data::customers,
};

pub(super) const EVENT_TYPES: [EventType; 2] =
    [EventType::CustomerCreated, EventType::CustomerUpdated];

pub(super) async fn apply(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
) -> Result<Verdict, Failure> {
    let (customer, is_update) = match event.data()? {
        EventData::CustomerCreated(customer) => (customer, false),
        EventData::CustomerUpdated(customer) => (customer, true),
        _ => return Ok(Verdict::ignored("data.object is another object than the event type has")),
    };
    let email = customer.email().and_then(normalized_email);
    if email.is_none() && !removes_email(event) {
        return Ok(Verdict::ignored("the customer has no email address"));
    }
    let reason = match &email {
        Some(_) => "the customer's email address is stored",
        None => "the customer's email address is removed",
    };
    let own = OwnEmail { at: event_time(event), is_update, email };
    let learn = |known: &mut CustomerEmail| known.learn_own(own);
    if customers::learn(tx, customer.id(), event.livemode(), learn).await? {
        Ok(Verdict::applied(reason))
    } else {
        Ok(Verdict::stale("a newer event has the customer's email address"))
    }
}

/// Returns whether the update removed an address. If there was none before, the address that the
/// buyer entered at Checkout still counts.
fn removes_email(event: &VerifiedEvent) -> bool {
    #[derive(Deserialize)]
    struct Previous {
        email: Option<String>,
    }

    let previous = event.previous_attributes::<Previous>().ok().flatten();
    previous.is_some_and(|previous| previous.email.is_some())
}
