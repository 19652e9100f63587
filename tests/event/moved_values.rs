//! Values that Stripe has moved to another field.
//!
//! Each row of the table in the docs of `object` has an event of the version before the move and
//! one of the version after it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData,
    event::object::{
        ChargeStatus, CheckoutSessionMode, CollectionMethod, Expandable, Interval, InvoiceLine,
        InvoiceLineOrigin, InvoiceStatus, NextActionType, PaymentIntentStatus,
        PreviousSubscription, setup_intent::SetupIntentStatus, subscription_schedule::EndBehavior,
    },
};

/// The rows that were tested.
type Rows = Vec<&'static str>;

fn merge(mut object: Value, fields: Value) -> Value {
    let (Value::Object(object_fields), Value::Object(fields)) = (&mut object, fields) else {
        panic!("objects only")
    };
    object_fields.extend(fields);
    object
}

/// What an object cannot do without.
fn base(event_type: &str) -> Value {
    match event_type {
        "checkout.session.completed" => json!({"id": "cs_1", "object": "checkout.session"}),
        "customer.updated" => json!({"id": "cus_1", "object": "customer"}),
        "customer.subscription.updated" => {
            json!({"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active"})
        }
        "invoice.paid" => json!({"id": "in_1", "object": "invoice"}),
        "payment_intent.created" => {
            json!({
                "id": "pi_1", "object": "payment_intent", "amount": 1, "currency": "usd", "status": "processing",
            })
        }
        "charge.succeeded" => {
            json!({"id": "ch_1", "object": "charge", "amount": 1, "currency": "usd"})
        }
        "charge.dispute.closed" => {
            json!({"id": "dp_1", "object": "dispute", "amount": 1, "currency": "usd", "status": "lost"})
        }
        "promotion_code.updated" => json!({"id": "promo_1", "object": "promotion_code"}),
        "customer.discount.created" => json!({"id": "di_1", "object": "discount"}),
        "invoiceitem.created" => json!({"id": "ii_1", "object": "invoiceitem"}),
        "credit_note.created" => json!({"id": "cn_1", "object": "credit_note"}),
        "setup_intent.created" => json!({"id": "seti_1", "object": "setup_intent"}),
        "subscription_schedule.updated" => {
            json!({"id": "sub_sched_1", "object": "subscription_schedule"})
        }
        "account.updated" => json!({"id": "acct_1", "object": "account"}),
        other => panic!("{other}"),
    }
}

fn event(version: &str, event_type: &str, fields: &Value) -> Event {
    let previous = fields.get("previous_attributes").cloned().unwrap_or_default();
    let object = merge(base(event_type), fields.clone());
    let body = json!({
        "id": "evt_1", "object": "event", "api_version": version, "created": 1, "type": event_type,
        "data": {"object": object, "previous_attributes": previous},
    });
    Event::unverified_from_json(body.to_string()).unwrap()
}

/// Tests one row: every version gives the same value.
macro_rules! row {
    (
        $rows:ident, $name:literal, $event_type:literal, $variant:ident($object:ident) => $value:expr, $expected:expr,
        [$($version:literal: $fields:tt,)+]
    ) => {
        let versions = [$(($version, json!($fields)),)+];
        assert!(versions.len() > 1, "{}: before and after", $name);
        for (version, fields) in versions {
            let event = event(version, $event_type, &fields);
            let $object = match event.data() {
                Ok(EventData::$variant(object)) => object,
                other => panic!("{} {version}: {other:?}", $name),
            };
            assert_eq!($value, $expected, "{} {version}: {fields}", $name);
        }
        $rows.push($name);
    };
}

/// Tests one row of the previous attributes.
macro_rules! previous_row {
    ($rows:ident, $name:literal, $before:ident => $value:expr, $expected:expr, [$($version:literal: $fields:tt,)+]) => {
        let versions = [$(($version, json!($fields)),)+];
        assert!(versions.len() > 1, "{}: before and after", $name);
        for (version, fields) in versions {
            let event = event(version, "customer.subscription.updated", &json!({"previous_attributes": fields}));
            let $before = event.previous_attributes::<PreviousSubscription>().unwrap().unwrap();
            assert_eq!($value, $expected, "{} {version}: {fields}", $name);
        }
        $rows.push($name);
    };
}

fn envelope() -> Rows {
    let envelope = |fields: Value| {
        let body = json!({"id": "evt_1", "object": "event", "type": "x", "data": {"object": {}}});
        Event::unverified_from_json(merge(body, fields).to_string()).unwrap()
    };
    for (fields, account) in [
        (json!({"user_id": "acct_1"}), Some("acct_1")),
        (json!({"account": "acct_1"}), Some("acct_1")),
        (json!({"account": "acct_1", "user_id": "acct_0"}), Some("acct_1")),
        (json!({"account": null, "user_id": "acct_1"}), Some("acct_1")),
        (json!({"user_id": null}), None),
    ] {
        assert_eq!(envelope(fields.clone()).account(), account, "{fields}");
    }
    for fields in
        [json!({"request": "req_1"}), json!({"request": {"id": "req_1", "idempotency_key": null}})]
    {
        assert_eq!(envelope(fields.clone()).request().unwrap().id(), Some("req_1"), "{fields}");
    }
    vec!["Event::account", "Event::request"]
}

