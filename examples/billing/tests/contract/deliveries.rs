//! `/api/v1/admin/events`, and the separation of the modes.

use serde_json::{Value, json};

use crate::{
    harness::{Billing, SECRET, Setup, Store, events::*},
    on_both,
};

on_both! {
    deliveries_are_listed_newest_first_with_their_outcomes,
    the_limit_is_from_1_to_1000_and_50_if_not_given,
    events_of_the_other_mode_are_acknowledged_and_recorded_without_effect,
    test_and_live_data_are_separate_in_one_database,
    an_unreadable_event_is_reported_to_stripe_and_not_recorded,
    a_rejected_request_is_not_a_delivery,
    an_event_is_at_most_1_mib,
    deliveries_beyond_the_concurrency_limit_wait,
}

const EMAIL: &str = "zoe@example.com";

async fn deliveries_are_listed_newest_first_with_their_outcomes(store: Store) {
    let billing = Billing::start(&store);
    assert_eq!(billing.deliveries().await, Vec::<Value>::new());
    let paid = invoice("paid", EMAIL, "cus_1", "sub_1");
    let events = [
        (paid.clone(), "applied"),
        (paid, "duplicate"),
        (at(invoice("payment_failed", EMAIL, "cus_1", "sub_1"), NOON - 1), "stale"),
        (live(invoice("paid", EMAIL, "cus_1", "sub_1")), "other_mode"),
        (of_type(invoice("paid", EMAIL, "cus_1", "sub_1"), "invoice.created"), "ignored"),
        (top_up(EMAIL, -1), "failed"),
    ];
    for (event, _) in &events {
        billing.deliver(event).await;
    }
    let deliveries = billing.deliveries().await;
    assert_eq!(deliveries.len(), events.len());
    let secret_id = &billing.secrets().await[0]["id"];
    for (delivery, (event, outcome)) in deliveries.iter().rev().zip(&events) {
        for name in ["id", "type", "livemode"] {
            assert_eq!(delivery[name], event[name], "{outcome}");
        }
        assert_eq!(delivery["outcome"], *outcome);
        assert_eq!(&delivery["secret_id"], secret_id);
        assert!(delivery["received_at"].as_i64().is_some_and(|at| at > 1_700_000_000));
        assert!(delivery["reason"].is_string());
    }
}

async fn the_limit_is_from_1_to_1000_and_50_if_not_given(store: Store) {
    let billing = Billing::start(&store);
    for _ in 0..51 {
        billing.deliver(&of_type(top_up(EMAIL, 1), "customer.created")).await;
    }
    let count = async |query: &str| {
        let answer = billing.get_json(&format!("/api/v1/admin/events{query}")).await;
        answer["events"].as_array().map(Vec::len)
    };
    for (query, expected) in [("", 50), ("?limit=1", 1), ("?limit=51", 51), ("?limit=1000", 51)] {
        assert_eq!(count(query).await, Some(expected), "{query}");
    }
    for limit in ["0", "1001", "-1", "ten", "", "1.5", "99999999999999999999"] {
        let answer = billing.get(&format!("/api/v1/admin/events?limit={limit}")).await;
        assert_eq!((answer.status, &*answer.error_code()), (400, "invalid_limit"), "{limit}");
    }
}

async fn events_of_the_other_mode_are_acknowledged_and_recorded_without_effect(store: Store) {
    for (mode, served) in [("test", false), ("live", true)] {
        let billing = Setup::new(&store)
            .with("STRIPE_MODE", mode)
            .with("STRIPE_WEBHOOK_SECRET", SECRET)
            .start();
        let mut event = top_up(&format!("{mode}@example.com"), 100);
        event["livemode"] = (!served).into();
        let answer = billing.deliver(&event).await;
        assert_eq!((answer.status, &answer.json()["ignored"]["code"]), (200, &json!("other_mode")));
        assert_eq!(billing.balance_of(&format!("{mode}@example.com")).await, 0);
        let delivery = &billing.deliveries().await[0];
        assert_eq!((&delivery["id"], &delivery["outcome"]), (&event["id"], &json!("other_mode")));
        assert_eq!(delivery["livemode"], !served);
    }
}

