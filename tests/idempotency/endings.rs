//! The end of a claim: by a response, an error, a panic or a closed connection.

use std::{
    future::{pending, poll_fn},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    task::Poll,
};

use http::{Response, StatusCode};
use http_body_util::Full;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_stripe_webhook::idempotency::{IdempotencyLayer, MemoryStore, Outcome};

use crate::{
    app::{Answer, App, Calls, answer, app, deliver, delivery, eventually, verification},
    faulty_store::{Fault, FaultyStore, Step},
};

/// Delivered again and again, until it is handled.
async fn handled_again(app: &App, id: &str) {
    eventually("the next delivery is handled", || async {
        match deliver(app, id).await {
            (StatusCode::OK, Outcome::Committed) => true,
            (StatusCode::CONFLICT, Outcome::InFlight) => false,
            other => panic!("{other:?}"),
        }
    })
    .await;
}

#[tokio::test]
async fn every_2xx_commits() {
    for status in [200, 201, 202, 204, 299] {
        let app =
            app(IdempotencyLayer::new(MemoryStore::new()), move |_| async move { answer(status) });
        assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed, "{status}");
        assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate, "{status}");
    }
}

#[tokio::test]
async fn every_other_status_lets_the_next_delivery_be_handled_at_once() {
    for status in [300, 302, 304, 400, 404, 409, 429, 500, 503] {
        let calls = Calls::default();
        let called = calls.clone();
        let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
            called.add();
            async move { answer(status) }
        });
        for _ in 0..3 {
            let (answered, outcome) = deliver(&app, "evt_1").await;
            assert_eq!((answered.as_u16(), outcome), (status, Outcome::Released));
        }
        assert_eq!(calls.count(), 3, "{status}");
    }
}

#[tokio::test]
async fn a_handlers_error_is_passed_on_and_releases_the_claim_at_once() {
    #[derive(Debug, PartialEq)]
    struct AppError(usize);

    let calls = Calls::default();
    let called = calls.clone();
    let app = verification().layer(IdempotencyLayer::new(MemoryStore::new()).layer(service_fn(
        move |_| {
            called.add();
            let call = called.count();
            async move { Err::<Response<Full<bytes::Bytes>>, _>(AppError(call)) }
        },
    )));
    for call in 1..=3 {
        assert_eq!(app.clone().oneshot(delivery("evt_1")).await.unwrap_err(), AppError(call));
    }
}

#[tokio::test]
async fn the_next_delivery_is_handled_after_the_client_has_left() {
    let calls = Calls::default();
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
        called.add();
        let first = called.count() == 1;
        async move { if first { pending().await } else { answer(200) } }
    });
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the first call", || async { calls.count() == 1 }).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight);

    first.abort();
    handled_again(&app, "evt_1").await;
    assert_eq!(calls.count(), 2);
}

#[tokio::test]
async fn the_handler_is_dropped_before_its_claim_is_released() {
    struct OnDrop(Arc<Mutex<Vec<&'static str>>>, FaultyStore);

    impl Drop for OnDrop {
        fn drop(&mut self) {
            assert_eq!(self.1.count(Step::Release), 0);
            self.0.lock().unwrap().push("handler dropped");
        }
    }

    let (dropped, store) = (Arc::default(), FaultyStore::default());
    let guard = Mutex::new(Some(OnDrop(Arc::clone(&dropped), store.clone())));
    let guard = Arc::new(guard);
    let app = app(IdempotencyLayer::new(store.clone()), move |_| {
        let guard = guard.lock().unwrap().take();
        async move {
            let _guard = guard;
            pending::<Answer>().await
        }
    });
    let first = tokio::spawn(app.oneshot(delivery("evt_1")));
    eventually("the claim", || async { store.count(Step::Claim) == 1 }).await;
    first.abort();
    eventually("the release", || async { store.count(Step::Release) == 1 }).await;
    assert_eq!(*dropped.lock().unwrap(), ["handler dropped"]);
}

#[tokio::test]
async fn an_unpolled_response_claims_nothing() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    drop(app.clone().oneshot(delivery("evt_1")));
    let mut ready = app.clone();
    drop(ready.ready().await.unwrap().call(delivery("evt_1")));
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(store.count(Step::Claim), 1);
}

#[tokio::test]
async fn a_claim_is_released_if_the_client_left_before_its_answer() {
    let store = FaultyStore::with(Step::Claim, Fault::Stalls);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the claim", || async { store.count(Step::Claim) == 1 }).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());

    store.go_on();
    eventually("the release", || async { store.count(Step::Release) == 1 }).await;
    handled_again(&app, "evt_1").await;
}

#[tokio::test]
async fn an_event_is_finished_if_the_client_leaves_during_the_commit() {
    let store = FaultyStore::with(Step::Commit, Fault::Stalls);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the commit", || async { store.count(Step::Commit) == 1 }).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());

    store.go_on();
    eventually("the commit", || async { deliver(&app, "evt_1").await.1 == Outcome::Duplicate })
        .await;
    assert_eq!(store.count(Step::Release), 0);
}

#[tokio::test]
async fn a_panicking_handler_lets_the_next_delivery_be_handled() {
    let calls = Calls::default();
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(MemoryStore::new()), move |_| {
        called.add();
        let call = called.count();
        assert!(call != 1, "as the service is called");
        async move {
            assert!(call != 2, "as its future is polled first");
            let mut polled = false;
            poll_fn(|cx| {
                if polled {
                    return Poll::Ready(());
                }
                polled = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            assert!(call != 3, "as its future is polled again");
            answer(200)
        }
    });
    for call in 1..=3 {
        eventually("the call", || async {
            let panicked =
                tokio::spawn(AssertUnwindSafe(app.clone().oneshot(delivery("evt_1"))).0).await;
            panicked.is_err()
        })
        .await;
        assert_eq!(calls.count(), call);
    }
    handled_again(&app, "evt_1").await;
    assert_eq!(calls.count(), 4);
}

#[tokio::test]
async fn a_future_dropped_outside_a_runtime_does_no_harm() {
    let app = app(IdempotencyLayer::new(MemoryStore::new()), async |_| answer(200));
    let response = app.oneshot(delivery("evt_1"));
    std::thread::spawn(move || drop(response)).join().unwrap();
}
