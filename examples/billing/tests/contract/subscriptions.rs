//! Events of subscriptions, and `/api/v1/subscription/verify`.

use serde_json::{Value, json};

use crate::{
    harness::{Billing, Store, events::*},
    on_both,
};

on_both! {
    a_user_without_a_subscription_is_inactive,
    a_paid_checkout_makes_the_subscription_active_for_email_and_customer,
    a_settled_checkout_activates_and_an_unpaid_one_waits,
    a_subscription_event_sets_state_price_period_and_cancellation,
    every_status_of_stripe_is_returned_unchanged,
    a_created_event_does_not_overwrite_newer_values,
    a_late_created_event_adds_price_and_period,
    an_older_update_never_overwrites_a_newer_one,
    updates_beat_created_within_one_second,
    only_the_latest_invoice_beats_a_snapshot_of_its_second,
    a_deletion_before_an_update_of_its_second_is_final,
    expanded_objects_have_the_same_effect_as_ids,
    an_event_without_a_creation_time_has_its_signing_time,
    canceled_is_final,
    a_newer_invoice_does_not_hide_a_deletion_or_a_cancellation,
    invoices_set_active_and_past_due_in_the_old_and_the_new_shape,
    an_older_invoice_changes_nothing,
    an_invoice_without_a_subscription_is_ignored,
    no_payment_ends_a_trial,
    a_failed_payment_leaves_a_subscription_incomplete,
    the_licensed_price_is_the_plan_and_all_prices_are_listed,
    paused_and_resumed_events_set_the_status,
    the_newest_live_subscription_is_the_current_one,
    an_email_address_includes_all_customers_with_it,
    the_newest_event_sets_a_customers_address,
    the_address_of_a_purchase_finds_it,
    an_email_address_with_a_plus_is_found_as_it_is_and_encoded,
    events_of_other_types_and_thin_events_are_acknowledged,
}

const EMAIL: &str = "zoe@example.com";

async fn a_user_without_a_subscription_is_inactive(store: Store) {
    let billing = Billing::start(&store);
    for (asked, identity) in [(EMAIL, EMAIL), ("ZOE@Example.com", EMAIL), ("cus_1", "cus_1")] {
        let expected = json!({
            "user_identity": identity,
            "state": "inactive",
            "subscription_id": null,
            "price_id": null,
            "prices": [],
            "current_period_end": null,
            "cancel_at_period_end": null,
            "cancel_at": null,
            "canceled_at": null,
            "updated_at": null,
            "message": "No subscription found",
        });
        assert_eq!(billing.subscription_of(asked).await, expected);
    }
}

async fn a_paid_checkout_makes_the_subscription_active_for_email_and_customer(store: Store) {
    let billing = Billing::start(&store);
    assert_eq!(billing.outcome_of(&checkout("Zoë@Example.com", "cus_1", "sub_1")).await, "applied");
    for asked in ["zoë@example.com", "ZOË@EXAMPLE.COM", "cus_1"] {
        let subscription = billing.subscription_of(asked).await;
        assert_eq!(subscription["state"], "active", "{asked}");
        assert_eq!(subscription["subscription_id"], "sub_1");
        assert_eq!(subscription["updated_at"], NOON);
        assert_eq!(subscription["message"], "Subscription is active");
        let identity = if asked == "cus_1" { "cus_1" } else { "zoë@example.com" };
        assert_eq!(subscription["user_identity"], identity);
    }
}

async fn a_settled_checkout_activates_and_an_unpaid_one_waits(store: Store) {
    let billing = Billing::start(&store);
    let free = with_object(
        checkout("free@example.com", "cus_free", "sub_free"),
        json!({ "payment_status": "no_payment_required", "amount_total": 0 }),
    );
    assert_eq!(billing.outcome_of(&free).await, "applied");
    assert_eq!(billing.state_of("free@example.com").await, "active");

    let unpaid =
        with_object(checkout(EMAIL, "cus_1", "sub_1"), json!({ "payment_status": "unpaid" }));
    assert_eq!(billing.outcome_of(&unpaid).await, "ignored");
    assert_eq!(billing.state_of(EMAIL).await, "inactive");

    let paid = with_object(unpaid, json!({ "payment_status": "paid" }));
    let paid = of_type(with_new_id(paid), "checkout.session.async_payment_succeeded");
    assert_eq!(billing.outcome_of(&paid).await, "applied");
    assert_eq!(billing.state_of(EMAIL).await, "active");
}

