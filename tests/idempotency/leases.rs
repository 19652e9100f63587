//! Leases that are renewed while the handler runs.
//!
//! The clock of tokio is paused.

use std::time::Duration;

use http::StatusCode;
use tokio::time::{advance, sleep};
use tower::ServiceExt;
use tower_stripe_webhook::{
    BoxError,
    idempotency::{Claim, ClaimToken, EventKey, IdempotencyLayer, IdempotencyStore, Outcome},
};

use crate::{
    app::{Calls, answer, app, deliver, delivery, event, outcome_of},
    faulty_store::{Fault, FaultyStore, Step},
};

fn key() -> EventKey {
    EventKey::of(&tower_stripe_webhook::Event::unverified_from_json(event("evt_1")).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_renewed_while_the_handler_runs() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(600)).await;
        answer(200)
    });
    let first = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    for _ in 0..59 {
        sleep(Duration::from_secs(10)).await;
        assert_eq!(deliver(&app, "evt_1").await, (StatusCode::CONFLICT, Outcome::InFlight));
    }
    assert_eq!(outcome_of(&first.await.unwrap().unwrap()), Outcome::Committed);
    assert!(
        (28..=30).contains(&store.count(Step::Renew)),
        "three times in 60 s, not {}",
        store.count(Step::Renew)
    );

    let renewed = store.count(Step::Renew);
    advance(Duration::from_secs(600)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
    assert_eq!(store.count(Step::Renew), renewed, "a claim that has ended is not renewed");
}

#[tokio::test(start_paused = true)]
async fn a_late_grant_is_renewed_from_the_time_of_its_request() {
    let store = FaultyStore::with(Step::Claim, Fault::AnswersAfter(Duration::from_secs(50)));
    let layer = IdempotencyLayer::new(store.clone()).with_store_timeout(Duration::from_secs(55));
    let app = app(layer, async |_| {
        sleep(Duration::from_secs(30)).await;
        answer(200)
    });
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(store.count(Step::Renew), 2, "at once, and 20 s after that");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_without_an_answer_leaves_time_for_another_in_the_lease() {
    let store = FaultyStore::with(Step::Renew, Fault::Hangs);
    let layer = IdempotencyLayer::new(store.clone()).with_store_timeout(Duration::from_secs(100));
    let app = app(layer, async |_| {
        sleep(Duration::from_secs(70)).await;
        answer(200)
    });
    let first = tokio::spawn(app.oneshot(delivery("evt_1")));
    sleep(Duration::from_secs(39)).await;
    store.mend();
    assert_eq!(outcome_of(&first.await.unwrap().unwrap()), Outcome::Committed);
}

#[tokio::test(start_paused = true)]
async fn a_claim_outlives_a_store_outage_shorter_than_its_lease() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(300)).await;
        answer(200)
    });
    let first = tokio::spawn(app.oneshot(delivery("evt_1")));
    for fault in [Fault::Fails, Fault::Hangs] {
        sleep(Duration::from_secs(65)).await;
        store.set(Step::Renew, fault);
        sleep(Duration::from_secs(35)).await;
        store.mend();
    }
    assert_eq!(outcome_of(&first.await.unwrap().unwrap()), Outcome::Committed);
}

#[tokio::test(start_paused = true)]
async fn a_node_after_its_lease_changes_nothing_and_its_response_goes_out() {
    let store = FaultyStore::with(Step::Renew, Fault::Fails);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(90)).await;
        answer(201)
    });
    let late = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    sleep(Duration::from_secs(59)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight);
    sleep(Duration::from_secs(2)).await;

    let Claim::Granted(successor) = store.claim(&key(), Duration::from_secs(3600)).await.unwrap()
    else {
        panic!("the lease has ended")
    };
    let response = late.await.unwrap().unwrap();
    assert_eq!(
        (response.status(), outcome_of(&response)),
        (StatusCode::CREATED, Outcome::LeaseLost)
    );

    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight, "the successor is still at work");
    assert!(store.commit(&key(), successor).await.unwrap());
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Duplicate);
}

