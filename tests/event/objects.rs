//! Typed objects in the form of each API version.
//!
//! All of them decode to the same values. The shapes are written after Stripe's changelog and the
//! types of stripe-node: see the versions below.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tower_stripe_webhook::{
    EventData, SigningSecret, Tolerance, VerifiedEvent,
    event::object::{
        BillingModeType, BillingReason, ChargeStatus, CheckoutSessionMode, CollectionMethod,
        DisputeStatus, Expandable, Interval, InvoiceLine, InvoiceLineOrigin, InvoiceStatus,
        PauseReason, PaymentIntentStatus, PaymentStatus, PreviousSubscription, RefundStatus,
        SubscriptionStatus,
    },
    test_util::sign,
    verify,
};

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Version {
    V2022_11_15,
    V2023_10_16,
    V2024_06_20,
    Basil,
    Clover,
    Endive,
}
use Version::{Basil, Clover, Endive, V2022_11_15, V2023_10_16, V2024_06_20};

const VERSIONS: [Version; 6] = [V2022_11_15, V2023_10_16, V2024_06_20, Basil, Clover, Endive];

impl Version {
    fn name(self) -> &'static str {
        match self {
            V2022_11_15 => "2022-11-15",
            V2023_10_16 => "2023-10-16",
            V2024_06_20 => "2024-06-20",
            Basil => "2025-03-31.basil",
            Clover => "2025-09-30.clover",
            Endive => "2026-10-28.endive",
        }
    }
}

fn event(version: &str, event_type: &str, object: &Value) -> VerifiedEvent {
    let body = json!({
        "id": "evt_1", "object": "event", "api_version": version, "created": 1_795_447_000, "livemode": false,
        "pending_webhooks": 1, "request": {"id": null, "idempotency_key": null}, "type": event_type,
        "data": {"object": object},
    })
    .to_string();
    receive(body)
}

fn receive(body: String) -> VerifiedEvent {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let secret = SigningSecret::new("whsec_test").unwrap();
    verify(sign(&body, &secret, now), body, &secret.into(), now, Tolerance::default()).unwrap()
}

macro_rules! data {
    ($version:expr, $event_type:literal, $object:expr, $variant:ident) => {
        match event($version.name(), $event_type, &$object).data() {
            Ok(EventData::$variant(object)) => object,
            other => panic!("{:?}: {other:?}", $version),
        }
    };
}

fn merge(mut object: Value, fields: Value) -> Value {
    let (Value::Object(object_fields), Value::Object(fields)) = (&mut object, fields) else {
        panic!("objects only")
    };
    object_fields.extend(fields);
    object
}

fn price() -> Value {
    json!({
        "id": "price_1", "object": "price", "active": true, "billing_scheme": "per_unit", "created": 1, "currency": "usd",
        "custom_unit_amount": null, "livemode": false, "lookup_key": "pro", "metadata": {"tier": "pro"}, "nickname": "Pro",
        "product": "prod_1", "recurring": {"interval": "month", "interval_count": 3, "usage_type": "licensed"},
        "tiers_mode": null, "type": "recurring", "unit_amount": 2000, "unit_amount_decimal": "2000",
    })
}

fn plan() -> Value {
    json!({
        "id": "price_1", "object": "plan", "active": true, "amount": 2000, "amount_decimal": "2000", "currency": "usd",
        "interval": "month", "interval_count": 3, "nickname": "Pro", "product": "prod_1", "usage_type": "licensed",
    })
}

fn subscription(version: Version) -> Value {
    let item = json!({
        "id": "si_1", "object": "subscription_item", "created": 3, "metadata": {}, "plan": plan(), "price": price(), "quantity": 2,
        "subscription": "sub_1", "tax_rates": [],
    });
    let second = merge(
        item.clone(),
        json!({"id": "si_2", "price": merge(price(), json!({"id": "price_2", "product": "prod_2"}))}),
    );
    let (items, moved) = if version >= Basil {
        let first = merge(item, json!({"current_period_start": 100, "current_period_end": 200}));
        let second = merge(second, json!({"current_period_start": 110, "current_period_end": 190}));
        (
            json!([first, second]),
            json!({"billing_mode": {"type": "flexible"}, "discounts": ["di_1"]}),
        )
    } else {
        (
            json!([item, second]),
            json!({"current_period_start": 100, "current_period_end": 200, "discount": {"id": "di_1", "object": "discount"}}),
        )
    };
    let subscription = json!({
        "id": "sub_1", "object": "subscription", "application": null, "billing_cycle_anchor": 50, "cancel_at": null,
        "cancel_at_period_end": true, "canceled_at": 150, "collection_method": "charge_automatically",
        "cancellation_details": {"comment": null, "feedback": "too_expensive", "reason": "cancellation_requested"},
        "created": 50, "currency": "usd", "customer": "cus_1", "default_payment_method": null, "ended_at": null,
        "items": {"object": "list", "data": items, "has_more": false, "total_count": 2, "url": "/v1/subscription_items"},
        "latest_invoice": "in_1", "livemode": true, "metadata": {"plan": "pro"}, "pause_collection": null, "schedule": null,
        "start_date": 40, "status": "past_due", "trial_end": null, "trial_start": null,
    });
    merge(subscription, moved)
}