async fn a_subscription_event_sets_state_price_period_and_cancellation(store: Store) {
    let billing = Billing::start(&store);
    let event =
        |what, status, values| with_object(subscription(what, "sub_1", "cus_1", status), values);
    let of_price = |price: &str, period_end: i64| json!({ "items": { "object": "list", "data": [{ "id": "si_1", "price": { "id": price }, "current_period_end": period_end }] } });
    assert_eq!(
        billing.outcome_of(&event("created", "active", of_price("price_a", 1_798_000_000))).await,
        "applied"
    );
    let first = billing.subscription_of("cus_1").await;
    assert_eq!(first["price_id"], "price_a");
    assert_eq!(first["current_period_end"], 1_798_000_000);
    assert_eq!(first["cancel_at_period_end"], false);
    assert_eq!(first["canceled_at"], Value::Null);

    let mut values = of_price("price_b", 1_799_000_000);
    values["cancel_at_period_end"] = true.into();
    values["canceled_at"] = (NOON + 5).into();
    assert_eq!(
        billing.outcome_of(&at(event("updated", "active", values), NOON + 10)).await,
        "applied"
    );
    let expected = json!({
        "user_identity": "cus_1",
        "state": "active",
        "subscription_id": "sub_1",
        "price_id": "price_b",
        "prices": ["price_b"],
        "current_period_end": 1_799_000_000,
        "cancel_at_period_end": true,
        "cancel_at": null,
        "canceled_at": NOON + 5,
        "updated_at": NOON + 10,
        "message": "Subscription is active",
    });
    assert_eq!(billing.subscription_of("cus_1").await, expected);

    // Flexible billing sets `cancel_at` instead. Another time is not the end of the period.
    for (cancel_at, ends_with_period) in [(1_799_000_000, true), (1_799_000_001, false)] {
        let mut values = of_price("price_b", 1_799_000_000);
        values["cancel_at"] = cancel_at.into();
        billing.outcome_of(&at(event("updated", "active", values), NOON + 11)).await;
        let answer = billing.subscription_of("cus_1").await;
        assert_eq!(answer["cancel_at_period_end"], ends_with_period);
        assert_eq!(answer["cancel_at"], cancel_at);
    }

    // The customer keeps the subscription.
    assert_eq!(
        billing
            .outcome_of(&at(event("updated", "active", of_price("price_b", 1)), NOON + 20))
            .await,
        "applied"
    );
    let again = billing.subscription_of("cus_1").await;
    assert_eq!(
        (&again["cancel_at_period_end"], &again["canceled_at"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(again["cancel_at"], Value::Null);

    let deleted = event("deleted", "canceled", json!({ "canceled_at": NOON + 30 }));
    assert_eq!(billing.outcome_of(&at(deleted, NOON + 30)).await, "applied");
    let gone = billing.subscription_of("cus_1").await;
    assert_eq!((&gone["state"], &gone["canceled_at"]), (&json!("canceled"), &json!(NOON + 30)));
}

async fn every_status_of_stripe_is_returned_unchanged(store: Store) {
    let billing = Billing::start(&store);
    for status in [
        "incomplete",
        "trialing",
        "active",
        "past_due",
        "unpaid",
        "paused",
        "canceled",
        "incomplete_expired",
        "new_one",
    ] {
        let customer = format!("cus_{status}");
        let event = subscription("updated", &format!("sub_{status}"), &customer, status);
        assert_eq!(billing.outcome_of(&event).await, "applied");
        assert_eq!(billing.state_of(&customer).await, status);
    }
}

async fn a_created_event_does_not_overwrite_newer_values(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&subscription("updated", "sub_1", "cus_1", "active")).await;
    for (late, created) in [(0, "incomplete"), (-5, "incomplete"), (60, "trialing")] {
        let event = at(subscription("created", "sub_1", "cus_1", created), NOON + late);
        assert_eq!(billing.outcome_of(&event).await, "stale", "{late} {created}");
        assert_eq!(billing.state_of("cus_1").await, "active");
    }
    billing.outcome_of(&checkout(EMAIL, "cus_2", "sub_2")).await;
    billing
        .outcome_of(&at(subscription("created", "sub_2", "cus_2", "incomplete"), NOON + 1))
        .await;
    assert_eq!(billing.state_of(EMAIL).await, "active");
}

async fn a_late_created_event_adds_price_and_period(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&checkout(EMAIL, "cus_1", "sub_1")).await;
    assert_eq!(billing.subscription_of(EMAIL).await["price_id"], Value::Null);
    let created = at(subscription("created", "sub_1", "cus_1", "incomplete"), NOON - 3);
    assert_eq!(billing.outcome_of(&created).await, "applied");
    let subscription = billing.subscription_of(EMAIL).await;
    assert_eq!(subscription["state"], "active");
    assert_eq!(subscription["price_id"], "price_1SamplePrice0000000000");
    assert!(subscription["current_period_end"].is_i64());
    assert_eq!(subscription["updated_at"], NOON);
}

async fn an_older_update_never_overwrites_a_newer_one(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&at(subscription("updated", "sub_1", "cus_1", "past_due"), NOON)).await;
    let older = at(subscription("updated", "sub_1", "cus_1", "active"), NOON - 1);
    assert_eq!(billing.outcome_of(&older).await, "stale");
    assert_eq!(billing.state_of("cus_1").await, "past_due");
    // Only a final status stays, even if its event is older.
    let older = at(subscription("deleted", "sub_1", "cus_1", "canceled"), NOON - 1);
    assert_eq!(billing.outcome_of(&older).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "canceled");
}

