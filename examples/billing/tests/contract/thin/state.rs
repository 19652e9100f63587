//! A subscription has its current state at Stripe, for any kinds and any order of events.

use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use serde_json::{Value, json};

use super::{EMAIL, fetch_failed, rejection};
use crate::{
    harness::{
        Billing, Store,
        events::*,
        stripe::{Stripe, twin},
    },
    on_both,
};

on_both! {
    both_kinds_in_any_order_give_the_state_of_the_snapshot_events,
    the_state_is_the_current_one_at_stripe,
    an_event_of_either_kind_fetches_the_subscription,
    a_late_fetch_for_an_old_event_is_not_overtaken,
    the_last_sent_fetch_counts,
    a_missing_subscription_is_canceled_by_its_deletion_event,
    an_invoice_of_a_missing_subscription_sets_the_state,
    a_thin_only_type_sets_the_state,
    thin_events_give_a_customer_the_address_of_its_snapshot_events,
    a_deleted_customer_keeps_the_address_of_its_event,
    a_missing_customer_without_an_address_is_not_acknowledged,
    an_event_about_a_deleted_customer_without_an_address_is_ignored,
}

struct Life {
    user: String,
    events: Vec<Value>,
}

/// The six events of a subscription, and an update of the address. `is_canceled` decides how it
/// ends.
fn life(is_canceled: bool) -> Life {
    let (customer_id, id, first) = (new_id("cus"), new_id("sub"), new_id("in"));
    let user = format!("{customer_id}@example.com");
    let second = new_id("in");
    let snapshot = |what: &str, status, invoice: &str| {
        with_invoice(subscription(what, &id, &customer_id, status), invoice)
    };
    let bill = |what: &str, number: &str, created: i64| {
        let event = with_invoice(invoice(what, &user, &customer_id, &id), number);
        at(with_object(event, json!({ "created": created })), created + 1)
    };
    let mut events = vec![
        at(checkout(&user, &customer_id, &id), NOON + 3),
        at(snapshot("created", "incomplete", &first), NOON),
        bill("paid", &first, NOON),
        changed_from(
            at(snapshot("updated", "active", &first), NOON + 2),
            json!({ "status": "incomplete" }),
        ),
        bill("payment_failed", &second, NOON + 100),
        changed_from(
            at(snapshot("updated", "past_due", &second), NOON + 102),
            json!({ "status": "active", "latest_invoice": first }),
        ),
        at(customer("customer.updated", &customer_id, Some(&user)), NOON + 50),
    ];
    if is_canceled {
        events.push(at(snapshot("deleted", "canceled", &second), NOON + 200));
    }
    Life { user, events }
}

/// Returns what the API says of a user, without the ids that differ between two lives.
async fn state(billing: &Billing, user: &str) -> Value {
    let mut state = billing.subscription_of(user).await;
    for field in ["user_identity", "subscription_id"] {
        assert!(state[field].is_string(), "{state}");
        state[field] = Value::Null;
    }
    state
}

async fn both_kinds_in_any_order_give_the_state_of_the_snapshot_events(store: Store) {
    let stripe = Stripe::start().await;
    let without_key = Store::sqlite();
    let reference = Billing::start(&without_key);
    let billing = stripe.billing(&store);
    let mut random = StdRng::seed_from_u64(15);
    for is_canceled in [true, false] {
        let snapshots = life(is_canceled);
        for event in &snapshots.events {
            reference.outcome_of(event).await;
        }
        let expected = state(&reference, &snapshots.user).await;
        assert_eq!(expected["state"], if is_canceled { "canceled" } else { "past_due" });

        for _ in 0..40 {
            let Life { user, events } = life(is_canceled);
            // The objects at Stripe are those after all events.
            let mut deliveries = Vec::new();
            for snapshot in &events {
                let thin = stripe.publish(snapshot);
                // Only one kind, both, or either of them again.
                let kinds: &[&Value] = match random.random_range(0..5) {
                    0 => &[snapshot],
                    1 => &[&thin],
                    2 => &[snapshot, &thin],
                    3 => &[&thin, &thin],
                    _ => &[&thin, snapshot, snapshot],
                };
                deliveries.extend(kinds.iter().map(|event| (*event).clone()));
            }
            deliveries.shuffle(&mut random);
            for event in &deliveries {
                billing.outcome_of(event).await;
            }
            let found = state(&billing, &user).await;
            assert_eq!(found, expected, "{deliveries:#?}");
        }
    }
}

