//! Mutations of each field of each sample, as Stripe might change it.
//!
//! The field is deleted, `null`, of another form or of another value, and a new field is added. The
//! event is always accepted, and its object decodes unless the field is a required one.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use serde_json::{Value, json};
use tower_stripe_webhook::{
    DecodeError, Event, EventData, SigningSecret, Tolerance,
    test_util::{samples, sign},
    verify,
};

/// One object of each type, with the fields that it cannot do without.
fn objects() -> Vec<(Value, &'static [&'static str])> {
    let sample = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let event = |name: &str, object: Value| json!({"id": "evt_1", "object": "event", "type": name, "data": {"object": object}, "created": 1, "livemode": false});
    vec![
        (sample(samples::CHECKOUT_SESSION_COMPLETED), &["id"]),
        (sample(samples::CUSTOMER_SUBSCRIPTION_CREATED), &["id", "customer", "status"]),
        (sample(samples::CUSTOMER_SUBSCRIPTION_UPDATED), &["id", "customer", "status"]),
        (sample(samples::CUSTOMER_SUBSCRIPTION_DELETED), &["id", "customer", "status"]),
        (sample(samples::INVOICE_PAID), &[]),
        (sample(samples::INVOICE_PAYMENT_FAILED), &[]),
        (
            event(
                "checkout.session.completed",
                json!({
                    "id": "cs_1", "object": "checkout.session", "amount_total": 1, "currency": "eur", "payment_status": "paid",
                    "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 1}, "shipping": {"name": "a"},
                    "automatic_tax": {"enabled": true, "status": "complete"}, "subscription": "sub_1", "setup_intent": "seti_1",
                    "custom_fields": [{"key": "a", "type": "text", "label": {"custom": "b"}, "text": {"value": "c"}}],
                    "currency_conversion": {"amount_total": 1, "source_currency": "usd", "fx_rate": "0.9"},
                    "presentment_details": {"presentment_amount": 1, "presentment_currency": "eur"},
                }),
            ),
            &["id"],
        ),
        (
            event(
                "customer.subscription.updated",
                json!({
                    "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "paused", "billing": "send_invoice",
                    "plan": {"id": "gold", "amount": 1, "amount_decimal": "1", "interval": "month", "usage_type": "metered"},
                    "quantity": 2, "start": 1, "default_source": "card_1", "pending_update": {"expires_at": 1},
                    "status_details": {"paused": {"type": "subscription", "subscription": {"type": "system"}}},
                }),
            ),
            &["id", "customer", "status"],
        ),
        (
            event(
                "invoice.payment_succeeded",
                json!({
                    "id": "in_1", "object": "invoice", "amount_due": 1, "paid": true, "forgiven": false, "attempted": true,
                    "billing": "send_invoice", "finalized_at": 1, "total_tax_amounts": [{"amount": 1}],
                    "lines": {
                        "subscriptions": [{"id": "sub_1", "plan": {"id": "gold"}, "metadata": {"a": "b"}}],
                        "prorations": [{"id": "ii_1", "amount": 1}], "invoiceitems": [{"id": "ii_2"}],
                    },
                    "payments": {"data": [{"is_default": true, "payment": {"charge": "ch_1"}, "status_transitions": {"paid_at": 1}}]},
                    "last_finalization_error": {"code": "a", "source": {"id": "src_1"}}, "custom_fields": [{"name": "a"}],
                }),
            ),
            &[],
        ),
        (
            event(
                "invoice_payment.paid",
                json!({
                    "id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "status": "paid", "is_default": true,
                    "payment": {"payment_intent": "pi_1"}, "status_transitions": {"paid_at": 1},
                }),
            ),
            &[],
        ),
        (
            event(
                "customer.created",
                json!({
                    "id": "cus_1", "object": "customer", "address": {"city": "Berlin", "country": "DE"}, "balance": 0,
                    "email": "zoe@example.com", "invoice_settings": {"default_payment_method": "pm_1"}, "metadata": {"a": "b"},
                }),
            ),
            &["id"],
        ),
        (
            event(
                "payment_intent.payment_failed",
                json!({
                    "id": "pi_1", "object": "payment_intent", "amount": 1, "currency": "usd", "status": "requires_payment_method",
                    "last_payment_error": {"code": "card_declined", "source": {"id": "src_1"}}, "source": "src_1",
                    "allowed_source_types": ["card"], "next_source_action": {"type": "authorize_with_url"},
                    "payment_details": {"order_reference": "in_1"}, "latest_charge": "ch_1", "charges": {"data": [{"id": "ch_1"}]},
                }),
            ),
            &["id", "amount", "currency", "status"],
        ),
        (
            event(
                "charge.failed",
                json!({
                    "id": "ch_1", "object": "charge", "amount": 1, "currency": "usd", "status": "failed", "paid": false,
                    "billing_details": {"address": {"line1": "A"}, "email": null}, "outcome": {"type": "issuer_declined"},
                    "dispute": {"id": "dp_1"}, "refunds": {"data": [{"id": "re_1", "amount": 1, "currency": "usd"}]},
                    "card": {"id": "card_1", "object": "card", "type": "Visa", "last4": "4242", "name": "a"},
                    "source": {"id": "src_1", "object": "source", "type": "card", "card": {"brand": "Visa"}, "owner": {"name": "b"}},
                    "payment_method_details": {"type": "card", "card": {"brand": "visa", "exp_month": 1}},
                }),
            ),
            &["id", "amount", "currency"],
        ),
        (
            event(
                "refund.updated",
                json!({"id": "re_1", "object": "refund", "amount": 1, "currency": "usd", "status": "succeeded", "charge": "ch_1"}),
            ),
            &["id", "amount", "currency"],
        ),
        (
            event(
                "charge.dispute.created",
                json!({
                    "id": "du_1", "object": "dispute", "amount": 1, "currency": "usd", "status": "lost", "charge": "ch_1",
                    "evidence_details": {"due_by": 1, "has_evidence": true}, "balance_transaction": {"id": "txn_1", "net": -1},
                    "balance_transactions": [{"id": "txn_1", "net": -1}, "txn_2"],
                }),
            ),
            &["amount", "currency", "status"],
        ),
    ]
}

