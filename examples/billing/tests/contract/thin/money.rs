//! Credits by thin events: each fact has one effect, with the amounts of the fetched objects.

use serde_json::{Value, json};

use super::{EMAIL, fetch_failed, rejection};
use crate::{
    harness::{
        Billing, Store,
        events::*,
        stripe::{Stripe, path_of, twin},
    },
    on_both,
    sequences::orders,
};

on_both! {
    twins_and_repeated_facts_add_credits_once,
    concurrent_twins_add_credits_once,
    refunds_take_back_the_same_credits_in_every_order_and_kind,
    a_twice_refunded_charge_counts_once,
    a_failed_refund_gives_its_credits_back,
    a_decided_dispute_counts_as_decided,
    a_session_paid_later_adds_credits_once,
    a_missing_object_is_not_acknowledged,
    an_invalid_amount_of_a_fetched_object_fails,
}

async fn twins_and_repeated_facts_add_credits_once(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let snapshot = top_up(EMAIL, 2_000);
    let thin = stripe.publish(&snapshot);
    let repeated = twin(&with_new_id(snapshot.clone()));
    let mut without_twin = with_new_id(thin.clone());
    without_twin.as_object_mut().unwrap().remove("snapshot_event");
    let outcomes = ["applied", "duplicate", "duplicate", "duplicate", "duplicate"];
    for (event, outcome) in [&thin, &snapshot, &thin, &repeated, &without_twin].iter().zip(outcomes)
    {
        assert_eq!(billing.outcome_of(event).await, outcome);
        assert_eq!(billing.balance_of(EMAIL).await, 20_000);
    }
    assert_eq!(billing.credits_of(EMAIL).await["transactions"].as_array().unwrap().len(), 1);
}

async fn concurrent_twins_add_credits_once(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let events: Vec<_> = (0..20).map(|_| top_up(EMAIL, 100)).collect();
    let twins: Vec<_> = events.iter().map(|event| stripe.publish(event)).collect();
    let deliveries = events.iter().zip(&twins).flat_map(|(event, twin)| [event, twin, twin, event]);
    let answers =
        futures_util::future::join_all(deliveries.map(|event| billing.outcome_of(event))).await;
    assert_eq!(answers.iter().filter(|outcome| *outcome == "applied").count(), 20);
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

/// Delivers events in every order, each in one of both kinds, and asserts the balance.
async fn assert_balance(store: &Store, balance: i64, events: impl Fn(&str) -> Vec<Value>) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(store);
    let count = events("pi").len();
    for (number, order) in orders(count).into_iter().enumerate() {
        let payment = new_id("pi");
        let email = format!("{payment}@example.com");
        let mut all = events(&payment);
        all[0]["data"]["object"]["customer_details"]["email"] = email.clone().into();
        let twins: Vec<_> = all.iter().map(|event| stripe.publish(event)).collect();
        for place in order {
            // Another mix of kinds for each order.
            let is_thin = (number >> place) & 1 == 0;
            billing.outcome_of(if is_thin { &twins[place] } else { &all[place] }).await;
        }
        assert_eq!(billing.balance_of(&email).await, balance, "order {number}");
    }
}

async fn refunds_take_back_the_same_credits_in_every_order_and_kind(store: Store) {
    // The objects at Stripe are those after all events.
    assert_balance(&store, 5_000, |payment| {
        vec![
            top_up_paid_by(payment, EMAIL, 2_000),
            at(charge_refunded(payment, 2_000, 500), NOON + 1),
            at(charge_refunded(payment, 2_000, 1_500), NOON + 5),
            at(
                refund("refund.created", &format!("re_{payment}"), payment, 500, "succeeded"),
                NOON + 1,
            ),
        ]
    })
    .await;
}

async fn a_twice_refunded_charge_counts_once(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    billing.outcome_of(&stripe.publish(&top_up_paid_by("pi_1", EMAIL, 2_000))).await;
    let first = at(charge_refunded("pi_1", 2_000, 500), NOON + 1);
    let second = at(charge_refunded("pi_1", 2_000, 1_500), NOON + 5);
    let (first, second) = (stripe.publish(&first), stripe.publish(&second));
    for (event, outcome) in [(&first, "applied"), (&second, "duplicate"), (&first, "duplicate")] {
        assert_eq!(billing.outcome_of(event).await, outcome);
        assert_eq!(billing.balance_of(EMAIL).await, 5_000);
    }
}

