//! The log events of deliveries, and their levels.

use std::{future::pending, time::Duration};

use tokio::time::sleep;
use tower::{Layer, ServiceExt};
use tower_stripe_webhook::{
    Event,
    idempotency::{ClaimToken, EventKey, IdempotencyLayer, IdempotencyStore, OnStoreFailure},
};

use crate::{
    app::{App, answer, app, deliver, delivery, event},
    faulty_store::{Fault, FaultyStore, Step},
    log::Log,
};

/// What the layer logs while an event is delivered.
async fn log_of(app: &App) -> String {
    log_while(deliver(app, "evt_1")).await
}

async fn log_while<T>(happens: impl Future<Output = T>) -> String {
    let log = Log::begin();
    happens.await;
    let text = log.end();
    text.lines()
        .filter(|line| line.contains("idempotency"))
        .map(|line| format!("{}\n", line.trim_start()))
        .collect()
}

#[tokio::test]
async fn a_delivery_without_failures_is_logged_at_debug() {
    let app = app(IdempotencyLayer::new(FaultyStore::default()), async |_| answer(200));
    assert_eq!(
        log_of(&app).await,
        "DEBUG tower_stripe_webhook::idempotency::trace: answered an event event.key=\"event//evt_1\" outcome=\"committed\"\n"
    );
    assert_eq!(
        log_of(&app).await,
        "DEBUG tower_stripe_webhook::idempotency::trace: answered an event event.key=\"event//evt_1\" outcome=\"duplicate\"\n"
    );
}

