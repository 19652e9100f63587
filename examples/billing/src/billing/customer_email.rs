//! The email address of a customer, derived from events.
//!
//! The newest address of each kind is kept, so the result does not depend on the order or
//! repetition of events.

use serde::{Deserialize, Serialize};

/// The known addresses of a customer. None before the first event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomerEmail {
    /// From the customer's own events.
    pub own: Option<OwnEmail>,
    /// From checkout sessions and invoices.
    pub observed: Option<ObservedEmail>,
}

/// The address in `customer.created` or `customer.updated`.
///
/// The order of the fields is the order of comparison: within one second, an update is later than
/// the creation, and an address is later than none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OwnEmail {
    /// When the event was created.
    pub at: i64,
    pub is_update: bool,
    /// `None` if the address was removed.
    pub email: Option<String>,
}

/// The address in a checkout session or an invoice. The order of the fields is the order of
/// comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObservedEmail {
    /// When the event was created.
    pub at: i64,
    /// Until when the address was kept up to date: an invoice keeps the one at its finalization.
    pub as_of: i64,
    pub email: String,
}

impl CustomerEmail {
    pub fn learn_own(&mut self, own: OwnEmail) {
        self.own = self.own.take().max(Some(own));
    }

    pub fn learn_observed(&mut self, observed: ObservedEmail) {
        self.observed = self.observed.take().max(Some(observed));
    }

    /// Returns the address of the customer's own events, unless another object has a newer one.
    pub fn email(&self) -> Option<&str> {
        match (&self.own, &self.observed) {
            (Some(own), Some(observed)) if observed.as_of <= own.at => own.email.as_deref(),
            (_, Some(observed)) => Some(&observed.email),
            (Some(own), None) => own.email.as_deref(),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_orders::for_each_order;

    #[derive(Clone, Debug)]
    enum Statement {
        Own(OwnEmail),
        Observed(ObservedEmail),
    }

    fn created(at: i64, email: &str) -> Statement {
        Statement::Own(OwnEmail { at, is_update: false, email: Some(email.into()) })
    }

    fn updated(at: i64, email: Option<&str>) -> Statement {
        Statement::Own(OwnEmail { at, is_update: true, email: email.map(str::to_owned) })
    }

    fn observed(at: i64, as_of: i64, email: &str) -> Statement {
        Statement::Observed(ObservedEmail { at, as_of, email: email.into() })
    }

    fn email_after<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> Option<String> {
        let mut customer = CustomerEmail::default();
        for statement in statements {
            match statement.clone() {
                Statement::Own(own) => customer.learn_own(own),
                Statement::Observed(observed) => customer.learn_observed(observed),
            }
        }
        customer.email().map(str::to_owned)
    }

    #[test]
    fn the_newest_address_counts_in_every_order() {
        let cases: [(&[Statement], Option<&str>); 9] = [
            (&[], None),
            (&[observed(1, 1, "old"), observed(2, 2, "new")], Some("new")),
            (&[created(1, "old"), updated(2, Some("new"))], Some("new")),
            (&[created(5, "old"), updated(5, Some("new")), observed(5, 5, "zzz")], Some("new")),
            (
                &[observed(1, 1, "old"), updated(2, Some("new")), observed(3, 3, "newest")],
                Some("newest"),
            ),
            // The invoice was finalized before the address changed, and paid after that.
            (&[observed(1, 1, "old"), updated(5, Some("new")), observed(9, 1, "old")], Some("new")),
            (&[observed(1, 1, "old"), updated(2, None)], None),
            (&[updated(2, None), observed(3, 3, "new")], Some("new")),
            (&[updated(2, None), updated(2, Some("a")), updated(2, Some("b"))], Some("b")),
        ];
        for (statements, email) in cases {
            for_each_order(&mut statements.to_vec(), &mut |order| {
                assert_eq!(email_after(order).as_deref(), email, "{order:?}");
                assert_eq!(
                    email_after(order.iter().chain(order)).as_deref(),
                    email,
                    "{order:?}, repeated"
                );
            });
        }
    }
}