fn checkout_session() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "CheckoutSession::shipping_details", "checkout.session.completed",
        CheckoutSessionCompleted(session) => {
            let details = session.shipping_details().unwrap();
            (details.name(), details.address().unwrap().city())
        },
        (Some("Zoë"), Some("Berlin")),
        [
            "2020-08-27": {"shipping": {"name": "Zoë", "address": {"city": "Berlin"}}},
            "2022-08-01": {"shipping_details": {"name": "Zoë", "address": {"city": "Berlin"}}},
            "2024-06-20": {
                "shipping_details": {"name": "Zoë", "address": {"city": "Berlin"}},
                "collected_information": {"shipping_details": null},
            },
            "2025-03-31.basil": {
                "collected_information": {"shipping_details": {"name": "Zoë", "address": {"city": "Berlin"}}},
            },
        ]
    );
    row!(
        rows, "CheckoutSession::email", "checkout.session.completed",
        CheckoutSessionCompleted(session) => session.email(), Some("zoe@example.com"),
        [
            "2019-12-03": {"customer_email": "zoe@example.com"},
            "2020-08-27": {"customer_email": null, "customer_details": {"email": "zoe@example.com"}},
        ]
    );
    row!(
        rows, "CheckoutSession::mode", "checkout.session.completed",
        CheckoutSessionCompleted(session) => session.mode(), Some(&CheckoutSessionMode::Subscription),
        [
            "2019-03-14": {"subscription": "sub_1", "payment_intent": null},
            "2019-12-03": {"subscription": "sub_1", "mode": "subscription"},
        ]
    );
    row!(
        rows, "CheckoutSession::mode", "checkout.session.completed",
        CheckoutSessionCompleted(session) => session.mode(), Some(&CheckoutSessionMode::Setup),
        ["2019-05-16": {"setup_intent": "seti_1"}, "2019-12-03": {"setup_intent": "seti_1", "mode": "setup"},]
    );
    row!(
        rows, "CheckoutSession::mode", "checkout.session.completed",
        CheckoutSessionCompleted(session) => session.mode(), Some(&CheckoutSessionMode::Payment),
        ["2019-05-16": {"payment_intent": "pi_1"}, "2019-12-03": {"payment_intent": "pi_1", "mode": "payment"},]
    );
    row!(
        rows, "CheckoutSession::presentment_details", "checkout.session.completed",
        CheckoutSessionCompleted(session) => {
            let details = session.presentment_details().unwrap();
            (details.presentment_amount(), details.presentment_currency())
        },
        (Some(1800), Some("eur")),
        [
            "2024-06-20": {
                "amount_total": 1800, "currency": "eur",
                "currency_conversion": {"amount_total": 2000, "amount_subtotal": 2000, "fx_rate": "0.9", "source_currency": "usd"},
            },
            "2025-03-31.basil": {
                "amount_total": 2000, "currency": "usd",
                "presentment_details": {"presentment_amount": 1800, "presentment_currency": "eur"},
            },
        ]
    );
    rows
}

fn customer() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Customer::balance", "customer.updated", CustomerUpdated(customer) => customer.balance(), Some(-500),
        ["2019-09-09": {"account_balance": -500}, "2019-10-17": {"balance": -500},]
    );
    row!(
        rows, "Customer::default_payment_method_id", "customer.updated",
        CustomerUpdated(customer) => customer.default_payment_method_id(), Some("card_1"),
        [
            "2013-02-13": {"active_card": {"id": "card_1", "object": "card", "last4": "4242"}},
            "2013-07-05": {"default_card": "card_1", "cards": {"object": "list", "data": [{"id": "card_0"}]}},
            "2015-01-26": {"default_card": {"id": "card_1"}, "default_source": null},
            "2015-02-18": {"default_source": "card_1"},
            "2015-04-07": {"default_source": "card_1", "default_card": "card_0", "active_card": {"id": "card_0"}},
            "2018-11-08": {"default_source": "card_1", "invoice_settings": {"default_payment_method": null}},
            "2019-03-14": {"default_source": "card_0", "invoice_settings": {"default_payment_method": "card_1"}},
        ]
    );
    rows
}