#[test]
fn a_subscription_is_the_same_in_every_version() {
    for version in VERSIONS {
        let subscription = data!(
            version,
            "customer.subscription.updated",
            subscription(version),
            CustomerSubscriptionUpdated
        );
        assert_eq!(subscription.id(), "sub_1");
        assert_eq!(subscription.customer_id(), "cus_1");
        assert_eq!(subscription.status(), &SubscriptionStatus::PastDue);
        assert_eq!(subscription.current_period_start(), Some(100), "{version:?}");
        assert_eq!(subscription.current_period_end(), Some(200), "{version:?}");
        assert_eq!(subscription.price_ids().collect::<Vec<_>>(), ["price_1", "price_2"]);
        assert_eq!(subscription.product_ids().collect::<Vec<_>>(), ["prod_1", "prod_2"]);
        assert_eq!(subscription.items().len(), 2);
        assert!(!subscription.items().has_more());
        let price = subscription.items()[0].price().unwrap();
        assert_eq!((price.unit_amount(), price.currency()), (Some(2000), Some("usd")));
        assert_eq!((price.lookup_key(), price.active()), (Some("pro"), Some(true)));
        let recurring = price.recurring().unwrap();
        assert_eq!(
            (recurring.interval(), recurring.interval_count()),
            (Some(&Interval::Month), Some(3))
        );
        assert_eq!(subscription.items()[0].quantity(), Some(2));
        assert!(subscription.cancel_at_period_end() && subscription.livemode());
        assert_eq!(
            (subscription.canceled_at(), subscription.cancel_at(), subscription.ended_at()),
            (Some(150), None, None)
        );
        assert_eq!((subscription.created(), subscription.start_date()), (Some(50), Some(40)));
        assert_eq!(subscription.billing_cycle_anchor(), Some(50));
        assert_eq!(subscription.collection_method(), Some(&CollectionMethod::ChargeAutomatically));
        assert_eq!(subscription.cancellation_details().unwrap().feedback(), Some("too_expensive"));
        assert_eq!(subscription.latest_invoice_id(), Some("in_1"));
        assert_eq!(subscription.discount_ids().collect::<Vec<_>>(), ["di_1"], "{version:?}");
        let mode = subscription.billing_mode().and_then(|billing| billing.mode());
        assert_eq!(mode, (version >= Basil).then_some(&BillingModeType::Flexible));
        assert_eq!(subscription.metadata()["plan"], "pro");
        assert_eq!(
            (subscription.trial_start(), subscription.trial_end(), subscription.schedule()),
            (None, None, None)
        );
    }
}

#[test]
fn a_subscription_of_2013_with_one_plan_and_no_items_is_a_subscription() {
    let object = json!({
        "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active", "start": 40, "quantity": 1,
        "current_period_start": 100, "current_period_end": 200, "plan": {"id": "gold", "amount": 900, "interval": "year"},
    });
    let subscription =
        data!(V2022_11_15, "customer.subscription.created", object, CustomerSubscriptionCreated);
    assert_eq!(subscription.price_ids().collect::<Vec<_>>(), ["gold"]);
    let price = subscription.prices().next().unwrap();
    assert_eq!(price.unit_amount(), Some(900));
    assert_eq!(price.recurring().unwrap().interval(), Some(&Interval::Year));
    assert_eq!(
        (subscription.start_date(), subscription.current_period_end()),
        (Some(40), Some(200))
    );
    assert!(!subscription.cancel_at_period_end());
}

/// The items that are metered, the others are licensed.
fn subscription_of(items: &Value) -> Value {
    json!({"id": "sub_1", "customer": "cus_1", "status": "active", "items": {"object": "list", "data": items}})
}

#[test]
fn the_plan_is_the_first_licensed_item_else_the_first_one() {
    let price = |id: &str, usage: &str| json!({"price": {"id": id, "recurring": {"usage_type": usage}}, "quantity": 3});
    let metered = json!({"price": {"id": "price_m", "recurring": {"usage_type": "metered", "meter": "mtr_1"}}});
    let metered_plan =
        json!({"plan": {"id": "plan_m", "interval": "month", "usage_type": "metered"}});
    let old_plan = json!({"plan": {"id": "plan_l", "interval": "month"}, "quantity": 3});
    for (items, plan, quantity, licensed) in [
        (json!([metered, price("price_l", "licensed")]), Some("price_l"), Some(3), 1),
        (json!([price("price_l", "licensed"), metered]), Some("price_l"), Some(3), 1),
        (
            json!([price("price_a", "licensed"), price("price_b", "licensed")]),
            Some("price_a"),
            Some(3),
            2,
        ),
        (json!([metered_plan, old_plan]), Some("plan_l"), Some(3), 1),
        (json!([metered, metered_plan]), Some("price_m"), None, 0),
        (json!([]), None, None, 0),
    ] {
        let object = subscription_of(&items);
        let subscription =
            data!(Endive, "customer.subscription.updated", object, CustomerSubscriptionUpdated);
        assert_eq!(
            (subscription.plan_price_id(), subscription.quantity()),
            (plan, quantity),
            "{items}"
        );
        assert_eq!(subscription.plan_price().and_then(|price| price.id()), plan, "{items}");
        assert_eq!(subscription.licensed_items().count(), licensed, "{items}");
        assert_eq!(subscription.price_ids().count(), items.as_array().unwrap().len(), "{items}");
    }
}