/// As the layer has it.
fn receive(event: &Value) -> Event {
    let body = event.to_string();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_test").unwrap();
    verify(sign(&body, &secret, now), body, &secret.into(), now, Tolerance::default())
        .unwrap_or_else(|rejection| panic!("{rejection}: {event}"))
        .into_event()
}

/// The JSON pointer of every value below the object.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut below = |key: &str, value: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers(value, &pointer, found);
        found.push(pointer);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| below(key, value)),
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(i, value)| below(&i.to_string(), value));
        }
        _ => {}
    }
}

fn remove(event: &mut Value, pointer: &str) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match event.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.remove(key).unwrap()),
        Value::Array(elements) => drop(elements.remove(key.parse().unwrap())),
        _ => unreachable!("only these have something below them"),
    }
}

/// Runs `check` on every sample, mutated at every place in every way.
fn for_each_mutation(mut check: impl FnMut(&[&str], &str, &str, Result<EventData, DecodeError>)) {
    let another_form = [
        json!(null),
        json!(true),
        json!(12.5),
        json!(-1),
        json!("x"),
        json!([]),
        json!([[{}]]),
        json!({}),
        json!({"id": 1}),
    ];
    for (event, required) in objects() {
        assert_ne!(receive(&event).data().unwrap(), EventData::Other);
        let mut all = Vec::new();
        pointers(event.pointer("/data/object").unwrap(), "/data/object", &mut all);
        for pointer in all {
            let field = pointer.strip_prefix("/data/object/").unwrap();
            let mut without = event.clone();
            remove(&mut without, &pointer);
            check(required, field, "deleted", receive(&without).data());
            for form in &another_form {
                let mut changed = event.clone();
                *changed.pointer_mut(&pointer).unwrap() = form.clone();
                check(required, field, &form.to_string(), receive(&changed).data());
            }
            if let Some(Value::Object(_)) = event.pointer(&pointer) {
                let mut more = event.clone();
                more.pointer_mut(&pointer).unwrap()["a_field_of_tomorrow"] = json!({"deep": [[]]});
                check(&[], field, "with a new field", receive(&more).data());
            }
        }
    }
}

