//! Events that affect a subscription.

use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventType,
    event::object::{
        self, BillingReason, CheckoutSession, PreviousSubscription, SubscriptionStatus,
    },
};

use super::{Failure, buyer::Buyer, received::Received};
use crate::{
    billing::{
        outcome::Verdict,
        subscription::{
            Fact, Facts, Invoice, InvoiceEvent, Moment, Previous, Snapshot, SnapshotKind,
            SubscriptionEvent,
        },
    },
    data::subscriptions,
};

/// Whether an invoice was paid or its payment failed.
#[derive(Clone, Copy, Debug)]
pub(super) enum Payment {
    Paid,
    Failed,
}

/// Handles a checkout session that starts a subscription.
pub(super) async fn apply_checkout(
    tx: &mut AnyConnection,
    event: &Received,
    session: &CheckoutSession,
) -> Result<Verdict, Failure> {
    if !session.is_settled() {
        return Ok(Verdict::ignored("the checkout session is not paid yet"));
    }
    let Some(id) = session.subscription_id() else { return Ok(no_subscription()) };
    let buyer = Buyer::of_session(session);
    // A subscription is also found by the address that was entered at Checkout, even if the
    // customer's address changes later.
    let email = buyer.email.clone();
    let verdict = learn(tx, event, id, buyer.customer_id, email, Fact::Checkout).await?;
    buyer.remember_email(tx, event).await?;
    Ok(verdict)
}

/// Handles `invoice.paid` and `invoice.payment_failed`.
pub(super) async fn apply_invoice(
    tx: &mut AnyConnection,
    event: &Received,
    invoice: &object::Invoice,
    payment: Payment,
) -> Result<Verdict, Failure> {
    let Some(id) = invoice.subscription_id() else { return Ok(no_subscription()) };
    let buyer = Buyer::of_invoice(invoice);
    // A customer's address is stored with the customer, because it can change.
    let email = buyer.email.clone().filter(|_| buyer.customer_id.is_none());
    let at = event.at;
    let (paid_at, failed_at) = match payment {
        Payment::Paid => (Some(at), None),
        Payment::Failed => (None, Some(at)),
    };
    let fact = Fact::Invoice(InvoiceEvent {
        // Only a preview has no id.
        id: invoice.id().unwrap_or(event.id()).to_owned(),
        invoice: Invoice {
            created: invoice.created(),
            is_first: invoice.billing_reason().and_then(is_of_first_period),
            paid_at,
            failed_at,
        },
    });
    let verdict = learn(tx, event, id, buyer.customer_id, email, fact).await?;
    buyer.remember_email(tx, event).await?;
    Ok(verdict)
}

/// Handles a `customer.subscription.*` event.
pub(super) async fn apply_snapshot(
    tx: &mut AnyConnection,
    event: &Received,
    object: &object::Subscription,
    kind: SnapshotKind,
) -> Result<Verdict, Failure> {
    let fetched_at = event.current_since();
    // What was fetched is not the subscription as it was created.
    let kind = match (kind, fetched_at) {
        (SnapshotKind::Created, Some(_)) => SnapshotKind::Updated,
        (kind, _) => kind,
    };
    let fact = Fact::Snapshot(Box::new(snapshot(event, object, kind, fetched_at)));
    learn(tx, event, object.id(), Some(object.customer_id()), None, fact).await
}

/// Handles a thin `customer.subscription.*` event whose subscription Stripe does not have.
///
/// Stripe keeps canceled subscriptions. One that is missing was deleted with test data, or belongs
/// to another account than the API key. So only the event of a deletion is taken for one.
pub(super) async fn apply_gone(
    tx: &mut AnyConnection,
    event: &Received,
    id: &str,
) -> Result<Verdict, Failure> {
    if *event.event_type() == EventType::CustomerSubscriptionDeleted {
        return learn(tx, event, id, None, None, Fact::Gone).await;
    }
    let known = subscriptions::lock(tx, id, event.livemode()).await?;
    if known.subscription().has_ended() {
        return Ok(Verdict::stale("the subscription has ended"));
    }
    Err(no_such_object())
}