#[test]
fn a_pending_update_of_a_subscription_is_reported() {
    for (update, is_pending) in
        [(json!({"expires_at": 9}), true), (json!({}), true), (json!(null), false)]
    {
        let object = merge(subscription_of(&json!([])), json!({"pending_update": update}));
        let subscription =
            data!(Endive, "customer.subscription.updated", object, CustomerSubscriptionUpdated);
        assert_eq!(subscription.has_pending_update(), is_pending, "{update}");
    }
}

#[test]
fn a_paused_subscription_has_its_reason() {
    let details = json!({"paused": {
        "type": "subscription", "subscription": {"type": "final_payment_failure"}, "transitioned_at": 9,
    }});
    for (details, reason) in
        [(details, Some(&PauseReason::FinalPaymentFailure)), (json!(null), None)]
    {
        let object = merge(
            subscription_of(&json!([])),
            json!({"status": "paused", "status_details": details}),
        );
        let subscription =
            data!(Endive, "customer.subscription.paused", object, CustomerSubscriptionPaused);
        assert_eq!(subscription.pause_reason(), reason, "{details}");
    }
}

fn invoice(version: Version) -> Value {
    let line = json!({
        "id": "il_1", "object": "line_item", "amount": 4000, "currency": "usd", "description": "2 × Pro", "discountable": true,
        "livemode": false, "metadata": {"plan": "pro"}, "period": {"start": 100, "end": 200}, "quantity": 2,
        "subscription": "sub_1",
    });
    let (line, moved) = match version {
        V2022_11_15 | V2023_10_16 | V2024_06_20 => (
            merge(
                line,
                json!({
                    "type": "subscription", "proration": true, "price": price(), "plan": plan(), "subscription_item": "si_1",
                }),
            ),
            json!({
                "subscription": "sub_1", "subscription_details": {"metadata": {"user": "42"}}, "paid": true,
                "payment_intent": "pi_1", "charge": "ch_1", "tax": 38,
                "total_tax_amounts": [{"amount": 38, "inclusive": false}], "discount": {"id": "di_1"}, "discounts": ["di_1"],
            }),
        ),
        Basil | Clover | Endive => {
            // Since 2025-12-15.clover it can be the object.
            let price = if version == Endive { price() } else { json!("price_1") };
            (
                merge(
                    line,
                    json!({
                        "parent": {
                            "type": "subscription_item_details", "invoice_item_details": null,
                            "subscription_item_details": {
                                "proration": true, "subscription": "sub_1", "subscription_item": "si_1", "invoice_item": null,
                            },
                        },
                        "pricing": {
                            "type": "price_details", "price_details": {"price": price, "product": "prod_1"},
                            "unit_amount_decimal": "2000",
                        },
                    }),
                ),
                json!({
                    "parent": {
                        "type": "subscription_details", "quote_details": null,
                        "subscription_details": {"subscription": "sub_1", "metadata": {"user": "42"}},
                    },
                    "payments": {"object": "list", "data": [
                        {"payment": {"type": "payment_intent", "payment_intent": "pi_1", "charge": "ch_1"}},
                    ]},
                    "total_taxes": [{"amount": 30, "type": "tax_rate_details"}, {"amount": 8, "type": "tax_rate_details"}],
                }),
            )
        }
    };
    let invoice = json!({
        "id": "in_1", "object": "invoice", "amount_due": 4038, "amount_paid": 4038, "amount_remaining": 0, "attempt_count": 2,
        "billing_reason": "subscription_cycle", "collection_method": "charge_automatically", "created": 90, "currency": "usd",
        "customer": "cus_1", "customer_email": "zoë@example.com", "customer_name": "Zoë", "discounts": ["di_1"], "due_date": null,
        "hosted_invoice_url": "https://invoice.stripe.com/i/1", "invoice_pdf": "https://pay.stripe.com/invoice/1/pdf",
        "lines": {"object": "list", "data": [line], "has_more": true, "total_count": 11, "url": "/v1/invoices/in_1/lines"},
        "livemode": true, "metadata": {}, "next_payment_attempt": null, "number": "A-1", "period_start": 0, "period_end": 90,
        "status": "paid", "status_transitions": {"finalized_at": 91, "paid_at": 92, "voided_at": null}, "subtotal": 4000,
        "total": 4038,
    });
    merge(invoice, moved)
}

