//! The choice among several values of an object, and fields of newer versions.

use serde_json::{Value, json};
use tower_stripe_webhook::{
    Event, EventData,
    event::object::{
        AutomaticTaxStatus, Expandable, InvoicePaymentStatus, SubscriptionItem, UsageType,
    },
};

macro_rules! data {
    ($event_type:literal, $object:expr, $variant:ident) => {{
        let body = json!({"id": "evt_1", "object": "event", "type": $event_type, "data": {"object": $object}});
        match Event::unverified_from_json(body.to_string()).unwrap().data() {
            Ok(EventData::$variant(object)) => object,
            other => panic!("{other:?}"),
        }
    }};
}

fn payment(id: &str, status: &str, is_default: bool) -> Value {
    json!({
        "id": "inpay_1", "object": "invoice_payment", "status": status, "is_default": is_default,
        "payment": {"type": "payment_intent", "payment_intent": id},
    })
}

fn paid_at(mut payment: Value, at: i64) -> Value {
    payment["status_transitions"] = json!({"canceled_at": null, "paid_at": at});
    payment
}

#[test]
fn the_paid_payment_of_an_invoice_counts_then_the_default_then_an_open() {
    let [paid, default, open] = [
        payment("pi_paid", "paid", false),
        payment("pi_default", "open", true),
        payment("pi_open", "open", false),
    ];
    let canceled = payment("pi_canceled", "canceled", false);
    let canceled_default = payment("pi_canceled_default", "canceled", true);
    let default_paid = payment("pi_default_paid", "paid", true);
    let [early, late] = [
        paid_at(payment("pi_early", "paid", false), 10),
        paid_at(payment("pi_late", "paid", false), 20),
    ];
    let of_tomorrow = payment("pi_tomorrow", "of_tomorrow", false);
    for (payments, expected) in [
        (vec![&canceled, &default, &open, &paid], Some("pi_paid")),
        (vec![&canceled, &open, &default], Some("pi_default")),
        (vec![&canceled, &open], Some("pi_open")),
        (vec![&canceled_default, &open], Some("pi_open")),
        (vec![&canceled, &canceled_default], Some("pi_canceled_default")),
        (vec![&canceled], None),
        (vec![&paid, &default_paid], Some("pi_default_paid")),
        (vec![&early, &late], Some("pi_late")),
        (vec![&of_tomorrow, &canceled], Some("pi_tomorrow")),
        (vec![], None),
    ] {
        let mut reversed = payments.clone();
        reversed.reverse();
        for payments in [payments, reversed] {
            let invoice = data!(
                "invoice.paid",
                json!({"id": "in_1", "payments": {"data": payments}}),
                InvoicePaid
            );
            assert_eq!(invoice.payment_intent_id(), expected, "{payments:?}");
        }
    }
}

#[test]
fn the_charge_and_the_payment_intent_are_those_of_the_same_payment() {
    let record =
        json!({"status": "paid", "payment": {"type": "payment_record", "payment_record": "pr_1"}});
    let charge = json!({"status": "paid", "is_default": true, "payment": {"type": "charge", "charge": "ch_1"}});
    let open = payment("pi_open", "open", true);
    for (payments, payment_intent, charge) in [
        (json!([open, record]), None, None),
        (json!([open, record, charge]), None, Some("ch_1")),
        (json!([open]), Some("pi_open"), None),
    ] {
        let invoice = data!(
            "invoice.paid",
            json!({"id": "in_1", "payments": {"data": payments}}),
            InvoicePaid
        );
        assert_eq!(
            (invoice.payment_intent_id(), invoice.charge_id()),
            (payment_intent, charge),
            "{payments}"
        );
    }
}

#[test]
fn an_invoice_payment_names_its_invoice_and_its_payment() {
    let object = json!({
        "id": "inpay_1", "object": "invoice_payment", "amount_paid": 2000, "amount_requested": 2000, "created": 9,
        "currency": "usd", "invoice": "in_1", "is_default": true, "livemode": true,
        "payment": {"type": "payment_intent", "payment_intent": {"id": "pi_1"}}, "status": "paid",
        "status_transitions": {"canceled_at": null, "paid_at": 10},
    });
    let payment = data!("invoice_payment.paid", object, InvoicePaymentPaid);
    assert_eq!((payment.id(), payment.invoice_id()), (Some("inpay_1"), Some("in_1")));
    assert_eq!(
        (payment.payment_intent_id(), payment.charge_id(), payment.payment_record_id()),
        (Some("pi_1"), None, None)
    );
    assert_eq!((payment.amount_paid(), payment.amount_requested()), (Some(2000), Some(2000)));
    assert_eq!(
        (payment.status(), payment.currency()),
        (Some(&InvoicePaymentStatus::Paid), Some("usd"))
    );
    assert_eq!(payment.status_transitions().unwrap().paid_at(), Some(10));
    assert!(payment.is_default() && payment.livemode());

    let by_record = json!({"payment": {"payment_record": "pr_1"}});
    assert_eq!(
        data!("invoice_payment.paid", by_record, InvoicePaymentPaid).payment_record_id(),
        Some("pr_1")
    );
}

