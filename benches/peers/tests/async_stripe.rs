//! Decoding into the types of async-stripe with `event.object::<…>()`.

use stripe_shared::{CheckoutSession, Invoice, Subscription, SubscriptionStatus};
use tower_stripe_webhook::{Event, test_util::samples};

#[test]
fn an_invoice_decodes_into_async_stripes_type() {
    let event = Event::unverified_from_json(samples::INVOICE_PAID).unwrap();
    let invoice: Invoice = event.object().unwrap();
    assert_eq!(invoice.amount_paid, 2000);
    assert_eq!(invoice.lines.data.len(), 1);
}

#[test]
fn a_subscription_decodes_into_async_stripes_type() {
    let event = Event::unverified_from_json(samples::CUSTOMER_SUBSCRIPTION_DELETED).unwrap();
    let subscription: Subscription = event.object().unwrap();
    assert_eq!(subscription.status, SubscriptionStatus::Canceled);
}

#[test]
fn a_checkout_session_decodes_into_async_stripes_type() {
    let event = Event::unverified_from_json(samples::CHECKOUT_SESSION_COMPLETED).unwrap();
    let session: CheckoutSession = event.object().unwrap();
    assert_eq!(session.amount_total, Some(2000));
}
