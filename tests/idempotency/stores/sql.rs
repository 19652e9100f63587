//! Tests that both SQL stores run.

use std::time::Duration;

#[cfg(feature = "postgres")]
use sqlx::PgPool;
#[cfg(feature = "sqlite")]
use sqlx::SqlitePool;
use tokio::{task::yield_now, time::timeout};
#[cfg(feature = "postgres")]
use tower_stripe_webhook::idempotency::PostgresStore;
#[cfg(feature = "sqlite")]
use tower_stripe_webhook::idempotency::SqliteStore;
use tower_stripe_webhook::{
    idempotency::{Claim, ClaimToken, IdempotencyStore, RETENTION},
    test_util::check_idempotency_store,
};

use super::{LEASE, finish, is_finished, is_granted, key};

/// The methods that both SQL stores have.
pub trait SqlStore: IdempotencyStore + Sized {
    type Pool: Clone;

    fn new(pool: Self::Pool) -> Self;
    fn with_retention(self, retention: Duration) -> Self;
    async fn create_table(&self) -> sqlx::Result<()>;
    async fn prune(&self) -> sqlx::Result<u64>;
}

macro_rules! sql_store {
    ($store:ty, $pool:ty) => {
        impl SqlStore for $store {
            type Pool = $pool;

            fn new(pool: $pool) -> Self {
                Self::new(pool)
            }

            fn with_retention(self, retention: Duration) -> Self {
                self.with_retention(retention)
            }

            async fn create_table(&self) -> sqlx::Result<()> {
                self.create_table().await
            }

            async fn prune(&self) -> sqlx::Result<u64> {
                self.prune().await
            }
        }
    };
}

#[cfg(feature = "postgres")]
sql_store!(PostgresStore, PgPool);
#[cfg(feature = "sqlite")]
sql_store!(SqliteStore, SqlitePool);

pub async fn keeps_its_promises<S: SqlStore>(pool: S::Pool) {
    let store = S::new(pool);
    store.create_table().await.unwrap();
    store.create_table().await.expect("an existing table is kept");
    check_idempotency_store(store).await;
}

/// `age` makes all rows older by milliseconds.
pub async fn forgets_what_is_too_old<S: SqlStore>(pool: S::Pool, age: impl AsyncFn(i64)) {
    let store = S::new(pool);
    store.create_table().await.unwrap();
    finish(&store, "evt_finished").await;
    assert!(is_granted(&store, "evt_in_flight").await);
    for event in 0..2500 {
        let id = format!("evt_released_{event}");
        assert!(is_granted(&store, &id).await);
        store.release(&key(&id), ClaimToken::new(1)).await.unwrap();
    }

    let day = 24 * 60 * 60 * 1000;
    age(35 * day - 60_000).await;
    assert_eq!(store.prune().await.unwrap(), 0, "nothing is too old yet");

    age(120_000).await;
    assert_eq!(store.prune().await.unwrap(), 2501, "more than fit into one statement");
    assert!(is_granted(&store, "evt_finished").await);
    assert!(!is_granted(&store, "evt_in_flight").await, "what is in flight is never forgotten");
    assert_eq!(RETENTION.as_millis(), 35 * u128::try_from(day).unwrap());
}

/// An event may be claimed again and again for long before it is finished.
pub async fn keeps_events_from_their_end_on<S: SqlStore>(pool: S::Pool, age: impl AsyncFn(i64)) {
    let short = S::new(pool.clone()).with_retention(Duration::from_secs(60));
    // The first claim of a store prunes in the background, by the store's own retention.
    let store = S::new(pool);
    store.create_table().await.unwrap();
    let Claim::Granted(token) = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    age(120_000).await;
    assert!(store.commit(&key("evt_1"), token).await.unwrap());
    assert_eq!(short.prune().await.unwrap(), 0);
    assert!(is_finished(&store, "evt_1").await);

    assert!(is_granted(&store, "evt_2").await);
    store.release(&key("evt_2"), ClaimToken::new(1)).await.unwrap();
    age(50_000).await;
    let Claim::Granted(token) = store.claim(&key("evt_2"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    store.release(&key("evt_2"), token).await.unwrap();
    age(50_000).await;
    assert_eq!(short.prune().await.unwrap(), 1, "only evt_1");
}

pub async fn keeps_events_for_as_long_as_it_is_told<S: SqlStore>(
    pool: S::Pool,
    age: impl AsyncFn(i64),
) {
    // The first claim of a store prunes in the background, by the store's own retention.
    let other = S::new(pool.clone());
    other.create_table().await.unwrap();
    finish(&other, "evt_1").await;
    let store = S::new(pool).with_retention(Duration::from_secs(60));

    age(30_000).await;
    assert_eq!(store.prune().await.unwrap(), 0);
    age(60_000).await;
    assert_eq!(store.prune().await.unwrap(), 1);
}

/// The first claim of a store prunes in the background.
pub async fn prunes_by_itself<S: SqlStore>(pool: S::Pool, age: impl AsyncFn(i64)) {
    let store = S::new(pool.clone());
    store.create_table().await.unwrap();
    finish(&store, "evt_old").await;
    age(36 * 24 * 60 * 60 * 1000).await;

    let store = S::new(pool);
    assert!(is_granted(&store, "evt_new").await);
    let forgotten = async {
        while is_finished(&store, "evt_old").await {
            yield_now().await;
        }
    };
    timeout(LEASE, forgotten).await.expect("a claim prunes");
}

/// Checks the end of a claim after the clock is set back.
///
/// `set_back` makes all times later, by milliseconds.
pub async fn bounds_a_claim_though_the_clock_is_set_back<S: SqlStore>(
    pool: S::Pool,
    set_back: impl AsyncFn(i64),
) {
    const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
    let store = S::new(pool);
    store.create_table().await.unwrap();

    let Claim::Granted(dead) = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    set_back(59_000).await;
    let Claim::InFlight { remaining } = store.claim(&key("evt_1"), LEASE).await.unwrap() else {
        panic!("a small correction ends no claim")
    };
    assert!(remaining <= 2 * LEASE, "{remaining:?}");
    set_back(2_000).await;
    assert!(is_granted(&store, "evt_1").await, "set back by more than a lease");
    assert!(!store.commit(&key("evt_1"), dead).await.unwrap(), "the claim is another's");

    for lease in [LEASE, LEASE * 60] {
        let id = format!("evt_{}", lease.as_secs());
        assert!(matches!(store.claim(&key(&id), lease).await.unwrap(), Claim::Granted(_)));
        set_back(WEEK).await;
        assert!(is_granted(&store, &id).await, "{lease:?}");
    }

    // A renewed claim lasts for its new lease, regardless of the old one.
    let Claim::Granted(token) = store.claim(&key("evt_2"), LEASE).await.unwrap() else {
        panic!("it is not granted")
    };
    assert!(store.renew(&key("evt_2"), token, LEASE * 10).await.unwrap());
    assert!(!is_granted(&store, "evt_2").await);
    set_back(WEEK).await;
    assert!(
        store.renew(&key("evt_2"), token, LEASE).await.unwrap(),
        "no other node has claimed it meanwhile"
    );
    let claim = store.claim(&key("evt_2"), LEASE).await.unwrap();
    assert!(matches!(claim, Claim::InFlight { remaining } if remaining <= LEASE), "{claim:?}");
    assert!(store.commit(&key("evt_2"), token).await.unwrap());
    set_back(WEEK).await;
    assert!(is_finished(&store, "evt_2").await);
}
