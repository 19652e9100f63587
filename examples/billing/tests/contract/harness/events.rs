//! Events as Stripe sends them: the crate's samples with other values.

use serde_json::{Value, json};
use tower_stripe_webhook::test_util::samples;
use uuid::Uuid;

/// When most of the tests' events were created.
pub const NOON: i64 = 1_795_608_000;

fn sample(json: &str) -> Value {
    let mut event: Value = serde_json::from_str(json).expect("a sample is JSON");
    event["id"] = new_id("evt").into();
    event["created"] = NOON.into();
    event
}

/// One that no other test has.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// The event with other values in its object.
pub fn with_object(mut event: Value, values: Value) -> Value {
    let object = event["data"]["object"].as_object_mut().expect("a snapshot event");
    object.extend(values.as_object().expect("an object").clone());
    event
}

pub fn at(mut event: Value, created: i64) -> Value {
    event["created"] = created.into();
    event
}

pub fn of_type(mut event: Value, event_type: &str) -> Value {
    event["type"] = event_type.into();
    event
}

pub fn live(mut event: Value) -> Value {
    event["livemode"] = true.into();
    event
}

/// Another event of the same content.
pub fn with_new_id(mut event: Value) -> Value {
    event["id"] = new_id("evt").into();
    event
}

pub fn checkout(email: &str, customer: &str, subscription: &str) -> Value {
    with_object(
        sample(samples::CHECKOUT_SESSION_COMPLETED),
        json!({
            "id": new_id("cs_test"),
            "customer": customer,
            "customer_details": { "email": email },
            "subscription": subscription,
        }),
    )
}

/// A paid checkout session that buys credits, of a guest.
pub fn top_up(email: &str, cents: i64) -> Value {
    with_object(
        sample(samples::CHECKOUT_SESSION_COMPLETED),
        json!({
            "id": new_id("cs_test"),
            "mode": "payment",
            "customer": null,
            "customer_details": { "email": email },
            "subscription": null,
            "amount_total": cents,
            "metadata": { "session_type": "credits_topup" },
        }),
    )
}

/// `created`, `updated` or `deleted`.
pub fn subscription(what: &str, id: &str, customer: &str, status: &str) -> Value {
    let json = match what {
        "created" => samples::CUSTOMER_SUBSCRIPTION_CREATED,
        "updated" => samples::CUSTOMER_SUBSCRIPTION_UPDATED,
        "deleted" => samples::CUSTOMER_SUBSCRIPTION_DELETED,
        _ => panic!("no subscription is {what}"),
    };
    let values =
        json!({ "id": id, "customer": customer, "status": status, "cancel_at_period_end": false, "canceled_at": null });
    with_object(sample(json), values)
}

/// `paid` or `payment_failed`, in the shape since 2025-03-31.basil.
pub fn invoice(what: &str, email: &str, customer: &str, subscription: &str) -> Value {
    let json = match what {
        "paid" => samples::INVOICE_PAID,
        "payment_failed" => samples::INVOICE_PAYMENT_FAILED,
        _ => panic!("no invoice is {what}"),
    };
    let mut event = sample(json);
    event["data"]["object"]["parent"]["subscription_details"]["subscription"] = subscription.into();
    with_object(event, json!({ "id": new_id("in"), "customer": customer, "customer_email": email }))
}

/// The same in the shape before 2025-03-31.basil.
pub fn in_old_shape(mut invoice: Value) -> Value {
    let subscription = invoice["data"]["object"]["parent"]["subscription_details"]["subscription"].clone();
    invoice["api_version"] = "2024-06-20".into();
    let object = invoice["data"]["object"].as_object_mut().expect("an invoice");
    object.remove("parent");
    object.insert("subscription".into(), subscription);
    invoice
}
