//! Events about subscriptions.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventType, VerifiedEvent,
    event::object::{self, BillingReason, CheckoutSession, PreviousSubscription, SubscriptionStatus},
};

use super::{Failure, buyer::Buyer, happened_at};
use crate::{
    billing::{
        outcome::Verdict,
        subscription::{
            Fact, Facts, Invoice, InvoiceEvent, Moment, Previous, Snapshot, SnapshotKind, SubscriptionEvent,
        },
    },
    data::subscriptions,
};

/// What an event says of an invoice.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payment {
    Paid,
    Failed,
}

/// A checkout session that starts a subscription.
pub(super) async fn start(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if !session.is_settled() {
        return Ok(Verdict::ignored("the checkout session is not paid yet"));
    }
    let Some(id) = session.subscription_id() else { return Ok(about_none()) };
    let buyer = Buyer::of_session(session);
    // The subscription is also found by the address that was entered here, even if the customer has another one later.
    let email = buyer.email.clone();
    let verdict = learn(tx, event, id, buyer.customer_id, email, Fact::Checkout).await?;
    buyer.remember(tx, event).await?;
    Ok(verdict)
}

/// `invoice.paid` and `invoice.payment_failed`
pub(super) async fn bill(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    invoice: &object::Invoice,
    payment: Payment,
) -> Result<Verdict, Failure> {
    let Some(id) = invoice.subscription_id() else { return Ok(about_none()) };
    let buyer = Buyer::of_invoice(invoice);
    // The address of a customer is stored with the customer, because it can change.
    let email = buyer.email.clone().filter(|_| buyer.customer_id.is_none());
    let at = happened_at(event);
    let (paid_at, failed_at) = match payment {
        Payment::Paid => (Some(at), None),
        Payment::Failed => (None, Some(at)),
    };
    let fact = Fact::Invoice(InvoiceEvent {
        // Only a preview has no id; an event of one is about an invoice of its own.
        id: invoice.id.as_deref().unwrap_or(event.id()).to_owned(),
        invoice: Invoice {
            created: invoice.created(),
            is_first: invoice.billing_reason.as_ref().and_then(is_of_first_period),
            paid_at,
            failed_at,
        },
    });
    let verdict = learn(tx, event, id, buyer.customer_id, email, fact).await?;
    buyer.remember(tx, event).await?;
    Ok(verdict)
}

/// A subscription's own event.
pub(super) async fn follow(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    object: &object::Subscription,
    kind: SnapshotKind,
) -> Result<Verdict, Failure> {
    let fact = Fact::Snapshot(Box::new(snapshot(event, object, kind)));
    learn(tx, event, &object.id, Some(object.customer_id()), None, fact).await
}

/// Adds a fact to what is known of a subscription, which is locked meanwhile.
async fn learn(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    id: &str,
    customer_id: Option<&str>,
    email: Option<String>,
    fact: Fact,
) -> Result<Verdict, Failure> {
    let before = subscriptions::lock(tx, id, event.livemode()).await?;
    let mut known = before.clone();
    let verdict = known.learn(SubscriptionEvent {
        moment: Moment { at: happened_at(event), event_id: event.id().to_owned() },
        customer_id: customer_id.map(str::to_owned),
        email,
        fact,
    });
    subscriptions::store(tx, id, &before, &known).await?;
    Ok(verdict)
}

fn about_none() -> Verdict {
    Verdict::ignored("it is about no subscription")
}

/// `None` if the reason is one of both: `subscription` was the only one until 2018.
fn is_of_first_period(reason: &BillingReason) -> Option<bool> {
    match reason {
        BillingReason::SubscriptionCreate => Some(true),
        BillingReason::SubscriptionCycle | BillingReason::SubscriptionThreshold | BillingReason::SubscriptionUpdate => {
            Some(false)
        }
        _ => None,
    }
}

fn snapshot(event: &VerifiedEvent, object: &object::Subscription, kind: SnapshotKind) -> Snapshot {
    let status = match (kind, &object.status) {
        (SnapshotKind::Deleted, SubscriptionStatus::IncompleteExpired) => SubscriptionStatus::IncompleteExpired,
        (SnapshotKind::Deleted, _) => SubscriptionStatus::Canceled,
        (_, status) => status.clone(),
    };
    Snapshot {
        event_id: event.id().to_owned(),
        at: happened_at(event),
        kind,
        status,
        latest_invoice_id: object.latest_invoice_id().map(str::to_owned),
        has_pending_update: object.has_pending_update(),
        facts: Facts {
            price_id: object.plan_price_id().map(str::to_owned),
            prices: object.price_ids().map(str::to_owned).collect(),
            current_period_end: object.current_period_end(),
            cancel_at_period_end: Some(object.cancel_at_period_end),
            cancel_at: object.cancel_at,
            canceled_at: object.canceled_at,
            created: object.created,
        },
        previous: previous(event),
    }
}

fn previous(event: &VerifiedEvent) -> Previous {
    // They only help to order the snapshots of one second, so an event is complete without them.
    let before = event.previous_attributes::<PreviousSubscription>().ok().flatten();
    // A resumption says what was before by its type.
    let was_paused = *event.event_type() == EventType::CustomerSubscriptionResumed;
    let paused = was_paused.then(|| SubscriptionStatus::Paused.as_str().to_owned());
    let Some(before) = before else { return Previous { status: paused, ..Previous::default() } };
    let prices: Vec<String> = before.price_ids().map(str::to_owned).collect();
    Previous {
        status: before.status.as_ref().map(|status| status.as_str().to_owned()).or(paused),
        latest_invoice_id: before.latest_invoice.as_ref().map(|link| link.as_ref().map(|link| link.id().to_owned())),
        prices: (!prices.is_empty()).then_some(prices),
        cancel_at: before.cancel_at,
        cancel_at_period_end: before.cancel_at_period_end,
    }
}