async fn updates_beat_created_within_one_second(store: Store) {
    let billing = Billing::start(&store);
    for (what, status, expected) in [
        ("created", "incomplete", "applied"),
        ("updated", "past_due", "applied"),
        ("updated", "active", "applied"),
        ("created", "incomplete", "stale"),
    ] {
        assert_eq!(
            billing.outcome_of(&subscription(what, "sub_1", "cus_1", status)).await,
            expected,
            "{what} {status}"
        );
    }
    assert_eq!(billing.state_of("cus_1").await, "active");
    billing.outcome_of(&subscription("deleted", "sub_1", "cus_1", "canceled")).await;
    assert_eq!(billing.state_of("cus_1").await, "canceled");
}

async fn only_the_latest_invoice_beats_a_snapshot_of_its_second(store: Store) {
    let billing = Billing::start(&store);
    for (latest, state) in [("in_1", "active"), ("in_2", "past_due")] {
        for order in [[0, 1], [1, 0]] {
            let [id, customer] =
                ["sub", "cus"].map(|prefix| format!("{prefix}_{latest}_{}", order[0]));
            let events = [
                with_invoice(invoice("paid", EMAIL, &customer, &id), "in_1"),
                with_invoice(subscription("updated", &id, &customer, "past_due"), latest),
            ];
            for event in order {
                billing.outcome_of(&events[event]).await;
            }
            assert_eq!(billing.state_of(&customer).await, state, "{latest} {order:?}");
        }
    }
}

async fn a_deletion_before_an_update_of_its_second_is_final(store: Store) {
    let billing = Billing::start(&store);
    assert_eq!(
        billing.outcome_of(&subscription("deleted", "sub_1", "cus_1", "canceled")).await,
        "applied"
    );
    assert_eq!(
        billing.outcome_of(&subscription("updated", "sub_1", "cus_1", "active")).await,
        "stale"
    );
    assert_eq!(billing.state_of("cus_1").await, "canceled");
}

async fn expanded_objects_have_the_same_effect_as_ids(store: Store) {
    let billing = Billing::start(&store);
    let customer = json!({ "id": "cus_1", "object": "customer" });
    let expanded = with_object(
        checkout(EMAIL, "cus_1", "sub_1"),
        json!({ "customer": customer, "subscription": { "id": "sub_1", "object": "subscription" } }),
    );
    assert_eq!(billing.outcome_of(&expanded).await, "applied");
    let updated = with_object(
        subscription("updated", "sub_1", "cus_1", "past_due"),
        json!({ "customer": customer }),
    );
    assert_eq!(billing.outcome_of(&updated).await, "applied");
    for asked in [EMAIL, "cus_1"] {
        assert_eq!(billing.state_of(asked).await, "past_due");
    }
}

async fn an_event_without_a_creation_time_has_its_signing_time(store: Store) {
    let billing = Billing::start(&store);
    for (nth, created) in
        [Value::Null, json!("noon"), json!(-1), json!(1e300)].into_iter().enumerate()
    {
        let customer = format!("cus_{nth}");
        let mut event = subscription("updated", &format!("sub_{nth}"), &customer, "active");
        event["created"] = created.clone();
        assert_eq!(billing.outcome_of(&event).await, "applied", "{created}");
        assert_eq!(billing.state_of(&customer).await, "active");
    }
}

