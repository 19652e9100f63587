//! The outcome of an event, for the list of deliveries.

use tower_stripe_webhook::event::object::SubscriptionStatus::{
    self, Active, Incomplete, PastDue, Trialing,
};

use super::{Fact, InvoiceEvent, Known, SnapshotKind, Subscription, SubscriptionEvent};
use crate::billing::outcome::Verdict;

/// Returns the outcome of an event that changed `before` to what is known now.
pub(super) fn of(event: &SubscriptionEvent, before: &Subscription, known: &Known) -> Verdict {
    let now = known.subscription();
    let Some(status) = &now.status else {
        return Verdict::ignored("the event does not set the status");
    };
    if now != *before {
        return applied(status);
    }
    if now.has_ended() {
        return Verdict::stale("the subscription has ended");
    }
    if let Some(fetched) = event.fetched() {
        return match known.latest() == Some(fetched) {
            true => applied(status),
            false => Verdict::stale("the subscription was fetched again for a newer event"),
        };
    }
    if now.changed_at.is_some_and(|changed_at| event.moment.at < changed_at) {
        return outdated(&event.fact);
    }
    match &event.fact {
        Fact::Snapshot(snapshot) if known.latest() == Some(&**snapshot) => applied(status),
        Fact::Snapshot(_) | Fact::Gone => outdated(&event.fact),
        Fact::Checkout if *status == Active => applied(status),
        Fact::Checkout => Verdict::ignored(format!(
            "a checkout session does not change a subscription that is {status}"
        )),
        Fact::Invoice(event) => invoice(event, known, status),
    }
}

fn applied(status: &SubscriptionStatus) -> Verdict {
    Verdict::applied(format!("the subscription is {status}"))
}

fn outdated(fact: &Fact) -> Verdict {
    match fact {
        Fact::Snapshot(snapshot) if snapshot.kind == SnapshotKind::Created => {
            Verdict::stale("a newer snapshot is known")
        }
        _ => Verdict::stale("a newer event supersedes it"),
    }
}

/// Returns the outcome of an invoice that changed nothing.
fn invoice(event: &InvoiceEvent, known: &Known, status: &SubscriptionStatus) -> Verdict {
    if known.current_invoice_id() != Some(&*event.id) {
        return Verdict::ignored("the subscription has a newer invoice, which counts");
    }
    let has_failed = event.invoice.failed_at.is_some();
    if has_failed && known.invoices.get(&event.id).is_some_and(|invoice| invoice.paid_at.is_some())
    {
        return Verdict::ignored("the invoice is paid");
    }
    let has_pending_update = known.latest().is_some_and(|latest| latest.has_pending_update);
    match status {
        Active if !has_failed => applied(status),
        PastDue if has_failed => applied(status),
        Active if has_pending_update => Verdict::ignored(
            "the payment of a pending update failed: the subscription stays active",
        ),
        Active | PastDue => Verdict::ignored(format!(
            "an event of the same second says that the subscription is {status}"
        )),
        Incomplete => {
            Verdict::ignored("the first payment failed: the subscription stays incomplete")
        }
        Trialing => Verdict::ignored("a payment does not end a trial"),
        _ => Verdict::ignored(format!("a payment does not change a subscription that is {status}")),
    }
}