async fn the_state_is_the_current_one_at_stripe(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let event = subscription("updated", "sub_1", "cus_1", "past_due");
    let thin = stripe.publish(&event);
    // The subscription has changed since.
    let now = json!({ "items": { "object": "list", "data": [
        { "id": "si_1", "price": { "id": "price_new" }, "current_period_end": 1_900_000_000 }
    ] } });
    stripe.publish(&with_object(subscription("updated", "sub_1", "cus_1", "active"), now));
    assert_eq!(billing.outcome_of(&thin).await, "applied");
    let found = billing.subscription_of("cus_1").await;
    assert_eq!((&found["state"], &found["price_id"]), (&json!("active"), &json!("price_new")));
    assert_eq!(found["current_period_end"], 1_900_000_000);
    // The time of the newest event, and not of the fetch.
    assert_eq!(found["updated_at"], NOON);

    // An older event that comes later changes nothing.
    let older = twin(&at(subscription("updated", "sub_1", "cus_1", "unpaid"), NOON - 9));
    assert_eq!(billing.outcome_of(&older).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "active");
}

async fn an_event_of_either_kind_fetches_the_subscription(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let path = "/v1/subscriptions/sub_1";
    let is_thin = [false, true];
    let events: [fn() -> Value; 4] = [
        || checkout(EMAIL, "cus_1", "sub_1"),
        || invoice("paid", EMAIL, "cus_1", "sub_1"),
        || invoice("payment_failed", EMAIL, "cus_1", "sub_1"),
        || subscription("updated", "sub_1", "cus_1", "past_due"),
    ];
    let statuses = ["trialing", "unpaid", "active", "paused"];
    for (event, is_thin) in events.iter().flat_map(|event| is_thin.map(|is_thin| (event, is_thin)))
    {
        for status in statuses {
            let snapshot = event();
            let thin = stripe.publish(&snapshot);
            stripe.publish(&subscription("updated", "sub_1", "cus_1", status));
            let before = stripe.paths().len();
            let event = if is_thin { thin } else { snapshot };
            assert_eq!(billing.outcome_of(&event).await, "applied", "{event}");
            assert_eq!(billing.state_of("cus_1").await, status, "{event}");
            let fetched = stripe.paths().split_off(before);
            assert_eq!(fetched.iter().filter(|fetched| *fetched == path).count(), 1, "{event}");
        }
    }
}

async fn a_late_fetch_for_an_old_event_is_not_overtaken(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let old = twin(&at(subscription("updated", "sub_1", "cus_1", "active"), NOON));
    // An update that arrives as a snapshot event, whose subscription is not found.
    let new = at(subscription("updated", "sub_1", "cus_1", "past_due"), NOON + 60);
    assert_eq!(billing.outcome_of(&new).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "past_due");
    stripe.publish(&subscription("updated", "sub_1", "cus_1", "unpaid"));
    assert_eq!(billing.outcome_of(&old).await, "applied");
    assert_eq!(billing.state_of("cus_1").await, "unpaid");
}

async fn the_last_sent_fetch_counts(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    // The answers come at once, so either of them may be stored first.
    for round in 0..20 {
        let customer = format!("cus_{round}");
        let event = |status| subscription("updated", &format!("sub_{round}"), &customer, status);
        let before = stripe.paths().len();
        let gate = stripe.api.hold();
        let first = stripe.publish(&event("active"));
        let second = twin(&event("active"));
        tokio::join!(billing.outcome_of(&first), async {
            stripe.api.arrived(before + 1).await;
            stripe.publish(&event("past_due"));
            tokio::join!(billing.outcome_of(&second), async {
                stripe.api.arrived(before + 2).await;
                drop(gate);
            });
        });
        assert_eq!(billing.state_of(&customer).await, "past_due", "{round}");
    }
}

async fn a_missing_subscription_is_canceled_by_its_deletion_event(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let created = stripe.publish(&subscription("created", "sub_1", "cus_1", "active"));
    assert_eq!(billing.outcome_of(&created).await, "applied");
    let price = billing.subscription_of("cus_1").await["price_id"].clone();

    // Stripe never deletes subscriptions, so the key may be another account's.
    let updated = stripe.publish(&subscription("updated", "sub_1", "cus_1", "active"));
    stripe.api.remove("/v1/subscriptions/sub_1");
    assert_eq!(rejection(&billing, &updated).await, fetch_failed());
    let reason = billing.deliveries().await[0]["reason"].to_string();
    assert!(reason.contains("may belong to another account"), "{reason}");
    assert_eq!(billing.state_of("cus_1").await, "active");

    let deleted = twin(&at(subscription("deleted", "sub_1", "cus_1", "canceled"), NOON + 60));
    assert_eq!(billing.outcome_of(&deleted).await, "applied");
    let found = billing.subscription_of("cus_1").await;
    assert_eq!((&found["state"], &found["price_id"]), (&json!("canceled"), &price));
    assert_eq!(
        (&found["canceled_at"], &found["updated_at"]),
        (&json!(NOON + 60), &json!(NOON + 60))
    );
    // Now the missing subscription is explained.
    assert_eq!(billing.outcome_of(&updated).await, "stale");
    assert_eq!(billing.outcome_of(&deleted).await, "duplicate");
    assert_eq!(
        billing.outcome_of(&subscription("updated", "sub_1", "cus_1", "active")).await,
        "stale"
    );
}

