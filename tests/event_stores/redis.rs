//! The store in Redis, under a prefix of its own each.

use std::time::Duration;

use redis::AsyncCommands;
use tower_stripe_webhook::{
    idempotency::{ClaimToken, IdempotencyStore, RETENTION, RedisStore},
    test_util::check_idempotency_store,
};

use crate::{LEASE, finish, is_finished, is_granted, key, redis_server as server};

async fn store() -> RedisStore {
    RedisStore::new(server::connection().await).with_prefix(server::prefix())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: .ci/run starts one"]
async fn it_keeps_its_promises() {
    check_idempotency_store(store().await).await;
}

/// How long Redis keeps each key, which is none of the counter's business.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn it_lets_redis_forget_what_is_too_old_to_come_again() {
    let prefix = server::prefix();
    let store = store().await.with_prefix(&prefix);
    let mut redis = server::connection().await;

    finish(&store, "evt_finished").await;
    let left: u64 = redis.pttl(format!("{prefix}:{}", key("evt_finished"))).await.unwrap();
    assert!(left > u64::try_from((RETENTION - LEASE).as_millis()).unwrap(), "{left} ms");
    assert!(left <= u64::try_from(RETENTION.as_millis()).unwrap(), "{left} ms");

    assert!(is_granted(&store, "evt_claimed").await);
    let left: u64 = redis.pttl(format!("{prefix}:{}", key("evt_claimed"))).await.unwrap();
    assert!(left <= u64::try_from(LEASE.as_millis()).unwrap(), "{left} ms");

    let store = store.with_retention(Duration::from_secs(3600));
    finish(&store, "evt_short").await;
    let left: u64 = redis.pttl(format!("{prefix}:{}", key("evt_short"))).await.unwrap();
    assert!(left <= 3_600_000, "{left} ms");
}

#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn prefixes_keep_stores_apart() {
    let (one, other) = (store().await, store().await);
    finish(&one, "evt_1").await;
    assert!(is_finished(&one, "evt_1").await);
    assert!(is_granted(&other, "evt_1").await);
}

/// As after a restart: Redis no longer knows the scripts.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn it_brings_its_scripts_again_when_redis_has_forgotten_them() {
    let store = store().await;
    finish(&store, "evt_1").await;
    let () = redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut server::connection().await).await.unwrap();
    assert!(is_finished(&store, "evt_1").await);
    store.release(&key("evt_1"), ClaimToken::new(1)).await.unwrap();
}