#[test]
fn lines_of_several_subscriptions_name_none_for_the_invoice() {
    for (ids, expected) in [
        (vec!["sub_1", "ii_1", "sub_1"], Some("sub_1")),
        (vec!["sub_1", "sub_2"], None),
        (vec!["ii_1", "il_1"], None),
        (vec![], None),
    ] {
        let lines: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
        let invoice =
            data!("invoice.paid", json!({"id": "in_1", "lines": {"data": lines}}), InvoicePaid);
        assert_eq!(invoice.subscription_id(), expected, "{ids:?}");
    }
}

#[test]
fn a_manual_invoice_is_for_no_subscription_even_if_a_line_is() {
    // A pending item of a subscription, on a manual invoice.
    let by_hand = json!({
        "id": "in_1", "parent": null,
        "lines": {"data": [{"id": "il_1", "parent": {"invoice_item_details": {"subscription": "sub_1"}}}]},
    });
    let invoice = data!("invoice.paid", by_hand, InvoicePaid);
    assert_eq!(
        (invoice.subscription_id(), invoice.lines()[0].subscription_id()),
        (None, Some("sub_1"))
    );
    assert_eq!(invoice.subscription_metadata(), None);
}

#[test]
fn the_metadata_of_another_subscriptions_line_is_not_the_invoices() {
    let object = json!({"id": "in_1", "subscription": "sub_1", "lines": {"data": [
        {"id": "il_1", "type": "subscription", "subscription": "sub_2", "metadata": {"user": "7"}},
        {"id": "il_2", "type": "subscription", "subscription": "sub_1", "metadata": {"user": "42"}},
    ]}});
    let invoice = data!("invoice.paid", object, InvoicePaid);
    assert_eq!(invoice.subscription_metadata().unwrap()["user"], "42");
}

#[test]
fn the_latest_refund_is_the_newest_at_any_position() {
    let refund = |id: &str, created: i64| json!({"id": id, "amount": 1, "currency": "usd", "created": created});
    for refunds in [
        json!([refund("re_1", 1), refund("re_2", 2)]),
        json!([refund("re_2", 2), refund("re_1", 1)]),
        json!([refund("re_2", 2), refund("re_1", 2)]),
        json!([{"id": "re_broken"}, refund("re_2", 2)]),
    ] {
        let object =
            json!({"id": "ch_1", "amount": 2, "currency": "usd", "refunds": {"data": refunds}});
        let charge = data!("charge.refunded", object, ChargeRefunded);
        assert_eq!(charge.latest_refund().unwrap().id(), "re_2", "{refunds}");
    }
}

#[test]
fn the_balance_change_of_a_dispute_is_the_sum_of_its_transactions() {
    let withdrawn = json!({
        "id": "txn_1", "object": "balance_transaction", "amount": -2000, "currency": "usd", "fee": 1500, "net": -3500,
        "reporting_category": "dispute", "created": 1,
    });
    let reinstated =
        json!({"id": "txn_2", "amount": 2000, "currency": "usd", "fee": 0, "net": 2000});
    let huge = json!({"id": "txn_3", "net": i64::MIN});
    for (transactions, change) in [
        (json!([withdrawn]), Some(-3500)),
        (json!([reinstated, withdrawn]), Some(-1500)),
        (json!([withdrawn, "txn_2"]), None),
        (json!([huge, withdrawn]), None),
        (json!([]), None),
        (json!(null), None),
    ] {
        let object = json!({
            "id": "dp_1", "amount": 2000, "currency": "usd", "status": "lost", "charge": "ch_1",
            "balance_transactions": transactions,
        });
        let dispute = data!("charge.dispute.closed", object, ChargeDisputeClosed);
        assert_eq!(dispute.balance_change(), change, "{transactions}");
        if let Some(transaction) =
            dispute.balance_transactions().iter().find(|link| link.id() == "txn_1")
        {
            let transaction = transaction.object().unwrap();
            assert_eq!(
                (transaction.amount(), transaction.fee(), transaction.net()),
                (Some(-2000), Some(1500), Some(-3500))
            );
            assert_eq!(transaction.reporting_category(), Some("dispute"));
            assert_eq!(transaction.currency(), Some("usd"));
        }
    }
}

