//! The answers to thin events, what is recorded of them, and what is fetched.

use serde_json::{Value, json};
use tower_stripe_webhook::test_util::samples;

use super::{EMAIL, rejection};
use crate::{
    harness::{
        Billing, Store,
        events::*,
        stripe::{API_KEY, Stripe, path_of, twin},
    },
    on_both,
};

on_both! {
    a_thin_event_without_an_api_key_is_answered_503_until_there_is_one,
    a_thin_event_without_an_effect_is_acknowledged_without_a_fetch,
    a_delivery_has_its_kind_and_the_snapshot_event,
    an_event_is_fetched_once_and_a_duplicate_is_not,
    a_twin_of_a_handled_event_is_a_duplicate_and_is_not_fetched,
    a_request_has_the_headers_of_the_configuration,
    records_of_the_version_before_are_recognized,
}

/// A snapshot event of each type with an effect.
fn events_with_effect() -> Vec<Value> {
    let mut events = vec![
        checkout(EMAIL, "cus_1", "sub_1"),
        of_type(top_up(EMAIL, 100), "checkout.session.async_payment_succeeded"),
        invoice("paid", EMAIL, "cus_1", "sub_1"),
        invoice("payment_failed", EMAIL, "cus_1", "sub_1"),
        customer("customer.created", "cus_1", Some(EMAIL)),
        customer("customer.updated", "cus_1", Some(EMAIL)),
        charge_refunded("pi_1", 100, 100),
        refund("refund.created", "re_1", "pi_1", 100, "succeeded"),
        refund("refund.updated", "re_1", "pi_1", 100, "succeeded"),
        refund("refund.failed", "re_1", "pi_1", 100, "failed"),
        refund("charge.refund.updated", "re_1", "pi_1", 100, "succeeded"),
    ];
    for what in ["created", "updated", "deleted"] {
        events.push(subscription(what, "sub_1", "cus_1", "active"));
    }
    for what in ["paused", "resumed"] {
        let event = subscription("updated", "sub_1", "cus_1", "active");
        events.push(of_type(event, &format!("customer.subscription.{what}")));
    }
    for what in ["created", "updated", "closed", "funds_withdrawn", "funds_reinstated"] {
        events.push(dispute(&format!("charge.dispute.{what}"), "pi_1", 100, "lost"));
    }
    events
}

/// A thin event of each type with an effect.
fn thin_events_with_effect() -> Vec<Value> {
    let mut events: Vec<_> = events_with_effect().iter().map(twin).collect();
    for what in ["active", "past_due", "unpaid", "trialing", "incomplete", "incomplete_expired"] {
        let event = twin(&subscription("updated", "sub_1", "cus_1", "active"));
        events.push(of_type(event, &format!("v1.customer.subscription.{what}")));
    }
    events
}

