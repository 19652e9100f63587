//! The status of a subscription.

use tower_stripe_webhook::event::object::SubscriptionStatus::{
    self, Active, Canceled, Incomplete, PastDue,
};

use super::{Invoice, Known, Snapshot, is_final};

impl Known {
    /// Returns the status, and when the newest event that sets or confirms it was created. `None`
    /// before the first event.
    pub(super) fn status(&self) -> Option<(SubscriptionStatus, i64)> {
        let latest = self.latest_as_of();
        let has_ended = latest.is_some_and(|(snapshot, _)| is_final(&snapshot.status));
        match (latest, &self.gone) {
            (_, Some(gone)) if !has_ended => Some((Canceled, gone.moment.at)),
            (Some((snapshot, as_of)), _) => Some(self.status_after(snapshot, as_of)),
            (None, _) => self.status_by_payments(),
        }
    }

    /// Returns the snapshot's status, changed by later payments.
    ///
    /// | from | to | if |
    /// |---|---|---|
    /// | `incomplete` | `active` | the named or the current invoice is paid, or a checkout session is settled |
    /// | `past_due` | `active` | the current invoice is paid |
    /// | `active` | `past_due` | a payment of the current invoice failed, and no update is pending |
    ///
    /// Payments change no other status.
    fn status_after(&self, snapshot: &Snapshot, as_of: i64) -> (SubscriptionStatus, i64) {
        let Snapshot { status, latest_invoice_id, has_pending_update, .. } = snapshot;
        let current_id = self.current_invoice_id();
        let current = current_id.and_then(|id| self.invoices.get(id));
        let paid_at = current.and_then(|invoice| invoice.paid_at);
        let failed_at = current.and_then(Invoice::unpaid_since);
        let is_named = latest_invoice_id.is_none() || latest_invoice_id.as_deref() == current_id;
        // A snapshot overrides an older payment, and one of the same second unless it is of the
        // named invoice. What was fetched includes the payments of its second.
        let counts = |payment: &i64| {
            *payment > as_of || (*payment == as_of && is_named && !snapshot.is_fetched())
        };
        // A fetch has no event of its own. The newest event about the subscription confirms it.
        let at = match self.snapshot_at {
            Some(newest) if snapshot.is_fetched() => newest,
            _ => snapshot.at,
        };
        let later = |payment: i64| payment.max(at);

        match status {
            // A paid first invoice starts the subscription, even if it was paid before the
            // snapshot.
            Incomplete => match self.first_paid_at(snapshot).max(paid_at) {
                Some(paid_at) => match failed_at.filter(|_| !is_named).filter(counts) {
                    Some(failed_at) => (PastDue, failed_at),
                    None => (Active, later(paid_at)),
                },
                None => (Incomplete, at),
            },
            PastDue => match paid_at.filter(counts) {
                Some(paid_at) => (Active, paid_at),
                None => (PastDue, failed_at.map_or(at, later)),
            },
            Active => match failed_at.filter(counts).filter(|_| !has_pending_update) {
                Some(failed_at) => (PastDue, failed_at),
                None => (Active, paid_at.map_or(at, later)),
            },
            unmoved => (unmoved.clone(), at),
        }
    }

    /// Returns when the first invoice of an incomplete subscription was paid.
    fn first_paid_at(&self, snapshot: &Snapshot) -> Option<i64> {
        let named = snapshot.latest_invoice_id.as_deref().and_then(|id| self.invoices.get(id));
        let settled_at = self.checkout.as_ref().map(|checkout| checkout.moment.at);
        settled_at.max(named.and_then(|invoice| invoice.paid_at))
    }

    /// Returns the id of the invoice whose payment can change the status: the one that the latest
    /// snapshot names, unless a newer one is known.
    ///
    /// If the snapshot names none, as before 2018, or if there is no snapshot, it is the newest
    /// known invoice.
    pub fn current_invoice_id(&self) -> Option<&str> {
        let named = self
            .latest_as_of()
            .and_then(|(snapshot, as_of)| Some((snapshot.latest_invoice_id.as_deref()?, as_of)));
        match named {
            Some((named, at)) => Some(self.invoices.current(named, at)),
            None => self.invoices.newest(),
        }
    }

    /// Returns the status of a subscription without a snapshot, by its newest invoice.
    fn status_by_payments(&self) -> Option<(SubscriptionStatus, i64)> {
        let settled_at = self.checkout.as_ref().map(|checkout| checkout.moment.at);
        let newest = self.invoices.newest().and_then(|id| self.invoices.get(id));
        let Some((invoice, failed_at)) =
            newest.and_then(|invoice| Some((invoice, invoice.unpaid_since()?)))
        else {
            let paid_at = newest.and_then(|invoice| invoice.paid_at);
            return paid_at.max(settled_at).map(|at| (Active, at));
        };
        // A settled checkout session pays the first invoice.
        let is_settled = match invoice.is_first {
            Some(is_first) => is_first,
            None => settled_at >= Some(failed_at),
        };
        Some(match settled_at.filter(|_| is_settled) {
            Some(settled_at) => (Active, settled_at),
            // The subscription was never paid, so it is not past due.
            None if invoice.is_first == Some(true) => (Incomplete, failed_at),
            None => (PastDue, failed_at),
        })
    }
}
