//! Handlers that block their thread for longer than a lease.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use tokio::{runtime::Builder, sync::Notify, time::timeout};
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_stripe_webhook::idempotency::{IdempotencyLayer, Outcome};

use crate::{
    app::{Calls, answer, app, deliver, delivery, outcome_of, verification},
    faulty_store::{FaultyStore, Step},
};

/// The shortest that there is.
const SHORTEST_LEASE: Duration = Duration::from_millis(100);

/// A lease that a busy machine renews in time.
///
/// It is renewed three times per period.
const LEASE: Duration = Duration::from_secs(3);

/// More than in one lease.
const RENEWALS: usize = 4;

/// Blocks the thread until the claim was renewed [`RENEWALS`] times.
///
/// It ends after 20 leases.
fn block_until_renewed(store: &FaultyStore) {
    for _ in 0..6000 {
        if store.count(Step::Renew) >= RENEWALS {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn multi_thread(workers: usize) -> tokio::runtime::Runtime {
    Builder::new_multi_thread().worker_threads(workers).enable_all().build().unwrap()
}

/// The number of repetitions.
///
/// They are enough for each worker of the runtime, parked or not, to handle the event once.
#[test]
fn a_claim_is_renewed_while_the_handler_blocks_its_worker() {
    for workers in [2, 2, 4] {
        let store = FaultyStore::default();
        let calls = Calls::default();
        let (blocks, called) = (store.clone(), calls.clone());
        let at_work = Arc::new(Notify::new());
        let handled = Arc::clone(&at_work);
        let app = app(IdempotencyLayer::new(store.clone()).with_lease(LEASE), move |_| {
            called.add();
            let (blocks, handled) = (blocks.clone(), Arc::clone(&handled));
            async move {
                handled.notify_one();
                block_until_renewed(&blocks);
                answer(200)
            }
        });
        multi_thread(workers).block_on(async {
            let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
            at_work.notified().await;
            while !first.is_finished() {
                let (status, outcome) = deliver(&app, "evt_1").await;
                if outcome == Outcome::Duplicate {
                    break;
                }
                assert_eq!(
                    (status, outcome),
                    (StatusCode::CONFLICT, Outcome::InFlight),
                    "{workers}"
                );
                tokio::task::yield_now().await;
            }
            assert_eq!(outcome_of(&first.await.unwrap().unwrap()), Outcome::Committed, "{workers}");
        });
        assert_eq!(calls.count(), 1, "{workers}");
        assert!(store.count(Step::Renew) >= RENEWALS, "{workers}: {}", store.count(Step::Renew));
    }
}

/// A service may also block before it gives its future.
#[test]
fn a_claim_is_renewed_while_the_service_blocks_in_its_call() {
    let store = FaultyStore::default();
    let blocks = store.clone();
    let service = service_fn(move |_: http::Request<_>| {
        block_until_renewed(&blocks);
        async { answer(200) }
    });
    let mut app =
        verification().layer(IdempotencyLayer::new(store.clone()).with_lease(LEASE).layer(service));
    multi_thread(2).block_on(async {
        let response = tokio::spawn(app.call(delivery("evt_1"))).await.unwrap().unwrap();
        assert_eq!(outcome_of(&response), Outcome::Committed);
    });
    assert!(store.count(Step::Renew) >= RENEWALS);
}

/// What the docs say of a runtime without another thread.
#[tokio::test(flavor = "current_thread")]
async fn a_blocked_claim_without_another_thread_ends_with_its_lease() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()).with_lease(SHORTEST_LEASE), async |_| {
        std::thread::sleep(SHORTEST_LEASE + Duration::from_millis(1));
        answer(200)
    });
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::OK, Outcome::LeaseLost));
    assert_eq!(store.count(Step::Renew), 0);
}

#[tokio::test(flavor = "current_thread")]
async fn a_claim_is_renewed_while_spawn_blocking_blocks() {
    let store = FaultyStore::default();
    let blocks = store.clone();
    let app = app(IdempotencyLayer::new(store.clone()).with_lease(LEASE), move |_| {
        let blocks = blocks.clone();
        async move {
            tokio::task::spawn_blocking(move || block_until_renewed(&blocks)).await.unwrap();
            answer(200)
        }
    });
    let delivered = timeout(Duration::from_secs(60), deliver(&app, "evt_1")).await.unwrap();
    assert_eq!(delivered, (StatusCode::OK, Outcome::Committed));
    assert!(store.count(Step::Renew) >= RENEWALS);
}
