//! A customer's email address, and which of several counts.

use serde_json::json;

use crate::{
    harness::{Billing, Store, events::*},
    on_both,
};

on_both! {
    customer_updated_stores_the_new_address,
    an_address_is_found_in_any_order_of_its_events,
    a_late_payment_of_an_old_invoice_keeps_the_newer_address,
    a_removed_address_finds_no_customer,
    addresses_of_one_second_do_not_depend_on_their_order,
    an_address_matches_in_any_case_but_lookalikes_do_not,
}

async fn customer_updated_stores_the_new_address(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&invoice("paid", "old@example.com", "cus_1", "sub_1")).await;
    let update = at(customer("customer.updated", "cus_1", Some("New@Example.com")), NOON + 9);
    assert_eq!(billing.outcome_of(&update).await, "applied");
    assert_eq!(billing.state_of("new@example.com").await, "active");
    assert_eq!(billing.state_of("old@example.com").await, "inactive");
    let older = at(customer("customer.updated", "cus_1", Some("older@example.com")), NOON + 8);
    assert_eq!(billing.outcome_of(&older).await, "stale");
    assert_eq!(billing.state_of("new@example.com").await, "active");
    // A newer invoice has the newest address.
    let invoice = with_object(
        at(invoice("paid", "newest@example.com", "cus_1", "sub_1"), NOON + 20),
        json!({ "status_transitions": { "finalized_at": NOON + 19 } }),
    );
    billing.outcome_of(&invoice).await;
    assert_eq!(billing.state_of("newest@example.com").await, "active");
}

async fn an_address_is_found_in_any_order_of_its_events(store: Store) {
    let billing = Billing::start(&store);
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for (number, order) in orders.into_iter().enumerate() {
        let [id, subscription] = [format!("cus_{number}"), format!("sub_{number}")];
        let [first, old, new] =
            ["first", "old", "new"].map(|name| format!("{name}{number}@example.com"));
        let events = [
            customer("customer.created", &id, Some(&first)),
            at(invoice("paid", &old, &id, &subscription), NOON + 1),
            at(customer("customer.updated", &id, Some(&new)), NOON + 2),
        ];
        for index in order {
            assert_eq!(billing.deliver(&events[index]).await.status, 200);
        }
        for (email, state) in [(first, "inactive"), (old, "inactive"), (new, "active")] {
            assert_eq!(billing.state_of(&email).await, state, "{email}");
        }
    }
}

async fn a_late_payment_of_an_old_invoice_keeps_the_newer_address(store: Store) {
    let billing = Billing::start(&store);
    let update = at(customer("customer.updated", "cus_1", Some("new@example.com")), NOON + 5);
    billing.outcome_of(&update).await;
    let invoice = with_object(
        at(invoice("paid", "old@example.com", "cus_1", "sub_1"), NOON + 9),
        json!({ "status_transitions": { "finalized_at": NOON } }),
    );
    billing.outcome_of(&invoice).await;
    assert_eq!(billing.state_of("new@example.com").await, "active");
    assert_eq!(billing.state_of("old@example.com").await, "inactive");
}

async fn a_removed_address_finds_no_customer(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&invoice("paid", "old@example.com", "cus_1", "sub_1")).await;
    // The customer never had an address, so the one entered at Checkout still counts.
    let without = at(customer("customer.updated", "cus_1", None), NOON + 5);
    assert_eq!(billing.outcome_of(&without).await, "ignored");
    assert_eq!(billing.outcome_of(&customer("customer.created", "cus_1", None)).await, "ignored");
    assert_eq!(billing.state_of("old@example.com").await, "active");

    let removed = changed_from(with_new_id(without), json!({ "email": "old@example.com" }));
    assert_eq!(billing.outcome_of(&removed).await, "applied");
    assert_eq!(billing.state_of("old@example.com").await, "inactive");
    assert_eq!(billing.state_of("cus_1").await, "active");
}

async fn addresses_of_one_second_do_not_depend_on_their_order(store: Store) {
    let billing = Billing::start(&store);
    for (id, reversed) in [("cus_1", false), ("cus_2", true)] {
        let mut events = vec![
            customer("customer.updated", id, Some("a@example.com")),
            customer("customer.updated", id, Some("b@example.com")),
            customer("customer.created", id, Some("c@example.com")),
            with_object(top_up("d@example.com", 100), json!({ "customer": id })),
        ];
        if reversed {
            events.reverse();
        }
        for event in &events {
            assert_eq!(billing.deliver(event).await.status, 200);
        }
    }
    for (email, balance) in [("a@example.com", 0), ("b@example.com", 2_000), ("c@example.com", 0)] {
        assert_eq!(billing.balance_of(email).await, balance, "{email}");
    }
}

async fn an_address_matches_in_any_case_but_lookalikes_do_not(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&top_up("ZOE@example.com", 100)).await;
    billing.outcome_of(&top_up("\u{212A}im@example.com", 700)).await;
    billing.outcome_of(&top_up("ZOË@example.com", 900)).await;
    for (user, balance) in [
        ("zoe@EXAMPLE.com", 1_000),
        ("kim@example.com", 0),
        ("KIM@example.com", 0),
        ("\u{212A}IM@Example.com", 7_000),
        ("zoë@example.com", 9_000),
        ("zoe\u{308}@example.com", 0),
    ] {
        assert_eq!(billing.balance_of(user).await, balance, "{user}");
    }
}