async fn canceled_is_final(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&checkout(EMAIL, "cus_1", "sub_1")).await;
    billing.outcome_of(&at(subscription("deleted", "sub_1", "cus_1", "canceled"), NOON + 1)).await;
    for late in [-10, 1, 1_000] {
        for event in [
            subscription("created", "sub_1", "cus_1", "active"),
            subscription("updated", "sub_1", "cus_1", "active"),
            invoice("paid", EMAIL, "cus_1", "sub_1"),
            invoice("payment_failed", EMAIL, "cus_1", "sub_1"),
            checkout(EMAIL, "cus_1", "sub_1"),
        ] {
            assert_eq!(billing.outcome_of(&at(event, NOON + late)).await, "stale");
            assert_eq!(billing.state_of(EMAIL).await, "canceled");
        }
    }
}

async fn a_newer_invoice_does_not_hide_a_deletion_or_a_cancellation(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&at(subscription("created", "sub_1", "cus_1", "active"), NOON)).await;
    let paid = with_invoice(invoice("paid", EMAIL, "cus_1", "sub_1"), "in_2");
    billing.outcome_of(&at(paid, NOON + 20)).await;
    let to_end = with_invoice(
        with_object(
            subscription("updated", "sub_1", "cus_1", "past_due"),
            json!({ "cancel_at_period_end": true }),
        ),
        "in_2",
    );
    assert_eq!(billing.outcome_of(&at(to_end, NOON + 10)).await, "applied");
    let subscription_now = billing.subscription_of("cus_1").await;
    assert_eq!(
        (&subscription_now["state"], &subscription_now["cancel_at_period_end"]),
        (&json!("active"), &json!(true))
    );
    let deleted = at(subscription("deleted", "sub_1", "cus_1", "canceled"), NOON + 15);
    assert_eq!(billing.outcome_of(&deleted).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "canceled");
}

async fn invoices_set_active_and_past_due_in_the_old_and_the_new_shape(store: Store) {
    let billing = Billing::start(&store);
    for (number, shape) in [(1, in_old_shape as fn(Value) -> Value), (2, |invoice| invoice)] {
        let [email, customer, id] =
            [format!("{number}@example.com"), format!("cus_{number}"), format!("sub_{number}")];
        for (later, what, state) in
            [(0, "paid", "active"), (1, "payment_failed", "past_due"), (2, "paid", "active")]
        {
            let event = at(shape(invoice(what, &email, &customer, &id)), NOON + later);
            assert_eq!(billing.outcome_of(&event).await, "applied");
            for asked in [&email, &customer] {
                assert_eq!(billing.state_of(asked).await, state, "{number} {what}");
            }
        }
    }
}

async fn an_older_invoice_changes_nothing(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&subscription("updated", "sub_1", "cus_1", "unpaid")).await;
    for what in ["paid", "payment_failed"] {
        let event = at(invoice(what, EMAIL, "cus_1", "sub_1"), NOON - 1);
        assert_eq!(billing.outcome_of(&event).await, "stale");
        assert_eq!(billing.state_of("cus_1").await, "unpaid");
    }
}

async fn an_invoice_without_a_subscription_is_ignored(store: Store) {
    let billing = Billing::start(&store);
    for what in ["paid", "payment_failed"] {
        let event = with_object(invoice(what, EMAIL, "cus_1", "sub_1"), json!({ "parent": null }));
        assert_eq!(billing.outcome_of(&event).await, "ignored");
    }
    assert_eq!(billing.state_of("cus_1").await, "inactive");
}

async fn no_payment_ends_a_trial(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&subscription("created", "sub_1", "cus_1", "trialing")).await;
    let nothing = json!({ "amount_due": 0, "amount_paid": 0, "total": 0 });
    let zero_amount = with_object(invoice("paid", EMAIL, "cus_1", "sub_1"), nothing);
    let setup_fee =
        with_invoice(invoice("paid", EMAIL, "cus_1", "sub_1"), "in_1SampleInvoice0000000000");
    let failed = invoice("payment_failed", EMAIL, "cus_1", "sub_1");
    for event in [zero_amount, setup_fee, failed] {
        assert_eq!(billing.outcome_of(&at(event, NOON + 1)).await, "ignored");
        assert_eq!(billing.state_of(EMAIL).await, "trialing");
    }
    // The checkout session sets the buyer, and not the state.
    let session = json!({ "payment_status": "no_payment_required", "amount_total": 0 });
    let session = with_object(checkout("bought@example.com", "cus_1", "sub_1"), session);
    assert_eq!(billing.outcome_of(&at(session, NOON + 2)).await, "applied");
    assert_eq!(billing.state_of("bought@example.com").await, "trialing");
    assert_eq!(billing.deliveries().await[0]["reason"], "the subscription is trialing");
}

