//! Objects as older API versions have them.
//!
//! Source: Stripe's changelog, <https://docs.stripe.com/changelog>.

use serde_json::{Map, Value, json};

/// The API version of the samples.
pub(super) const NEWEST: &str = "2026-10-28.endive";

/// The oldest version of which there are samples.
const OLDEST: &str = "2020-08-27";

const V2022_08_01: &str = "2022-08-01";
const V2022_11_15: &str = "2022-11-15";
const ACACIA_4: &str = "2024-12-18";
const BASIL: &str = "2025-03-31";
const BASIL_4: &str = "2025-06-30";
const CLOVER: &str = "2025-09-30";

type Fields = Map<String, Value>;

/// The type of an object, the version that moved its values, and a function that moves them back.
type Move = (&'static str, &'static str, fn(&mut Fields));

/// The moves of values of each object, the newest first.
const MOVES: &[Move] = &[
    ("subscription", BASIL_4, subscription_before_billing_mode),
    ("subscription", BASIL, subscription_before_basil),
    ("invoice", BASIL, invoice_before_basil),
    ("checkout.session", BASIL, session_before_basil),
    ("checkout.session", V2022_08_01, session_before_2022_08),
    ("payment_intent", CLOVER, intent_before_clover),
    ("payment_intent", V2022_11_15, intent_before_2022_11),
    ("charge", BASIL, charge_before_basil),
    ("charge", V2022_11_15, charge_before_2022_11),
    ("promotion_code", CLOVER, promotion_code_before_clover),
    ("discount", CLOVER, discount_before_clover),
    ("invoiceitem", BASIL, invoice_item_before_basil),
    ("credit_note", BASIL, credit_note_before_basil),
    ("credit_note", ACACIA_4, credit_note_before_acacia_4),
];

/// Checks that there are samples of `version`.
pub(super) fn check(object: &Value, version: &str) -> Result<(), String> {
    let name = object["object"].as_str().unwrap_or_default();
    let is_v2 = name.starts_with("v2.");
    let is_date = is_date(version);
    if is_date && !is_v2 && date(version) >= OLDEST && date(version) <= date(NEWEST) {
        return Ok(());
    }
    Err(if is_v2 {
        format!("a `{name}` belongs to the API v2, whose events have no `api_version`")
    } else if is_date {
        format!("there are samples of `{name}` from {OLDEST} to {NEWEST}, not of {version}")
    } else {
        format!("`{version}` is no API version, such as {OLDEST} or {NEWEST}")
    })
}

/// Moves values to where `version` has them.
pub(super) fn apply(object: &mut Value, version: &str) {
    let name = object["object"].as_str().unwrap_or_default().to_owned();
    let Value::Object(fields) = object else { return };
    for (moved, since, undo) in MOVES {
        if *moved == name && date(version) < *since {
            undo(fields);
        }
    }
}

fn date(version: &str) -> &str {
    version.get(..10).unwrap_or(version)
}

fn is_date(version: &str) -> bool {
    let digits = date(version).split('-').map(str::len);
    digits.eq([4, 2, 2])
        && date(version).bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && version.get(10..).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn take(fields: &mut Fields, name: &str) -> Value {
    fields.remove(name).unwrap_or_default()
}

fn at(value: &Value, path: &str) -> Value {
    value.pointer(path).cloned().unwrap_or_default()
}

fn elements<'a>(fields: &'a mut Fields, list: &str) -> impl Iterator<Item = &'a mut Fields> {
    fields
        .get_mut(list)
        .and_then(|list| list["data"].as_array_mut())
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

fn subscription_before_billing_mode(subscription: &mut Fields) {
    subscription.remove("billing_mode");
}

fn subscription_before_basil(subscription: &mut Fields) {
    let mut periods = Vec::new();
    let mut first = None;
    for item in elements(subscription, "items") {
        periods.push((take(item, "current_period_start"), take(item, "current_period_end")));
        first.get_or_insert_with(|| (item.get("plan").cloned(), item.get("quantity").cloned()));
    }
    let start = periods.iter().filter_map(|(start, _)| start.as_i64()).min();
    let end = periods.iter().filter_map(|(_, end)| end.as_i64()).max();
    let (plan, quantity) = first.unwrap_or_default();
    subscription.insert("current_period_start".into(), json!(start));
    subscription.insert("current_period_end".into(), json!(end));
    subscription.insert("plan".into(), json!(plan));
    subscription.insert("quantity".into(), json!(quantity));
    insert_discount(subscription);
    subscription.remove("billing_schedules");
}

/// Before basil there is one discount.
fn insert_discount(fields: &mut Fields) {
    let discount = fields.get("discounts").map(|discounts| at(discounts, "/0"));
    let discount = match discount {
        Some(Value::String(id)) => json!({"id": id, "object": "discount"}),
        other => other.unwrap_or_default(),
    };
    fields.insert("discount".into(), discount);
}

