//! `customer.created` and `customer.updated`: the email address.

use serde::Deserialize;
use sqlx::AnyConnection;
use tower_stripe_webhook::{EventData, EventType, event::DeletedObject};

use super::{Failure, buyer::normalized_email, received::Received, subscription::no_such_object};
use crate::{
    billing::{
        customer_email::{CustomerEmail, OwnEmail},
        outcome::Verdict,
    },
    data::customers,
};

pub(super) const EVENT_TYPES: [EventType; 2] =
    [EventType::CustomerCreated, EventType::CustomerUpdated];

pub(super) async fn apply(tx: &mut AnyConnection, event: &Received) -> Result<Verdict, Failure> {
    let (customer, is_update) = match event.data()? {
        EventData::CustomerCreated(customer) => (customer, false),
        EventData::CustomerUpdated(customer) => (customer, true),
        _ => return Ok(Verdict::ignored("data.object is another object than the event type has")),
    };
    let email = customer.email().and_then(normalized_email);
    if email.is_none() && !removes_email(event) {
        return Ok(Verdict::ignored("the customer has no email address"));
    }
    learn(tx, event, customer.id(), is_update, email).await
}

/// Stores an address. One that was fetched counts as of the event: each change has its own event.
async fn learn(
    tx: &mut AnyConnection,
    event: &Received,
    customer_id: &str,
    is_update: bool,
    email: Option<String>,
) -> Result<Verdict, Failure> {
    let reason = match &email {
        Some(_) => "the customer's email address is stored",
        None => "the customer's email address is removed",
    };
    let own = OwnEmail { at: event.at, is_update, email };
    let learn = |known: &mut CustomerEmail| known.learn_own(own);
    if customers::learn(tx, customer_id, event.livemode(), learn).await? {
        Ok(Verdict::applied(reason))
    } else {
        Ok(Verdict::stale("a newer event has the customer's email address"))
    }
}

/// Handles an event about a customer that no longer exists. The event only states an address that it
/// changed.
pub(super) async fn apply_deleted(
    tx: &mut AnyConnection,
    event: &Received,
    customer: &DeletedObject,
) -> Result<Verdict, Failure> {
    #[derive(Deserialize)]
    struct After {
        email: Option<String>,
    }

    let after = event.changes().and_then(|changes| changes.after::<After>().ok().flatten());
    let email = after.and_then(|after| after.email).and_then(|email| normalized_email(&email));
    if email.is_none() && !removes_email(event) {
        // A deleted customer has no address any more. One in another account may have one.
        return match customer.is_confirmed() {
            true => Ok(Verdict::ignored("the customer was deleted since")),
            false => Err(no_such_object()),
        };
    }
    let is_update = *event.event_type() == EventType::CustomerUpdated;
    learn(tx, event, customer.id(), is_update, email).await
}

/// Returns whether the update removed an address. If there was none before, the address that the
/// buyer entered at Checkout still counts.
fn removes_email(event: &Received) -> bool {
    #[derive(Deserialize)]
    struct Previous {
        email: Option<String>,
    }

    let previous = event.previous_attributes::<Previous>().ok().flatten();
    previous.is_some_and(|previous| previous.email.is_some())
}
