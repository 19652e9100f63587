//! A customer's own events, which tell the email address.

use serde::Deserialize;
use sqlx::AnyConnection;
use tower_stripe_webhook::{EventData, EventType, VerifiedEvent};

use super::{Failure, buyer::folded, happened_at};
use crate::{
    billing::{customer_email::OwnEmail, outcome::Verdict},
    data::customers,
};

pub(super) const EVENT_TYPES: [EventType; 2] = [EventType::CustomerCreated, EventType::CustomerUpdated];

pub(super) async fn follow(tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    let (customer, is_update) = match event.data()? {
        EventData::CustomerCreated(customer) => (customer, false),
        EventData::CustomerUpdated(customer) => (customer, true),
        _ => return Ok(Verdict::ignored("it is about another object than events of its type are")),
    };
    let email = customer.email.as_deref().and_then(folded);
    if email.is_none() && !removes_email(event) {
        return Ok(Verdict::ignored("the customer has no email address"));
    }
    let said = match &email {
        Some(_) => "the customer's email address is taken",
        None => "the customer's email address is removed",
    };
    let own = OwnEmail { at: happened_at(event), is_update, email };
    if customers::saw_own(tx, &customer.id, event.livemode(), own).await? {
        Ok(Verdict::applied(said))
    } else {
        Ok(Verdict::stale("a newer event has told the customer's email address"))
    }
}

/// Whether the update has removed an address. If there was none, the one that the buyer entered at Checkout still counts.
fn removes_email(event: &VerifiedEvent) -> bool {
    #[derive(Deserialize)]
    struct Before {
        email: Option<String>,
    }

    let before = event.previous_attributes::<Before>().ok().flatten();
    before.is_some_and(|before| before.email.is_some())
}
