//! Sequences of events in many orders: each order ends in the same state.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    harness::{Billing, Store, events::*},
    on_both,
};

on_both! {
    a_sequence_ends_in_one_state_in_every_order,
    a_long_sequence_ends_in_one_state_in_many_orders,
    reported_sequences_end_right_in_every_order,
    concurrent_events_end_in_the_same_state,
    previous_attributes_order_snapshots_of_one_second,
}

/// The creation times of the three invoices.
const T1: i64 = NOON;
const T2: i64 = NOON + 2_592_000;
const T3: i64 = NOON + 5_184_000;
const HOUR: i64 = 3_600;

/// The ids of a sequence, which are unique, so that many sequences can use one database.
struct Ids {
    email: String,
    customer: String,
    subscription: String,
    invoices: [String; 3],
}

impl Ids {
    fn new() -> Self {
        let customer = new_id("cus");
        Self {
            email: format!("{customer}@example.com"),
            subscription: new_id("sub"),
            invoices: [1, 2, 3].map(|number| format!("in_{number}_{customer}")),
            customer,
        }
    }

    /// Returns a snapshot with one of the invoices as its latest.
    fn snapshot(
        &self,
        what: &str,
        created: i64,
        status: &str,
        latest: usize,
        before: Value,
    ) -> Value {
        let event = subscription(what, &self.subscription, &self.customer, status);
        let mut event = at(with_invoice(event, &self.invoices[latest - 1]), created);
        event["data"]["previous_attributes"] = before;
        event
    }

    fn created(&self, status: &str) -> Value {
        self.snapshot("created", T1, status, 1, Value::Null)
    }

    fn updated(&self, created: i64, status: &str, latest: usize, before: Value) -> Value {
        self.snapshot("updated", created, status, latest, before)
    }

    fn invoice(&self, what: &str, number: usize, created: i64) -> Value {
        let event = invoice(what, &self.email, &self.customer, &self.subscription);
        let reason = if number == 1 { "subscription_create" } else { "subscription_cycle" };
        let drawn_up = [T1, T2, T3][number - 1];
        let values = json!({
            "id": self.invoices[number - 1],
            "created": drawn_up,
            "billing_reason": reason,
        });
        at(with_object(event, values), created)
    }

    fn paid(&self, number: usize, created: i64) -> Value {
        self.invoice("paid", number, created)
    }

    fn failed(&self, number: usize, created: i64) -> Value {
        self.invoice("payment_failed", number, created)
    }

    fn checkout(&self, created: i64) -> Value {
        at(checkout(&self.email, &self.customer, &self.subscription), created)
    }
}

