//! Killed at any moment: what was acknowledged is there, and what is delivered again has its effect once.

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
    killed_in_the_middle_of_a_burst_and_redelivered_the_sums_are_exact,
    a_sender_that_hangs_up_leaves_nothing_half_done,
}

const EMAIL: &str = "zoe@example.com";
const EVENTS: usize = 300;
const AT_ONCE: usize = 16;

async fn killed_in_the_middle_of_a_burst_and_redelivered_the_sums_are_exact(store: Store) {
    let events: Vec<Value> = (1..).take(EVENTS).map(|cents| top_up(EMAIL, cents)).collect();
    let mut acknowledged = HashSet::new();
    let mut billing = Billing::start(&store);
    // After so many answers it is killed, and Stripe goes on with the next process.
    for kill_after in [1, 60, 120] {
        acknowledged.extend(burst(&billing, &events, kill_after).await);
        billing = billing.start_again();
        // Nothing that was acknowledged is lost.
        let credits = billing.credits_of(EMAIL).await;
        let transactions = credits["transactions"].as_array().expect("a list");
        let there: HashSet<_> = transactions.iter().map(|transaction| transaction["event_id"].to_string()).collect();
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

/// Delivers all events at once over some connections, and kills the program after so many answers. Gives the ids that were acknowledged.
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

async fn a_sender_that_hangs_up_leaves_nothing_half_done(store: Store) {
    let billing = Billing::start(&store);
    let events: Vec<Value> = (1..=100).map(|cents| top_up(EMAIL, cents)).collect();
    for (nth, event) in events.iter().enumerate() {
        let patience = Duration::from_micros(20 * u64::try_from(nth).unwrap());
        // Most give up while the event is handled.
        let _ = timeout(patience, billing.try_deliver(event, SECRET)).await;
    }
    for event in &events {
        assert_eq!(billing.deliver(event).await.status, 200);
    }
    assert_eq!(billing.balance_of(EMAIL).await, 10 * (1..=100).sum::<i64>());
}
