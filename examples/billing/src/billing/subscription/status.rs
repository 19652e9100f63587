//! The status that follows from what is known.

use tower_stripe_webhook::event::object::SubscriptionStatus::{self, Active, Incomplete, PastDue};

use super::{Invoice, Known, Snapshot};

impl Known {
    /// Returns the status, and when the newest event was created that says or confirms it. `None` before the first event.
    pub(super) fn status(&self) -> Option<(SubscriptionStatus, i64)> {
        match self.snapshots.latest() {
            Some(snapshot) => Some(self.status_after(snapshot)),
            None => self.status_by_payments(),
        }
    }

    /// Returns the snapshot's status as payments have moved it since.
    ///
    /// | from | to | if |
    /// |---|---|---|
    /// | `incomplete` | `active` | the named or the current invoice is paid, or a checkout session is settled |
    /// | `past_due` | `active` | the current invoice is paid |
    /// | `active` | `past_due` | a payment of the current invoice failed, and no update is pending |
    ///
    /// No other status is moved by a payment.
    fn status_after(&self, snapshot: &Snapshot) -> (SubscriptionStatus, i64) {
        let Snapshot { at, status, latest_invoice_id, has_pending_update, .. } = snapshot;
        let current_id = self.current_invoice_id();
        let current = current_id.and_then(|id| self.invoices.get(id));
        let paid_at = current.and_then(|invoice| invoice.paid_at);
        let failed_at = current.and_then(Invoice::unpaid_since);
        let is_named = latest_invoice_id.is_none() || latest_invoice_id.as_deref() == current_id;
        // A snapshot beats an older payment, and one of its second unless it is the named invoice's.
        let counts = |payment: &i64| payment > at || (payment == at && is_named);
        let later = |payment: i64| payment.max(*at);

        match status {
            // A first invoice that is paid starts the subscription, also if the snapshot says so late.
            Incomplete => match self.first_paid_at(snapshot).max(paid_at) {
                Some(paid_at) => match failed_at.filter(|_| !is_named).filter(counts) {
                    Some(failed_at) => (PastDue, failed_at),
                    None => (Active, later(paid_at)),
                },
                None => (Incomplete, *at),
            },
            PastDue => match paid_at.filter(counts) {
                Some(paid_at) => (Active, paid_at),
                None => (PastDue, failed_at.map_or(*at, later)),
            },
            Active => match failed_at.filter(counts).filter(|_| !has_pending_update) {
                Some(failed_at) => (PastDue, failed_at),
                None => (Active, paid_at.map_or(*at, later)),
            },
            unmoved => (unmoved.clone(), *at),
        }
    }

    /// Returns when the invoice was paid that an incomplete subscription waits for.
    fn first_paid_at(&self, snapshot: &Snapshot) -> Option<i64> {
        let named = snapshot.latest_invoice_id.as_deref().and_then(|id| self.invoices.get(id));
        let settled_at = self.checkout.as_ref().map(|checkout| checkout.moment.at);
        settled_at.max(named.and_then(|invoice| invoice.paid_at))
    }

    /// Returns the id of the invoice whose payment can move the status: the one that the latest snapshot names, unless a newer
    /// one is known.
    ///
    /// If the snapshot names none, as before 2018, or if there is no snapshot, it is the newest invoice that is known.
    pub fn current_invoice_id(&self) -> Option<&str> {
        let named =
            self.snapshots.latest().and_then(|snapshot| Some((snapshot.latest_invoice_id.as_deref()?, snapshot.at)));
        match named {
            Some((named, at)) => Some(self.invoices.current(named, at)),
            None => self.invoices.newest(),
        }
    }

    /// Returns the status as long as there is no snapshot: what the newest invoice says.
    fn status_by_payments(&self) -> Option<(SubscriptionStatus, i64)> {
        let settled_at = self.checkout.as_ref().map(|checkout| checkout.moment.at);
        let newest = self.invoices.newest().and_then(|id| self.invoices.get(id));
        let Some((invoice, failed_at)) = newest.and_then(|invoice| Some((invoice, invoice.unpaid_since()?))) else {
            let paid_at = newest.and_then(|invoice| invoice.paid_at);
            return paid_at.max(settled_at).map(|at| (Active, at));
        };
        // The settled checkout session is the payment of the first invoice.
        let is_settled = match invoice.is_first {
            Some(is_first) => is_first,
            None => settled_at >= Some(failed_at),
        };
        Some(match settled_at.filter(|_| is_settled) {
            Some(settled_at) => (Active, settled_at),
            // It was never paid, so nothing is past due.
            None if invoice.is_first == Some(true) => (Incomplete, failed_at),
            None => (PastDue, failed_at),
        })
    }
}
