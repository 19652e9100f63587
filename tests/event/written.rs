//! Typed objects as JSON: they are written in Stripe's shape of the newest version, and read again unchanged.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tower_stripe_webhook::{
    event::object::{
        Charge, CheckoutSession, Customer, Dispute, Expandable, Invoice, InvoicePayment, List,
        PaymentIntent, PreviousSubscription, Refund, Subscription,
    },
    test_util::samples,
};

/// The object, written and read again.
fn written<T: DeserializeOwned + Serialize + Debug + PartialEq>(object: &Value) -> Value {
    let object: T = serde_json::from_str(&object.to_string()).unwrap();
    let written = serde_json::to_value(&object).unwrap();
    assert_eq!(serde_json::from_value::<T>(written.clone()).unwrap(), object, "{written}");
    written
}

fn object_of(sample: &str) -> Value {
    serde_json::from_str::<Value>(sample).unwrap()["data"]["object"].take()
}

/// Checks that each written value is that of the sample. A flag or a list that the sample does not have is `false` or empty.
fn assert_is_part_of(written: &Value, sample: Option<&Value>, at: &str) {
    match (written, sample) {
        // A plan is read and written as a price.
        _ if at.ends_with("/plan") => {}
        (Value::Object(fields), Some(Value::Object(sample))) => {
            for (name, value) in fields {
                assert_is_part_of(value, sample.get(name), &format!("{at}/{name}"));
            }
        }
        (Value::Array(elements), Some(Value::Array(sample))) => {
            assert_eq!(elements.len(), sample.len(), "{at}");
            for (i, (element, sample)) in elements.iter().zip(sample).enumerate() {
                assert_is_part_of(element, Some(sample), &format!("{at}/{i}"));
            }
        }
        (Value::Bool(false), None | Some(Value::Null)) => {}
        (Value::Array(elements), None | Some(Value::Null)) => assert!(elements.is_empty(), "{at}"),
        (Value::Object(fields), None | Some(Value::Null)) => {
            let is_empty_list = fields.get("data").is_some_and(|data| *data == json!([]));
            assert!(fields.is_empty() || is_empty_list, "{at}: {written}");
        }
        (_, sample) => assert_eq!(Some(written), sample, "{at}"),
    }
}

#[test]
fn an_object_of_the_newest_version_is_written_as_stripe_sent_it() {
    let session = object_of(samples::CHECKOUT_SESSION_COMPLETED);
    assert_is_part_of(&written::<CheckoutSession>(&session), Some(&session), "");
    for sample in [
        samples::CUSTOMER_SUBSCRIPTION_CREATED,
        samples::CUSTOMER_SUBSCRIPTION_UPDATED,
        samples::CUSTOMER_SUBSCRIPTION_DELETED,
    ] {
        let subscription = object_of(sample);
        let found = written::<Subscription>(&subscription);
        assert_is_part_of(&found, Some(&subscription), "");
        assert_eq!(found["object"], "subscription");
        assert_eq!(found["items"]["object"], "list");
    }
    for sample in [samples::INVOICE_PAID, samples::INVOICE_PAYMENT_FAILED] {
        let invoice = object_of(sample);
        assert_is_part_of(&written::<Invoice>(&invoice), Some(&invoice), "");
    }
}

#[test]
fn an_object_of_an_old_version_is_read_again_unchanged() {
    let subscription = written::<Subscription>(&json!({
        "id": "sub_1", "customer": {"id": "cus_1", "email": "zoe@example.com"}, "status": "active",
        "plan": {"id": "gold", "amount": 1, "interval": "month"}, "quantity": 2, "start": 1, "billing": "send_invoice",
    }));
    assert_eq!(subscription["customer"]["email"], "zoe@example.com");
    assert_eq!(subscription["start_date"], 1);
    assert_eq!(subscription["collection_method"], "send_invoice");
    assert_eq!(subscription["items"]["data"][0]["quantity"], 2);
    assert_eq!(subscription.get("billing"), None);
    written::<Invoice>(&json!({
        "id": "in_1", "paid": true, "amount_due": 1, "total_tax_amounts": [{"amount": 1}],
        "lines": {"subscriptions": [{"id": "sub_1", "plan": {"id": "gold"}}], "prorations": [{"id": "ii_1"}]},
    }));
    written::<Charge>(&json!({
        "id": "ch_1", "amount": 1, "currency": "usd", "dispute": {"amount": 1}, "refunds": {"data": [{"id": "re_1"}]},
        "source": {"id": "src_1", "object": "source", "type": "card", "card": {"brand": "Visa"}},
    }));
    written::<Customer>(&json!({"id": "cus_1", "account_balance": -5, "default_card": "card_1"}));
    written::<PaymentIntent>(&json!({
        "id": "pi_1", "amount": 1, "currency": "usd", "status": "requires_source", "allowed_source_types": ["card"],
    }));
    written::<InvoicePayment>(&json!({"id": "inpay_1", "payment": {"charge": "ch_1"}}));
    written::<Refund>(&json!({"id": "re_1", "amount": 1, "currency": "usd"}));
    written::<Dispute>(&json!({
        "id": "dp_1", "amount": 1, "currency": "usd", "status": "lost", "balance_transaction": {"id": "txn_1", "net": -1},
    }));
}

#[test]
fn an_attribute_that_was_null_before_is_written_as_null() {
    let before = json!({"cancel_at": null, "metadata": {"a": null}, "status": "active"});
    let found = written::<PreviousSubscription>(&before);
    assert_eq!(found["cancel_at"], Value::Null);
    assert!(found.as_object().unwrap().contains_key("cancel_at"));
    assert!(!found.as_object().unwrap().contains_key("trial_end"));
    assert_eq!(found["metadata"], json!({"a": null}));
}

#[test]
fn a_link_is_written_as_its_id_or_as_its_object() {
    for link in [json!("cus_1"), json!({"id": "cus_1", "email": "zoe@example.com", "more": [1]})] {
        let read: Expandable<Customer> = serde_json::from_value(link.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), link);
    }
}

#[test]
fn debug_of_a_list_has_its_elements_and_whether_there_are_more() {
    let subscription: Subscription = serde_json::from_value(json!({
        "id": "sub_1", "customer": "cus_1", "status": "active", "items": {"data": [], "has_more": true},
    }))
    .unwrap();
    let items: &List<_> = subscription.items();
    assert_eq!(format!("{items:?}"), "List { data: [], has_more: true }");
}