#[tokio::test(start_paused = true)]
async fn a_node_after_its_lease_does_not_release_its_successors_claim() {
    let store = FaultyStore::with(Step::Renew, Fault::Fails);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(90)).await;
        answer(500)
    });
    let late = tokio::spawn(app.clone().oneshot(delivery("evt_1")));
    sleep(Duration::from_secs(61)).await;
    assert!(matches!(
        store.claim(&key(), Duration::from_secs(3600)).await.unwrap(),
        Claim::Granted(_)
    ));
    assert_eq!(late.await.unwrap().unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight, "the successor is still at work");
}

#[tokio::test(start_paused = true)]
async fn a_renewal_stops_when_another_node_has_the_claim() {
    let store = FaultyStore::with(Step::Renew, Fault::Fails);
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(3600)).await;
        answer(200)
    });
    let late = tokio::spawn(app.oneshot(delivery("evt_1")));
    sleep(Duration::from_secs(61)).await;
    store.mend();
    sleep(Duration::from_secs(60)).await;
    let renewed = store.count(Step::Renew);
    assert_eq!(outcome_of(&late.await.unwrap().unwrap()), Outcome::LeaseLost);
    assert_eq!(store.count(Step::Renew), renewed);
}

#[tokio::test(start_paused = true)]
async fn a_dead_nodes_events_are_handled_after_the_lease_and_not_before() {
    let store = FaultyStore::default();
    let calls = Calls::default();
    let called = calls.clone();
    let app =
        app(IdempotencyLayer::new(store.clone()).with_lease(Duration::from_secs(10)), move |_| {
            called.add();
            async { answer(200) }
        });
    // A node has claimed the event and died.
    assert!(matches!(
        store.claim(&key(), Duration::from_secs(10)).await.unwrap(),
        Claim::Granted(_)
    ));

    advance(Duration::from_millis(9_999)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::InFlight);
    advance(Duration::from_millis(1)).await;
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert_eq!(calls.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_never_shorter_than_100_milliseconds() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()).with_lease(Duration::ZERO), async |_| {
        sleep(Duration::from_secs(1)).await;
        answer(200)
    });
    assert_eq!(deliver(&app, "evt_1").await.1, Outcome::Committed);
    assert!(store.count(Step::Renew) <= 30, "{}", store.count(Step::Renew));
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_rounded_up_to_whole_seconds_and_at_least_one() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()), async |_| answer(200));
    assert!(matches!(
        store.claim(&key(), Duration::from_secs(3)).await.unwrap(),
        Claim::Granted(_)
    ));

    for (wait, retry_after) in [(0, "3"), (1, "3"), (999, "2"), (1_000, "1"), (999, "1")] {
        advance(Duration::from_millis(wait)).await;
        let response = app.clone().oneshot(delivery("evt_1")).await.unwrap();
        assert_eq!(response.headers()["retry-after"], retry_after, "{wait}");
    }
}

/// A store without remaining times: the claim may end at any moment.
struct ClaimedByAnother(Duration);

impl IdempotencyStore for ClaimedByAnother {
    async fn claim(&self, _: &EventKey, _: Duration) -> Result<Claim, BoxError> {
        Ok(Claim::InFlight { remaining: self.0 })
    }

    async fn renew(&self, _: &EventKey, _: ClaimToken, _: Duration) -> Result<bool, BoxError> {
        Ok(false)
    }

    async fn commit(&self, _: &EventKey, _: ClaimToken) -> Result<bool, BoxError> {
        Ok(false)
    }

    async fn release(&self, _: &EventKey, _: ClaimToken) -> Result<(), BoxError> {
        Ok(())
    }
}

#[tokio::test]
async fn retry_after_is_never_zero() {
    for (remaining, retry_after) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (60_000, "60")]
    {
        let store = ClaimedByAnother(Duration::from_millis(remaining));
        let app = app(IdempotencyLayer::new(store), async |_| answer(200));
        let response = app.oneshot(delivery("evt_1")).await.unwrap();
        assert_eq!(response.headers()["retry-after"], retry_after, "{remaining}");
    }
}