async fn test_and_live_data_are_separate_in_one_database(store: Store) {
    let start = |mode| {
        Setup::new(&store).with("STRIPE_MODE", mode).with("STRIPE_WEBHOOK_SECRET", SECRET).start()
    };
    let test = start("test");
    let live_node = start("live");
    test.deliver(&with_object(top_up(EMAIL, 100), json!({ "customer": "cus_test" }))).await;
    test.deliver(&checkout(EMAIL, "cus_test", "sub_test")).await;
    live_node.deliver(&live(top_up(EMAIL, 700))).await;
    for asked in [EMAIL, "cus_test"] {
        assert_eq!((test.balance_of(asked).await, &*test.state_of(asked).await), (1_000, "active"));
        assert_eq!(live_node.state_of(asked).await, "inactive");
    }
    assert_eq!(
        (live_node.balance_of(EMAIL).await, live_node.balance_of("cus_test").await),
        (7_000, 0)
    );
}

async fn an_unreadable_event_is_reported_to_stripe_and_not_recorded(store: Store) {
    let billing = Billing::start(&store);
    let event = subscription("updated", "sub_1", "cus_1", "active");
    let broken = with_object(event.clone(), json!({ "status": null }));
    for _ in 0..2 {
        let answer = billing.deliver(&broken).await;
        assert_eq!((answer.status, &*answer.error_code()), (422, "event_failed"));
        assert!(answer.text.contains("data.object.status"), "{}", answer.text);
    }
    let outcomes: Vec<_> =
        billing.deliveries().await.iter().map(|delivery| delivery["outcome"].clone()).collect();
    assert_eq!(outcomes, ["failed", "failed"]);
    // The same event in a readable form.
    assert_eq!(billing.outcome_of(&event).await, "applied");
}

async fn a_rejected_request_is_not_a_delivery(store: Store) {
    let billing = Billing::start(&store);
    let answer = billing.deliver_signed(&top_up(EMAIL, 100), "whsec_forged").await;
    assert_eq!((answer.status, &*answer.error_code()), (400, "signature_mismatch"));
    assert_eq!(billing.deliveries().await, Vec::<Value>::new());
    assert_eq!(billing.balance_of(EMAIL).await, 0);
}

async fn an_event_is_at_most_1_mib(store: Store) {
    let billing = Billing::start(&store);
    let padded = |length: usize| {
        let event = with_object(top_up(EMAIL, 1), json!({ "padding": "" }));
        let padding = "a".repeat(length - event.to_string().len());
        with_object(event, json!({ "padding": padding }))
    };
    assert_eq!(billing.outcome_of(&padded(1024 * 1024)).await, "applied");
    let answer = billing.deliver(&padded(1024 * 1024 + 1)).await;
    assert_eq!((answer.status, &*answer.error_code()), (413, "body_too_large"));
}

async fn deliveries_beyond_the_concurrency_limit_wait(store: Store) {
    let billing = Billing::start(&store);
    let events: Vec<_> = (0..150).map(|_| top_up(EMAIL, 1)).collect();
    for answer in
        futures_util::future::join_all(events.iter().map(|event| billing.deliver(event))).await
    {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 1_500);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn values_invalid_in_postgres_are_reported_and_recorded() {
    let billing = Billing::start(&Store::postgres().await);
    let with_id = |mut event: Value, id: &str| {
        event["id"] = id.into();
        event
    };
    // Random, because Postgres compresses what it can.
    let long: String = (0..400).map(|_| new_id("")).collect();
    for event in [
        with_object(top_up(EMAIL, 100), json!({ "customer": long })),
        with_id(top_up(EMAIL, 100), "evt_\0"),
        with_object(top_up(EMAIL, 100), json!({ "id": long })),
    ] {
        let answer = billing.deliver(&event).await;
        assert_eq!(
            (answer.status, &*answer.error_code()),
            (422, "event_failed"),
            "{}",
            answer.text
        );
        let delivery = &billing.deliveries().await[0];
        assert_eq!((&delivery["outcome"], &delivery["type"]), (&json!("failed"), &event["type"]));
        assert_eq!(delivery["id"].as_str().map(|id| &id[..4]), Some("evt_"));
    }
    // A NUL in an object is replaced when the object is read.
    assert_eq!(billing.outcome_of(&top_up("zoe\0@example.com", 100)).await, "applied");
    assert_eq!(billing.balance_of("zoe\u{FFFD}@example.com").await, 1_000);
    // Without an effect, such events are recorded.
    assert_eq!(billing.deliver(&with_id(live(top_up(EMAIL, 100)), "evt_\0")).await.status, 200);
    assert_eq!(billing.outcome_of(&of_type(top_up(EMAIL, 100), "invented\0")).await, "ignored");
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    assert_eq!(billing.outcome_of(&top_up(EMAIL, 100)).await, "applied");
}