#[test]
fn a_checkout_session_has_tax_custom_fields_and_the_customers_currency() {
    let object = json!({
        "id": "cs_1", "amount_total": 2380, "currency": "usd",
        "total_details": {"amount_discount": 100, "amount_shipping": 500, "amount_tax": 380},
        "automatic_tax": {"enabled": true, "status": "complete"},
        "presentment_details": {"presentment_amount": 2200, "presentment_currency": "eur"},
        "custom_fields": [
            {"key": "size", "type": "dropdown", "optional": false, "label": {"custom": "Size", "type": "custom"},
             "dropdown": {"options": [{"label": "Large", "value": "l"}], "value": "l"}},
            {"key": "years", "type": "numeric", "numeric": {"value": "12"}},
            {"key": "engraving", "type": "text", "optional": true, "text": {"value": null}},
        ],
    });
    let session = data!("checkout.session.completed", object, CheckoutSessionCompleted);
    let details = session.total_details().unwrap();
    assert_eq!(
        (details.amount_discount(), details.amount_shipping(), details.amount_tax()),
        (Some(100), Some(500), Some(380))
    );
    let tax = session.automatic_tax().unwrap();
    assert_eq!((tax.enabled(), tax.status()), (true, Some(&AutomaticTaxStatus::Complete)));
    assert_eq!(session.presentment_details().unwrap().presentment_currency(), Some("eur"));
    let value = |key: &str| session.custom_field(key).unwrap().value();
    assert_eq!((value("size"), value("years"), value("engraving")), (Some("l"), Some("12"), None));
    let size = session.custom_field("size").unwrap();
    assert_eq!(
        (size.label(), size.field_type(), size.optional()),
        (Some("Size"), Some("dropdown"), false)
    );
    assert_eq!(session.custom_field("color"), None);
}

#[test]
fn an_invoice_has_its_finalization_error() {
    let object = json!({
        "id": "in_1", "status": "draft",
        "automatic_tax": {"enabled": true, "status": "requires_location_inputs", "disabled_reason": null},
        "last_finalization_error": {
            "code": "customer_tax_location_invalid", "message": "The address …", "param": "customer", "type": "invalid_request_error",
        },
        "custom_fields": [{"name": "Order", "value": "42"}],
    });
    let invoice = data!("invoice.finalization_failed", object, InvoiceFinalizationFailed);
    let error = invoice.last_finalization_error().unwrap();
    assert_eq!(
        (error.code(), error.error_type(), error.param()),
        (Some("customer_tax_location_invalid"), Some("invalid_request_error"), Some("customer"))
    );
    assert_eq!(
        invoice.automatic_tax().unwrap().status(),
        Some(&AutomaticTaxStatus::RequiresLocationInputs)
    );
    let field = &invoice.custom_fields()[0];
    assert_eq!((field.name(), field.value()), (Some("Order"), Some("42")));
}

#[test]
fn payments_charges_refunds_and_subscriptions_have_the_currency() {
    let details = json!({"presentment_amount": 1800, "presentment_currency": "eur"});
    let object = json!({
        "id": "x_1", "amount": 2000, "currency": "usd", "status": "succeeded", "customer": "cus_1",
        "presentment_details": details, "automatic_tax": {"enabled": false, "disabled_reason": "finalization_system_error"},
    });
    let intent = data!("payment_intent.succeeded", object, PaymentIntentSucceeded);
    let charge = data!("charge.succeeded", object, ChargeSucceeded);
    let refund = data!("refund.created", object, RefundCreated);
    let subscription = data!("customer.subscription.updated", object, CustomerSubscriptionUpdated);
    for details in
        [intent.presentment_details(), charge.presentment_details(), refund.presentment_details()]
    {
        let details = details.as_ref().unwrap();
        assert_eq!(
            (details.presentment_amount(), details.presentment_currency()),
            (Some(1800), Some("eur"))
        );
    }
    assert_eq!(subscription.presentment_details().unwrap().presentment_currency(), Some("eur"));
    let tax = subscription.automatic_tax().unwrap();
    assert_eq!((tax.enabled(), tax.disabled_reason()), (false, Some("finalization_system_error")));
}

