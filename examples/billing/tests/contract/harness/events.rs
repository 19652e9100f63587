//! Events in Stripe's format: the library's samples with other values.

use serde_json::{Value, json};
use tower_stripe_webhook::test_util::samples;
use uuid::Uuid;

/// The creation time of most events.
pub const NOON: i64 = 1_795_608_000;

fn sample(json: &str) -> Value {
    let mut event: Value = serde_json::from_str(json).expect("a sample is JSON");
    event["id"] = new_id("evt").into();
    event["created"] = NOON.into();
    event
}

/// Returns a unique id.
pub fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", Uuid::now_v7().simple())
}

/// Sets values of the event's object.
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

/// Returns another event with the same content.
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

/// A paid checkout session that sells credits to a guest.
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

/// A `customer.subscription.*` event: `created`, `updated` or `deleted`.
pub fn subscription(what: &str, id: &str, customer: &str, status: &str) -> Value {
    let json = match what {
        "created" => samples::CUSTOMER_SUBSCRIPTION_CREATED,
        "updated" => samples::CUSTOMER_SUBSCRIPTION_UPDATED,
        "deleted" => samples::CUSTOMER_SUBSCRIPTION_DELETED,
        _ => panic!("no subscription is {what}"),
    };
    let values = json!({
        "id": id,
        "customer": customer,
        "status": status,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
    });
    with_object(sample(json), values)
}

/// An `invoice.*` event: `paid` or `payment_failed`, in the format since 2025-03-31.basil.
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

/// Sets the latest invoice of a subscription, or the id of an invoice.
pub fn with_invoice(event: Value, id: &str) -> Value {
    let field =
        if event["data"]["object"]["object"] == "invoice" { "id" } else { "latest_invoice" };
    with_object(event, json!({ field: id }))
}

/// An `invoice.*` event in the format before 2025-03-31.basil.
pub fn in_old_shape(mut invoice: Value) -> Value {
    let subscription =
        invoice["data"]["object"]["parent"]["subscription_details"]["subscription"].clone();
    invoice["api_version"] = "2024-06-20".into();
    let object = invoice["data"]["object"].as_object_mut().expect("an invoice");
    object.remove("parent");
    object.insert("subscription".into(), subscription);
    invoice
}

/// A top-up with a payment intent, to which refunds and disputes can refer.
pub fn top_up_paid_by(payment: &str, email: &str, cents: i64) -> Value {
    with_object(top_up(email, cents), json!({ "payment_intent": payment }))
}

fn snapshot(event_type: &str, object: Value) -> Value {
    json!({
        "id": new_id("evt"),
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": NOON,
        "livemode": false,
        "type": event_type,
        "data": { "object": object },
    })
}

/// `charge.refunded`, with the sum of the charge's refunds so far.
pub fn charge_refunded(payment: &str, paid: i64, refunded: i64) -> Value {
    let charge = json!({
        "id": format!("ch_of_{payment}"),
        "object": "charge",
        "amount": paid,
        "amount_captured": paid,
        "amount_refunded": refunded,
        "captured": true,
        "currency": "usd",
        "disputed": false,
        "livemode": false,
        "paid": true,
        "payment_intent": payment,
        "refunded": refunded == paid,
        "status": "succeeded",
    });
    snapshot("charge.refunded", charge)
}

/// `refund.created`, `refund.updated`, `refund.failed` or `charge.refund.updated`.
pub fn refund(event_type: &str, id: &str, payment: &str, cents: i64, status: &str) -> Value {
    let refund = json!({
        "id": id,
        "object": "refund",
        "amount": cents,
        "charge": format!("ch_of_{payment}"),
        "created": NOON,
        "currency": "usd",
        "payment_intent": payment,
        "status": status,
    });
    snapshot(event_type, refund)
}

/// `charge.dispute.*`
pub fn dispute(event_type: &str, payment: &str, cents: i64, status: &str) -> Value {
    let dispute = json!({
        "id": format!("dp_of_{payment}"),
        "object": "dispute",
        "amount": cents,
        "charge": format!("ch_of_{payment}"),
        "created": NOON,
        "currency": "usd",
        "payment_intent": payment,
        "reason": "fraudulent",
        "status": status,
    });
    snapshot(event_type, dispute)
}

/// `customer.created` or `customer.updated`.
pub fn customer(event_type: &str, id: &str, email: Option<&str>) -> Value {
    snapshot(event_type, json!({ "id": id, "object": "customer", "email": email, "created": NOON }))
}

/// Sets the previous attributes of an update.
pub fn changed_from(mut event: Value, before: Value) -> Value {
    event["data"]["previous_attributes"] = before;
    event
}

pub fn of_account(mut event: Value, field: &str, account: &str) -> Value {
    event[field] = account.into();
    event
}

/// A thin event about an object of API v1.
pub fn thin(event_type: &str, context: Option<&str>) -> Value {
    json!({
        "id": new_id("evt"),
        "object": "v2.core.event",
        "type": event_type,
        "created": "2026-11-25T12:00:00.000Z",
        "livemode": false,
        "context": context,
        "related_object": { "id": "cus_1", "type": "customer", "url": "/v1/customers/cus_1" },
    })
}
