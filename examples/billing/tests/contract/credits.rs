//! Credits: each top-up adds them once, and other sessions add none.

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::{
    harness::{Billing, SECRET, Setup, Store, events::*},
    on_both,
};

on_both! {
    a_paid_top_up_adds_credits_with_a_reason,
    the_rate_is_configurable_and_credits_are_rounded_down,
    a_duplicate_event_adds_its_credits_once,
    two_events_of_one_session_add_its_credits_once,
    concurrent_events_of_one_session_add_its_credits_once,
    an_unpaid_top_up_waits_for_its_payment,
    a_checkout_session_without_a_top_up_adds_no_credits,
    an_invalid_amount_is_reported_to_stripe_without_effect,
    the_largest_amount_counts_and_one_more_cent_does_not,
    a_zero_amount_is_ignored,
    a_top_up_without_a_buyer_is_reported_to_stripe,
    concurrent_deliveries_of_one_event_add_its_credits_once,
    concurrent_top_ups_are_all_added,
    failing_events_do_not_fail_concurrent_ones,
}

const EMAIL: &str = "zoe@example.com";

async fn a_paid_top_up_adds_credits_with_a_reason(store: Store) {
    let billing = Billing::start(&store);
    let nothing = json!({ "user_identity": EMAIL, "balance": 0, "transactions": [] });
    assert_eq!(billing.credits_of(EMAIL).await, nothing);

    let first = top_up("Zoe@Example.com", 2_000);
    let second = with_object(top_up(EMAIL, 1), json!({ "currency": "USD" }));
    assert_eq!(billing.outcome_of(&first).await, "applied");
    assert_eq!(billing.outcome_of(&second).await, "applied");

    let credits = billing.credits_of("ZOE@EXAMPLE.COM").await;
    assert_eq!((&credits["user_identity"], &credits["balance"]), (&json!(EMAIL), &json!(20_010)));
    // Newest first.
    for (transaction, event, amount) in [(0, &second, 10), (1, &first, 20_000)] {
        let transaction = &credits["transactions"][transaction];
        assert_eq!(transaction["amount"], amount);
        assert_eq!(transaction["event_id"], event["id"]);
        assert_eq!(transaction["reason"], "credits_topup");
        assert!(transaction["created_at"].as_i64().is_some_and(|at| at > 1_700_000_000));
    }
}

async fn the_rate_is_configurable_and_credits_are_rounded_down(store: Store) {
    let billing = Setup::new(&store)
        .with("STRIPE_WEBHOOK_SECRET", SECRET)
        .with("CREDITS_PER_USD", "3")
        .start();
    for (cents, balance) in [(100, 3), (50, 4), (99, 6)] {
        billing.outcome_of(&top_up(EMAIL, cents)).await;
        assert_eq!(billing.balance_of(EMAIL).await, balance);
    }
}