#[tokio::test]
async fn a_failed_claim_is_logged_as_a_warning_with_its_error() {
    let app = |failure| {
        let layer = IdempotencyLayer::new(FaultyStore::with(Step::Claim, Fault::Fails))
            .with_store_failure(failure);
        app(layer, async |_| answer(200))
    };
    assert_eq!(
        log_of(&app(OnStoreFailure::Reject)).await,
        "WARN tower_stripe_webhook::idempotency::trace: rejected an event: the event store failed to claim an event \
         event.key=\"event//evt_1\" outcome=\"store_failed\" error=the line is down (Claim)\n"
    );
    assert_eq!(
        log_of(&app(OnStoreFailure::PassThrough)).await,
        "WARN tower_stripe_webhook::idempotency::trace: an event may be handled again: the event store failed to claim an event \
         event.key=\"event//evt_1\" outcome=\"passed_through\" error=the line is down (Claim)\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_commit_is_logged_as_a_warning_with_its_error() {
    let app =
        app(IdempotencyLayer::new(FaultyStore::with(Step::Commit, Fault::Fails)), async |_| {
            answer(200)
        });
    let log = log_of(&app).await;
    assert!(
        log.starts_with(
            "WARN tower_stripe_webhook::idempotency::trace: retrying to commit an event: the event store failed to commit an \
             event event.key=\"event//evt_1\" error=the line is down (Commit)\n"
        ),
        "{log}"
    );
    assert!(
        log.ends_with(
            "WARN tower_stripe_webhook::idempotency::trace: an event may be handled again: the event store did not commit an \
             event within 5s event.key=\"event//evt_1\" outcome=\"unrecorded\"\n"
        ),
        "{log}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_release_is_logged_as_a_warning_with_its_error() {
    let app =
        app(IdempotencyLayer::new(FaultyStore::with(Step::Release, Fault::Fails)), async |_| {
            answer(500)
        });
    assert_eq!(
        log_of(&app).await,
        "WARN tower_stripe_webhook::idempotency::trace: an event is not handled again before its lease expires: the event store \
         failed to release an event event.key=\"event//evt_1\" outcome=\"unreleased\" error=the line is down (Release)\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_background_call_is_logged_as_a_warning_with_its_error() {
    let app =
        app(IdempotencyLayer::new(FaultyStore::with(Step::Claim, Fault::Hangs)), async |_| {
            answer(200)
        });
    let log = log_while(async {
        deliver(&app, "evt_1").await;
        sleep(Duration::from_secs(61)).await;
    })
    .await;
    assert!(
        log.ends_with(
            "WARN tower_stripe_webhook::idempotency::trace: gave up in the background: the event store did not claim an \
             event within 1m event.key=\"event//evt_1\"\n"
        ),
        "{log}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_and_the_end_of_its_claim_are_logged_as_warnings() {
    let layer = IdempotencyLayer::new(FaultyStore::with(Step::Renew, Fault::Fails));
    let app = app(layer.with_lease(Duration::from_secs(3)), async |_| {
        sleep(Duration::from_secs(4)).await;
        answer(200)
    });
    let log = log_of(&app).await;
    assert!(
        log.starts_with(
            "WARN tower_stripe_webhook::idempotency::trace: the claim of an event may expire: the event store failed to renew the \
             claim of an event event.key=\"event//evt_1\" error=the line is down (Renew)\n"
        ),
        "{log}"
    );
    assert!(
        log.ends_with(
            "WARN tower_stripe_webhook::idempotency::trace: an event may be handled again: its claim ended before its \
             handler returned event.key=\"event//evt_1\" outcome=\"lease_lost\"\n"
        ),
        "{log}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_ended_claim_is_logged_by_its_renewal() {
    let store = FaultyStore::default();
    let app = app(IdempotencyLayer::new(store.clone()), async |_| {
        sleep(Duration::from_secs(30)).await;
        answer(200)
    });
    let log = log_while(async {
        let delivered = tokio::spawn(app.oneshot(delivery("evt_1")));
        sleep(Duration::from_secs(1)).await;
        // An operator may do this.
        store.release(&key(), ClaimToken::new(1)).await.unwrap();
        delivered.await.unwrap().unwrap();
    })
    .await;
    let (renewal, answer) = log.split_at(log.find('\n').unwrap() + 1);
    assert_eq!(
        renewal,
        "WARN tower_stripe_webhook::idempotency::trace: the claim of an event ended while it was being handled \
         event.key=\"event//evt_1\"\n"
    );
    assert!(answer.contains("outcome=\"lease_lost\""), "{log}");
}

fn key() -> EventKey {
    EventKey::of(&Event::unverified_from_json(event("evt_1")).unwrap())
}

/// What is logged while a delivery's client goes away, and for a while after that.
async fn log_of_a_client_that_goes_away(fault: Option<Fault>) -> String {
    let store = FaultyStore::default();
    if let Some(fault) = fault {
        store.set(Step::Release, fault);
    }
    let app = app(IdempotencyLayer::new(store), async |_| {
        pending::<()>().await;
        answer(200)
    });
    log_while(async {
        let delivered = tokio::spawn(app.oneshot(delivery("evt_1")));
        sleep(Duration::from_secs(1)).await;
        delivered.abort();
        sleep(Duration::from_secs(61)).await;
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn an_event_with_a_dropped_handler_is_logged_as_released() {
    assert_eq!(
        log_of_a_client_that_goes_away(None).await,
        "DEBUG tower_stripe_webhook::idempotency::trace: released an event: its handler was dropped before it answered \
         event.key=\"event//evt_1\"\n"
    );
    assert_eq!(
        log_of_a_client_that_goes_away(Some(Fault::Fails)).await,
        "WARN tower_stripe_webhook::idempotency::trace: failed to release an event: its claim expires with its lease \
         event.key=\"event//evt_1\" error=the line is down (Release)\n"
    );
    assert_eq!(
        log_of_a_client_that_goes_away(Some(Fault::Hangs)).await,
        "WARN tower_stripe_webhook::idempotency::trace: failed to release an event in time: its claim has expired \
         event.key=\"event//evt_1\"\n"
    );
}

#[tokio::test]
async fn a_missing_outer_layer_is_logged_as_an_error() {
    let alone = IdempotencyLayer::new(FaultyStore::default())
        .layer(tower::service_fn(async |_| answer(200)));
    let log = Log::begin();
    alone.oneshot(delivery("evt_1")).await.unwrap();
    assert_eq!(
        log.end().trim_start(),
        "ERROR tower_stripe_webhook::idempotency::trace: rejected a request: the IdempotencyLayer is not inside a \
         StripeWebhookLayer outcome=\"no_verified_event\"\n"
    );
}
