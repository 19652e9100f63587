//! The invoices of a subscription.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The known payments of an invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// When the invoice was created, in Unix seconds.
    pub created: Option<i64>,
    /// Whether the invoice is for the first period. `None` if its billing reason does not say.
    pub is_first: Option<bool>,
    /// When the invoice was paid, in Unix seconds. A paid invoice stays paid.
    pub paid_at: Option<i64>,
    /// When the last failed payment was, in Unix seconds.
    pub failed_at: Option<i64>,
}

/// A statement about one invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceEvent {
    pub id: String,
    pub invoice: Invoice,
}

/// The invoices of a subscription by id. All are kept, because a later snapshot can name any of
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoices(BTreeMap<String, Invoice>);

impl Invoice {
    fn merge(&mut self, other: Self) {
        // Both events have the same creation time and reason, unless one of them lacks it.
        self.created = self.created.into_iter().chain(other.created).min();
        self.is_first = self.is_first.max(other.is_first);
        self.paid_at = self.paid_at.max(other.paid_at);
        self.failed_at = self.failed_at.max(other.failed_at);
    }

    /// Returns when the last payment failed, unless the invoice was paid before or after.
    pub fn unpaid_since(&self) -> Option<i64> {
        self.failed_at.filter(|_| self.paid_at.is_none())
    }

    fn last_at(&self) -> Option<i64> {
        self.paid_at.max(self.failed_at)
    }
}

impl Invoices {
    pub fn add(&mut self, InvoiceEvent { id, invoice }: InvoiceEvent) {
        self.0.entry(id).or_default().merge(invoice);
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Invoice)> {
        self.0.iter().map(|(id, invoice)| (&**id, invoice))
    }

    pub fn get(&self, id: &str) -> Option<&Invoice> {
        self.0.get(id)
    }

    /// Returns the id of the newest invoice. Within one second, the one with the latest
    /// payment or failure.
    pub fn newest(&self) -> Option<&str> {
        let (id, _) =
            self.iter().max_by_key(|(id, invoice)| (invoice.created, invoice.last_at(), *id))?;
        Some(id)
    }

    /// Returns the id of the newest invoice that is newer than `named`, else `named`: the invoice
    /// that a snapshot of time `at` names as its latest.
    ///
    /// If the creation time of the named invoice is not known, an invoice is newer if it was
    /// created after the snapshot. Within one second the ids decide, because Stripe's ids begin
    /// with the time. An invoice without a creation time is never newer.
    pub fn current<'a>(&'a self, named: &'a str, at: i64) -> &'a str {
        let bound = (self.get(named).and_then(|invoice| invoice.created).unwrap_or(at), named);
        let orders = self.iter().filter_map(|(id, invoice)| Some((invoice.created?, id)));
        // Only the named invoice can be equal to the bound.
        orders.fold(bound, Ord::max).1
    }
}
