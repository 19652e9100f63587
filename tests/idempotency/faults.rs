//! A store that fails or does not answer.
//!
//! Each delivery takes bounded time, and each claim ends. The clock of tokio is paused.

use std::{error::Error, sync::Arc, time::Duration};

use http::{StatusCode, header::RETRY_AFTER};
use tokio::{
    sync::Notify,
    time::{Instant, advance, sleep},
};
use tower::ServiceExt;
use tower_stripe_webhook::idempotency::{
    IdempotencyLayer, MemoryStore, OnStoreFailure, Outcome, StoreError,
};

use crate::{
    app::{Calls, answer, app, deliver, delivery, eventually, outcome_of, text_of},
    faulty_store::{Fault, FaultyStore, Step},
};

#[tokio::test(start_paused = true)]
async fn a_failing_store_gives_503_without_the_handler_until_it_works() {
    let (store, calls) = (FaultyStore::with(Step::Claim, Fault::Fails), Calls::default());
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(store.clone()), move |_| {
        called.add();
        async { answer(200) }
    });
    let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[RETRY_AFTER], "30");
    assert_eq!(outcome_of(&response), Outcome::StoreFailed);

    let error: &StoreError = response.extensions().get().unwrap();
    assert_eq!(error.to_string(), "the event store failed to claim an event");
    assert_eq!(error.source().unwrap().to_string(), "the line is down (Claim)");
    assert!(!error.is_timeout());

    let text = text_of(response).await;
    assert!(text.contains(r#""code":"event_store_failed""#), "{text}");
    assert!(
        !text.contains("the line is down"),
        "the store's error is not shown to the sender: {text}"
    );
    assert_eq!(calls.count(), 0);

    store.mend();
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::OK, Outcome::Committed));
}

#[tokio::test(start_paused = true)]
async fn a_silent_store_is_a_503_after_five_seconds() {
    let app =
        app(IdempotencyLayer::new(FaultyStore::with(Step::Claim, Fault::Hangs)), async |_| {
            answer(200)
        });
    let start = Instant::now();
    let response = app.oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert_eq!(
        (response.status(), outcome_of(&response)),
        (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed)
    );

    let error: &StoreError = response.extensions().get().unwrap();
    assert_eq!(error.to_string(), "the event store did not claim an event within 5s");
    assert!(error.is_timeout());
}

#[tokio::test(start_paused = true)]
async fn the_store_timeout_is_an_option() {
    let layer = IdempotencyLayer::new(FaultyStore::with(Step::Claim, Fault::Hangs));
    let app = app(layer.with_store_timeout(Duration::from_millis(250)), async |_| answer(200));
    let start = Instant::now();
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::StoreFailed);
    assert_eq!(start.elapsed().as_millis(), 250);
}

#[tokio::test(start_paused = true)]
async fn a_claim_granted_too_late_is_released() {
    let store = FaultyStore::with(Step::Claim, Fault::Stalls);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::StoreFailed);

    store.go_on();
    eventually("the release", || async { store.count(Step::Release) == 1 }).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
}