async fn a_duplicate_event_adds_its_credits_once(store: Store) {
    let billing = Billing::start(&store);
    let event = top_up(EMAIL, 2_000);
    assert_eq!(billing.outcome_of(&event).await, "applied");
    for _ in 0..3 {
        assert_eq!(billing.outcome_of(&event).await, "duplicate");
    }
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn two_events_of_one_session_add_its_credits_once(store: Store) {
    let billing = Billing::start(&store);
    let completed = top_up(EMAIL, 2_000);
    let same_again = with_new_id(completed.clone());
    let succeeded =
        of_type(with_new_id(completed.clone()), "checkout.session.async_payment_succeeded");
    for (event, outcome) in
        [(&completed, "applied"), (&same_again, "duplicate"), (&succeeded, "duplicate")]
    {
        assert_eq!(billing.outcome_of(event).await, outcome);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn concurrent_events_of_one_session_add_its_credits_once(store: Store) {
    let billing = Billing::start(&store);
    for round in 1..=10 {
        let completed = top_up(EMAIL, 100);
        let succeeded =
            of_type(with_new_id(completed.clone()), "checkout.session.async_payment_succeeded");
        let (first, second) =
            tokio::join!(billing.outcome_of(&completed), billing.outcome_of(&succeeded));
        let mut outcomes = [first, second];
        outcomes.sort();
        assert_eq!(outcomes, ["applied", "duplicate"]);
        assert_eq!(billing.balance_of(EMAIL).await, round * 1_000);
    }
}

async fn an_unpaid_top_up_waits_for_its_payment(store: Store) {
    let billing = Billing::start(&store);
    let unpaid = with_object(top_up(EMAIL, 2_000), json!({ "payment_status": "unpaid" }));
    assert_eq!(billing.outcome_of(&unpaid).await, "ignored");
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    let reason = billing.deliveries().await[0]["reason"].as_str().unwrap_or_default().to_owned();
    assert!(reason.contains("checkout.session.async_payment_succeeded"), "{reason}");

    let paid = with_object(with_new_id(unpaid), json!({ "payment_status": "paid" }));
    let paid = of_type(paid, "checkout.session.async_payment_succeeded");
    assert_eq!(billing.outcome_of(&paid).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn a_checkout_session_without_a_top_up_adds_no_credits(store: Store) {
    let billing = Billing::start(&store);
    for values in [
        json!({ "metadata": {} }),
        json!({ "metadata": null }),
        json!({ "metadata": { "session_type": "book" } }),
        json!({ "currency": "eur" }),
        json!({ "currency": null }),
        json!({ "mode": "setup" }),
        json!({ "mode": "subscription" }),
        json!({ "payment_status": "no_payment_required" }),
    ] {
        assert_eq!(
            billing.outcome_of(&with_object(top_up(EMAIL, 2_000), values.clone())).await,
            "ignored",
            "{values}"
        );
    }
    let failed = of_type(top_up(EMAIL, 2_000), "checkout.session.async_payment_failed");
    assert_eq!(billing.outcome_of(&failed).await, "ignored");
    assert_eq!(billing.balance_of(EMAIL).await, 0);
}

async fn an_invalid_amount_is_reported_to_stripe_without_effect(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up(EMAIL, 100)).await;
    let amounts = [
        json!(-1),
        json!(-2_000),
        json!(i64::MIN),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(1e300),
        json!(20.5),
        json!("2000"),
        json!(null),
        json!([2_000]),
    ];
    for amount in &amounts {
        let event = with_object(top_up(EMAIL, 0), json!({ "amount_total": amount }));
        // The next delivery fails too.
        for _ in 0..2 {
            let answer = billing.deliver(&event).await;
            assert_eq!((answer.status, &*answer.error_code()), (422, "event_failed"), "{amount}");
            assert!(answer.text.contains("amount_total"), "{amount} {}", answer.text);
        }
        let delivery = &billing.deliveries().await[0];
        assert_eq!((&delivery["id"], &delivery["outcome"]), (&event["id"], &json!("failed")));
        assert!(
            delivery["reason"].as_str().is_some_and(|reason| reason.contains("amount_total")),
            "{delivery}"
        );
    }
    let credits = billing.credits_of(EMAIL).await;
    assert_eq!(
        (&credits["balance"], credits["transactions"].as_array().map(Vec::len)),
        (&json!(1_000), Some(1))
    );
}

async fn the_largest_amount_counts_and_one_more_cent_does_not(store: Store) {
    let billing = Billing::start(&store);
    assert_eq!(billing.outcome_of(&top_up(EMAIL, 999_999_999_999)).await, "applied");
    assert_eq!(billing.deliver(&top_up(EMAIL, 1_000_000_000_000)).await.status, 422);
    assert_eq!(billing.balance_of(EMAIL).await, 9_999_999_999_990);
}

async fn a_zero_amount_is_ignored(store: Store) {
    let billing = Billing::start(&store);
    assert_eq!(billing.outcome_of(&top_up(EMAIL, 0)).await, "ignored");
    assert_eq!(billing.credits_of(EMAIL).await["transactions"], json!([]));
}

async fn a_top_up_without_a_buyer_is_reported_to_stripe(store: Store) {
    let billing = Billing::start(&store);
    let event = with_object(top_up("", 2_000), json!({ "customer_details": null }));
    let answer = billing.deliver(&event).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("neither a customer nor an email address"), "{}", answer.text);
    // A failed event is not recorded, so a corrected one is applied.
    let event = with_object(event, json!({ "customer": "cus_1" }));
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of("cus_1").await, 20_000);
}

async fn concurrent_deliveries_of_one_event_add_its_credits_once(store: Store) {
    let billing = Billing::start(&store);
    let event = top_up(EMAIL, 2_000);
    let mut outcomes = outcomes_of_all(&billing, vec![event; 24]).await;
    outcomes.sort();
    assert_eq!(
        (&*outcomes[0], &*outcomes[1], &*outcomes[23]),
        ("applied", "duplicate", "duplicate")
    );
    assert_eq!(billing.balance_of(EMAIL).await, 20_000);
}

async fn concurrent_top_ups_are_all_added(store: Store) {
    let billing = Billing::start(&store);
    let events = (1..=24).map(|cents| top_up(EMAIL, cents)).collect();
    let outcomes = outcomes_of_all(&billing, events).await;
    assert!(outcomes.iter().all(|outcome| outcome == "applied"), "{outcomes:?}");
    assert_eq!(billing.balance_of(EMAIL).await, 10 * (1..=24).sum::<i64>());
}

async fn failing_events_do_not_fail_concurrent_ones(store: Store) {
    let billing = Billing::start(&store);
    let events: Vec<_> =
        (1..=24).map(|cents| top_up(EMAIL, if cents % 3 == 0 { -cents } else { cents })).collect();
    let answers =
        futures_util::future::join_all(events.iter().map(|event| billing.deliver(event))).await;
    for (answer, cents) in answers.iter().zip(1..) {
        assert_eq!(
            answer.status,
            if cents % 3 == 0 { 422 } else { 200 },
            "{cents}: {}",
            answer.text
        );
    }
    assert_eq!(
        billing.balance_of(EMAIL).await,
        10 * (1..=24).filter(|cents| cents % 3 != 0).sum::<i64>()
    );
    assert_eq!(billing.deliveries().await.len(), 24);
}

async fn outcomes_of_all(billing: &Billing, events: Vec<Value>) -> Vec<String> {
    let deliveries = events.iter().map(|event| billing.outcome_of(event));
    futures_util::future::join_all(deliveries).await
}

#[tokio::test]
async fn a_balance_is_the_sum_of_more_transactions_than_are_listed() {
    let store = Store::sqlite();
    let billing = Billing::start(&store);
    let many = "INSERT INTO credit_transactions (id, livemode, session_id, event_id, email, amount, reason, created_at)
                WITH RECURSIVE nth(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM nth WHERE n < 10001)
                SELECT n, 0, n, 'evt_' || n, 'zoe@example.com', 1, 'credits_topup', n FROM nth";
    let mut database = SqliteConnection::connect(store.url()).await.expect("the database opens");
    sqlx::raw_sql(many).execute(&mut database).await.expect("they can be added");
    let credits = billing.credits_of(EMAIL).await;
    assert_eq!(
        (&credits["balance"], credits["transactions"].as_array().map(Vec::len)),
        (&json!(10_001), Some(10_000))
    );
}