async fn a_failed_payment_leaves_a_subscription_incomplete(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&subscription("created", "sub_1", "cus_1", "incomplete")).await;
    for reason in ["subscription_create", "subscription_cycle"] {
        let failed = with_object(
            invoice("payment_failed", EMAIL, "cus_1", "sub_1"),
            json!({ "billing_reason": reason }),
        );
        assert_eq!(billing.outcome_of(&failed).await, "ignored");
        assert_eq!(billing.state_of(EMAIL).await, "incomplete");
    }
}

async fn the_licensed_price_is_the_plan_and_all_prices_are_listed(store: Store) {
    let billing = Billing::start(&store);
    let price = |id: &str, usage_type: &str| json!({ "price": { "id": id, "recurring": { "usage_type": usage_type } } });
    let [tokens, pro, seats] = [
        price("price_tokens", "metered"),
        price("price_pro", "licensed"),
        price("price_seats", "licensed"),
    ];
    for (later, items, plan, prices) in [
        (0, json!([tokens, pro]), "price_pro", json!(["price_tokens", "price_pro"])),
        (1, json!([pro, tokens]), "price_pro", json!(["price_pro", "price_tokens"])),
        (
            2,
            json!([tokens, seats, pro]),
            "price_seats",
            json!(["price_tokens", "price_seats", "price_pro"]),
        ),
        (3, json!([tokens]), "price_tokens", json!(["price_tokens"])),
        (
            4,
            json!([{ "plan": { "id": "tokens", "usage_type": "metered" } }, { "plan": { "id": "gold" } }]),
            "gold",
            json!(["tokens", "gold"]),
        ),
    ] {
        let values = json!({ "items": { "object": "list", "data": items } });
        let event = with_object(subscription("updated", "sub_1", "cus_1", "active"), values);
        billing.outcome_of(&at(event, NOON + later)).await;
        let answer = billing.subscription_of("cus_1").await;
        assert_eq!((&answer["price_id"], &answer["prices"]), (&json!(plan), &prices));
    }
}

async fn paused_and_resumed_events_set_the_status(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&subscription("created", "sub_1", "cus_1", "active")).await;
    for (later, event_type, status) in [
        (10, "customer.subscription.paused", "paused"),
        (20, "customer.subscription.resumed", "active"),
    ] {
        let event = of_type(subscription("updated", "sub_1", "cus_1", status), event_type);
        assert_eq!(billing.outcome_of(&at(event, NOON + later)).await, "applied");
        assert_eq!(billing.state_of("cus_1").await, status);
    }
}

async fn the_newest_live_subscription_is_the_current_one(store: Store) {
    let billing = Billing::start(&store);
    let of = |id: &str, status: &str, created: i64| {
        with_object(subscription("updated", id, "cus_1", status), json!({ "created": created }))
    };
    for (event, counts) in [
        (of("sub_ended", "canceled", NOON + 50), "sub_ended"),
        (of("sub_waiting", "incomplete", NOON - 50), "sub_waiting"),
        (of("sub_live", "past_due", NOON - 90), "sub_live"),
        (of("sub_older", "active", NOON - 99), "sub_live"),
        (of("sub_newer", "trialing", NOON - 80), "sub_newer"),
    ] {
        billing.outcome_of(&event).await;
        assert_eq!(billing.subscription_of("cus_1").await["subscription_id"], counts);
    }
}

async fn an_email_address_includes_all_customers_with_it(store: Store) {
    let billing = Billing::start(&store);
    // One person has two customers: the subscription belongs to the second.
    billing.outcome_of(&with_object(top_up(EMAIL, 500), json!({ "customer": "cus_1" }))).await;
    billing.outcome_of(&checkout("ZOE@example.com", "cus_2", "sub_2")).await;
    // A customer's id only finds what belongs to this customer, because anybody can enter any
    // address at Checkout.
    for (asked, subscription, balance) in [
        (EMAIL, json!("sub_2"), 5_000),
        ("cus_1", Value::Null, 5_000),
        ("cus_2", json!("sub_2"), 0),
    ] {
        assert_eq!(
            billing.subscription_of(asked).await["subscription_id"],
            subscription,
            "{asked}"
        );
        assert_eq!(billing.balance_of(asked).await, balance, "{asked}");
    }
    assert_eq!(billing.state_of("other@example.com").await, "inactive");
    assert_eq!(billing.state_of("cus_3").await, "inactive");
}