#[test]
fn a_price_has_its_usage_type() {
    for (fields, usage_type, is_metered) in [
        (
            json!({"recurring": {"interval": "month", "usage_type": "licensed"}}),
            Some(&UsageType::Licensed),
            false,
        ),
        (
            json!({"recurring": {"interval": "month", "usage_type": "metered"}}),
            Some(&UsageType::Metered),
            true,
        ),
        (json!({"interval": "month", "usage_type": "metered"}), Some(&UsageType::Metered), true),
        (json!({"recurring": {"interval": "month", "meter": "mtr_1"}}), None, true),
        (json!({"interval": "month"}), None, false),
    ] {
        let object = json!({"id": "sub_1", "customer": "cus_1", "status": "active", "items": {"data": [{"price": fields}]}});
        let subscription =
            data!("customer.subscription.created", object, CustomerSubscriptionCreated);
        let price = subscription.plan_price().unwrap();
        assert_eq!(
            (price.recurring().unwrap().usage_type(), price.is_metered()),
            (usage_type, is_metered),
            "{fields}"
        );
    }
}

#[test]
fn an_order_reference_of_the_app_is_not_an_invoice() {
    for (reference, invoice) in
        [(json!("in_1"), Some("in_1")), (json!("order 7"), None), (json!(null), None)]
    {
        let object = json!({
            "id": "pi_1", "amount": 1, "currency": "usd", "status": "succeeded", "payment_details": {"order_reference": reference},
        });
        let intent = data!("payment_intent.succeeded", object, PaymentIntentSucceeded);
        assert_eq!(intent.invoice_id(), invoice, "{reference}");
        assert_eq!(intent.order_reference(), reference.as_str());
    }
}

#[test]
fn a_charge_has_the_id_of_its_dispute_if_the_event_has_it() {
    for (dispute, id) in [
        (json!("dp_1"), Some("dp_1")),
        (json!({"id": "dp_1", "object": "dispute"}), Some("dp_1")),
        (json!({"object": "dispute", "amount": 1}), None),
        (json!(null), None),
    ] {
        let object = json!({"id": "ch_1", "amount": 1, "currency": "usd", "dispute": dispute});
        assert_eq!(data!("charge.updated", object, ChargeUpdated).dispute_id(), id, "{dispute}");
    }
}

#[test]
fn an_undisputed_charge_is_not_disputed() {
    for fields in [
        json!({"dispute": null}),
        json!({"dispute": null, "disputed": false}),
        json!({"dispute": ""}),
        json!({}),
    ] {
        let mut object = json!({"id": "ch_1", "amount": 1, "currency": "usd"});
        object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        assert!(!data!("charge.succeeded", object, ChargeSucceeded).disputed(), "{fields}");
    }
}

#[test]
fn a_bank_account_is_not_a_card() {
    let object = json!({
        "id": "py_1", "amount": 1, "currency": "usd", "source": {"id": "ba_1", "object": "bank_account", "last4": "6789"},
    });
    let charge = data!("charge.succeeded", object, ChargeSucceeded);
    assert_eq!(
        (charge.payment_method_id(), charge.payment_method_type()),
        (Some("ba_1"), Some("bank_account"))
    );
    assert_eq!((charge.card(), charge.billing_details()), (None, None));
}

#[test]
fn a_duplicate_name_is_not_an_error() {
    let body = r#"{"id":"evt_1","type":"customer.updated","data":{"object":{"id":"cus_1","email":"a","email":"b"}}}"#;
    let Ok(EventData::CustomerUpdated(customer)) =
        Event::unverified_from_json(body).unwrap().data()
    else {
        panic!()
    };
    assert_eq!(customer.email(), Some("b"));
}

#[test]
fn a_subscription_item_has_its_price_and_product() {
    for (item, price, product) in [
        (json!({"price": {"id": "price_1", "product": "prod_1"}}), Some("price_1"), Some("prod_1")),
        (
            json!({"plan": {"id": "gold", "product": {"id": "prod_2"}}}),
            Some("gold"),
            Some("prod_2"),
        ),
        (json!({"price": {"id": "price_1"}}), Some("price_1"), None),
        (json!({"price": {"product": "prod_1"}}), None, Some("prod_1")),
        (json!({}), None, None),
    ] {
        let item: SubscriptionItem = serde_json::from_value(item).unwrap();
        assert_eq!((item.price_id(), item.product_id()), (price, product), "{item:?}");
    }
}

/// An object whose link `name` is expanded, and one where it is an id.
fn linked(name: &str, id: &str) -> [Value; 2] {
    [json!(id), json!({"id": id})].map(|link| {
        let mut object =
            json!({"id": "x_1", "amount": 1, "currency": "usd", "status": "succeeded", "customer": "cus_1"});
        object[name] = link;
        object
    })
}

macro_rules! assert_link {
    ($event_type:literal, $variant:ident, $link:ident, $id:ident) => {
        for object in linked(stringify!($link), "y_1") {
            let object = data!($event_type, object, $variant);
            let id = object.$link().map(Expandable::id);
            assert_eq!((id, object.$id()), (Some("y_1"), Some("y_1")), stringify!($variant.$link));
        }
    };
}