/// Each sequence with its final state.
type Sequence = fn(&Ids) -> (&'static str, Vec<Value>);

fn status(before: &str) -> Value {
    json!({ "status": before })
}

const SEQUENCES: [Sequence; 14] = [
    // A trial with a setup fee, bought at Checkout.
    |ids| ("trialing", vec![ids.created("trialing"), ids.paid(1, T1), ids.checkout(T1 + 1)]),
    // The charge at the end of a trial fails.
    |ids| {
        let end = ids.updated(
            T2,
            "active",
            2,
            json!({ "status": "trialing", "latest_invoice": ids.invoices[0] }),
        );
        ("past_due", vec![ids.created("trialing"), ids.paid(1, T1), end, ids.failed(2, T2 + HOUR)])
    },
    // The first payment fails, then succeeds.
    |ids| {
        let active = ids.updated(T1 + 60, "active", 1, status("incomplete"));
        ("active", vec![ids.created("incomplete"), ids.failed(1, T1), ids.paid(1, T1 + 60), active])
    },
    |ids| ("active", vec![ids.created("incomplete"), ids.failed(1, T1), ids.checkout(T1 + 60)]),
    |ids| {
        ("incomplete", vec![ids.created("incomplete"), ids.failed(1, T1), ids.failed(1, T1 + 60)])
    },
    |ids| {
        let expired = ids.updated(T1 + 23 * HOUR, "incomplete_expired", 1, status("incomplete"));
        (
            "incomplete_expired",
            vec![ids.created("incomplete"), ids.failed(1, T1), expired, ids.checkout(T2)],
        )
    },
    // A renewal fails, and its retry succeeds.
    |ids| {
        let late = ids.updated(T2 + HOUR, "past_due", 2, status("active"));
        (
            "active",
            vec![ids.created("active"), ids.failed(2, T2 + HOUR), late, ids.paid(2, T2 + 2 * HOUR)],
        )
    },
    // Only payments, without a snapshot.
    |ids| {
        (
            "active",
            vec![ids.paid(1, T1), ids.failed(2, T2), ids.paid(2, T2 + HOUR), ids.failed(1, T3)],
        )
    },
    // An old invoice is paid.
    |ids| {
        let unpaid = ids.updated(T3, "unpaid", 3, json!({ "latest_invoice": ids.invoices[1] }));
        ("unpaid", vec![ids.created("active"), ids.failed(2, T2), unpaid, ids.paid(2, T3 + HOUR)])
    },
    // An old invoice fails again.
    |ids| {
        let renewed = ids.updated(T2, "active", 2, json!({ "latest_invoice": ids.invoices[0] }));
        (
            "active",
            vec![
                ids.created("active"),
                renewed,
                ids.paid(2, T2 + HOUR),
                ids.failed(1, T2 + 2 * HOUR),
            ],
        )
    },
    // A paused subscription's invoice is paid.
    |ids| {
        let paused = ids.updated(T2, "paused", 2, status("active"));
        let sent_again =
            of_type(ids.updated(T2, "paused", 2, Value::Null), "customer.subscription.paused");
        ("paused", vec![ids.created("active"), paused, sent_again, ids.paid(2, T2 + HOUR)])
    },
    // A pending update whose payment fails.
    |ids| {
        let pending = ids.updated(T2, "active", 2, json!({ "latest_invoice": ids.invoices[0] }));
        let pending =
            with_object(pending, json!({ "pending_update": { "expires_at": T2 + 23 * HOUR } }));
        ("active", vec![ids.created("active"), ids.paid(1, T1), pending, ids.failed(2, T2)])
    },
    // An upgrade whose payment fails in the same second as the status update.
    |ids| {
        let upgraded = ids.updated(T2, "active", 2, json!({ "latest_invoice": ids.invoices[0] }));
        let late = ids.updated(T2, "past_due", 2, status("active"));
        ("past_due", vec![ids.created("active"), upgraded, late, ids.failed(2, T2)])
    },
    // The deletion, between updates of the same second.
    |ids| {
        let deleted = ids.snapshot("deleted", T2, "canceled", 2, Value::Null);
        let late = ids.updated(T2, "past_due", 2, status("active"));
        ("canceled", vec![ids.created("active"), late, deleted, ids.paid(2, T2 + HOUR)])
    },
];

/// Returns every order of `count` events.
pub fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, position| {
        let mut order = order.clone();
        order.insert(position, count - 1);
        order
    };
    shorter
        .iter()
        .flat_map(|order| (0..count).map(move |position| insert(order, position)))
        .collect()
}

/// Delivers a sequence in an order, and its first events again at the end.
async fn deliver(billing: &Billing, sequence: Sequence, order: &[usize]) -> (Ids, &'static str) {
    let ids = Ids::new();
    let (state, events) = sequence(&ids);
    for event in order {
        assert_eq!(billing.deliver(&events[*event]).await.status, 200);
    }
    // Another event with the same content, which Stripe sometimes sends.
    let again = with_new_id(events[order[0]].clone());
    assert_eq!(billing.deliver(&again).await.status, 200);
    (ids, state)
}