async fn the_newest_event_sets_a_customers_address(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&at(invoice("paid", "new@example.com", "cus_1", "sub_1"), NOON + 10)).await;
    billing.outcome_of(&at(invoice("paid", "old@example.com", "cus_1", "sub_1"), NOON)).await;
    assert_eq!(billing.state_of("new@example.com").await, "active");
    assert_eq!(billing.state_of("old@example.com").await, "inactive");
}

async fn the_address_of_a_purchase_finds_it(store: Store) {
    let billing = Billing::start(&store);
    // The customer's address changes after the purchase.
    billing.outcome_of(&checkout("bought@example.com", "cus_1", "sub_1")).await;
    billing
        .outcome_of(&with_object(top_up("bought@example.com", 500), json!({ "customer": "cus_1" })))
        .await;
    billing
        .outcome_of(&at(invoice("paid", "billing@example.com", "cus_1", "sub_1"), NOON + 1))
        .await;
    for asked in ["bought@example.com", "billing@example.com", "cus_1"] {
        assert_eq!(billing.state_of(asked).await, "active", "{asked}");
        assert_eq!(billing.balance_of(asked).await, 5_000, "{asked}");
    }

    // The checkout session has the address, and the snapshot the customer, in both orders.
    for (number, checkout_is_first) in [(2, true), (3, false)] {
        let [email, customer, id] =
            [format!("{number}@example.com"), format!("cus_{number}"), format!("sub_{number}")];
        let bought = with_object(checkout(&email, &customer, &id), json!({ "customer": null }));
        let mut events = [bought, subscription("updated", &id, &customer, "active")];
        if !checkout_is_first {
            events.reverse();
        }
        for event in &events {
            assert_eq!(billing.outcome_of(event).await, "applied");
        }
        for asked in [&email, &customer] {
            assert_eq!(billing.state_of(asked).await, "active", "{asked}");
        }
    }
}

async fn an_email_address_with_a_plus_is_found_as_it_is_and_encoded(store: Store) {
    let billing = Billing::start(&store);
    billing.outcome_of(&checkout("zoe+tag@example.com", "cus_1", "sub_1")).await;
    for query in [
        "zoe+tag@example.com",
        "zoe%2Btag%40example.com",
        "Zoe%2btag@Example.com",
        "zoe%20tag@example.com",
    ] {
        let answer = billing.get_json(&format!("/api/v1/subscription/verify?user={query}")).await;
        assert_eq!(answer["state"], "active", "{query}");
        assert_eq!(answer["user_identity"], "zoe+tag@example.com", "{query}");
    }
}

async fn events_of_other_types_and_thin_events_are_acknowledged(store: Store) {
    let billing = Billing::start(&store);
    for event_type in [
        "customer.created",
        "charge.succeeded",
        "invented.by_stripe.tomorrow",
        "checkout.session.expired",
    ] {
        let event = of_type(checkout(EMAIL, "cus_1", "sub_1"), event_type);
        assert_eq!(billing.outcome_of(&event).await, "ignored");
    }
    // Objects with only the required fields.
    let sparse = [
        ("charge.succeeded", "charge"),
        ("charge.dispute.created", "dispute"),
        ("charge.refunded", "charge"),
        ("payment_intent.created", "payment_intent"),
        ("refund.created", "refund"),
        ("customer.deleted", "customer"),
        ("customer.subscription.paused", "subscription"),
        ("invoice.upcoming", "invoice"),
        ("checkout.session.expired", "checkout.session"),
        ("checkout.session.completed", "payment_link"),
    ];
    for (event_type, object) in sparse {
        let mut event = of_type(with_new_id(checkout(EMAIL, "cus_1", "sub_1")), event_type);
        event["data"]["object"] = json!({ "object": object });
        assert_eq!(billing.outcome_of(&event).await, "ignored", "{event_type}");
    }
    let thin =
        serde_json::from_str(tower_stripe_webhook::test_util::samples::V2_CORE_ACCOUNT_UPDATED)
            .unwrap();
    assert_eq!(billing.outcome_of(&thin).await, "ignored");
    assert_eq!(billing.state_of(EMAIL).await, "inactive");
    assert_eq!(billing.deliveries().await.len(), 5 + sparse.len());
}
