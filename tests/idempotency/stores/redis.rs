//! The store in Redis. Each test has its own prefix.

use std::time::Duration;

use redis::AsyncCommands;
use tower_stripe_webhook::{
    idempotency::{Claim, ClaimToken, IdempotencyStore, RETENTION, RedisStore},
    test_util::check_idempotency_store,
};

use super::{LEASE, finish, is_finished, is_granted, key};
use crate::redis_server::{self as server, SCRIPTS};

async fn store() -> RedisStore {
    RedisStore::new(server::connection().await).with_prefix(server::prefix())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: .ci/run starts one"]
async fn it_keeps_the_contract() {
    check_idempotency_store(store().await).await;
}

/// How long Redis keeps each key, which is none of the counter's business.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn redis_forgets_events_past_their_retention() {
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
async fn it_loads_its_scripts_again_after_redis_has_forgotten_them() {
    let _scripts = SCRIPTS.lock().await;
    let store = store().await;
    finish(&store, "evt_1").await;
    let () = redis::cmd("SCRIPT")
        .arg("FLUSH")
        .query_async(&mut server::connection().await)
        .await
        .unwrap();
    assert!(is_finished(&store, "evt_1").await);
    store.release(&key("evt_1"), ClaimToken::new(1)).await.unwrap();
}

/// As after a failover that has lost everything, or a restart without a file.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn a_token_is_not_granted_again_after_redis_has_lost_its_data() {
    let prefix = server::prefix();
    let store = store().await.with_prefix(&prefix);
    let mut redis = server::connection().await;
    let mut tokens = Vec::new();
    for _ in 0..5 {
        let Claim::Granted(token) = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
            panic!("it is not granted")
        };
        for late in &tokens {
            assert!(token > *late, "{token:?} {tokens:?}");
            assert!(!store.renew(&key("evt_1"), *late, LEASE).await.unwrap());
            assert!(!store.commit(&key("evt_1"), *late).await.unwrap());
            store.release(&key("evt_1"), *late).await.unwrap();
            assert!(!is_granted(&store, "evt_1").await, "the claim is another's");
        }
        tokens.push(token);
        let keys = [format!("{prefix}:{}", key("evt_1")), format!("{prefix}:last-token")];
        assert_eq!(redis.del::<_, u64>(&keys).await.unwrap(), 2, "all that there is");
    }
    let now: (u64, u64) = redis::cmd("TIME").query_async(&mut redis).await.unwrap();
    let micros = tokens[4].get();
    assert!(micros.abs_diff(now.0 * 1_000_000 + now.1) < 60_000_000, "{micros} microseconds");
}

/// The clock was set back so far that the last token is of the future.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn tokens_grow_even_if_the_clock_of_redis_is_set_back() {
    let prefix = server::prefix();
    let store = store().await.with_prefix(&prefix);
    let future = 1 << 52;
    let () = server::connection().await.set(format!("{prefix}:last-token"), future).await.unwrap();
    for n in 1..4 {
        let Claim::Granted(token) = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
            panic!("it is not granted")
        };
        assert_eq!(token.get(), future + n);
        store.release(&key("evt_1"), token).await.unwrap();
    }
}

/// A claim ends later if the clock is set back.
///
/// Redis stores the time at which a key expires.
#[tokio::test]
#[ignore = "needs Redis: .ci/run starts one"]
async fn a_clock_set_back_leaves_no_claim_for_longer_than_two_leases() {
    let prefix = server::prefix();
    let store = store().await.with_prefix(&prefix);
    let mut redis = server::connection().await;
    let name = format!("{prefix}:{}", key("evt_1"));
    let Claim::Granted(dead) = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    assert!(redis.pexpire::<_, bool>(&name, 119_000).await.unwrap());
    let claim = store.claim(&key("evt_1"), LEASE).await.unwrap();
    assert!(matches!(claim, Claim::InFlight { remaining } if remaining <= 2 * LEASE), "{claim:?}");
    assert!(redis.pexpire::<_, bool>(&name, 121_000).await.unwrap());
    assert!(is_granted(&store, "evt_1").await);
    assert!(!store.commit(&key("evt_1"), dead).await.unwrap(), "the claim is another's");

    let Claim::Granted(token) = store.claim(&key("evt_2"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    assert!(store.renew(&key("evt_2"), token, LEASE * 10).await.unwrap());
    assert!(!is_granted(&store, "evt_2").await, "the lease is the new one");
    assert!(
        redis
            .pexpire::<_, bool>(format!("{prefix}:{}", key("evt_2")), 7 * 24 * 3_600_000)
            .await
            .unwrap()
    );
    assert!(is_granted(&store, "evt_2").await);
}
