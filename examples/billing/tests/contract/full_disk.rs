//! A full disk loses no acknowledged event, and the program works again without a restart.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::{Billing, SECRET, Setup, Store, disk::Disk, events::*};

const EMAIL: &str = "zoe@example.com";

/// Longer than any step takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// The number of concurrent deliveries.
const AT_ONCE: usize = 10;

#[tokio::test]
async fn acknowledged_events_are_stored_despite_a_file_size_limit() {
    let store = Store::sqlite();
    let disk = Disk::with_file_size_limit(store.folder());
    loses_nothing(&disk, &store, Billing::kill).await;
    loses_nothing(&disk, &store, Billing::terminate).await;
}

#[tokio::test]
#[ignore = "mounts a small disk: .ci/run may"]
async fn acknowledged_events_are_stored_despite_a_full_disk() {
    let store = Store::sqlite();
    let disk = Disk::tmpfs(store.folder());
    loses_nothing(&disk, &store, Billing::kill).await;
    loses_nothing(&disk, &store, Billing::terminate).await;
}

async fn loses_nothing(disk: &Disk, store: &Store, end: fn(&Billing)) {
    let mut billing = Setup::new(store)
        .with("STRIPE_WEBHOOK_SECRET", SECRET)
        .with("RUST_LOG", "off")
        .start_on_a_limited_disk();
    let mut acknowledged = stored(&billing).await;
    for _ in 0..3 {
        let mut failed = deliver(&billing, new_events(), &mut acknowledged).await;
        assert!(failed.is_empty(), "there is room");

        disk.fill(billing.pid());
        // SQLite can still use pages that it has allocated.
        while failed.len() < 3 * AT_ONCE {
            failed.extend(deliver(&billing, new_events(), &mut acknowledged).await);
        }
        eventually(&billing, 503).await;
        assert_eq!(stored(&billing).await, acknowledged, "everything can be read");

        disk.free(billing.pid());
        eventually(&billing, 200).await;
        for events in failed.chunks(AT_ONCE) {
            let failed = deliver(&billing, events.to_vec(), &mut acknowledged).await;
            assert!(failed.is_empty(), "there is room again, and {} failed", failed.len());
        }
        assert_eq!(stored(&billing).await, acknowledged);
    }
    disk.fill(billing.pid());
    while deliver(&billing, new_events(), &mut acknowledged).await.is_empty() {}
    disk.free(billing.pid());
    end(&billing);
    billing.wait();
    let billing = billing.start_again();
    assert_eq!(stored(&billing).await, acknowledged);
}

fn new_events() -> Vec<Value> {
    (0..AT_ONCE).map(|_| top_up(EMAIL, 1)).collect()
}

/// Delivers events concurrently, adds the ids of acknowledged ones, and returns the others.
async fn deliver(
    billing: &Billing,
    events: Vec<Value>,
    acknowledged: &mut BTreeSet<String>,
) -> Vec<Value> {
    let answers = join_all(events.iter().map(|event| billing.deliver(event))).await;
    let mut failed = Vec::new();
    for (event, answer) in events.into_iter().zip(answers) {
        match answer.status {
            200 => drop(acknowledged.insert(event["id"].as_str().unwrap().to_owned())),
            503 => failed.push(event),
            status => panic!("{status}: {}", answer.text),
        }
    }
    failed
}

/// Returns the ids of the applied events.
async fn stored(billing: &Billing) -> BTreeSet<String> {
    let credits = billing.credits_of(EMAIL).await;
    let rows = credits["transactions"].as_array().unwrap();
    let ids =
        BTreeSet::from_iter(rows.iter().map(|row| row["event_id"].as_str().unwrap().to_owned()));
    assert_eq!(ids.len(), rows.len(), "each has its effect once");
    ids
}

/// Waits for the status: the health check caches its result for a second.
async fn eventually(billing: &Billing, status: u16) {
    let has_status = async { while billing.get("/healthz").await.status != status {} };
    timeout(DEADLINE, has_status)
        .await
        .unwrap_or_else(|_| panic!("/healthz was not {status} within {DEADLINE:?}"));
}