async fn an_invoice_of_a_missing_subscription_sets_the_state(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    for (what, created, status) in
        [("paid", NOON, "active"), ("payment_failed", NOON + 60, "past_due")]
    {
        let event = with_object(
            invoice(what, EMAIL, "cus_1", "sub_1"),
            json!({ "created": created, "billing_reason": "subscription_cycle" }),
        );
        let event = stripe.publish(&at(event, created));
        assert_eq!(billing.outcome_of(&event).await, "applied");
        assert_eq!(billing.state_of("cus_1").await, status);
    }
}

async fn a_thin_only_type_sets_the_state(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    for status in ["past_due", "unpaid", "active", "trialing", "incomplete_expired"] {
        let event = stripe.publish(&subscription("updated", "sub_1", "cus_1", status));
        let mut event = of_type(event, &format!("v1.customer.subscription.{status}"));
        event.as_object_mut().unwrap().remove("snapshot_event");
        assert_eq!(billing.outcome_of(&event).await, "applied");
        assert_eq!(billing.state_of("cus_1").await, status);
    }
}

async fn thin_events_give_a_customer_the_address_of_its_snapshot_events(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    billing.outcome_of(&checkout("bought@example.com", "cus_1", "sub_1")).await;
    let old = stripe
        .publish(&at(customer("customer.created", "cus_1", Some("old@example.com")), NOON + 1));
    let new = changed_from(
        at(customer("customer.updated", "cus_1", Some("New@example.com")), NOON + 2),
        json!({ "email": "old@example.com" }),
    );
    let new = stripe.publish(&new);
    for event in [&new, &old] {
        billing.outcome_of(event).await;
        assert_eq!(billing.state_of("new@example.com").await, "active");
        assert_eq!(billing.state_of("old@example.com").await, "inactive");
    }
    let removed = changed_from(
        at(customer("customer.updated", "cus_1", None), NOON + 3),
        json!({ "email": "new@example.com" }),
    );
    assert_eq!(billing.outcome_of(&stripe.publish(&removed)).await, "applied");
    assert_eq!(billing.state_of("new@example.com").await, "inactive");
    assert_eq!(billing.state_of("bought@example.com").await, "active");
}

async fn a_deleted_customer_keeps_the_address_of_its_event(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    billing.outcome_of(&checkout("bought@example.com", "cus_1", "sub_1")).await;
    let deleted = json!({ "id": "cus_1", "object": "customer", "deleted": true });
    let update = changed_from(
        at(customer("customer.updated", "cus_1", Some("new@example.com")), NOON + 2),
        json!({ "email": "old@example.com" }),
    );
    for is_confirmed in [true, false] {
        match is_confirmed {
            true => stripe.api.insert("/v1/customers/cus_1", deleted.to_string()),
            false => stripe.api.remove("/v1/customers/cus_1"),
        }
        let outcome = billing.outcome_of(&twin(&with_new_id(update.clone()))).await;
        assert_eq!(outcome, if is_confirmed { "applied" } else { "stale" });
        assert_eq!(billing.state_of("new@example.com").await, "active");
    }
}

/// A deleted customer is answered `200`, so a missing one may be in another account.
async fn a_missing_customer_without_an_address_is_not_acknowledged(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let events = [
        ("customer.created", None),
        ("customer.updated", None),
        ("customer.updated", Some(json!({ "name": "Jo" }))),
    ];
    for (number, (event_type, before)) in events.into_iter().enumerate() {
        let (id, email) = (format!("cus_{number}"), format!("own{number}@example.com"));
        let bought = checkout("bought@example.com", &id, &format!("sub_{number}"));
        billing.outcome_of(&bought).await;
        let snapshot = customer(event_type, &id, Some(&email));
        let snapshot = match before {
            Some(before) => changed_from(snapshot, before),
            None => snapshot,
        };
        let thin = twin(&snapshot);
        assert_eq!(rejection(&billing, &thin).await, fetch_failed(), "{thin}");
        let reason = billing.deliveries().await[0]["reason"].to_string();
        assert!(reason.contains("may belong to another account"), "{reason}");
        assert_eq!(billing.state_of(&email).await, "inactive");

        // With the right key the next delivery has its effect.
        stripe.publish(&snapshot);
        assert_eq!(billing.outcome_of(&thin).await, "applied", "{thin}");
        assert_eq!(billing.state_of(&email).await, "active");
    }
}

async fn an_event_about_a_deleted_customer_without_an_address_is_ignored(store: Store) {
    let stripe = Stripe::start().await;
    let billing = stripe.billing(&store);
    let deleted = json!({ "id": "cus_1", "object": "customer", "deleted": true });
    stripe.api.insert("/v1/customers/cus_1", deleted.to_string());
    for event_type in ["customer.created", "customer.updated"] {
        let thin = twin(&customer(event_type, "cus_1", Some("own@example.com")));
        assert_eq!(billing.outcome_of(&thin).await, "ignored", "{thin}");
        assert_eq!(billing.outcome_of(&thin).await, "duplicate", "{thin}");
    }
}
