//! Each store keeps the contract of the trait, and prunes old events.

mod memory;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::time::Duration;

use tower_stripe_webhook::{
    Event,
    idempotency::{Claim, EventKey, IdempotencyStore},
};

const LEASE: Duration = Duration::from_secs(60);

fn key(id: &str) -> EventKey {
    let json =
        format!(r#"{{"id":"{id}","object":"event","type":"ping","data":{{"object":{{}}}}}}"#);
    EventKey::of(&Event::unverified_from_json(json).unwrap())
}

async fn finish(store: &impl IdempotencyStore, id: &str) {
    let Claim::Granted(token) = store.claim(&key(id), LEASE).await.unwrap() else {
        panic!("{id} is not granted")
    };
    assert!(store.commit(&key(id), token).await.unwrap());
}

async fn is_granted(store: &impl IdempotencyStore, id: &str) -> bool {
    matches!(store.claim(&key(id), LEASE).await.unwrap(), Claim::Granted(_))
}

async fn is_finished(store: &impl IdempotencyStore, id: &str) -> bool {
    store.claim(&key(id), LEASE).await.unwrap() == Claim::Finished
}