async fn a_sequence_ends_in_one_state_in_every_order(store: Store) {
    let billing = Billing::start(&store);
    for (number, sequence) in SEQUENCES.into_iter().enumerate() {
        let count = sequence(&Ids::new()).1.len();
        let orders = orders(count);
        // At most four events, because all orders are tested.
        assert_eq!(orders.iter().collect::<BTreeSet<_>>().len(), (1..=count).product::<usize>());
        let ends = orders.iter().map(|order| deliver(&billing, sequence, order));
        let mut answers = BTreeSet::new();
        for (ids, state) in futures_util::future::join_all(ends).await {
            let mut answer = billing.subscription_of(&ids.customer).await;
            assert_eq!(answer["state"], state, "sequence {number}");
            answer["user_identity"] = Value::Null;
            answer["subscription_id"] = Value::Null;
            answers.insert(answer.to_string());
        }
        // All fields, not only the state.
        assert_eq!(answers.len(), 1, "sequence {number}: {answers:?}");
    }
}

/// Sequences from public bug reports, with the end that is right.
const REPORTED: &str = include_str!("data/reported_sequences.json");

async fn reported_sequences_end_right_in_every_order(store: Store) {
    let billing = Billing::start(&store);
    let cases: Vec<Value> = serde_json::from_str(REPORTED).unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let events = case["events"].as_array().unwrap();
        for order in orders(events.len()) {
            let suffix = new_id("");
            for &position in &order {
                billing.deliver(&with_own_ids(&events[position], &suffix)).await;
            }
            let user = format!("{}{suffix}", case["user"].as_str().unwrap());
            let answer = billing.subscription_of(&user).await;
            for (name, value) in case["expect"].as_object().unwrap() {
                assert_eq!(&answer[name], value, "{} {order:?}", case["case"]);
            }
        }
    }
}

/// The event with ids that no other order has.
fn with_own_ids(event: &Value, suffix: &str) -> Value {
    let mut text = event.to_string();
    for prefix in ["evt_", "cus_", "sub_", "in_"] {
        let parts: Vec<_> = text.split(&format!("\"{prefix}")).map(str::to_owned).collect();
        text = parts[0].clone();
        for part in &parts[1..] {
            let (id, rest) = part.split_once('"').unwrap();
            text += &format!("\"{prefix}{id}{suffix}\"{rest}");
        }
    }
    serde_json::from_str(&text).unwrap()
}

async fn a_long_sequence_ends_in_one_state_in_many_orders(store: Store) {
    let billing = Billing::start(&store);
    let life: Sequence = |ids| {
        let latest = |number: usize| json!({ "latest_invoice": ids.invoices[number - 1] });
        let canceling = with_object(
            ids.updated(T3 + 9, "active", 3, json!({})),
            json!({ "cancel_at": T3 + HOUR }),
        );
        let events = vec![
            ids.created("incomplete"),
            ids.failed(1, T1),
            ids.paid(1, T1 + 60),
            ids.updated(T1 + 60, "active", 1, status("incomplete")),
            ids.checkout(T1 + 61),
            ids.updated(T2, "active", 2, latest(1)),
            ids.failed(2, T2 + HOUR),
            ids.updated(T2 + HOUR, "past_due", 2, status("active")),
            ids.updated(T3, "past_due", 3, latest(2)),
            ids.paid(3, T3 + 5),
            ids.updated(T3 + 5, "active", 3, status("past_due")),
            ids.failed(2, T3 + 7),
            canceling,
        ];
        ("active", events)
    };
    let count = life(&Ids::new()).1.len();
    assert_eq!(count, 13, "with a prime number, every step visits each event once");
    let orders = (1..count).flat_map(|step| {
        (0..3).map(move |first| (0..count).map(|nth| (first + nth * step) % count).collect())
    });
    let orders: Vec<Vec<usize>> = orders.collect();
    for (ids, state) in
        futures_util::future::join_all(orders.iter().map(|order| deliver(&billing, life, order)))
            .await
    {
        let answer = billing.subscription_of(&ids.email).await;
        assert_eq!(
            (&answer["state"], &answer["cancel_at"]),
            (&json!(state), &json!(T3 + HOUR)),
            "{answer}"
        );
        assert_eq!(answer["updated_at"], T3 + 9);
    }
}