#[test]
fn an_invoice_is_the_same_in_every_version() {
    for version in VERSIONS {
        let invoice = data!(version, "invoice.paid", invoice(version), InvoicePaid);
        assert_eq!(invoice.id(), Some("in_1"));
        assert_eq!(invoice.subscription_id(), Some("sub_1"), "{version:?}");
        assert_eq!(invoice.subscription_metadata().unwrap()["user"], "42", "{version:?}");
        assert!(invoice.is_paid());
        assert_eq!(invoice.status(), Some(&InvoiceStatus::Paid));
        assert_eq!(invoice.payment_intent_id(), Some("pi_1"), "{version:?}");
        assert_eq!(invoice.charge_id(), Some("ch_1"), "{version:?}");
        assert_eq!(invoice.total_tax(), Some(38), "{version:?}");
        assert_eq!(invoice.discount_ids().collect::<Vec<_>>(), ["di_1"], "{version:?}");
        assert_eq!(invoice.customer_id(), Some("cus_1"));
        assert_eq!(invoice.customer_email(), Some("zoë@example.com"));
        assert_eq!(
            (invoice.amount_due(), invoice.amount_paid(), invoice.amount_remaining()),
            (Some(4038), Some(4038), Some(0))
        );
        assert_eq!(
            (invoice.total(), invoice.subtotal(), invoice.currency()),
            (Some(4038), Some(4000), Some("usd"))
        );
        assert_eq!(invoice.billing_reason(), Some(&BillingReason::SubscriptionCycle));
        assert_eq!((invoice.attempt_count(), invoice.next_payment_attempt()), (Some(2), None));
        assert_eq!((invoice.created(), invoice.number()), (Some(90), Some("A-1")));
        assert_eq!(invoice.status_transitions().unwrap().paid_at(), Some(92));
        assert!(invoice.livemode() && invoice.lines().has_more());

        let [line] = &invoice.lines()[..] else { panic!("{version:?}") };
        assert_eq!(line.price_id(), Some("price_1"), "{version:?}");
        assert_eq!(line.product_id(), Some("prod_1"), "{version:?}");
        assert!(line.is_proration(), "{version:?}");
        assert_eq!(line.origin(), Some(&InvoiceLineOrigin::SubscriptionItem), "{version:?}");
        assert_eq!(line.subscription_id(), Some("sub_1"));
        assert_eq!(line.subscription_item_id(), Some("si_1"), "{version:?}");
        assert_eq!((line.amount(), line.quantity()), (Some(4000), Some(2)));
        let period = line.period().unwrap();
        assert_eq!((period.start(), period.end()), (Some(100), Some(200)));
        assert_eq!(line.metadata()["plan"], "pro");
    }
}

#[test]
fn an_invoice_for_no_subscription_has_none_in_every_version() {
    for (version, moved) in [
        (
            V2024_06_20,
            json!({"subscription": null, "subscription_details": {"metadata": null}, "paid": false, "tax": null}),
        ),
        (Basil, json!({"parent": null, "total_taxes": null, "payments": null})),
        (
            Endive,
            json!({"parent": {"type": "quote_details", "quote_details": {"quote": "qt_1"}, "subscription_details": null}}),
        ),
    ] {
        let object = merge(
            json!({"object": "invoice", "amount_due": 0, "status": "open", "customer": null}),
            moved,
        );
        let invoice = data!(version, "invoice.upcoming", object, InvoiceUpcoming);
        assert_eq!((invoice.id(), invoice.subscription_id()), (None, None), "{version:?}");
        assert_eq!(
            (invoice.subscription_metadata(), invoice.total_tax()),
            (None, None),
            "{version:?}"
        );
        assert_eq!(
            (invoice.payment_intent_id(), invoice.charge_id(), invoice.customer_id()),
            (None, None, None)
        );
        assert!(!invoice.is_paid());
    }
}

#[test]
fn an_invoice_of_2012_has_its_lines_by_kind() {
    let object = json!({
        "id": "in_1", "object": "invoice", "amount_due": 900, "total": 900, "subtotal": 900, "date": 90, "paid": true,
        "customer": "cus_1", "attempted": true,
        "lines": {
            "invoiceitems": [{"id": "ii_1", "amount": 100}], "prorations": [],
            "subscriptions": [{"amount": 800, "period": {"start": 100, "end": 200}, "plan": {"id": "gold"}}],
        },
    });
    let invoice = data!(V2022_11_15, "invoice.payment_succeeded", object, InvoicePaymentSucceeded);
    assert_eq!(
        invoice.lines().iter().filter_map(InvoiceLine::amount).collect::<Vec<_>>(),
        [100, 800]
    );
    assert_eq!(invoice.lines()[1].price_id(), Some("gold"));
    assert!(invoice.is_paid());
    assert_eq!(invoice.created(), Some(90));
}