#[tokio::test(start_paused = true)]
async fn a_handler_can_be_called_while_the_store_is_down() {
    for fault in [Fault::Fails, Fault::Hangs] {
        let (store, calls) = (FaultyStore::with(Step::Claim, fault), Calls::default());
        let called = calls.clone();
        let app = app(
            IdempotencyLayer::new(store).with_store_failure(OnStoreFailure::PassThrough),
            move |_| {
                called.add();
                async { answer(202) }
            },
        );
        for call in 1..=2 {
            let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
            assert_eq!(
                (response.status(), outcome_of(&response)),
                (StatusCode::ACCEPTED, Outcome::PassedThrough)
            );
            assert!(response.extensions().get::<StoreError>().is_some());
            assert_eq!(calls.count(), call);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_working_store_is_asked_even_if_the_handler_may_run_without() {
    let layer = IdempotencyLayer::new(FaultyStore::default())
        .with_store_failure(OnStoreFailure::PassThrough);
    let app = app(layer, async |_| answer(200));
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_claim_granted_after_its_lease_is_not_handled() {
    let (store, calls) = (
        FaultyStore::with(Step::Claim, Fault::AnswersAfter(Duration::from_secs(1))),
        Calls::default(),
    );
    let called = calls.clone();
    let layer = IdempotencyLayer::new(store.clone()).with_lease(Duration::from_secs(1));
    let app = app(layer, move |_| {
        called.add();
        async { answer(200) }
    });
    let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(
        (response.status(), outcome_of(&response)),
        (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed)
    );
    let error: &StoreError = response.extensions().get().unwrap();
    assert_eq!(error.to_string(), "the event store did not claim an event within 1s");
    assert_eq!(calls.count(), 0);

    eventually("the release", || async { store.count(Step::Release) == 1 }).await;
    store.set(Step::Claim, Fault::AnswersAfter(Duration::from_millis(999)));
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failed_commit_is_tried_again() {
    let store = FaultyStore::with(Step::Commit, Fault::Fails);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(201));
    let start = Instant::now();
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the commit", || async { store.count(Step::Commit) == 1 }).await;
    store.mend();

    let response = first.await.unwrap().unwrap();
    assert_eq!(
        (response.status(), outcome_of(&response)),
        (StatusCode::CREATED, Outcome::Committed)
    );
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    assert_eq!(store.count(Step::Commit), 2);
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_commit_with_more_failures_is_tried_again_after_the_response() {
    let store = FaultyStore::with(Step::Commit, Fault::Fails);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Unrecorded);
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight);

    sleep(Duration::from_secs(50)).await;
    store.mend();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_commit_without_an_answer_is_not_known_to_be_recorded() {
    let store = FaultyStore::with(Step::Commit, Fault::LosesTheAnswer);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the commit", || async { store.count(Step::Commit) == 1 }).await;
    store.mend();

    let response = first.await.unwrap().unwrap();
    assert_eq!(outcome_of(&response), Outcome::Unrecorded);
    let error: &StoreError = response.extensions().get().unwrap();
    assert_eq!(error.to_string(), "the event store failed to commit an event");
    assert_eq!(error.source().unwrap().to_string(), "the line is down (Commit)");
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn the_handlers_response_goes_out_even_if_the_commit_fails() {
    let (store, calls) = (FaultyStore::with(Step::Commit, Fault::Fails), Calls::default());
    let called = calls.clone();
    let app = app(IdempotencyLayer::new(store.clone()), move |_| {
        called.add();
        async { answer(201) }
    });
    let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(
        (response.status(), outcome_of(&response)),
        (StatusCode::CREATED, Outcome::Unrecorded)
    );
    let error: &StoreError = response.extensions().get().unwrap();
    assert_eq!(error.to_string(), "the event store did not commit an event within 5s");

    assert_eq!(
        deliver(&app, "evt_1").await.1,
        Outcome::InFlight,
        "its claim lasts until the lease ends"
    );
    sleep(Duration::from_secs(60)).await;
    store.mend();
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed, "and then it is handled again");
    assert_eq!(calls.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_commit_too_late_for_the_response_still_finishes_the_event() {
    let store = FaultyStore::with(Step::Commit, Fault::Stalls);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    let start = Instant::now();
    assert_eq!(deliver(&app, "evt_1").await, (StatusCode::OK, Outcome::Unrecorded));
    assert_eq!(start.elapsed().as_secs(), 5);

    store.go_on();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_failed_release_sends_the_response_and_its_claim_expires() {
    for fault in [Fault::Fails, Fault::Hangs] {
        let store = FaultyStore::with(Step::Release, fault);
        let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(500));
        assert_eq!(
            deliver(&app, "evt_1").await,
            (StatusCode::INTERNAL_SERVER_ERROR, Outcome::Unreleased)
        );
        store.mend();
        advance(Duration::from_secs(60)).await;
        assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Released);
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_store_in_memory_is_a_503_until_it_has_space() {
    let (calls, go_on) = (Calls::default(), Arc::new(Notify::new()));
    let (called, waits) = (calls.clone(), Arc::clone(&go_on));
    let app = app(IdempotencyLayer::new(MemoryStore::with_capacity(1)), move |_| {
        called.add();
        let waits = Arc::clone(&waits);
        async move {
            waits.notified().await;
            answer(200)
        }
    });
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    eventually("the first call", || async { calls.count() == 1 }).await;
    assert_eq!(
        deliver(&app, "evt_2").await,
        (StatusCode::SERVICE_UNAVAILABLE, Outcome::StoreFailed)
    );

    go_on.notify_one();
    first.await.unwrap().unwrap();
    go_on.notify_one();
    assert_eq!(deliver(&app, "evt_2").await.1, Outcome::Committed);
}

/// The background time: 60 s, or a lease if that is shorter.
///
/// It starts after the 5 s in which the delivery waited.
#[tokio::test(start_paused = true)]
async fn a_background_claim_ends_after_at_most_60_s() {
    const MILLISECOND: Duration = Duration::from_millis(1);
    for (lease, limit) in [(3600, 60), (61, 60), (59, 59), (20, 20)] {
        let (lease, limit) = (Duration::from_secs(lease), Duration::from_secs(5 + limit));
        for (answers_after, is_given_back) in
            [(limit - MILLISECOND, true), (limit + MILLISECOND, false)]
        {
            let store = FaultyStore::with(Step::Claim, Fault::AnswersAfter(answers_after));
            let app =
                app(IdempotencyLayer::new(store.clone()).with_lease(lease), async |_| answer(200));
            assert_eq!(deliver(&app, "evt_1").await.1, Outcome::StoreFailed);
            sleep(limit).await;
            assert_eq!(
                store.count(Step::Release) == 1,
                is_given_back,
                "{lease:?} {answers_after:?}"
            );
        }
    }
}
