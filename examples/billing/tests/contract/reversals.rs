//! Refunds and lost disputes take back a top-up's credits once, in any order of the events.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use crate::{
    harness::{Billing, SECRET, Setup, Store, events::*},
    on_both,
};

on_both! {
    a_refund_takes_credits_back_with_a_reason,
    two_events_of_one_refund_take_its_credits_once,
    partial_refunds_add_up_to_all_credits,
    a_refund_before_its_top_up_takes_the_credits_back,
    a_failed_refund_gives_the_credits_back,
    a_lost_dispute_takes_the_rest_after_a_refund,
    an_open_or_won_dispute_takes_no_credits,
    tax_buys_no_credits_and_a_refund_with_tax_takes_its_part,
    an_invalid_tax_is_reported_to_stripe,
    a_reversal_of_another_payment_is_ignored_with_a_reason,
    a_negative_reversal_is_reported_to_stripe,
    reversals_in_any_order_end_in_one_balance,
    a_refund_and_its_top_up_at_once_end_in_one_balance,
    a_refund_of_spent_credits_leaves_a_negative_balance,
}

const EMAIL: &str = "zoe@example.com";

/// Returns the amounts and reasons of a user's ledger, the newest first.
async fn ledger(billing: &Billing, user: &str) -> Vec<(i64, String)> {
    let credits = billing.credits_of(user).await;
    let transactions = credits["transactions"].as_array().expect("a list").iter();
    let row =
        |row: &Value| (row["amount"].as_i64().unwrap(), row["reason"].as_str().unwrap().to_owned());
    transactions.map(row).collect()
}

async fn a_refund_takes_credits_back_with_a_reason(store: Store) {
    let billing = Billing::start(&store);
    let bought = with_object(top_up_paid_by("pi_1", EMAIL, 2_000), json!({ "customer": "cus_1" }));
    billing.outcome_of(&bought).await;
    let refunded = charge_refunded("pi_1", 2_000, 2_000);
    assert_eq!(billing.outcome_of(&refunded).await, "applied");
    assert_eq!(billing.deliveries().await[0]["reason"], "20000 credits taken back");
    for user in [EMAIL, "cus_1"] {
        let credits = billing.credits_of(user).await;
        assert_eq!(
            (&credits["balance"], &credits["transactions"][0]["event_id"]),
            (&json!(0), &refunded["id"]),
            "{user}"
        );
        let expected =
            [(-20_000, "credits_refund".to_owned()), (20_000, "credits_topup".to_owned())];
        assert_eq!(ledger(&billing, user).await, expected, "{user}");
    }
    assert_eq!(billing.outcome_of(&refunded).await, "duplicate");
    assert_eq!(billing.outcome_of(&with_new_id(refunded)).await, "duplicate");
    assert_eq!(ledger(&billing, EMAIL).await.len(), 2);
}

async fn two_events_of_one_refund_take_its_credits_once(store: Store) {
    let billing = Billing::start(&store);
    for (payment, sum_is_first) in [("pi_1", true), ("pi_2", false)] {
        let email = format!("{payment}@example.com");
        billing.outcome_of(&top_up_paid_by(payment, &email, 2_000)).await;
        let mut events = [
            charge_refunded(payment, 2_000, 500),
            refund("refund.created", "re_1", payment, 500, "succeeded"),
        ];
        if !sum_is_first {
            events.reverse();
        }
        for (event, outcome) in events.iter().zip(["applied", "duplicate"]) {
            assert_eq!(billing.outcome_of(event).await, outcome, "{payment}");
            assert_eq!(billing.balance_of(&email).await, 15_000, "{payment}");
        }
    }
}

async fn partial_refunds_add_up_to_all_credits(store: Store) {
    // 99 cents buy 2 credits.
    let billing = Setup::new(&store)
        .with("STRIPE_WEBHOOK_SECRET", SECRET)
        .with("CREDITS_PER_USD", "3")
        .start();
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 99)).await;
    for (refunded, balance, outcome) in [
        (1, 2, "duplicate"),
        (49, 2, "duplicate"),
        (50, 1, "applied"),
        (98, 1, "duplicate"),
        (99, 0, "applied"),
    ] {
        let event = at(charge_refunded("pi_1", 99, refunded), NOON + refunded);
        assert_eq!(billing.outcome_of(&event).await, outcome, "{refunded}");
        assert_eq!(billing.balance_of(EMAIL).await, balance, "{refunded}");
    }
}