async fn concurrent_events_end_in_the_same_state(store: Store) {
    assert_concurrent_events_end_in_the_state(&[Billing::start(&store)]).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn concurrent_events_on_two_nodes_end_in_the_same_state() {
    let store = Store::postgres().await;
    assert_concurrent_events_end_in_the_state(&[Billing::start(&store), Billing::start(&store)])
        .await;
}

async fn assert_concurrent_events_end_in_the_state(nodes: &[Billing]) {
    for (number, sequence) in SEQUENCES.into_iter().enumerate().flat_map(|sequence| [sequence; 5]) {
        let ids = Ids::new();
        let (state, events) = sequence(&ids);
        let deliveries =
            nodes.iter().flat_map(|node| events.iter().map(|event| node.deliver(event)));
        for answer in futures_util::future::join_all(deliveries).await {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
        for node in nodes {
            assert_eq!(node.state_of(&ids.customer).await, state, "sequence {number}");
        }
    }
}

async fn previous_attributes_order_snapshots_of_one_second(store: Store) {
    let billing = Billing::start(&store);
    let items = |price: &str| json!({ "data": [{ "price": { "id": price } }] });
    let of_type_resumed: fn(Value) -> Value =
        |event| of_type(event, "customer.subscription.resumed");
    let as_it_is: fn(Value) -> Value = |event| event;
    // The values of the first and the second snapshot, the previous attributes of the second, and
    // the field by which the response shows which one is the latest.
    for (first, second, before, as_type, field) in [
        (
            json!({ "status": "past_due" }),
            json!({}),
            json!({ "status": "past_due" }),
            as_it_is,
            "state",
        ),
        (json!({ "status": "paused" }), json!({}), Value::Null, of_type_resumed, "state"),
        (json!({ "cancel_at": T3 }), json!({}), json!({ "cancel_at": T3 }), as_it_is, "cancel_at"),
        (
            json!({}),
            json!({ "cancel_at": T3 }),
            json!({ "cancel_at": null }),
            as_it_is,
            "cancel_at",
        ),
        (
            json!({}),
            json!({ "cancel_at_period_end": true }),
            json!({ "cancel_at_period_end": false }),
            as_it_is,
            "cancel_at_period_end",
        ),
        (
            json!({ "items": items("price_1") }),
            json!({ "items": items("price_2") }),
            json!({ "items": items("price_1") }),
            as_it_is,
            "prices",
        ),
        (
            json!({ "latest_invoice": "in_1", "canceled_at": 1 }),
            json!({ "latest_invoice": "in_2", "canceled_at": 2 }),
            json!({ "latest_invoice": "in_1" }),
            as_it_is,
            "canceled_at",
        ),
    ] {
        let mut answers = Vec::new();
        for (ids_rise, first_arrives_first) in
            [(true, true), (true, false), (false, true), (false, false)]
        {
            let ids = Ids::new();
            let mut events = [
                with_object(ids.updated(T1, "active", 1, Value::Null), first.clone()),
                as_type(with_object(ids.updated(T1, "active", 1, before.clone()), second.clone())),
            ];
            if !ids_rise {
                let [first, second] = &mut events;
                std::mem::swap(&mut first["id"], &mut second["id"]);
            }
            if !first_arrives_first {
                events.reverse();
            }
            for event in &events {
                assert_eq!(billing.deliver(event).await.status, 200);
            }
            answers.push(billing.subscription_of(&ids.customer).await[field].clone());
        }
        // Only the second one.
        let ids = Ids::new();
        billing.deliver(&with_object(ids.updated(T1, "active", 1, Value::Null), second)).await;
        let expected = billing.subscription_of(&ids.customer).await[field].clone();
        assert_eq!(answers, vec![expected; 4], "{field}");
    }
}