fn subscription() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Subscription::items", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => {
            let item = &subscription.items()[0];
            (subscription.items().len(), item.quantity(), item.price_id() == Some("gold"), subscription.plan_price_id() == Some("gold"))
        },
        (1, Some(3), true, true),
        [
            "2013-12-03": {"plan": {"id": "gold", "amount": 900, "interval": "month"}, "quantity": 3},
            "2017-06-05": {
                "plan": {"id": "gold", "amount": 900, "interval": "month"}, "quantity": 3,
                "items": {"object": "list", "data": [{"id": "si_1", "plan": {"id": "gold"}, "quantity": 3}]},
            },
            "2025-03-31.basil": {"items": {"object": "list", "data": [{"id": "si_1", "price": {"id": "gold"}, "quantity": 3}]}},
        ]
    );
    row!(
        rows, "Subscription::quantity", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.quantity(), Some(3),
        [
            "2013-12-03": {"plan": {"id": "gold"}, "quantity": 3},
            "2014-12-22": {"quantity": 3},
            "2020-08-27": {"plan": null, "quantity": null, "items": {"data": [{"quantity": 3}]}},
        ]
    );
    row!(
        rows, "Subscription::collection_method", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.collection_method(), Some(&CollectionMethod::SendInvoice),
        [
            "2018-05-21": {"billing": "send_invoice"},
            "2019-09-09": {"billing": "send_invoice", "collection_method": "send_invoice"},
            "2019-10-08": {"collection_method": "send_invoice", "billing": "charge_automatically"},
            "2019-10-17": {"collection_method": "send_invoice"},
        ]
    );
    row!(
        rows, "Subscription::start_date", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.start_date(), Some(40),
        ["2019-09-09": {"start": 40}, "2019-10-08": {"start": 45, "start_date": 40}, "2019-10-17": {"start_date": 40},]
    );
    row!(
        rows, "Subscription::default_payment_method", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.default_payment_method_id(), Some("x_1"),
        [
            "2018-05-21": {"default_source": "x_1"},
            "2019-03-14": {"default_source": "x_1", "default_payment_method": null},
            "2020-08-27": {"default_source": "x_0", "default_payment_method": "x_1"},
        ]
    );
    row!(
        rows, "Subscription::currency", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.currency() == Some("eur"), true,
        [
            "2013-12-03": {"plan": {"id": "gold", "currency": "eur"}},
            "2020-08-27": {"items": {"data": [{"price": {"id": "price_1", "currency": "eur"}}]}},
            "2022-11-15": {"currency": "eur", "items": {"data": [{"price": {"id": "price_1", "currency": "eur"}}]}},
        ]
    );
    row!(
        rows, "Subscription::current_period_start", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.current_period_start(), Some(100),
        [
            "2025-02-24.acacia": {"current_period_start": 100, "items": {"data": [{}]}},
            "2025-03-31.basil": {"items": {"data": [{"current_period_start": 110}, {"current_period_start": 100}]}},
        ]
    );
    row!(
        rows, "Subscription::current_period_end", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.current_period_end(), Some(200),
        [
            "2025-02-24.acacia": {"current_period_end": 200, "items": {"data": [{}]}},
            "2025-03-31.basil": {"items": {"data": [{"current_period_end": 190}, {"current_period_end": 200}]}},
        ]
    );
    row!(
        rows, "Subscription::discount_ids", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.discount_ids().collect::<Vec<_>>(), ["di_1"],
        [
            "2020-08-27": {"discount": {"id": "di_1", "object": "discount"}},
            "2023-10-16": {"discount": {"id": "di_1", "object": "discount"}, "discounts": ["di_1"]},
            "2025-03-31.basil": {"discounts": ["di_1"]},
        ]
    );
    row!(
        rows, "SubscriptionItem::price", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => {
            let item = &subscription.items()[0];
            (item.price().unwrap().id(), item.product_id())
        },
        (Some("gold"), Some("prod_1")),
        [
            "2019-12-03": {"items": {"data": [{"plan": {"id": "gold", "product": "prod_1"}}]}},
            "2020-08-27": {"items": {"data": [{"plan": {"id": "gold", "product": "prod_1"}, "price": {"id": "gold", "product": "prod_1"}}]}},
            "2025-03-31.basil": {"items": {"data": [{"price": {"id": "gold", "product": {"id": "prod_1"}}}]}},
        ]
    );
    rows
}

fn previous_subscription() -> Rows {
    let mut rows = Rows::new();
    previous_row!(
        rows, "PreviousSubscription::collection_method",
        before => before.collection_method(), Some(&CollectionMethod::ChargeAutomatically),
        [
            "2018-05-21": {"billing": "charge_automatically"},
            "2019-09-09": {"billing": "charge_automatically", "collection_method": "charge_automatically"},
            "2019-10-17": {"collection_method": "charge_automatically"},
        ]
    );
    previous_row!(
        rows, "PreviousSubscription::price_ids",
        before => (before.price_ids().collect::<Vec<_>>(), before.plan_price_id()),
        (vec!["gold"], Some("gold")),
        [
            "2013-12-03": {"plan": {"id": "gold"}},
            "2017-06-05": {"plan": {"id": "gold"}, "items": {"data": [{"plan": {"id": "gold"}}]}},
            "2025-03-31.basil": {"items": {"data": [{"price": {"id": "gold"}}]}},
        ]
    );
    previous_row!(
        rows, "PreviousSubscription::quantity", before => before.quantity(), Some(2),
        [
            "2013-12-03": {"quantity": 2},
            "2014-12-22": {"quantity": 2, "plan": {"id": "gold"}},
            "2025-03-31.basil": {"items": {"data": [{"price": {"id": "gold"}, "quantity": 2}]}},
        ]
    );
    previous_row!(
        rows, "PreviousSubscription::current_period_end", before => before.current_period_end(), Some(99),
        [
            "2025-02-24.acacia": {"current_period_end": 99},
            "2025-03-31.basil": {"items": {"data": [{"current_period_end": 99}]}},
        ]
    );
    rows
}

