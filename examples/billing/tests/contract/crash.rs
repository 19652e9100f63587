//! Crashes: acknowledged events are stored, and events that are delivered again are applied once.

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tokio::time::timeout;

use crate::{
    harness::{Billing, SECRET, Store, events::*},
    on_both,
};

on_both! {
    balances_are_exact_after_kills_and_redeliveries,
    a_canceled_request_leaves_no_partial_effect,
}

const EMAIL: &str = "zoe@example.com";
const EVENTS: usize = 300;
const AT_ONCE: usize = 16;

async fn balances_are_exact_after_kills_and_redeliveries(store: Store) {
    let events: Vec<Value> = (1..).take(EVENTS).map(|cents| top_up(EMAIL, cents)).collect();
    let mut acknowledged = HashSet::new();
    let mut billing = Billing::start(&store);
    // The program is killed after this many responses, and the rest goes to the next process.
    for kill_after in [1, 60, 120] {
        acknowledged.extend(burst(&billing, &events, kill_after).await);
        billing = billing.start_again();
        // Nothing that was acknowledged is lost.
        let credits = billing.credits_of(EMAIL).await;
        let transactions = credits["transactions"].as_array().expect("a list");
        let there: HashSet<_> =
            transactions.iter().map(|transaction| transaction["event_id"].to_string()).collect();
        assert!(acknowledged.is_subset(&there));
    }
    assert!(acknowledged.len() < EVENTS, "the program was killed too late to tell anything");

    for event in &events {
        assert_eq!(billing.deliver(event).await.status, 200);
    }
    let credits = billing.credits_of(EMAIL).await;
    let cents: i64 = (1..).take(EVENTS).sum();
    assert_eq!(credits["balance"], cents * 10);
    assert_eq!(credits["transactions"].as_array().map(Vec::len), Some(EVENTS));
}

/// Delivers events over [`AT_ONCE`] connections, kills the program after `kill_after` responses,
/// and returns the ids of the acknowledged events.
async fn burst(billing: &Billing, events: &[Value], kill_after: usize) -> HashSet<String> {
    let acknowledged = Mutex::new(HashSet::new());
    let next = AtomicUsize::new(0);
    let connection = async |_| {
        while let Some(event) = events.get(next.fetch_add(1, Ordering::SeqCst)) {
            let Ok(answer) = billing.try_deliver(event, SECRET).await else { return };
            assert_eq!(answer.status, 200, "{}", answer.text);
            let count = {
                let mut acknowledged = acknowledged.lock().unwrap();
                acknowledged.insert(event["id"].to_string());
                acknowledged.len()
            };
            if count == kill_after {
                billing.kill();
            }
        }
    };
    futures_util::future::join_all((0..AT_ONCE).map(connection)).await;
    acknowledged.into_inner().unwrap()
}

async fn a_canceled_request_leaves_no_partial_effect(store: Store) {
    let billing = Billing::start(&store);
    let events: Vec<Value> = (1..=100).map(|cents| top_up(EMAIL, cents)).collect();
    for (nth, event) in events.iter().enumerate() {
        let delay = Duration::from_micros(20 * u64::try_from(nth).unwrap());
        // Most requests are canceled while the event is handled.
        let _ = timeout(delay, billing.try_deliver(event, SECRET)).await;
    }
    for event in &events {
        assert_eq!(billing.deliver(event).await.status, 200);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 10 * (1..=100).sum::<i64>());
}