async fn a_thin_event_without_an_api_key_is_answered_503_until_there_is_one(store: Store) {
    let stripe = Stripe::start().await;
    let top_up = stripe.publish(&top_up(EMAIL, 2_000));
    let mut billing = stripe.setup(&store).without("STRIPE_API_KEY").start();
    let events = thin_events_with_effect();
    for event in events.iter().chain([&top_up, &top_up]) {
        let answer = billing.deliver(event).await;
        assert_eq!((answer.status, &*answer.error_code()), (503, "api_key_missing"), "{event}");
        assert!(answer.header("retry-after").is_some());
        let delivery = &billing.deliveries().await[0];
        assert_eq!(delivery["type"], event["type"]);
        assert_eq!((&delivery["kind"], &delivery["outcome"]), (&json!("thin"), &json!("failed")));
        let reason = delivery["reason"].as_str().unwrap();
        assert!(
            reason.contains("STRIPE_API_KEY") && reason.contains("read permission"),
            "{reason}"
        );
    }
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    // Snapshot events need no key.
    let snapshot = checkout(EMAIL, "cus_1", "sub_1");
    assert_eq!(billing.outcome_of(&snapshot).await, "applied");
    assert_eq!(stripe.paths(), Vec::<String>::new());
    // Also a thin event whose snapshot event had its effect is not acknowledged.
    assert_eq!(rejection(&billing, &twin(&snapshot)).await.1, "api_key_missing");

    billing.stop();
    let billing = stripe.billing(&store);
    assert_eq!(billing.outcome_of(&top_up).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn a_thin_event_without_an_effect_is_acknowledged_without_a_fetch(store: Store) {
    let stripe = Stripe::start().await;
    let account: Value = serde_json::from_str(samples::V2_CORE_ACCOUNT_UPDATED).unwrap();
    let mut events = vec![account];
    for event_type in [
        "v1.charge.succeeded",
        "v1.invoice.created",
        "v1.checkout.session.expired",
        "v1.customer.deleted",
        "v1.customer.subscription.trial_will_end",
        "v1.billing.meter.no_meter_found",
        "v2.core.account[requirements].updated",
        "v1.invented.by_stripe.tomorrow",
    ] {
        events.push(thin(event_type, None));
    }
    let without_relation = json!({ "id": new_id("evt"), "object": "v2.core.event", "type": "v2.core.something", "livemode": false });
    events.push(without_relation);
    let mut billing = stripe.setup(&store).without("STRIPE_API_KEY").start();
    for event in &events {
        assert_eq!(billing.outcome_of(event).await, "ignored", "{event}");
    }
    billing.stop();
    let billing = stripe.billing(&store);
    for event in events {
        assert_eq!(billing.outcome_of(&with_new_id(event)).await, "ignored");
    }
    assert_eq!(stripe.paths(), Vec::<String>::new());
}

async fn a_delivery_has_its_kind_and_the_snapshot_event(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let snapshot = top_up(EMAIL, 2_000);
    let twin = stripe.publish(&snapshot);
    let mut without_twin = stripe.publish(&top_up(EMAIL, 100));
    without_twin.as_object_mut().unwrap().remove("snapshot_event");
    for event in [&snapshot, &twin, &without_twin] {
        billing.outcome_of(event).await;
    }
    let deliveries = billing.deliveries().await;
    for (delivery, event, kind, snapshot_event, event_type, outcome) in [
        (
            &deliveries[0],
            &without_twin,
            "thin",
            Value::Null,
            "v1.checkout.session.completed",
            "applied",
        ),
        (
            &deliveries[1],
            &twin,
            "thin",
            snapshot["id"].clone(),
            "v1.checkout.session.completed",
            "duplicate",
        ),
        (
            &deliveries[2],
            &snapshot,
            "snapshot",
            Value::Null,
            "checkout.session.completed",
            "applied",
        ),
    ] {
        assert_eq!(delivery["id"], event["id"]);
        assert_eq!(delivery["kind"], kind);
        assert_eq!(delivery["snapshot_event"], snapshot_event);
        assert_eq!(
            (&delivery["type"], &delivery["outcome"]),
            (&json!(event_type), &json!(outcome))
        );
    }
}

async fn an_event_is_fetched_once_and_a_duplicate_is_not(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    for snapshot in events_with_effect() {
        stripe.publish(&snapshot);
    }
    for snapshot in events_with_effect() {
        let event = stripe.publish(&snapshot);
        let before = stripe.paths().len();
        billing.outcome_of(&event).await;
        let paths = stripe.paths().split_off(before);
        // An invoice and a checkout session also concern the subscription.
        let mut expected = vec![path_of(&event).to_owned()];
        let object = &snapshot["data"]["object"];
        if object["object"] == "invoice" || object["mode"] == "subscription" {
            expected.push("/v1/subscriptions/sub_1".to_owned());
        }
        assert_eq!(paths, expected, "{}", event["type"]);

        for again in [event.clone(), snapshot.clone(), event] {
            assert_eq!(billing.outcome_of(&again).await, "duplicate");
        }
        assert_eq!(stripe.paths().len(), before + expected.len(), "{}", snapshot["type"]);
    }
}

async fn a_twin_of_a_handled_event_is_a_duplicate_and_is_not_fetched(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let snapshot = top_up(EMAIL, 2_000);
    let twin = stripe.publish(&snapshot);
    assert_eq!(billing.outcome_of(&snapshot).await, "applied");
    assert_eq!(billing.outcome_of(&twin).await, "duplicate");
    assert_eq!(stripe.paths(), Vec::<String>::new());
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn a_request_has_the_headers_of_the_configuration(store: Store) {
    let stripe = Stripe::start().await;
    let event = stripe.publish(&top_up(EMAIL, 2_000));
    let mut billing = stripe.setup(&store).with("STRIPE_API_VERSION", "2025-03-31.basil").start();
    assert_eq!(billing.outcome_of(&event).await, "applied");
    billing.stop();
    let billing = stripe.billing(&store);
    assert_eq!(billing.outcome_of(&stripe.publish(&top_up(EMAIL, 2_000))).await, "applied");

    let requests = stripe.api.requests();
    for (request, version) in requests.iter().zip(["2025-03-31.basil", "2026-10-28.endive"]) {
        assert_eq!(request.header("authorization"), Some(&*format!("Bearer {API_KEY}")));
        assert_eq!(request.header("stripe-version"), Some(version));
        assert!(request.header("stripe-context").is_none());
        assert!(request.header("stripe-account").is_none());
    }
    let trigger = format!("event={}", event["id"].as_str().unwrap());
    assert_eq!(requests[0].header("stripe-request-trigger"), Some(&*trigger));
}

/// Before thin events, the key of an event had its account.
async fn records_of_the_version_before_are_recognized(store: Store) {
    let mut billing = Billing::start(&store);
    billing.stop();
    store
        .execute(
            "DELETE FROM _sqlx_migrations WHERE version >= 8;
             DROP INDEX deliveries_failed_thin;
             ALTER TABLE deliveries DROP COLUMN kind;
             ALTER TABLE deliveries DROP COLUMN snapshot_event;
             ALTER TABLE deliveries DROP COLUMN fetched;
             INSERT INTO stripe_webhook_events (event_key, recorded_at) VALUES
                 ('event//evt_own', 1795608000), ('event/acct_1/evt_connected', 1795608000),
                 ('event/acct_2/evt_own', 1795608000), ('event//evt_%2f_odd', 1795608000);
             INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, secret_id) VALUES
                 ('z1', 'evt_thin', 'v1.customer.updated', 0, 1795608000, 'ignored', '0a1b2c3d'),
                 ('z0', 'evt_own', 'invoice.paid', 0, 1795608000, 'applied', '0a1b2c3d');",
        )
        .await;
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "*").start();
    let with_id = |mut event: Value, id: &str| {
        event["id"] = id.into();
        event
    };
    let deliveries = billing.deliveries().await;
    assert_eq!(
        (&deliveries[0]["kind"], &deliveries[1]["kind"]),
        (&json!("thin"), &json!("snapshot"))
    );

    let connected = of_account(top_up(EMAIL, 100), "account", "acct_1");
    for event in [
        with_id(top_up(EMAIL, 100), "evt_own"),
        twin(&with_id(top_up(EMAIL, 100), "evt_own")),
        with_id(connected.clone(), "evt_connected"),
        twin(&with_id(connected, "evt_connected")),
        with_id(top_up(EMAIL, 100), "evt_/_odd"),
    ] {
        assert_eq!(billing.outcome_of(&event).await, "duplicate", "{}", event["id"]);
    }
    assert_eq!(billing.outcome_of(&with_id(top_up(EMAIL, 100), "evt_new")).await, "applied");
    assert_eq!(stripe.paths(), Vec::<String>::new());
}
