//! Events from public bug reports.

use tower_stripe_webhook::{
    Event, EventData,
    event::object::{Charge, CheckoutSession, Invoice},
};

fn event(json: &str) -> Event {
    Event::unverified_from_json(json.to_owned()).unwrap()
}

fn invoice(json: &str) -> Invoice {
    match event(json).data().unwrap() {
        EventData::InvoicePaid(invoice) | EventData::InvoicePaymentSucceeded(invoice) => invoice,
        other => panic!("{other:?}"),
    }
}

fn session(json: &str) -> CheckoutSession {
    match event(json).data().unwrap() {
        EventData::CheckoutSessionCompleted(session) => session,
        other => panic!("{other:?}"),
    }
}

fn charge(json: &str) -> Charge {
    match event(json).data().unwrap() {
        EventData::ChargeUpdated(charge) => charge,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_paid_payment_of_an_invoice_counts() {
    let paid = invoice(include_str!("data/reported/l01_invoice_payments_first_canceled.json"));
    assert_eq!(paid.payment_intent_id(), Some("pi_new"));
}

#[test]
fn an_old_line_id_is_the_subscription() {
    let old = invoice(include_str!("data/reported/v01_line_id_is_subscription_2016_03_07.json"));
    assert_eq!(old.subscription_id(), Some("sub_C3vA"));
}

#[test]
fn an_old_session_has_its_shipping_address() {
    let json = include_str!("data/reported/v02_session_shipping_2020_08_27.json");
    let object: serde_json::Value = event(json).object().unwrap();
    let line = object["shipping"]["address"]["line1"].as_str().unwrap();
    let session = session(json);
    let address = session.shipping_details().unwrap().address().unwrap();
    assert_eq!(address.line1(), Some(line));
}

#[test]
fn an_old_charge_with_a_dispute_is_disputed() {
    assert!(charge(include_str!("data/reported/v07_charge_dispute_2017_08_15.json")).disputed());
}

#[test]
fn a_lone_surrogate_does_not_lose_a_paid_session() {
    let session = session(include_str!("data/reported/l08c_lone_surrogate_topup.json"));
    assert!(session.is_paid());
    assert_eq!((session.amount_total(), session.email()), (Some(2000), Some("zoe@example.com")));
}