fn price() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Price::unit_amount", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.plan_price().unwrap().unit_amount(), Some(900),
        [
            "2013-12-03": {"plan": {"amount": 900}},
            "2019-12-03": {"items": {"data": [{"plan": {"amount": 900}}]}},
            "2020-08-27": {"items": {"data": [{"price": {"unit_amount": 900}}]}},
        ]
    );
    row!(
        rows, "Price::unit_amount_decimal", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.plan_price().unwrap().unit_amount_decimal(),
        Some("0.05"),
        [
            "2019-12-03": {"items": {"data": [{"plan": {"amount": null, "amount_decimal": "0.05"}}]}},
            "2020-08-27": {"items": {"data": [{"price": {"unit_amount": null, "unit_amount_decimal": "0.05"}}]}},
        ]
    );
    row!(
        rows, "Price::recurring", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => {
            let recurring = subscription.plan_price().unwrap().recurring().unwrap();
            (recurring.interval(), recurring.interval_count())
        },
        (Some(&Interval::Month), Some(3)),
        [
            "2013-12-03": {"plan": {"interval": "month", "interval_count": 3}},
            "2020-08-27": {"items": {"data": [{"price": {"recurring": {"interval": "month", "interval_count": 3}}}]}},
        ]
    );
    row!(
        rows, "Price::is_metered", "customer.subscription.updated",
        CustomerSubscriptionUpdated(subscription) => subscription.plan_price().unwrap().is_metered(), true,
        [
            "2018-05-21": {"items": {"data": [{"plan": {"usage_type": "metered"}}]}},
            "2020-08-27": {"items": {"data": [{"price": {"recurring": {"usage_type": "metered"}}}]}},
            "2025-03-31.basil": {"items": {"data": [{"price": {"recurring": {"usage_type": "metered", "meter": "mtr_1"}}}]}},
        ]
    );
    rows
}

