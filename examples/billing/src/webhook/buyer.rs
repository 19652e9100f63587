//! Who pays.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventType, VerifiedEvent,
    event::object::{CheckoutSession, Invoice},
};

use super::happened_at;
use crate::{billing::customer_email::ToldEmail, data::customers, email};

pub(super) struct Buyer<'a> {
    pub(super) customer_id: Option<&'a str>,
    /// Folded.
    pub(super) email: Option<String>,
    /// When the object got the address, if that was before the event. In Unix seconds.
    email_as_of: Option<i64>,
}

impl<'a> Buyer<'a> {
    pub(super) fn of_session(session: &'a CheckoutSession) -> Self {
        Self {
            customer_id: session.customer_id(),
            email: session.email().and_then(folded),
            email_as_of: session.created,
        }
    }

    pub(super) fn of_invoice(invoice: &'a Invoice) -> Self {
        Self {
            customer_id: invoice.customer_id(),
            email: invoice.customer_email.as_deref().and_then(folded),
            // Stripe does not change the address of a final invoice, which may be paid much later.
            email_as_of: invoice.status_transitions.as_ref().and_then(|transitions| transitions.finalized_at),
        }
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.customer_id.is_none() && self.email.is_none()
    }

    /// Notes which email address the customer has.
    pub(super) async fn remember(&self, tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<(), sqlx::Error> {
        let (Some(id), Some(email)) = (self.customer_id, &self.email) else { return Ok(()) };
        let at = happened_at(event);
        let as_of = match event.event_type() {
            // The buyer has just entered it.
            EventType::CheckoutSessionCompleted => at,
            _ => self.email_as_of.map_or(at, |as_of| as_of.min(at)),
        };
        customers::saw(tx, id, event.livemode(), ToldEmail { at, as_of, email: email.clone() }).await
    }
}

/// `None` if nothing is left of it.
pub(super) fn folded(address: &str) -> Option<String> {
    Some(email::fold(address)).filter(|email| !email.is_empty())
}