fn checkout_session(version: Version) -> Value {
    let moved = if version >= Basil {
        json!({"collected_information": {"shipping_details": {"name": "Zoë", "address": {"city": "Berlin"}}}, "discounts": []})
    } else {
        json!({"shipping_details": {"name": "Zoë", "address": {"city": "Berlin"}}})
    };
    let session = json!({
        "id": "cs_test_1", "object": "checkout.session", "amount_subtotal": 2000, "amount_total": 1800,
        "client_reference_id": "user_42", "created": 80, "currency": "usd", "customer": "cus_1",
        "customer_details": {"address": {"country": "DE", "postal_code": "10115"}, "email": "Zoe@example.com", "name": "Zoë"},
        "customer_email": "prefilled@example.com", "expires_at": 99, "invoice": "in_1", "livemode": false,
        "metadata": {"session_type": "credits_topup"}, "mode": "payment", "payment_intent": "pi_1", "payment_link": null,
        "payment_status": "paid", "setup_intent": null, "status": "complete", "subscription": null,
    });
    merge(session, moved)
}

#[test]
fn a_checkout_session_is_the_same_in_every_version() {
    for version in VERSIONS {
        let session = data!(
            version,
            "checkout.session.completed",
            checkout_session(version),
            CheckoutSessionCompleted
        );
        assert_eq!(session.id(), "cs_test_1");
        assert_eq!(session.email(), Some("Zoe@example.com"));
        assert_eq!(session.mode(), Some(&CheckoutSessionMode::Payment));
        assert!(session.is_paid());
        assert_eq!((session.amount_total(), session.amount_subtotal()), (Some(1800), Some(2000)));
        assert_eq!(session.currency(), Some("usd"));
        assert_eq!(session.client_reference_id(), Some("user_42"));
        assert_eq!((session.customer_id(), session.subscription_id()), (Some("cus_1"), None));
        assert_eq!(
            (session.invoice_id(), session.payment_intent_id()),
            (Some("in_1"), Some("pi_1"))
        );
        assert_eq!(session.metadata()["session_type"], "credits_topup");
        let details = session.customer_details().unwrap();
        assert_eq!(details.address().unwrap().country(), Some("DE"));
        let shipping = session.shipping_details().unwrap();
        assert_eq!(shipping.address().unwrap().city(), Some("Berlin"), "{version:?}");
        assert_eq!((session.created(), session.expires_at()), (Some(80), Some(99)));
    }
}

#[test]
fn a_checkout_session_is_settled_if_it_is_paid_or_nothing_was_due() {
    for (payment_status, is_paid, is_settled) in [
        (json!("paid"), true, true),
        (json!("no_payment_required"), false, true),
        (json!("unpaid"), false, false),
        (json!("of_tomorrow"), false, false),
        (json!(null), false, false),
    ] {
        let object = json!({"id": "cs_1", "payment_status": payment_status});
        let session = data!(Endive, "checkout.session.completed", object, CheckoutSessionCompleted);
        assert_eq!(
            (session.is_paid(), session.is_settled()),
            (is_paid, is_settled),
            "{payment_status}"
        );
    }
}

#[test]
fn a_checkout_sessions_email_is_the_entered_one_or_the_prefilled_one() {
    for (object, email) in [
        (
            json!({"id": "cs_1", "customer_email": "a@example.com", "customer_details": null}),
            Some("a@example.com"),
        ),
        (
            json!({"id": "cs_1", "customer_email": "a@example.com", "customer_details": {"email": null}}),
            Some("a@example.com"),
        ),
        (json!({"id": "cs_1", "customer_email": null}), None),
    ] {
        let session = data!(Endive, "checkout.session.completed", object, CheckoutSessionCompleted);
        assert_eq!(session.email(), email, "{object}");
    }
}

#[test]
fn a_customer_is_the_same_in_every_version() {
    for version in VERSIONS {
        let object = json!({
            "id": "cus_1", "object": "customer", "address": {"city": "Berlin", "country": "DE"}, "balance": -500, "created": 10,
            "currency": "eur", "default_source": "card_1", "delinquent": false, "description": "VIP", "email": "zoe@example.com",
            "invoice_settings": {"default_payment_method": "pm_1"}, "livemode": false, "metadata": {"user": "42"}, "name": "Zoë",
            "phone": null,
        });
        let customer = data!(version, "customer.updated", object, CustomerUpdated);
        assert_eq!((customer.id(), customer.email()), ("cus_1", Some("zoe@example.com")));
        assert_eq!((customer.balance(), customer.currency()), (Some(-500), Some("eur")));
        assert_eq!(customer.default_payment_method_id(), Some("pm_1"));
        assert_eq!(customer.address().unwrap().city(), Some("Berlin"));
        assert_eq!((customer.metadata()["user"].as_str(), customer.phone()), ("42", None));
        assert!(!customer.deleted() && !customer.delinquent());
    }
}