fn invoice_before_basil(invoice: &mut Fields) {
    let parent = take(invoice, "parent");
    let payments = take(invoice, "payments");
    let is_paid = invoice.get("status").is_some_and(|status| status == "paid");
    let taxes = take(invoice, "total_taxes");
    let tax: i64 =
        taxes.as_array().into_iter().flatten().filter_map(|tax| tax["amount"].as_i64()).sum();
    let tax = taxes.as_array().filter(|taxes| !taxes.is_empty()).map(|_| tax);
    for (name, value) in [
        ("subscription", at(&parent, "/subscription_details/subscription")),
        (
            "subscription_details",
            json!({"metadata": at(&parent, "/subscription_details/metadata")}),
        ),
        ("paid", json!(is_paid)),
        ("payment_intent", at(&payments, "/data/0/payment/payment_intent")),
        ("charge", at(&payments, "/data/0/payment/charge")),
        ("tax", json!(tax)),
        ("total_tax_amounts", if taxes.is_null() { json!([]) } else { taxes }),
    ] {
        invoice.insert(name.into(), value);
    }
    insert_discount(invoice);
    for line in elements(invoice, "lines") {
        let (parent, pricing) = (take(line, "parent"), take(line, "pricing"));
        let (kind, details) = match parent["subscription_item_details"] {
            Value::Null => ("invoiceitem", &parent["invoice_item_details"]),
            _ => ("subscription", &parent["subscription_item_details"]),
        };
        let unit_amount = at(&pricing, "/unit_amount_decimal");
        let price = json!({
            "id": at(&pricing, "/price_details/price"), "object": "price",
            "product": at(&pricing, "/price_details/product"), "unit_amount_decimal": unit_amount,
            "unit_amount": unit_amount.as_str().and_then(|amount| amount.parse::<i64>().ok()),
        });
        for (name, value) in [
            ("type", json!(kind)),
            ("proration", json!(details["proration"] == true)),
            ("subscription", at(details, "/subscription")),
            ("subscription_item", at(details, "/subscription_item")),
            ("price", if pricing.is_null() { Value::Null } else { price }),
            ("tax_amounts", take(line, "taxes")),
        ] {
            line.insert(name.into(), value);
        }
    }
}

fn session_before_basil(session: &mut Fields) {
    let shipping = take(session, "collected_information")["shipping_details"].take();
    session.insert("shipping_details".into(), shipping);
    session.remove("presentment_details");
}

fn session_before_2022_08(session: &mut Fields) {
    let shipping = take(session, "shipping_details");
    session.insert("shipping".into(), shipping);
}

fn intent_before_clover(intent: &mut Fields) {
    let invoice = take(intent, "payment_details")["order_reference"].take();
    intent.insert("invoice".into(), invoice);
}

fn intent_before_2022_11(intent: &mut Fields) {
    let charges: Vec<Value> = match take(intent, "latest_charge") {
        Value::Null => Vec::new(),
        Value::String(id) => vec![json!({
            "id": id, "object": "charge", "amount": intent.get("amount"), "currency": intent.get("currency"),
            "created": intent.get("created"), "payment_intent": intent.get("id"),
        })],
        charge => vec![charge],
    };
    intent.insert("charges".into(), list(charges));
}

fn list(elements: Vec<Value>) -> Value {
    json!({"object": "list", "data": elements, "has_more": false})
}

fn charge_before_basil(charge: &mut Fields) {
    charge.insert("invoice".into(), Value::Null);
}

fn charge_before_2022_11(charge: &mut Fields) {
    let refunded = charge.get("amount_refunded").and_then(Value::as_i64).unwrap_or_default();
    let refund = json!({
        "id": "re_1SampleRefund", "object": "refund", "amount": refunded, "status": "succeeded",
        "charge": charge.get("id"), "currency": charge.get("currency"), "created": charge.get("created"),
    });
    let refunds = if refunded > 0 { vec![refund] } else { Vec::new() };
    charge.insert("refunds".into(), list(refunds));
}

fn promotion_code_before_clover(code: &mut Fields) {
    let coupon = take(code, "promotion")["coupon"].take();
    code.insert("coupon".into(), json!({"id": coupon, "object": "coupon", "valid": true}));
}

fn discount_before_clover(discount: &mut Fields) {
    let coupon = take(discount, "source")["coupon"].take();
    discount.insert("coupon".into(), json!({"id": coupon, "object": "coupon", "valid": true}));
}

fn invoice_item_before_basil(item: &mut Fields) {
    let (parent, pricing) = (take(item, "parent"), take(item, "pricing"));
    let price = json!({
        "id": at(&pricing, "/price_details/price"), "object": "price",
        "product": at(&pricing, "/price_details/product"),
    });
    item.insert("price".into(), if pricing.is_null() { Value::Null } else { price });
    for name in ["subscription", "subscription_item"] {
        item.insert(name.into(), at(&parent, &format!("/subscription_details/{name}")));
    }
}

fn credit_note_before_basil(note: &mut Fields) {
    let taxes = take(note, "total_taxes");
    note.insert("tax_amounts".into(), taxes);
}

fn credit_note_before_acacia_4(note: &mut Fields) {
    let refund = at(&take(note, "refunds"), "/0/refund");
    note.insert("refund".into(), refund);
}
