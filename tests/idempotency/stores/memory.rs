//! The store in memory, with a paused clock.

use std::{sync::Arc, time::Duration};

use tokio::time::advance;
use tower_stripe_webhook::{
    idempotency::{Claim, IdempotencyStore, MemoryStore, RETENTION},
    test_util::check_idempotency_store,
};

use super::{LEASE, finish, is_finished, is_granted, key};

#[tokio::test]
async fn the_store_in_memory_keeps_the_contract() {
    check_idempotency_store(MemoryStore::new()).await;
}

#[tokio::test]
async fn a_store_behind_a_pointer_keeps_the_contract() {
    check_idempotency_store(Arc::new(MemoryStore::new())).await;
    check_idempotency_store(Box::new(MemoryStore::new())).await;
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_ends_a_claim_with_its_lease_and_not_before() {
    let store = MemoryStore::new();
    assert!(is_granted(&store, "evt_1").await);

    advance(LEASE - Duration::from_millis(1)).await;
    let remaining = Duration::from_millis(1);
    assert_eq!(store.claim(&key("evt_1"), LEASE).await.unwrap(), Claim::InFlight { remaining });

    advance(Duration::from_millis(1)).await;
    assert!(is_granted(&store, "evt_1").await);
}

#[tokio::test(start_paused = true)]
async fn the_memory_store_forgets_events_after_the_retention_and_not_before() {
    let store = MemoryStore::new();
    finish(&store, "evt_1").await;

    advance(RETENTION).await;
    assert!(is_finished(&store, "evt_1").await);

    advance(Duration::from_millis(1)).await;
    assert!(is_granted(&store, "evt_1").await);
}

#[tokio::test]
async fn a_full_store_in_memory_forgets_the_first_finished_event() {
    let store = MemoryStore::with_capacity(3);
    for id in ["evt_1", "evt_2", "evt_3"] {
        finish(&store, id).await;
    }
    assert!(is_finished(&store, "evt_1").await, "three fit");

    finish(&store, "evt_4").await;
    assert!(is_finished(&store, "evt_2").await);
    assert!(is_finished(&store, "evt_3").await);
    assert!(is_finished(&store, "evt_4").await);
    assert!(is_granted(&store, "evt_1").await);
}

#[tokio::test]
async fn the_store_in_memory_takes_100_000_events() {
    let store = MemoryStore::new();
    for event in 0..100_000 {
        finish(&store, &format!("evt_{event}")).await;
    }
    assert!(is_finished(&store, "evt_0").await, "100,000 fit");
    finish(&store, "evt_100000").await;
    assert!(is_finished(&store, "evt_1").await && is_finished(&store, "evt_100000").await);
    assert!(is_granted(&store, "evt_0").await, "the first is forgotten");
}

#[test]
fn events_are_kept_for_35_days() {
    assert_eq!(RETENTION, Duration::from_secs(35 * 86_400));
}

#[tokio::test(start_paused = true)]
async fn a_full_memory_store_forgets_expired_claims_before_finished_events() {
    let store = MemoryStore::with_capacity(2);
    assert!(is_granted(&store, "evt_died").await);
    finish(&store, "evt_1").await;
    advance(LEASE).await;

    assert!(is_granted(&store, "evt_2").await);
    assert!(is_finished(&store, "evt_1").await);
}

#[tokio::test(start_paused = true)]
async fn the_store_in_memory_keeps_events_for_its_retention() {
    let store = MemoryStore::new().with_retention(Duration::from_secs(60));
    finish(&store, "evt_1").await;
    advance(Duration::from_secs(60)).await;
    assert!(is_finished(&store, "evt_1").await);
    advance(Duration::from_millis(1)).await;
    assert!(is_granted(&store, "evt_1").await);
}

#[tokio::test(start_paused = true)]
async fn a_store_in_memory_full_of_claims_rejects_another_until_one_ends() {
    let store = MemoryStore::with_capacity(2);
    assert!(is_granted(&store, "evt_1").await);
    advance(LEASE / 2).await;
    assert!(is_granted(&store, "evt_2").await);

    let full = store.claim(&key("evt_3"), LEASE).await.unwrap_err();
    assert_eq!(
        full.to_string(),
        "the store in memory is full: 2 events are being handled at the moment"
    );
    assert!(!is_granted(&store, "evt_1").await, "no claim is forgotten");

    advance(LEASE / 2).await;
    assert!(is_granted(&store, "evt_3").await);
    assert!(!is_granted(&store, "evt_2").await, "no claim is forgotten");
}
