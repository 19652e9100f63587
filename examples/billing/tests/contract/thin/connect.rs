//! Thin events of connected accounts, and of the own account by its id.

use serde_json::{Value, json};

use super::{EMAIL, fetch_failed, rejection};
use crate::{
    harness::{
        Store,
        events::*,
        stripe::{Stripe, twin},
    },
    on_both,
};

on_both! {
    a_context_is_an_account_that_has_to_be_listed,
    an_object_is_fetched_from_the_account_of_its_event,
    the_twins_of_the_own_account_have_one_effect,
    a_subscription_is_fetched_from_the_account_of_its_invoice,
    a_subscription_is_fetched_in_the_scope_of_its_invoice,
}

fn with_context(mut event: Value, context: &str) -> Value {
    event["context"] = context.into();
    event
}

async fn a_context_is_an_account_that_has_to_be_listed(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "acct_1").start();
    for (context, outcome) in [
        ("acct_1", "applied"),
        ("org_1/acct_1", "applied"),
        ("org_1/acct_2/acct_1", "applied"),
        ("acct_2", "ignored"),
        ("acct_1/acct_2", "ignored"),
        ("org_1/acct_2", "ignored"),
        ("org_1", "ignored"),
    ] {
        let snapshot = top_up(EMAIL, 100);
        let event = with_context(twin(&snapshot), context);
        let path = event["related_object"]["url"].as_str().unwrap();
        stripe.api.insert_for(context, path, snapshot["data"]["object"].to_string());
        let before = stripe.paths().len();
        assert_eq!(billing.outcome_of(&event).await, outcome, "{context}");
        let requests = stripe.api.requests();
        assert_eq!(requests.len() - before, usize::from(outcome == "applied"), "{context}");
        if outcome == "applied" {
            let request = requests.last().unwrap();
            assert_eq!(request.header("stripe-context"), Some(context));
            assert_eq!(request.header("stripe-account"), None);
        } else {
            let reason = billing.deliveries().await[0]["reason"].to_string();
            assert!(reason.contains("STRIPE_CONNECTED_ACCOUNTS"), "{reason}");
        }
    }
    assert_eq!(billing.balance_of(EMAIL).await, 3_000);
}

async fn an_object_is_fetched_from_the_account_of_its_event(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "*").start();
    // Both accounts have a session with this id, of different amounts.
    let [mine, theirs] =
        [100, 900].map(|cents| with_object(top_up(EMAIL, cents), json!({ "id": "cs_test_1" })));
    stripe.publish(&of_account(theirs.clone(), "account", "acct_2"));
    let event = twin(&of_account(mine.clone(), "account", "acct_1"));
    assert_eq!(rejection(&billing, &event).await, fetch_failed());
    // An event of the own account is not fetched from another, either.
    assert_eq!(rejection(&billing, &twin(&theirs)).await, fetch_failed());
    assert_eq!(billing.balance_of(EMAIL).await, 0);

    stripe.publish(&of_account(mine, "account", "acct_1"));
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

/// Snapshot events of the own account name no account, and thin events may name it.
async fn the_twins_of_the_own_account_have_one_effect(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "acct_own").start();
    for is_thin_first in [true, false] {
        let snapshot = top_up(EMAIL, 100);
        let event = with_context(twin(&snapshot), "acct_own");
        let path = event["related_object"]["url"].as_str().unwrap();
        stripe.api.insert_for("acct_own", path, snapshot["data"]["object"].to_string());
        let mut twins = [snapshot, event];
        if is_thin_first {
            twins.reverse();
        }
        assert_eq!(billing.outcome_of(&twins[0]).await, "applied");
        assert_eq!(billing.outcome_of(&twins[1]).await, "duplicate");
        let reason = billing.deliveries().await[0]["reason"].to_string();
        assert!(reason.contains("this event had its effect before"), "{reason}");
    }
}

async fn a_subscription_is_fetched_from_the_account_of_its_invoice(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "acct_1").start();
    // The own account has a subscription with this id, too.
    stripe.publish(&subscription("updated", "sub_1", "cus_1", "unpaid"));
    let of = |event| of_account(event, "account", "acct_1");
    stripe.publish(&of(subscription("updated", "sub_1", "cus_1", "trialing")));

    let snapshot = of(invoice("paid", EMAIL, "cus_1", "sub_1"));
    assert_eq!(billing.outcome_of(&stripe.publish(&snapshot)).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "trialing");
    let contexts: Vec<_> = stripe
        .api
        .requests()
        .iter()
        .map(|request| request.header("stripe-context").map(str::to_owned))
        .collect();
    assert_eq!(contexts, [Some("acct_1".to_owned()), Some("acct_1".to_owned())]);

    let snapshot = of(invoice("paid", EMAIL, "cus_1", "sub_1"));
    assert_eq!(billing.outcome_of(&snapshot).await, "applied");
    let request = stripe.api.requests().pop().unwrap();
    assert_eq!(request.path(), "/v1/subscriptions/sub_1");
    assert_eq!(request.header("stripe-account"), Some("acct_1"));
}

async fn a_subscription_is_fetched_in_the_scope_of_its_invoice(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.setup(&store).with("STRIPE_CONNECTED_ACCOUNTS", "acct_1").start();
    // Both the own account and the connected account have the subscription.
    stripe.publish(&subscription("updated", "sub_1", "cus_1", "unpaid"));
    let connected = |event| of_account(event, "account", "acct_1");
    let current = connected(subscription("updated", "sub_1", "cus_1", "trialing"));
    stripe.publish(&current);
    let (by_account, by_context) = ("stripe-account", "stripe-context");
    for (account, context, header) in [
        (json!("acct_1"), Value::Null, by_account),
        (Value::Null, json!("acct_1"), by_context),
        (json!("acct_2"), json!("acct_1"), by_context),
        (json!(""), json!("acct_1"), by_context),
        (json!("acct_1"), json!(""), by_account),
    ] {
        let mut thin = stripe.publish(&connected(invoice("paid", EMAIL, "cus_1", "sub_1")));
        thin["account"] = account;
        thin["context"] = context;
        let before = stripe.paths().len();
        assert_eq!(billing.outcome_of(&thin).await, "applied", "{thin}");
        assert_eq!(billing.state_of("cus_1").await, "trialing", "{thin}");
        let requests = stripe.api.requests().split_off(before);
        assert_eq!(requests.len(), 2, "{thin}");
        for request in requests {
            for name in [by_account, by_context] {
                let expected = (name == header).then_some("acct_1");
                assert_eq!(request.header(name), expected, "{thin} {}", request.path());
            }
        }
    }
}