/// The failure of an event whose object Stripe never deletes.
pub(super) fn no_such_object() -> Failure {
    Failure::not_fetched("Stripe has no such object: the API key may belong to another account")
}

/// Adds a fact to a subscription while its row is locked.
async fn learn(
    tx: &mut AnyConnection,
    event: &Received,
    id: &str,
    customer_id: Option<&str>,
    email: Option<String>,
    fact: Fact,
) -> Result<Verdict, Failure> {
    let mut known = subscriptions::lock(tx, id, event.livemode()).await?;
    let current = event.fetched.as_ref().and_then(|fetched| {
        let subscription = fetched.subscription.as_ref()?;
        Some(Box::new(snapshot(event, subscription, SnapshotKind::Updated, Some(fetched.sent_at))))
    });
    let verdict = known.learn(SubscriptionEvent {
        moment: Moment { at: event.at, event_id: event.id().to_owned() },
        customer_id: customer_id.map(str::to_owned),
        email,
        fact,
        current,
    });
    subscriptions::store(tx, id, &known).await?;
    Ok(verdict)
}

fn no_subscription() -> Verdict {
    Verdict::ignored("it belongs to no subscription")
}

/// Returns `None` if the reason covers both: until 2018, `subscription` was the only one.
fn is_of_first_period(reason: &BillingReason) -> Option<bool> {
    match reason {
        BillingReason::SubscriptionCreate => Some(true),
        BillingReason::SubscriptionCycle
        | BillingReason::SubscriptionThreshold
        | BillingReason::SubscriptionUpdate => Some(false),
        _ => None,
    }
}

fn snapshot(
    event: &Received,
    object: &object::Subscription,
    kind: SnapshotKind,
    fetched_at: Option<i64>,
) -> Snapshot {
    let status = match (kind, object.status()) {
        (SnapshotKind::Deleted, SubscriptionStatus::IncompleteExpired) => {
            SubscriptionStatus::IncompleteExpired
        }
        (SnapshotKind::Deleted, _) => SubscriptionStatus::Canceled,
        (_, status) => status.clone(),
    };
    Snapshot {
        event_id: event.id().to_owned(),
        at: event.at,
        fetched_at,
        kind,
        status,
        latest_invoice_id: object.latest_invoice_id().map(str::to_owned),
        has_pending_update: object.has_pending_update(),
        facts: Facts {
            price_id: object.plan_price_id().map(str::to_owned),
            prices: object.price_ids().map(str::to_owned).collect(),
            current_period_end: object.current_period_end(),
            cancel_at_period_end: Some(object.cancel_at_period_end()),
            cancel_at: object.cancel_at(),
            canceled_at: object.canceled_at(),
            created: object.created(),
        },
        // The values before the event are not those before what was fetched.
        previous: fetched_at.map_or_else(|| previous(event), |_| Previous::default()),
    }
}

fn previous(event: &Received) -> Previous {
    // Only needed to order the snapshots of one second, so they may be missing.
    let before = event.previous_attributes::<PreviousSubscription>().ok().flatten();
    // A resumed subscription was paused, even if the attributes do not say so.
    let was_paused = *event.event_type() == EventType::CustomerSubscriptionResumed;
    let paused = was_paused.then(|| SubscriptionStatus::Paused.as_str().to_owned());
    let Some(before) = before else { return Previous { status: paused, ..Previous::default() } };
    let prices: Vec<String> = before.price_ids().map(str::to_owned).collect();
    Previous {
        status: before.status().map(|status| status.as_str().to_owned()).or(paused),
        latest_invoice_id: before
            .latest_invoice()
            .map(|link| link.as_ref().map(|link| link.id().to_owned())),
        prices: (!prices.is_empty()).then_some(prices),
        cancel_at: before.cancel_at(),
        cancel_at_period_end: before.cancel_at_period_end(),
    }
}
