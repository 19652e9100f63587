//! Who pays.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    VerifiedEvent,
    object::{CheckoutSession, Invoice},
};

use super::happened_at;
use crate::{data::customers, email};

pub(super) struct Buyer<'a> {
    pub(super) customer_id: Option<&'a str>,
    /// In lower case.
    pub(super) email: Option<String>,
}

impl<'a> Buyer<'a> {
    pub(super) fn of_session(session: &'a CheckoutSession) -> Self {
        Self { customer_id: session.customer_id(), email: session.email().and_then(in_lower_case) }
    }

    pub(super) fn of_invoice(invoice: &'a Invoice) -> Self {
        Self { customer_id: invoice.customer_id(), email: invoice.customer_email.as_deref().and_then(in_lower_case) }
    }

    pub(super) fn is_nobody(&self) -> bool {
        self.customer_id.is_none() && self.email.is_none()
    }

    /// Notes which email address the customer has.
    pub(super) async fn remember(&self, tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<(), sqlx::Error> {
        match (self.customer_id, &self.email) {
            (Some(id), Some(email)) => customers::saw(tx, id, email, event.livemode(), happened_at(event)).await,
            _ => Ok(()),
        }
    }
}

fn in_lower_case(email: &str) -> Option<String> {
    Some(email::fold(email)).filter(|email| !email.is_empty())
}
