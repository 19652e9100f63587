//! Events of connected accounts.

use serde_json::Value;

use crate::{
    harness::{Billing, SECRET, Setup, Store, events::*},
    on_both,
};

on_both! {
    an_event_of_a_connected_account_is_ignored_with_the_reason,
    events_of_listed_connected_accounts_are_applied,
    an_asterisk_includes_all_connected_accounts,
    an_ignored_event_is_applied_after_a_configuration_change,
}

const EMAIL: &str = "zoe@example.com";

fn with_accounts(store: &Store, accounts: &str) -> Billing {
    Setup::new(store)
        .with("STRIPE_WEBHOOK_SECRET", SECRET)
        .with("STRIPE_CONNECTED_ACCOUNTS", accounts)
        .start()
}

async fn last_reason(billing: &Billing) -> String {
    billing.deliveries().await[0]["reason"].as_str().expect("a reason").to_owned()
}

async fn an_event_of_a_connected_account_is_ignored_with_the_reason(store: Store) {
    let billing = Billing::start(&store);
    let events: Vec<Value> = vec![
        of_account(top_up(EMAIL, 100), "account", "acct_1A"),
        of_account(top_up(EMAIL, 100), "user_id", "acct_1A"),
        of_account(checkout(EMAIL, "cus_1", "sub_1"), "account", "acct_1A"),
        of_account(subscription("updated", "sub_1", "cus_1", "active"), "account", "acct_1A"),
        of_account(invoice("paid", EMAIL, "cus_1", "sub_1"), "account", "acct_1A"),
        of_account(customer("customer.updated", "cus_1", Some(EMAIL)), "account", "acct_1A"),
        of_account(charge_refunded("pi_1", 100, 100), "account", "acct_1A"),
        of_account(of_type(top_up(EMAIL, 100), "charge.succeeded"), "account", "acct_1A"),
        thin("v1.customer.updated", Some("acct_1A")),
        thin("v1.customer.updated", Some("org_1/acct_1A")),
    ];
    for event in &events {
        assert_eq!(billing.outcome_of(event).await, "ignored", "{}", event["type"]);
        let reason = last_reason(&billing).await;
        assert!(reason.contains("of the connected account"), "{reason}");
        assert!(reason.contains("acct_1A"), "{reason}");
        assert!(reason.contains("STRIPE_CONNECTED_ACCOUNTS"), "{reason}");
    }
    assert_eq!((billing.balance_of(EMAIL).await, &*billing.state_of(EMAIL).await), (0, "inactive"));
    assert_eq!(billing.deliveries().await.len(), events.len());
    // The business's own events have no account.
    let own = of_account(top_up(EMAIL, 100), "other", "acct_1A");
    assert_eq!(billing.outcome_of(&own).await, "applied");
}

async fn events_of_listed_connected_accounts_are_applied(store: Store) {
    let billing = with_accounts(&store, "acct_1A, acct_1B");
    for (field, account, outcome) in [
        ("account", "acct_1A", "applied"),
        ("user_id", "acct_1B", "applied"),
        ("account", "acct_1C", "ignored"),
        ("account", "acct_1", "ignored"),
    ] {
        assert_eq!(
            billing.outcome_of(&of_account(top_up(EMAIL, 100), field, account)).await,
            outcome,
            "{account}"
        );
    }
    assert_eq!(billing.balance_of(EMAIL).await, 2_000);
}

async fn an_asterisk_includes_all_connected_accounts(store: Store) {
    let billing = with_accounts(&store, "*");
    assert_eq!(
        billing.outcome_of(&of_account(top_up(EMAIL, 100), "account", "acct_1A")).await,
        "applied"
    );
}

async fn an_ignored_event_is_applied_after_a_configuration_change(store: Store) {
    let mut billing = Billing::start(&store);
    let event = of_account(top_up(EMAIL, 100), "account", "acct_1A");
    for _ in 0..2 {
        assert_eq!(billing.outcome_of(&event).await, "ignored");
    }
    billing.stop();
    let billing = with_accounts(&store, "acct_1A");
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.outcome_of(&event).await, "duplicate");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}
