//! What became of an event, for the list of deliveries.

use tower_stripe_webhook::object::SubscriptionStatus;

use super::{Fact, InvoiceEvent, Known, SnapshotKind, Subscription, SubscriptionEvent};
use crate::billing::outcome::Verdict;

/// Returns what became of an event by which `before` has become what is known now.
pub(super) fn of(event: &SubscriptionEvent, before: &Subscription, known: &Known) -> Verdict {
    let now = known.subscription();
    let applied = || match &now.status {
        Some(status) => Verdict::applied(format!("the subscription is {status}")),
        None => Verdict::applied("the subscription is known"),
    };
    if now != *before {
        return applied();
    }
    if now.has_ended() {
        return Verdict::stale("the subscription has ended");
    }
    if now.changed_at.is_some_and(|changed_at| event.moment.at < changed_at) {
        return outdated(event);
    }
    match &event.fact {
        Fact::Snapshot(snapshot) if known.snapshots.latest() == Some(&**snapshot) => applied(),
        Fact::Snapshot(_) => outdated(event),
        Fact::Checkout if now.status == Some(SubscriptionStatus::Active) => applied(),
        Fact::Checkout => match &now.status {
            Some(status) => Verdict::ignored(format!("a checkout session does not end the status {status}")),
            None => Verdict::ignored("a checkout session says nothing more"),
        },
        Fact::Invoice(event) => invoice(event, known, now.status.as_ref()),
    }
}

fn outdated(event: &SubscriptionEvent) -> Verdict {
    match &event.fact {
        Fact::Snapshot(snapshot) if snapshot.kind == SnapshotKind::Created => Verdict::stale("more is known already"),
        _ => Verdict::stale("a newer event has said otherwise"),
    }
}

/// Why an invoice has changed nothing.
fn invoice(event: &InvoiceEvent, known: &Known, status: Option<&SubscriptionStatus>) -> Verdict {
    let has_failed = event.invoice.failed_at.is_some();
    if known.current_invoice_id() != Some(&*event.id) {
        return Verdict::ignored("the subscription has a newer invoice, which counts");
    }
    if has_failed && known.invoices.get(&event.id).is_some_and(|invoice| invoice.paid_at.is_some()) {
        return Verdict::ignored("the invoice is paid");
    }
    match status {
        Some(status @ SubscriptionStatus::Active) if !has_failed => applied_as(status),
        Some(status @ SubscriptionStatus::PastDue) if has_failed => applied_as(status),
        Some(SubscriptionStatus::Active)
            if known.snapshots.latest().is_some_and(|latest| latest.has_pending_update) =>
        {
            Verdict::ignored("the update is not paid and stays pending: the subscription stays active")
        }
        Some(SubscriptionStatus::Incomplete) => {
            Verdict::ignored("the first payment failed: the subscription stays incomplete")
        }
        Some(status @ (SubscriptionStatus::Active | SubscriptionStatus::PastDue)) => {
            Verdict::ignored(format!("an event of the same second says that the subscription is {status}"))
        }
        Some(SubscriptionStatus::Trialing) => Verdict::ignored("the trial goes on, whatever is paid"),
        Some(status) => Verdict::ignored(format!("a payment does not end the status {status}")),
        None => Verdict::ignored("the invoice says nothing more"),
    }
}

fn applied_as(status: &SubscriptionStatus) -> Verdict {
    Verdict::applied(format!("the subscription is {status}"))
}