#[test]
fn a_customer_of_2013_pays_with_a_card() {
    let object = json!({"id": "cus_1", "object": "customer", "account_balance": 100, "default_source": "card_1"});
    let customer = data!(V2022_11_15, "customer.deleted", object, CustomerDeleted);
    assert_eq!(
        (customer.balance(), customer.default_payment_method_id()),
        (Some(100), Some("card_1"))
    );
}

#[test]
fn a_payment_intent_is_the_same_in_every_version() {
    for version in VERSIONS {
        let moved = if version >= Basil { json!({}) } else { json!({"invoice": "in_1"}) };
        let object = json!({
            "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_capturable": 0, "amount_received": 0,
            "canceled_at": null, "cancellation_reason": null, "created": 70, "currency": "jpy", "customer": "cus_1",
            "description": null, "latest_charge": "ch_1", "livemode": true, "metadata": {}, "payment_method": "pm_1",
            "last_payment_error": {
                "code": "card_declined", "decline_code": "insufficient_funds", "message": "Your card …", "type": "card_error",
            },
            "receipt_email": null, "status": "requires_payment_method",
        });
        let intent = data!(
            version,
            "payment_intent.payment_failed",
            merge(object, moved),
            PaymentIntentPaymentFailed
        );
        assert_eq!((intent.id(), intent.amount(), intent.currency()), ("pi_1", 2000, "jpy"));
        assert_eq!(intent.status(), &PaymentIntentStatus::RequiresPaymentMethod);
        assert_eq!(
            (intent.customer_id(), intent.latest_charge_id()),
            (Some("cus_1"), Some("ch_1"))
        );
        assert_eq!(intent.invoice_id(), (version < Basil).then_some("in_1"));
        let error = intent.last_payment_error().unwrap();
        assert_eq!(
            (error.decline_code(), error.error_type()),
            (Some("insufficient_funds"), Some("card_error"))
        );
    }
}

#[test]
fn a_payment_intent_before_2022_11_15_has_a_list_of_charges() {
    let object = json!({
        "id": "pi_1", "amount": 1, "currency": "usd", "status": "requires_source",
        "charges": {"object": "list", "data": [{"id": "ch_1"}]},
    });
    let intent = data!(V2022_11_15, "payment_intent.created", object, PaymentIntentCreated);
    assert_eq!(intent.latest_charge_id(), Some("ch_1"));
    assert_eq!(intent.status(), &PaymentIntentStatus::RequiresPaymentMethod);
}

#[test]
fn a_charge_is_the_same_in_every_version() {
    for version in VERSIONS {
        let moved = if version >= Basil { json!({}) } else { json!({"invoice": "in_1"}) };
        let object = json!({
            "id": "ch_1", "object": "charge", "amount": 2000, "amount_captured": 2000, "amount_refunded": 500,
            "balance_transaction": "txn_1", "captured": true, "created": 60, "currency": "usd", "customer": "cus_1",
            "billing_details": {"email": "zoe@example.com", "name": "Zoë", "phone": null, "address": {"country": "DE"}},
            "disputed": false, "failure_code": null, "livemode": false, "metadata": {},
            "outcome": {"network_status": "approved_by_network", "risk_level": "normal", "type": "authorized"}, "paid": true,
            "payment_intent": "pi_1", "payment_method": "pm_1", "receipt_url": "https://pay.stripe.com/receipts/1",
            "refunded": false, "status": "succeeded",
        });
        let charge = data!(version, "charge.refunded", merge(object, moved), ChargeRefunded);
        assert_eq!((charge.id(), charge.amount(), charge.currency()), ("ch_1", 2000, "usd"));
        assert_eq!((charge.amount_refunded(), charge.refunded()), (Some(500), false));
        assert!(charge.is_succeeded() && !charge.disputed());
        assert_eq!((charge.captured(), charge.paid()), (Some(true), Some(true)));
        assert_eq!(charge.status(), Some(&ChargeStatus::Succeeded));
        assert_eq!(
            (charge.customer_id(), charge.payment_intent_id()),
            (Some("cus_1"), Some("pi_1"))
        );
        assert_eq!(charge.invoice_id(), (version < Basil).then_some("in_1"));
        assert_eq!(charge.balance_transaction().map(Expandable::id), Some("txn_1"));
        assert_eq!(charge.billing_details().unwrap().email(), Some("zoe@example.com"));
        assert_eq!(charge.outcome().unwrap().risk_level(), Some("normal"));
    }
}

