//! The buyer in a checkout session or an invoice.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventType,
    event::object::{CheckoutSession, Invoice},
};

use super::received::Received;
use crate::{
    billing::customer_email::{CustomerEmail, ObservedEmail},
    data::customers,
    email,
};

pub(super) struct Buyer<'a> {
    pub(super) customer_id: Option<&'a str>,
    /// Normalized.
    pub(super) email: Option<String>,
    /// Until when the object's address was kept up to date, in Unix seconds. `None` if until the
    /// event.
    email_as_of: Option<i64>,
}

impl<'a> Buyer<'a> {
    pub(super) fn of_session(session: &'a CheckoutSession) -> Self {
        Self {
            customer_id: session.customer_id(),
            email: session.email().and_then(normalized_email),
            email_as_of: session.created(),
        }
    }

    pub(super) fn of_invoice(invoice: &'a Invoice) -> Self {
        Self {
            customer_id: invoice.customer_id(),
            email: invoice.customer_email().and_then(normalized_email),
            // The address of a finalized invoice does not change, and it may be paid much later.
            email_as_of: invoice
                .status_transitions()
                .and_then(|transitions| transitions.finalized_at()),
        }
    }

    pub(super) fn is_unknown(&self) -> bool {
        self.customer_id.is_none() && self.email.is_none()
    }

    /// Stores the customer's email address.
    pub(super) async fn remember_email(
        &self,
        tx: &mut AnyConnection,
        event: &Received,
    ) -> Result<(), sqlx::Error> {
        let (Some(id), Some(email)) = (self.customer_id, &self.email) else { return Ok(()) };
        let at = event.at;
        let as_of = match event.event_type() {
            // The buyer has just entered the address.
            EventType::CheckoutSessionCompleted => at,
            _ => self.email_as_of.map_or(at, |as_of| as_of.min(at)),
        };
        let observed = ObservedEmail { at, as_of, email: email.clone() };
        let learn = |known: &mut CustomerEmail| known.learn_observed(observed);
        customers::learn(tx, id, event.livemode(), learn).await.map(drop)
    }
}

/// Returns `None` if the address is blank.
pub(super) fn normalized_email(address: &str) -> Option<String> {
    Some(email::normalize(address)).filter(|email| !email.is_empty())
}