async fn a_refund_before_its_top_up_takes_the_credits_back(store: Store) {
    let billing = Billing::start(&store);
    let before = [
        refund("refund.created", "re_1", "pi_1", 500, "pending"),
        dispute("charge.dispute.closed", "pi_2", 2_000, "lost"),
        charge_refunded("pi_3", 2_000, 2_000),
    ];
    for event in &before {
        assert_eq!(billing.outcome_of(event).await, "ignored");
        let reason = billing.deliveries().await[0]["reason"].as_str().unwrap().to_owned();
        assert!(
            reason.contains("kept for 35 days, in case its checkout session comes later"),
            "{reason}"
        );
    }
    for (payment, balance) in [("pi_1", 15_000), ("pi_2", 0), ("pi_3", 0)] {
        let email = format!("{payment}@example.com");
        assert_eq!(billing.outcome_of(&top_up_paid_by(payment, &email, 2_000)).await, "applied");
        assert_eq!(billing.balance_of(&email).await, balance, "{payment}");
        // The ledger has both rows.
        assert_eq!(ledger(&billing, &email).await.len(), 2);
    }
    assert_eq!(billing.deliveries().await[0]["reason"], "20000 credits, 20000 credits taken back");
}

async fn a_failed_refund_gives_the_credits_back(store: Store) {
    let billing = Billing::start(&store);
    for (number, event_type, status) in [
        (1, "refund.failed", "failed"),
        (2, "refund.updated", "canceled"),
        (3, "charge.refund.updated", "failed"),
    ] {
        let [payment, email] = [format!("pi_{number}"), format!("{number}@example.com")];
        billing.outcome_of(&top_up_paid_by(&payment, &email, 2_000)).await;
        let id = format!("re_{number}");
        for (event, outcome, balance) in [
            (charge_refunded(&payment, 2_000, 2_000), "applied", 0),
            (refund("refund.created", &id, &payment, 2_000, "pending"), "duplicate", 0),
            (at(refund(event_type, &id, &payment, 2_000, status), NOON + 9), "applied", 20_000),
            (at(refund(event_type, &id, &payment, 2_000, status), NOON + 9), "ignored", 20_000),
            (
                at(refund("refund.updated", &id, &payment, 2_000, "succeeded"), NOON + 5),
                "stale",
                20_000,
            ),
        ] {
            assert_eq!(billing.outcome_of(&event).await, outcome, "{number}");
            assert_eq!(billing.balance_of(&email).await, balance, "{number}");
        }
    }
}

async fn a_lost_dispute_takes_the_rest_after_a_refund(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 2_000)).await;
    billing.outcome_of(&charge_refunded("pi_1", 2_000, 500)).await;
    for event_type in ["charge.dispute.closed", "charge.dispute.updated"] {
        billing.outcome_of(&dispute(event_type, "pi_1", 2_000, "lost")).await;
    }
    let expected =
        [(-15_000, "credits_dispute"), (-5_000, "credits_refund"), (20_000, "credits_topup")];
    assert_eq!(
        ledger(&billing, EMAIL).await,
        expected.map(|(amount, reason)| (amount, reason.to_owned()))
    );
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    // The bank decides again.
    let won = at(dispute("charge.dispute.funds_reinstated", "pi_1", 2_000, "won"), NOON + 9);
    assert_eq!(billing.outcome_of(&won).await, "applied");
    assert_eq!(billing.deliveries().await[0]["reason"], "15000 credits given back");
    assert_eq!(billing.balance_of(EMAIL).await, 15_000);
}