#[test]
fn each_link_has_an_accessor_for_its_id() {
    assert_link!("checkout.session.completed", CheckoutSessionCompleted, customer, customer_id);
    assert_link!(
        "checkout.session.completed",
        CheckoutSessionCompleted,
        subscription,
        subscription_id
    );
    assert_link!("checkout.session.completed", CheckoutSessionCompleted, invoice, invoice_id);
    assert_link!(
        "checkout.session.completed",
        CheckoutSessionCompleted,
        payment_intent,
        payment_intent_id
    );
    assert_link!(
        "checkout.session.completed",
        CheckoutSessionCompleted,
        setup_intent,
        setup_intent_id
    );
    assert_link!(
        "checkout.session.completed",
        CheckoutSessionCompleted,
        payment_link,
        payment_link_id
    );
    assert_link!(
        "customer.subscription.updated",
        CustomerSubscriptionUpdated,
        latest_invoice,
        latest_invoice_id
    );
    assert_link!(
        "customer.subscription.updated",
        CustomerSubscriptionUpdated,
        schedule,
        schedule_id
    );
    assert_link!(
        "customer.subscription.updated",
        CustomerSubscriptionUpdated,
        default_payment_method,
        default_payment_method_id
    );
    assert_link!("invoice.paid", InvoicePaid, customer, customer_id);
    assert_link!("invoice.paid", InvoicePaid, subscription, subscription_id);
    assert_link!("invoice.paid", InvoicePaid, payment_intent, payment_intent_id);
    assert_link!("invoice.paid", InvoicePaid, charge, charge_id);
    assert_link!("invoice_payment.paid", InvoicePaymentPaid, invoice, invoice_id);
    assert_link!("payment_intent.succeeded", PaymentIntentSucceeded, customer, customer_id);
    assert_link!(
        "payment_intent.succeeded",
        PaymentIntentSucceeded,
        payment_method,
        payment_method_id
    );
    assert_link!(
        "payment_intent.succeeded",
        PaymentIntentSucceeded,
        latest_charge,
        latest_charge_id
    );
    assert_link!("payment_intent.succeeded", PaymentIntentSucceeded, invoice, invoice_id);
    assert_link!("charge.succeeded", ChargeSucceeded, customer, customer_id);
    assert_link!("charge.succeeded", ChargeSucceeded, payment_intent, payment_intent_id);
    assert_link!("charge.succeeded", ChargeSucceeded, payment_method, payment_method_id);
    assert_link!("charge.succeeded", ChargeSucceeded, balance_transaction, balance_transaction_id);
    assert_link!("charge.succeeded", ChargeSucceeded, invoice, invoice_id);
    assert_link!("refund.created", RefundCreated, charge, charge_id);
    assert_link!("refund.created", RefundCreated, payment_intent, payment_intent_id);
    assert_link!("refund.created", RefundCreated, balance_transaction, balance_transaction_id);
    assert_link!("charge.dispute.closed", ChargeDisputeClosed, charge, charge_id);
    assert_link!("charge.dispute.closed", ChargeDisputeClosed, payment_intent, payment_intent_id);
}

#[test]
fn moved_links_have_an_accessor_too() {
    let basil = json!({
        "id": "in_1", "parent": {"subscription_details": {"subscription": {"id": "sub_1", "customer": "cus_1", "status": "active"}}},
        "payments": [{"payment": {"payment_intent": "pi_1"}}],
        "lines": [{"parent": {"subscription_item_details": {"subscription": "sub_1"}}}],
    });
    let invoice = data!("invoice.paid", basil, InvoicePaid);
    assert_eq!(invoice.subscription().unwrap().object().unwrap().customer_id(), "cus_1");
    assert_eq!(invoice.payment_intent().map(Expandable::id), Some("pi_1"));
    assert_eq!(invoice.charge().map(Expandable::id), None);
    assert_eq!(invoice.lines()[0].subscription().map(Expandable::id), Some("sub_1"));

    let payment = data!(
        "invoice_payment.paid",
        json!({"payment": {"payment_record": "pr_1"}}),
        InvoicePaymentPaid
    );
    assert_eq!(payment.payment_record().map(Expandable::id), Some("pr_1"));

    let customer = json!({"id": "cus_1", "default_source": "src_1", "invoice_settings": {"default_payment_method": "pm_1"}});
    let customer = data!("customer.updated", customer, CustomerUpdated);
    assert_eq!(customer.default_payment_method().map(Expandable::id), Some("pm_1"));
}