#[test]
fn a_charge_without_a_status_has_succeeded_if_it_is_paid() {
    for (fields, succeeded) in [
        (json!({"paid": true}), true),
        (json!({"paid": false}), false),
        (json!({"paid": true, "status": "paid"}), true),
        (json!({"paid": true, "status": "failed"}), false),
    ] {
        let object = merge(json!({"id": "ch_1", "amount": 1, "currency": "usd"}), fields);
        assert_eq!(
            data!(V2022_11_15, "charge.succeeded", object, ChargeSucceeded).is_succeeded(),
            succeeded,
            "{object}"
        );
    }
}

#[test]
fn a_refund_is_the_same_in_every_version_and_under_both_names() {
    let object = json!({
        "id": "re_1", "object": "refund", "amount": 500, "balance_transaction": "txn_1", "charge": "ch_1", "created": 65,
        "currency": "usd", "failure_reason": "lost_or_stolen_card", "metadata": {}, "payment_intent": "pi_1",
        "reason": "requested_by_customer", "status": "failed",
    });
    for version in VERSIONS {
        let refund = data!(version, "refund.failed", object, RefundFailed);
        assert_eq!((refund.id(), refund.amount(), refund.currency()), ("re_1", 500, "usd"));
        assert_eq!(refund.status(), Some(&RefundStatus::Failed));
        assert_eq!((refund.charge_id(), refund.payment_intent_id()), (Some("ch_1"), Some("pi_1")));
        assert_eq!(refund.failure_reason(), Some("lost_or_stolen_card"));
        assert_eq!(data!(version, "charge.refund.updated", object, ChargeRefundUpdated), refund);
    }
}

#[test]
fn a_dispute_is_the_same_in_every_version() {
    let object = json!({
        "id": "du_1", "object": "dispute", "amount": 2000, "balance_transactions": [], "charge": "ch_1", "created": 66,
        "currency": "usd", "evidence": {"access_activity_log": null},
        "evidence_details": {"due_by": 77, "has_evidence": true, "past_due": false, "submission_count": 1},
        "is_charge_refundable": false, "livemode": false, "metadata": {}, "payment_intent": "pi_1", "reason": "fraudulent",
        "status": "needs_response",
    });
    for version in VERSIONS {
        let dispute = data!(version, "charge.dispute.created", object, ChargeDisputeCreated);
        assert_eq!(
            (dispute.id(), dispute.amount(), dispute.currency()),
            (Some("du_1"), 2000, "usd")
        );
        assert_eq!(
            (dispute.status(), dispute.reason()),
            (&DisputeStatus::NeedsResponse, Some("fraudulent"))
        );
        assert_eq!(
            (dispute.charge_id(), dispute.payment_intent_id()),
            (Some("ch_1"), Some("pi_1"))
        );
        assert_eq!(dispute.evidence_due_by(), Some(77));
    }
}

#[test]
fn a_dispute_of_2014_has_no_id_and_its_deadline_beside_it() {
    let object = json!({
        "object": "dispute", "amount": 2000, "charge": "ch_1", "currency": "usd", "evidence": null, "evidence_due_by": 77,
        "status": "lost",
    });
    let dispute = data!(V2022_11_15, "charge.dispute.closed", object, ChargeDisputeClosed);
    assert_eq!((dispute.id(), dispute.evidence_due_by()), (None, Some(77)));
}

#[test]
fn a_link_is_an_id_or_the_object() {
    let object = json!({
        "id": "sub_1", "status": "active", "customer": {"id": "cus_1", "email": "zoe@example.com"}, "schedule": {"id": ""},
        "latest_invoice": {"id": "in_1", "amount_due": 7}, "default_payment_method": {"id": "pm_1", "object": "payment_method"},
    });
    let subscription =
        data!(Endive, "customer.subscription.created", object, CustomerSubscriptionCreated);
    assert_eq!((subscription.customer_id(), subscription.customer().id()), ("cus_1", "cus_1"));
    assert_eq!(subscription.customer().object().unwrap().email(), Some("zoe@example.com"));
    assert_eq!(subscription.latest_invoice().unwrap().object().unwrap().amount_due(), Some(7));
    let method = subscription.default_payment_method().unwrap();
    assert_eq!((method.id(), method.object().unwrap().object()), ("pm_1", Some("payment_method")));
    assert!(subscription.schedule().is_none());
}

#[test]
fn an_incomplete_object_in_a_link_is_not_an_error() {
    let object = json!({
        "id": "sub_1", "status": "active", "customer": {"id": "cus_1", "object": "customer", "deleted": true},
        "latest_invoice": {"id": "in_1", "object": "invoice"},
    });
    let subscription =
        data!(Endive, "customer.subscription.created", object, CustomerSubscriptionCreated);
    assert!(subscription.customer().object().unwrap().deleted());
    assert_eq!(subscription.latest_invoice().unwrap().object().unwrap().amount_due(), None);

    let object = json!({"id": "re_1", "amount": 1, "currency": "usd", "charge": {"id": "ch_1", "object": "charge"}});
    let refund = data!(Endive, "refund.created", object, RefundCreated);
    let charge = refund.charge().unwrap();
    assert_eq!((charge.id(), charge.object()), ("ch_1", None));
}