async fn an_open_or_won_dispute_takes_no_credits(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 2_000)).await;
    for (event_type, status) in [
        ("charge.dispute.created", "needs_response"),
        ("charge.dispute.funds_withdrawn", "needs_response"),
        ("charge.dispute.updated", "under_review"),
        ("charge.dispute.updated", "a_status_of_tomorrow"),
        ("charge.dispute.closed", "warning_closed"),
        ("charge.dispute.closed", "won"),
    ] {
        assert_eq!(
            billing.outcome_of(&dispute(event_type, "pi_1", 2_000, status)).await,
            "ignored",
            "{status}"
        );
        assert_eq!(billing.balance_of(EMAIL).await, 20_000);
    }
}

async fn tax_buys_no_credits_and_a_refund_with_tax_takes_its_part(store: Store) {
    let billing = Billing::start(&store);
    let taxed = with_object(
        top_up_paid_by("pi_1", EMAIL, 2_380),
        json!({ "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 380 } }),
    );
    assert_eq!(billing.outcome_of(&taxed).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
    billing.outcome_of(&charge_refunded("pi_1", 2_380, 1_190)).await;
    assert_eq!(billing.balance_of(EMAIL).await, 10_000);
    billing.outcome_of(&at(charge_refunded("pi_1", 2_380, 2_380), NOON + 1)).await;
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    for total_details in
        [json!(null), json!({}), json!({ "amount_tax": null }), json!({ "amount_tax": 0 })]
    {
        let untaxed =
            with_object(top_up("ada@example.com", 100), json!({ "total_details": total_details }));
        assert_eq!(billing.outcome_of(&untaxed).await, "applied", "{total_details}");
    }
    assert_eq!(billing.balance_of("ada@example.com").await, 4_000);
    let all_tax =
        with_object(top_up(EMAIL, 100), json!({ "total_details": { "amount_tax": 100 } }));
    assert_eq!(billing.outcome_of(&all_tax).await, "ignored");
}

async fn an_invalid_tax_is_reported_to_stripe(store: Store) {
    let billing = Billing::start(&store);
    for tax in [
        json!(-1),
        json!(i64::MIN),
        json!(2_001),
        json!(u64::MAX),
        json!(1e300),
        json!(20.5),
        json!("380"),
    ] {
        let event =
            with_object(top_up(EMAIL, 2_000), json!({ "total_details": { "amount_tax": tax } }));
        let answer = billing.deliver(&event).await;
        assert_eq!((answer.status, &*answer.error_code()), (422, "event_failed"), "{tax}");
        assert!(answer.text.contains("amount_tax"), "{}", answer.text);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 0);
}

async fn a_reversal_of_another_payment_is_ignored_with_a_reason(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 2_000)).await;
    for (event, reason) in [
        (charge_refunded("pi_other", 2_000, 2_000), "no top-up with this payment is known"),
        (
            with_object(charge_refunded("pi_1", 2_000, 2_000), json!({ "payment_intent": null })),
            "names no payment",
        ),
        (
            with_object(charge_refunded("pi_1", 2_000, 2_000), json!({ "currency": "eur" })),
            "US dollars",
        ),
        (
            with_object(charge_refunded("pi_1", 2_000, 2_000), json!({ "object": "payment_link" })),
            "another object",
        ),
        (of_type(charge_refunded("pi_1", 2_000, 2_000), "charge.updated"), "of this type"),
    ] {
        assert_eq!(billing.outcome_of(&event).await, "ignored", "{reason}");
        let delivery = &billing.deliveries().await[0];
        assert!(
            delivery["reason"].as_str().is_some_and(|given| given.contains(reason)),
            "{reason}: {delivery}"
        );
    }
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn a_negative_reversal_is_reported_to_stripe(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 2_000)).await;
    for event in [
        charge_refunded("pi_1", 2_000, -1),
        refund("refund.created", "re_1", "pi_1", -1, "succeeded"),
        dispute("charge.dispute.closed", "pi_1", -1, "lost"),
    ] {
        let answer = billing.deliver(&event).await;
        assert_eq!((answer.status, &*answer.error_code()), (422, "event_failed"));
        assert!(answer.text.contains("is negative: -1"), "{}", answer.text);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

/// Two refunds, of which one fails, and a dispute that is decided twice.
fn reversals_of(payment: &str, dispute_is_lost: bool) -> Vec<Value> {
    let [first, second] = if dispute_is_lost { ["won", "lost"] } else { ["lost", "won"] };
    let [one, two] = [format!("re_1_{payment}"), format!("re_2_{payment}")];
    vec![
        at(charge_refunded(payment, 2_000, 500), NOON + 1),
        at(refund("refund.created", &one, payment, 500, "pending"), NOON + 1),
        at(charge_refunded(payment, 2_000, 1_200), NOON + 2),
        at(refund("refund.created", &two, payment, 700, "succeeded"), NOON + 2),
        at(refund("refund.failed", &one, payment, 500, "failed"), NOON + 3),
        at(refund("charge.refund.updated", &one, payment, 500, "failed"), NOON + 3),
        at(dispute("charge.dispute.created", payment, 2_000, "needs_response"), NOON + 4),
        at(dispute("charge.dispute.closed", payment, 2_000, first), NOON + 5),
        at(dispute("charge.dispute.funds_reinstated", payment, 2_000, second), NOON + 6),
    ]
}

async fn reversals_in_any_order_end_in_one_balance(store: Store) {
    let billing = Billing::start(&store);
    let mut runner =
        TestRunner::new_with_rng(Config::default(), TestRunner::deterministic().new_rng());
    for round in 0..20 {
        let [payment, email] = [format!("pi_{round}"), format!("{round}@example.com")];
        let is_lost = round % 2 == 0;
        let mut events = reversals_of(&payment, is_lost);
        events.push(top_up_paid_by(&payment, &email, 2_000));
        // Each event once, and some again as another delivery or another event.
        let again = events
            .iter()
            .step_by(3)
            .cloned()
            .chain(events.iter().skip(1).step_by(3).cloned().map(with_new_id));
        let all: Vec<_> = events.iter().cloned().chain(again).collect();
        let shuffled = Just(all).prop_shuffle().new_tree(&mut runner).expect("a shuffle").current();
        for event in &shuffled {
            assert_eq!(billing.deliver(event).await.status, 200);
        }
        let types: Vec<_> = shuffled.iter().map(|event| &event["type"]).collect();
        assert_eq!(billing.balance_of(&email).await, if is_lost { 0 } else { 13_000 }, "{types:?}");
        let rows = ledger(&billing, &email).await;
        let refunds: i64 = rows
            .iter()
            .filter(|(_, reason)| reason == "credits_refund")
            .map(|(amount, _)| amount)
            .sum();
        assert_eq!(refunds, -7_000, "{types:?}");
    }
}

async fn a_refund_and_its_top_up_at_once_end_in_one_balance(store: Store) {
    let billing = Billing::start(&store);
    for round in 0..10 {
        let [payment, email] = [format!("pi_{round}"), format!("{round}@example.com")];
        let mut events = reversals_of(&payment, true);
        events.extend([
            top_up_paid_by(&payment, &email, 2_000),
            charge_refunded(&payment, 2_000, 500),
        ]);
        let answers =
            futures_util::future::join_all(events.iter().map(|event| billing.deliver(event))).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        assert_eq!(billing.balance_of(&email).await, 0, "{round}");
    }
}

async fn a_refund_of_spent_credits_leaves_a_negative_balance(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up_paid_by("pi_1", EMAIL, 2_000)).await;
    // As an app that spends credits does.
    let spent = "INSERT INTO credit_transactions (id, livemode, event_id, email, amount, reason, created_at)
                 VALUES ('1', 0, 'none', 'zoe@example.com', -12000, 'spent', 1795608000)";
    store.execute(spent).await;
    assert_eq!(billing.balance_of(EMAIL).await, 8_000);
    assert_eq!(billing.outcome_of(&charge_refunded("pi_1", 2_000, 2_000)).await, "applied");
    let credits = billing.credits_of(EMAIL).await;
    assert_eq!(
        (&credits["balance"], credits["transactions"].as_array().map(Vec::len)),
        (&json!(-12_000), Some(3))
    );
}