async fn a_failed_refund_gives_its_credits_back(store: Store) {
    // Two refunds, of which the first fails. Without `refund.created`, only the sum tells the second.
    for has_created in [false, true] {
        assert_balance(&store, 13_000, |payment| {
            let failed = |event_type, at_time| {
                let id = format!("re_{payment}");
                at(refund(event_type, &id, payment, 400, "failed"), at_time)
            };
            let mut events = vec![
                top_up_paid_by(payment, EMAIL, 2_000),
                // As snapshot events, each would have another sum.
                at(charge_refunded(payment, 2_000, 700), NOON + 200),
                failed("refund.failed", NOON + 100),
            ];
            if has_created {
                events.push(failed("refund.updated", NOON + 100));
            }
            events
        })
        .await;
    }
    // The refund fails between the event about the charge and its fetch.
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    billing.outcome_of(&stripe.publish(&top_up_paid_by("pi_9", EMAIL, 2_000))).await;
    let sum = twin(&at(charge_refunded("pi_9", 2_000, 1_100), NOON + 10));
    let failure =
        stripe.publish(&at(refund("refund.failed", "re_9", "pi_9", 400, "failed"), NOON + 20));
    stripe.publish(&charge_refunded("pi_9", 2_000, 700));
    for event in [&sum, &failure] {
        billing.outcome_of(event).await;
        assert_eq!(billing.balance_of(EMAIL).await, 13_000);
    }
    // The event about the creation finds the refund failed, and comes last.
    let created = twin(&at(refund("refund.created", "re_9", "pi_9", 400, "failed"), NOON + 5));
    billing.outcome_of(&created).await;
    assert_eq!(billing.balance_of(EMAIL).await, 13_000);
}

async fn a_decided_dispute_counts_as_decided(store: Store) {
    for (decision, balance) in [("lost", 0), ("won", 20_000)] {
        assert_balance(&store, balance, |payment| {
            vec![
                top_up_paid_by(payment, EMAIL, 2_000),
                at(dispute("charge.dispute.created", payment, 2_000, "needs_response"), NOON + 1),
                at(dispute("charge.dispute.closed", payment, 2_000, decision), NOON + 9),
            ]
        })
        .await;
    }
}

async fn a_session_paid_later_adds_credits_once(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let unpaid = with_object(top_up(EMAIL, 2_000), json!({ "payment_status": "unpaid" }));
    let completed = stripe.publish(&unpaid);
    let paid = with_object(with_new_id(unpaid), json!({ "payment_status": "paid" }));
    let succeeded = stripe.publish(&of_type(paid, "checkout.session.async_payment_succeeded"));
    assert_eq!(billing.outcome_of(&completed).await, "applied");
    assert_eq!(billing.outcome_of(&succeeded).await, "duplicate");
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn a_missing_object_is_not_acknowledged(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    for event in [
        top_up(EMAIL, 2_000),
        checkout(EMAIL, "cus_1", "sub_1"),
        invoice("paid", EMAIL, "cus_1", "sub_1"),
        charge_refunded("pi_1", 100, 100),
        refund("refund.created", "re_1", "pi_1", 100, "succeeded"),
        dispute("charge.dispute.closed", "pi_1", 100, "lost"),
    ] {
        let thin = twin(&event);
        assert_eq!(rejection(&billing, &thin).await, fetch_failed(), "{thin}");
        let path = path_of(&thin).to_owned();
        let object = event["data"]["object"]["object"].clone();
        let id = thin["related_object"]["id"].clone();
        let stub = json!({ "id": id, "object": object, "deleted": true });
        stripe.api.insert(&path, stub.to_string());
        assert_eq!(rejection(&billing, &thin).await, fetch_failed(), "{thin}");
        stripe.publish(&event);
        assert_ne!(billing.outcome_of(&thin).await, "duplicate");
    }
}

async fn an_invalid_amount_of_a_fetched_object_fails(store: Store) {
    let stripe = Stripe::start().await;
    let billing: Billing = stripe.billing(&store);
    for values in
        [json!({ "amount_total": -1 }), json!({ "total_details": { "amount_tax": 3_000 } })]
    {
        let event = stripe.publish(&with_object(top_up(EMAIL, 2_000), values));
        assert_eq!(rejection(&billing, &event).await, (422, "event_failed".to_owned()));
    }
    assert_eq!(billing.balance_of(EMAIL).await, 0);
}