fn invoice() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Invoice::created", "invoice.paid", InvoicePaid(invoice) => invoice.created(), Some(90),
        ["2019-02-19": {"date": 90}, "2019-03-14": {"created": 90},]
    );
    for (expected, before, after) in [
        (InvoiceStatus::Paid, json!({"paid": true, "closed": true, "attempted": true}), "paid"),
        (
            InvoiceStatus::Uncollectible,
            json!({"paid": false, "forgiven": true, "closed": true}),
            "uncollectible",
        ),
        (InvoiceStatus::Open, json!({"paid": false, "forgiven": false, "attempted": true}), "open"),
    ] {
        for (version, fields) in [("2018-10-31", before), ("2018-11-08", json!({"status": after}))]
        {
            let Ok(EventData::InvoicePaid(invoice)) =
                event(version, "invoice.paid", &fields).data()
            else {
                panic!("{fields}")
            };
            assert_eq!(invoice.status(), Some(&expected), "{fields}");
        }
    }
    rows.push("Invoice::status");
    row!(
        rows, "Invoice::is_paid", "invoice.paid", InvoicePaid(invoice) => invoice.is_paid(), true,
        ["2018-10-31": {"paid": true}, "2024-06-20": {"paid": true, "status": "paid"}, "2025-03-31.basil": {"status": "paid"},]
    );
    row!(
        rows, "Invoice::amount_paid", "invoice.paid", InvoicePaid(invoice) => invoice.amount_paid(), Some(900),
        [
            "2017-12-14": {"amount_due": 900, "paid": true},
            "2018-05-21": {"amount_due": 900, "paid": true, "amount_paid": 900},
            "2018-10-31": {"amount_due": 1000, "paid": false, "amount_paid": 900, "amount_remaining": 100},
        ]
    );
    row!(
        rows, "Invoice::amount_remaining", "invoice.paid", InvoicePaid(invoice) => invoice.amount_remaining(), Some(900),
        [
            "2017-12-14": {"amount_due": 900, "paid": false},
            "2018-05-21": {"amount_due": 900, "paid": false, "amount_paid": 0, "amount_remaining": 900},
        ]
    );
    row!(
        rows, "Invoice::finalized_at", "invoice.paid",
        InvoicePaid(invoice) => invoice.finalized_at(), Some(91),
        [
            "2019-02-19": {"finalized_at": 91},
            "2019-02-20": {"finalized_at": 91, "status_transitions": {"paid_at": 92}},
            "2019-03-14": {"status_transitions": {"finalized_at": 91}},
        ]
    );
    row!(
        rows, "Invoice::collection_method", "invoice.paid",
        InvoicePaid(invoice) => invoice.collection_method(), Some(&CollectionMethod::SendInvoice),
        [
            "2018-05-21": {"billing": "send_invoice"},
            "2019-09-09": {"billing": "send_invoice", "collection_method": "send_invoice"},
            "2019-10-17": {"collection_method": "send_invoice"},
        ]
    );
    row!(
        rows, "Invoice::subscription_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.subscription_id(), Some("sub_1"),
        [
            "2013-12-03": {"lines": {"data": [{"id": "ii_1", "type": "invoiceitem"}, {"id": "sub_1", "type": "subscription"}]}},
            "2014-01-31": {"subscription": "sub_1", "lines": {"data": [{"id": "sub_1", "type": "subscription"}]}},
            "2024-06-20": {"subscription": {"id": "sub_1", "object": "subscription"}},
            "2025-03-31.basil": {"parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}},
        ]
    );
    row!(
        rows, "Invoice::subscription_metadata", "invoice.paid",
        InvoicePaid(invoice) => invoice.subscription_metadata().unwrap()["user"], "42",
        [
            "2020-08-27": {"subscription": "sub_1", "lines": {"data": [
                {"id": "ii_1", "type": "invoiceitem", "metadata": {"user": "7"}},
                {"id": "sli_1", "type": "subscription", "subscription": "sub_1", "metadata": {"user": "42"}},
            ]}},
            "2024-06-20": {"subscription": "sub_1", "subscription_details": {"metadata": {"user": "42"}}},
            "2025-03-31.basil": {"parent": {"subscription_details": {"subscription": "sub_1", "metadata": {"user": "42"}}}},
        ]
    );
    row!(
        rows, "Invoice::payment_intent_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.payment_intent_id(), Some("pi_1"),
        [
            "2024-06-20": {"payment_intent": "pi_1"},
            "2025-03-31.basil": {"payments": {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_1"}}]}},
        ]
    );
    row!(
        rows, "Invoice::charge_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.charge_id(), Some("ch_1"),
        [
            "2013-12-03": {"charge": "ch_1"},
            "2025-03-31.basil": {"payments": {"data": [{"payment": {"type": "charge", "charge": {"id": "ch_1"}}}]}},
        ]
    );
    row!(
        rows, "Invoice::total_tax", "invoice.paid", InvoicePaid(invoice) => invoice.total_tax(), Some(38),
        [
            "2018-05-21": {"tax": 38, "tax_percent": 19.0},
            "2019-12-03": {"total_tax_amounts": [{"amount": 30, "inclusive": false}, {"amount": 8, "inclusive": false}]},
            "2024-06-20": {"tax": 38, "total_tax_amounts": [{"amount": 38, "inclusive": false}]},
            "2025-03-31.basil": {"total_taxes": [{"amount": 30}, {"amount": 8}]},
        ]
    );
    row!(
        rows, "Invoice::discount_ids", "invoice.paid",
        InvoicePaid(invoice) => invoice.discount_ids().collect::<Vec<_>>(), ["di_1"],
        [
            "2020-08-27": {"discount": {"id": "di_1", "object": "discount"}},
            "2024-06-20": {"discount": {"id": "di_1", "object": "discount"}, "discounts": ["di_1"]},
            "2025-03-31.basil": {"discounts": [{"id": "di_1"}]},
        ]
    );
    row!(
        rows, "Invoice::lines", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines().iter().filter_map(InvoiceLine::amount).sum::<i64>(), 850,
        [
            "2012-09-24": {"lines": {"invoiceitems": [{"amount": 100}], "prorations": [{"amount": -50}], "subscriptions": [{"amount": 800}]}},
            "2012-10-26": {"lines": {"object": "list", "count": 3, "data": [{"amount": 100}, {"amount": -50}, {"amount": 800}]}},
        ]
    );
    rows
}

fn invoice_line() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "InvoiceLine::subscription_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].subscription_id(), Some("sub_1"),
        [
            "2016-03-07": {"lines": {"data": [{"id": "sub_1", "type": "subscription", "subscription": null}]}},
            "2018-05-21": {"lines": {"data": [{"id": "sli_1", "type": "subscription", "subscription": "sub_1"}]}},
            "2025-03-31.basil": {"lines": {"data": [{"id": "il_1", "parent": {"subscription_item_details": {"subscription": "sub_1"}}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::subscription_item_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].subscription_item_id(), Some("si_1"),
        [
            "2017-06-05": {"lines": {"data": [{"id": "sub_1", "subscription_item": "si_1"}]}},
            "2024-06-20": {"lines": {"data": [{"id": "il_1", "subscription_item": {"id": "si_1", "object": "subscription_item"}}]}},
            "2025-03-31.basil": {"lines": {"data": [{"id": "il_1", "parent": {"subscription_item_details": {"subscription_item": "si_1"}}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::origin", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].origin(), Some(&InvoiceLineOrigin::SubscriptionItem),
        [
            "2012-09-24": {"lines": {"subscriptions": [{"amount": 800}]}},
            "2012-10-26": {"lines": {"data": [{"id": "sub_1", "type": "subscription"}]}},
            "2025-03-31.basil": {"lines": {"data": [{"id": "il_1", "parent": {"type": "subscription_item_details"}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::origin", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].origin(), Some(&InvoiceLineOrigin::InvoiceItem),
        [
            "2012-09-24": {"lines": {"invoiceitems": [{"amount": 800}]}},
            "2012-09-25": {"lines": {"prorations": [{"amount": 800}]}},
            "2012-10-26": {"lines": {"data": [{"id": "ii_1", "type": "invoiceitem"}]}},
            "2025-03-31.basil": {"lines": {"data": [{"id": "il_1", "parent": {"type": "invoice_item_details"}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::is_proration", "invoice.paid", InvoicePaid(invoice) => invoice.lines()[0].is_proration(), true,
        [
            "2012-09-24": {"lines": {"prorations": [{"amount": 800}]}},
            "2012-10-26": {"lines": {"data": [{"id": "ii_1", "proration": true}]}},
            "2025-03-31.basil": {"lines": {"data": [{"id": "il_1", "parent": {"invoice_item_details": {"proration": true}}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::price_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].price_id(), Some("gold"),
        [
            "2012-09-24": {"lines": {"subscriptions": [{"plan": {"id": "gold"}}]}},
            "2019-12-03": {"lines": {"data": [{"plan": {"id": "gold"}}]}},
            "2020-08-27": {"lines": {"data": [{"plan": {"id": "gold"}, "price": {"id": "gold"}}]}},
            "2025-03-31.basil": {"lines": {"data": [{"pricing": {"price_details": {"price": "gold"}}}]}},
            "2025-12-15.clover": {"lines": {"data": [{"pricing": {"price_details": {"price": {"id": "gold"}}}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::product_id", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].product_id(), Some("prod_1"),
        [
            "2019-12-03": {"lines": {"data": [{"plan": {"product": "prod_1"}}]}},
            "2020-08-27": {"lines": {"data": [{"price": {"product": "prod_1"}}]}},
            "2025-03-31.basil": {"lines": {"data": [{"pricing": {"price_details": {"product": "prod_1"}}}]}},
        ]
    );
    row!(
        rows, "InvoiceLine::unit_amount_decimal", "invoice.paid",
        InvoicePaid(invoice) => invoice.lines()[0].unit_amount_decimal(), Some("0.05"),
        [
            "2019-12-03": {"lines": {"data": [{"plan": {"amount_decimal": "0.05"}}]}},
            "2020-08-27": {"lines": {"data": [{"price": {"unit_amount_decimal": "0.05"}}]}},
            "2025-03-31.basil": {"lines": {"data": [{"pricing": {"unit_amount_decimal": "0.05"}}]}},
        ]
    );
    rows
}

fn payment_intent() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "PaymentIntent::status", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.status(), &PaymentIntentStatus::RequiresPaymentMethod,
        ["2018-11-08": {"status": "requires_source"}, "2019-02-11": {"status": "requires_payment_method"},]
    );
    row!(
        rows, "PaymentIntent::status", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.status(), &PaymentIntentStatus::RequiresAction,
        ["2018-11-08": {"status": "requires_source_action"}, "2019-02-11": {"status": "requires_action"},]
    );
    row!(
        rows, "PaymentIntent::payment_method", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.payment_method_id(), Some("src_1"),
        [
            "2018-11-08": {"source": "src_1"},
            "2019-02-11": {"source": "src_1", "payment_method": null},
            "2019-03-14": {"source": {"id": "src_0"}, "payment_method": "src_1"},
        ]
    );
    row!(
        rows, "PaymentIntent::payment_method_types", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.payment_method_types(), ["card", "ideal"],
        ["2018-11-08": {"allowed_source_types": ["card", "ideal"]}, "2019-02-11": {"payment_method_types": ["card", "ideal"]},]
    );
    row!(
        rows, "PaymentIntent::next_action", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.next_action().unwrap().action_type(), Some(&NextActionType::RedirectToUrl),
        [
            "2018-11-08": {"next_source_action": {"type": "authorize_with_url", "authorize_with_url": {"url": "https://example.com"}}},
            "2019-02-11": {"next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": "https://example.com"}}},
        ]
    );
    row!(
        rows, "PaymentIntent::latest_charge_id", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.latest_charge_id(), Some("ch_2"),
        [
            "2019-02-11": {"charges": {"data": [{"id": "ch_2"}, {"id": "ch_1"}]}},
            "2020-08-27": {"charges": {"data": [{"id": "ch_1", "created": 1}, {"id": "ch_2", "created": 2}]}},
            "2022-11-15": {"latest_charge": "ch_2"},
        ]
    );
    row!(
        rows, "PaymentIntent::invoice_id", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.invoice_id(), Some("in_1"),
        ["2024-06-20": {"invoice": "in_1"}, "2025-09-30.clover": {"payment_details": {"order_reference": "in_1"}},]
    );
    row!(
        rows, "PaymentError::payment_method", "payment_intent.created",
        PaymentIntentCreated(intent) => intent.last_payment_error().unwrap().payment_method_id(), Some("src_1"),
        [
            "2018-11-08": {"last_payment_error": {"code": "card_declined", "source": {"id": "src_1", "object": "source"}}},
            "2019-02-11": {"last_payment_error": {"code": "card_declined", "payment_method": {"id": "src_1"}}},
        ]
    );
    rows
}

fn charge() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Charge::payment_method", "charge.succeeded",
        ChargeSucceeded(charge) => {
            assert_eq!(charge.payment_method().map(Expandable::id), charge.payment_method_id());
            charge.payment_method_id()
        },
        Some("card_1"),
        [
            "2013-12-03": {"card": {"id": "card_1", "object": "card", "last4": "4242"}},
            "2015-02-18": {"source": {"id": "card_1", "object": "card", "last4": "4242"}},
            "2018-11-08": {"source": "card_1"},
            "2019-02-11": {"source": {"id": "card_0", "object": "card"}, "payment_method": "card_1"},
            "2025-03-31.basil": {"source": null, "payment_method": "card_1"},
        ]
    );
    row!(
        rows, "Charge::payment_method_type", "charge.succeeded",
        ChargeSucceeded(charge) => charge.payment_method_type(), Some("card"),
        [
            "2013-12-03": {"card": {"object": "card", "type": "Visa"}},
            "2015-02-18": {"source": {"id": "card_1", "object": "card", "brand": "Visa"}},
            "2017-08-15": {"source": {"id": "src_1", "object": "source", "type": "card", "card": {"brand": "Visa"}}},
            "2025-03-31.basil": {"payment_method_details": {"type": "card", "card": {"brand": "visa"}}},
        ]
    );
    row!(
        rows, "Charge::card", "charge.succeeded",
        ChargeSucceeded(charge) => charge.card().and_then(|card| Some((card.last4()?, card.exp_month()?, card.exp_year()?))),
        Some(("4242", 8, 2030)),
        [
            "2013-12-03": {"card": {"object": "card", "last4": "4242", "exp_month": 8, "exp_year": 2030}},
            "2015-02-18": {"source": {"id": "card_1", "object": "card", "last4": "4242", "exp_month": 8, "exp_year": 2030}},
            "2017-08-15": {"source": {"object": "source", "type": "card", "card": {"last4": "4242", "exp_month": 8, "exp_year": 2030}}},
            "2025-03-31.basil": {"payment_method_details": {"type": "card", "card": {"last4": "4242", "exp_month": 8, "exp_year": 2030}}},
        ]
    );
    row!(
        rows, "Card::brand", "charge.succeeded",
        ChargeSucceeded(charge) => charge.card().unwrap().brand(), Some("Visa"),
        [
            "2014-05-19": {"card": {"id": "card_1", "object": "card", "type": "Visa"}},
            "2014-06-13": {"card": {"id": "card_1", "object": "card", "brand": "Visa"}},
            "2018-11-08": {"source": {"id": "card_1", "object": "card", "brand": "Visa"}},
        ]
    );
    row!(
        rows, "Charge::billing_details", "charge.succeeded",
        ChargeSucceeded(charge) => {
            let details = charge.billing_details().unwrap();
            let address = details.address().unwrap();
            (details.name(), address.line1(), address.postal_code(), address.country())
        },
        (Some("Zoë"), Some("Street 1"), Some("10115"), Some("DE")),
        [
            "2013-12-03": {"card": {
                "object": "card", "name": "Zoë", "country": "US",
                "address_line1": "Street 1", "address_zip": "10115", "address_country": "DE",
            }},
            "2015-02-18": {"source": {
                "id": "card_1", "object": "card", "name": "Zoë", "address_line1": "Street 1", "address_zip": "10115", "address_country": "DE",
            }},
            "2017-08-15": {"source": {"id": "src_1", "object": "source", "owner": {
                "name": "Zoë", "address": {"line1": "Street 1", "postal_code": "10115", "country": "DE"},
            }}},
            "2019-02-11": {"billing_details": {"name": "Zoë", "address": {"line1": "Street 1", "postal_code": "10115", "country": "DE"}}},
        ]
    );
    row!(
        rows, "Charge::disputed", "charge.succeeded", ChargeSucceeded(charge) => charge.disputed(), true,
        [
            "2013-12-03": {"dispute": {"object": "dispute", "amount": 1, "status": "needs_response"}},
            "2014-08-04": {"dispute": {"id": "dp_1", "object": "dispute", "amount": 1}},
            "2017-08-15": {"dispute": "dp_1"},
            "2020-08-27": {"dispute": "dp_1", "disputed": true},
            "2023-08-16": {"disputed": true},
        ]
    );
    row!(
        rows, "Charge::status", "charge.succeeded", ChargeSucceeded(charge) => charge.status(), Some(&ChargeStatus::Succeeded),
        ["2015-02-16": {"status": "paid"}, "2015-02-18": {"status": "succeeded"},]
    );
    row!(
        rows, "Charge::is_succeeded", "charge.succeeded", ChargeSucceeded(charge) => charge.is_succeeded(), true,
        ["2014-11-20": {"paid": true}, "2015-02-16": {"paid": true, "status": "paid"}, "2015-02-18": {"status": "succeeded"},]
    );
    row!(
        rows, "Charge::refunds", "charge.succeeded",
        ChargeSucceeded(charge) => charge.latest_refund().map(|refund| (refund.id().to_owned(), refund.amount())), Some(("re_2".to_owned(), 30)),
        [
            "2014-06-13": {"refunds": [
                {"id": "re_1", "amount": 20, "currency": "usd", "created": 1}, {"id": "re_2", "amount": 30, "currency": "usd", "created": 2},
            ]},
            "2014-06-17": {"refunds": {"object": "list", "data": [
                {"id": "re_2", "amount": 30, "currency": "usd", "created": 2}, {"id": "re_1", "amount": 20, "currency": "usd", "created": 2},
            ]}},
        ]
    );
    rows
}

fn dispute() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "Dispute::evidence_due_by", "charge.dispute.closed",
        ChargeDisputeClosed(dispute) => dispute.evidence_due_by(), Some(77),
        ["2014-11-20": {"evidence": "It arrived", "evidence_due_by": 77}, "2014-12-08": {"evidence_details": {"due_by": 77}},]
    );
    row!(
        rows, "Dispute::balance_transactions", "charge.dispute.closed",
        ChargeDisputeClosed(dispute) => dispute.balance_transactions().iter().map(Expandable::id).collect::<Vec<_>>(), ["txn_1"],
        [
            "2014-08-04": {"balance_transaction": "txn_1"},
            "2014-08-20": {"balance_transactions": [{"id": "txn_1", "object": "balance_transaction", "net": -1500}]},
        ]
    );
    rows
}

fn billing_objects() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "PromotionCode::coupon", "promotion_code.updated",
        PromotionCodeUpdated(code) => code.coupon_id(), Some("gold"),
        [
            "2025-08-27.basil": {"coupon": {"id": "gold", "valid": true}},
            "2025-09-30.clover": {"promotion": {"coupon": "gold", "type": "coupon"}},
        ]
    );
    row!(
        rows, "Discount::coupon", "customer.discount.created",
        CustomerDiscountCreated(discount) => discount.coupon_id(), Some("gold"),
        [
            "2025-08-27.basil": {"coupon": {"id": "gold", "percent_off": 12.5}},
            "2025-09-30.clover": {"source": {"coupon": "gold", "type": "coupon"}},
        ]
    );
    row!(
        rows, "InvoiceItem::price_id", "invoiceitem.created",
        InvoiceitemCreated(item) => item.price_id(), Some("price_1"),
        [
            "2019-12-03": {"plan": {"id": "price_1"}},
            "2025-02-24.acacia": {"plan": null, "price": {"id": "price_1"}},
            "2025-03-31.basil": {"pricing": {"price_details": {"price": "price_1"}, "type": "price_details"}},
        ]
    );
    row!(
        rows, "InvoiceItem::subscription_id", "invoiceitem.created",
        InvoiceitemCreated(item) => item.subscription_id(), Some("sub_1"),
        [
            "2025-02-24.acacia": {"subscription": "sub_1"},
            "2025-03-31.basil": {"parent": {"subscription_details": {"subscription": "sub_1"}}},
        ]
    );
    row!(
        rows, "InvoiceItem::subscription_item_id", "invoiceitem.created",
        InvoiceitemCreated(item) => item.subscription_item_id(), Some("si_1"),
        [
            "2025-02-24.acacia": {"subscription_item": "si_1"},
            "2025-03-31.basil": {"parent": {"subscription_details": {"subscription_item": "si_1"}}},
        ]
    );
    row!(
        rows, "CreditNote::total_taxes", "credit_note.created",
        CreditNoteCreated(note) => note.total_taxes()[0].amount(), Some(19),
        ["2025-02-24.acacia": {"tax_amounts": [{"amount": 19}]}, "2025-03-31.basil": {"total_taxes": [{"amount": 19}]},]
    );
    row!(
        rows, "CreditNote::refund_ids", "credit_note.created",
        CreditNoteCreated(note) => note.refund_ids().collect::<Vec<_>>(), ["re_1"],
        ["2024-11-20.acacia": {"refund": "re_1"}, "2024-12-18.acacia": {"refunds": [{"refund": "re_1"}]},]
    );
    row!(
        rows, "SubscriptionSchedule::end_behavior", "subscription_schedule.updated",
        SubscriptionScheduleUpdated(schedule) => schedule.end_behavior(), Some(&EndBehavior::Release),
        ["2019-05-16": {"renewal_behavior": "release"}, "2020-08-27": {"end_behavior": "release"},]
    );
    row!(
        rows, "Phase::items", "subscription_schedule.updated",
        SubscriptionScheduleUpdated(schedule) => schedule.phases()[0].items()[0].quantity(), Some(3),
        ["2019-12-03": {"phases": [{"plans": [{"quantity": 3}]}]}, "2020-08-27": {"phases": [{"items": [{"quantity": 3}]}]},]
    );
    row!(
        rows, "PhaseItem::price_id", "subscription_schedule.updated",
        SubscriptionScheduleUpdated(schedule) => schedule.phases()[0].items()[0].price_id(), Some("price_1"),
        [
            "2019-12-03": {"phases": [{"plans": [{"plan": "price_1"}]}]},
            "2020-08-27": {"phases": [{"items": [{"price": "price_1"}]}]},
        ]
    );
    rows
}

fn account() -> Rows {
    let mut rows = Rows::new();
    row!(
        rows, "SetupIntent::status", "setup_intent.created",
        SetupIntentCreated(intent) => intent.status(), Some(&SetupIntentStatus::RequiresPaymentMethod),
        ["2018-11-08": {"status": "requires_source"}, "2019-02-11": {"status": "requires_payment_method"},]
    );
    row!(
        rows, "Account::requirements", "account.updated",
        AccountUpdated(account) => account.requirements().map(|requirements| (
            requirements.currently_due(), requirements.disabled_reason(), requirements.current_deadline(),
        )), Some((&["a".to_owned()][..], Some("b"), Some(77))),
        [
            "2018-11-08": {"verification": {"fields_needed": ["a"], "disabled_reason": "b", "due_by": 77}},
            "2019-02-19": {"requirements": {"currently_due": ["a"], "disabled_reason": "b", "current_deadline": 77}},
        ]
    );
    row!(
        rows, "Account::payouts_enabled", "account.updated",
        AccountUpdated(account) => account.payouts_enabled(), true,
        ["2017-04-06": {"transfers_enabled": true}, "2017-05-25": {"payouts_enabled": true},]
    );
    rows
}

macro_rules! families {
    ($($test:ident: $family:ident,)*) => {
        $(
            #[test]
            fn $test() {
                $family();
            }
        )*

        #[test]
        fn every_row_of_the_table_in_the_docs_has_a_test() {
            let mut tested = BTreeSet::new();
            $(tested.extend($family());)*
            let documented: BTreeSet<&str> = include_str!("../../src/event/object/mod.rs")
                .lines()
                .skip_while(|line| *line != "//! # Values that moved")
                .filter_map(|line| line.strip_prefix("//! | [`")?.split('`').next())
                .collect();
            assert!(documented.len() > 50, "{}", documented.len());
            assert_eq!(documented, tested);
        }
    };
}

families! {
    the_values_of_an_envelope_are_found_in_every_version: envelope,
    the_values_of_a_checkout_session_are_found_in_every_version: checkout_session,
    the_values_of_a_customer_are_found_in_every_version: customer,
    the_values_of_a_subscription_are_found_in_every_version: subscription,
    the_previous_attributes_are_found_in_every_version: previous_subscription,
    the_values_of_a_price_are_found_in_every_version: price,
    the_values_of_an_invoice_are_found_in_every_version: invoice,
    the_values_of_an_invoice_line_are_found_in_every_version: invoice_line,
    the_values_of_a_payment_intent_are_found_in_every_version: payment_intent,
    the_values_of_a_charge_are_found_in_every_version: charge,
    the_values_of_a_dispute_are_found_in_every_version: dispute,
    the_values_of_billing_objects_are_found_in_every_version: billing_objects,
    the_values_of_an_account_are_found_in_every_version: account,
}
