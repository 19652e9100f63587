//! Events about subscriptions.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    VerifiedEvent,
    object::{self, BillingReason, CheckoutSession, Invoice},
};

use super::{Failure, buyer::Buyer, happened_at};
use crate::{
    billing::{
        outcome::Verdict,
        subscription::{Facts, InvoiceOf, Payment, Snapshot, Subscription},
    },
    data::subscriptions,
};

/// A checkout session that starts a subscription: the buyer gets it as active.
pub(super) async fn start(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if !session.is_settled() {
        return Ok(Verdict::ignored("the checkout session is not paid yet"));
    }
    let buyer = Buyer::of_session(session);
    settle(tx, event, session.subscription_id(), &buyer, |subscription, at| {
        subscription.checked_out(at, buyer.email.as_deref())
    })
    .await
}

/// `invoice.paid`
pub(super) async fn paid(tx: &mut AnyConnection, event: &VerifiedEvent, invoice: &Invoice) -> Result<Verdict, Failure> {
    let payment = match invoice.total.or(invoice.amount_due) {
        Some(0) => Payment::NothingDue,
        _ => Payment::Due,
    };
    let buyer = Buyer::of_invoice(invoice);
    settle(tx, event, invoice.subscription_id(), &buyer, |subscription, at| subscription.paid(at, payment)).await
}

/// `invoice.payment_failed`
pub(super) async fn payment_failed(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    invoice: &Invoice,
) -> Result<Verdict, Failure> {
    let of = match invoice.billing_reason {
        Some(BillingReason::SubscriptionCreate) => InvoiceOf::FirstPeriod,
        _ => InvoiceOf::LaterPeriod,
    };
    let buyer = Buyer::of_invoice(invoice);
    settle(tx, event, invoice.subscription_id(), &buyer, |subscription, at| subscription.payment_failed(at, of)).await
}

/// A subscription's own event.
pub(super) async fn follow(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    object: &object::Subscription,
    rule: fn(&mut Subscription, i64, Snapshot) -> Verdict,
) -> Result<Verdict, Failure> {
    change(tx, event, &object.id, |subscription| rule(subscription, happened_at(event), snapshot(object))).await
}

/// What is paid for, or not, tells the status of a subscription, and whose it is.
async fn settle(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    subscription_id: Option<&str>,
    buyer: &Buyer<'_>,
    rule: impl FnOnce(&mut Subscription, i64) -> Verdict,
) -> Result<Verdict, Failure> {
    let Some(id) = subscription_id else {
        return Ok(Verdict::ignored("it is about no subscription"));
    };
    let verdict = change(tx, event, id, |subscription| {
        subscription.belongs_to(buyer.customer_id, buyer.email.as_deref());
        rule(subscription, happened_at(event))
    })
    .await?;
    buyer.remember(tx, event).await?;
    Ok(verdict)
}

/// Applies a rule to a subscription that is locked meanwhile.
async fn change(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    id: &str,
    rule: impl FnOnce(&mut Subscription) -> Verdict,
) -> Result<Verdict, Failure> {
    let mut subscription = subscriptions::lock(tx, id, event.livemode()).await?;
    let before = subscription.clone();
    let verdict = rule(&mut subscription);
    if subscription != before {
        subscriptions::store(tx, id, &subscription).await?;
    }
    Ok(verdict)
}

fn snapshot(object: &object::Subscription) -> Snapshot {
    let current_period_end = object.current_period_end();
    // With flexible billing, one that ends with its period has the time of its end alone.
    let ends_with_period = object.cancel_at.is_some() && object.cancel_at == current_period_end;
    Snapshot {
        customer_id: object.customer_id().to_owned(),
        status: object.status.clone(),
        facts: Facts {
            price_id: object.price_ids().next().map(str::to_owned),
            current_period_end,
            cancel_at_period_end: Some(object.cancel_at_period_end || ends_with_period),
            canceled_at: object.canceled_at,
            created: object.created,
        },
    }
}