#[test]
fn an_object_decodes_with_any_value_in_an_optional_field() {
    let mut mutations = 0;
    for_each_mutation(|required, field, how, data| {
        if !required.contains(&field) {
            assert!(data.is_ok(), "{field} {how}: {}", data.unwrap_err());
            mutations += 1;
        }
    });
    assert!(mutations > 5_000, "{mutations}");
}

#[test]
fn a_missing_null_or_malformed_required_field_fails_with_its_path() {
    let mut failed = 0;
    for_each_mutation(|required, field, how, data| {
        if !required.contains(&field) {
            return;
        }
        match (how, data) {
            ("deleted", data) => {
                let error = data.unwrap_err();
                assert_eq!(error.path(), "data.object", "{field}");
                assert!(error.to_string().contains(&format!("missing field `{field}`")), "{error}");
                failed += 1;
            }
            (_, Err(error)) => {
                assert!(
                    error.path() == format!("data.object.{field}")
                        || error.path().starts_with(&format!("data.object.{field}.")),
                    "{error}"
                );
                failed += 1;
            }
            // The same form: another amount, another id, another status, another object.
            ("-1" | "\"x\"", Ok(_)) => {}
            (how, Ok(_)) => panic!("{field} {how} was taken"),
        }
    });
    assert!(failed > 200, "{failed}");
}

#[test]
fn an_unknown_enum_value_never_fails() {
    for (event, _) in objects() {
        for field in ["status", "mode", "payment_status", "billing_reason", "collection_method"] {
            let mut changed = event.clone();
            changed["data"]["object"][field] = json!("of_tomorrow");
            receive(&changed).data().unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop::sample::select(vec![
            "id",
            "object",
            "customer",
            "status",
            "items",
            "data",
            "has_more",
            "price",
            "plan",
            "lines",
            "parent",
            "pricing",
            "payments",
            "payment",
            "total_taxes",
            "amount",
            "amount_due",
            "currency",
            "metadata",
            "subscription_details",
            "subscription_item_details",
            "price_details",
            "charges",
            "invoice_settings",
            "recurring",
            "total",
            "source",
            "card",
            "dispute",
            "refunds",
            "subscriptions",
            "balance_transactions",
            "net",
            "quantity",
            "of_tomorrow",
        ]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key, inner), 0..8).prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_an_object_panic(object in proptest::collection::btree_map("\\PC{0,8}", any_json(), 0..3), more in any_json()) {
        let mut object: Value = object.into_iter().collect();
        if let Value::Object(more) = more {
            object.as_object_mut().unwrap().extend(more);
        }
        for name in [
            "checkout.session.completed", "customer.created", "customer.subscription.created", "invoice.paid",
            "payment_intent.created", "charge.succeeded", "charge.dispute.created", "refund.created",
            "invoice_payment.paid",
        ] {
            let event = receive(&json!({"id": "evt_1", "type": name, "data": {"object": object}}));
            // The sums may overflow.
            match event.data() {
                Ok(EventData::InvoicePaid(invoice)) => {
                    let _ = (invoice.total_tax(), invoice.payment_intent_id(), invoice.subscription_metadata());
                }
                Ok(EventData::ChargeDisputeCreated(dispute)) => {
                    let _ = dispute.balance_change();
                }
                _ => {}
            }
        }
    }
}