#[test]
fn links_within_links_do_not_exhaust_the_stack() {
    let mut object = json!({"id": "in_1", "amount_due": 1, "subscription": "sub_1"});
    for _ in 0..120 {
        object = json!({"id": "sub_1", "status": "active", "customer": "cus_1", "latest_invoice": object, "metadata": 1});
    }
    let body = |object: &Value| {
        json!({"id": "evt_1", "type": "customer.subscription.updated", "data": {"object": object}})
            .to_string()
    };
    let broken = body(&merge(object.clone(), json!({"status": 1})));
    let body = body(&object);
    let small_stack = std::thread::Builder::new().stack_size(512 * 1024);
    let decoded = small_stack
        .spawn(move || (receive(body).data(), receive(broken).data()))
        .unwrap()
        .join()
        .unwrap();
    assert!(decoded.0.is_ok());
    assert!(decoded.1.unwrap_err().path().contains("status"));
}

#[test]
fn the_previous_attributes_of_a_subscription_are_typed() {
    let previous = |attributes: Value| {
        let body = json!({
            "id": "evt_1", "object": "event", "type": "customer.subscription.updated",
            "data": {"object": subscription(Endive), "previous_attributes": attributes},
        });
        receive(body.to_string()).previous_attributes::<PreviousSubscription>().unwrap()
    };

    let before = previous(
        json!({"status": "trialing", "cancel_at_period_end": false, "metadata": {"plan": null}}),
    )
    .unwrap();
    assert_eq!(before.status(), Some(&SubscriptionStatus::Trialing));
    assert_eq!((before.cancel_at_period_end(), before.price_ids().count()), (Some(false), 0));
    assert_eq!(before.current_period_end(), None);

    for attributes in [
        json!({"items": {"data": [{"price": {"id": "price_0"}, "current_period_end": 99}]}}),
        json!({"plan": {"id": "price_0"}, "current_period_end": 99}),
    ] {
        let before = previous(attributes).unwrap();
        assert_eq!(before.price_ids().collect::<Vec<_>>(), ["price_0"]);
        assert_eq!(before.current_period_end(), Some(99));
    }

    assert!(previous(Value::Null).is_none());
}

#[test]
fn each_type_of_snapshot_events_has_a_variant_of_its_name() {
    let minimal = json!({
        "id": "x_1", "customer": "cus_1", "status": "active", "amount": 1, "amount_due": 1, "total": 1, "currency": "usd",
    });
    for name in include_str!("data/event-types-snapshot.txt").lines() {
        let data = event("2026-10-28.endive", name, &minimal).data().unwrap();
        assert_ne!(data, EventData::Other, "{name}");
        let variant = format!("{data:?}").split_once('(').unwrap().0.to_lowercase();
        assert_eq!(variant, name.replace(['.', '_'], ""));
    }
}

#[test]
fn an_object_with_the_name_of_another_is_other() {
    let families = [
        ("checkout.session.completed", "checkout.session"),
        ("customer.created", "customer"),
        ("customer.subscription.created", "subscription"),
        ("invoice.paid", "invoice"),
        ("payment_intent.created", "payment_intent"),
        ("charge.succeeded", "charge"),
        ("charge.dispute.created", "dispute"),
        ("charge.refund.updated", "refund"),
    ];
    for (event_type, own_name) in families {
        for name in families.map(|(_, name)| name).into_iter().chain(["account"]) {
            let whole = json!({
                "id": "x_1", "object": name, "customer": "cus_1", "status": "active", "amount": 1, "amount_due": 1,
                "currency": "usd",
            });
            let data = event("2015-10-16", event_type, &whole).data().unwrap();
            assert_eq!(data == EventData::Other, name != own_name, "{event_type} with {name}");
            if name != own_name {
                let incomplete = json!({"object": name});
                assert_eq!(
                    event("2015-10-16", event_type, &incomplete).data().unwrap(),
                    EventData::Other
                );
            }
        }
    }

    let broken = json!({"id": "ch_1", "object": "charge"});
    let error = event("2015-10-16", "charge.succeeded", &broken).data().unwrap_err();
    assert_eq!(error.path(), "data.object");
    assert!(error.to_string().contains("missing field `amount`"), "{error}");
    let sparse = json!({"id": "in_1", "object": "invoice"});
    assert!(event("2015-10-16", "invoice.payment_succeeded", &sparse).data().is_ok());
}

#[test]
fn an_unknown_payment_status_keeps_its_text() {
    let object = json!({"id": "cs_1", "payment_status": "partially_paid"});
    let session = data!(Endive, "checkout.session.completed", object, CheckoutSessionCompleted);
    assert!(matches!(session.payment_status(), Some(PaymentStatus::Other(_))));
    assert_eq!(session.payment_status().unwrap(), "partially_paid");
    assert!(!session.is_paid());
}
