//! Replaying events through the app.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, routing::post};
use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::Instant;
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    BoxError, Event, Mode, SecretProvider, SigningSecret, SigningSecrets, StripeWebhookLayer,
    VerifiedEvent,
    api::{ApiClient, ApiError, ApiRequest, ApiResponse},
    event::EventKind,
    idempotency::{MemoryStore, Outcome},
    recovery::{
        Cursor, EventFilter, EventStream, RecoveryErrorKind, ReplayOutcome, ReplayedEvent, Report,
    },
    test_util::{FakeApi, signed_request, thin_twin},
};

use crate::support::{
    AppRequest, AppResponse, DAY, Handled, NOW, ONE, api, app, at, clock, new_app, next, recovery,
    secret, snapshot, snapshot_with, thin_with,
};

/// A fake with events that are a second apart, named by letters.
fn fake(letters: &str) -> FakeApi {
    let fake = FakeApi::new();
    for (nth, letter) in letters.chars().enumerate() {
        fake.insert_event(snapshot(&format!("evt_{letter}"), NOW - 1_000 + nth as u64));
    }
    fake
}

fn count(report: &Report, outcome: ReplayOutcome) -> u64 {
    report.counts().of(outcome)
}

/// The failures as text: id, outcome, reason and status.
fn failures(report: &Report) -> Vec<String> {
    let text = |event: &ReplayedEvent| {
        let status = event.status().map_or(0, |status| status.as_u16());
        let reason = event.reason().unwrap_or("-");
        format!("{} {} {reason} {status}", event.id(), event.outcome().code())
    };
    report.failures().iter().map(text).collect()
}

#[tokio::test(start_paused = true)]
async fn each_event_is_handled_with_its_bytes_in_order() {
    let fake = fake("abcde");
    let (app, handled) = new_app();
    let report = recovery(api(&fake), app).with_concurrency(ONE).run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(handled.order(), ["evt_a", "evt_b", "evt_c", "evt_d", "evt_e"]);
    assert_eq!(report.counts().listed(), 5);
    assert_eq!(count(&report, ReplayOutcome::Applied), 5);
    let listed: Value = serde_json::from_str(&snapshot("evt_a", NOW - 1_000)).unwrap();
    let body = handled.body("evt_a").unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), listed);
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 996)));
}

#[tokio::test(start_paused = true)]
async fn an_event_handled_before_is_a_duplicate() {
    let fake = fake("abc");
    let (app, handled) = new_app();
    let delivery = signed_request("/", snapshot("evt_b", NOW - 999), &secret(), at(NOW));
    app.clone().oneshot(delivery).await.unwrap();
    let recovery = recovery(api(&fake), app).with_concurrency(ONE);
    let first = recovery.run().await;
    assert_eq!(count(&first, ReplayOutcome::Duplicate), 1);
    assert_eq!(count(&first, ReplayOutcome::Applied), 2);
    let second = recovery.run().await;
    assert_eq!(count(&second, ReplayOutcome::Duplicate), 3);
    assert_eq!(handled.order(), ["evt_b", "evt_a", "evt_c"]);
}

#[tokio::test(start_paused = true)]
async fn twins_of_both_lists_have_one_effect() {
    let fake = FakeApi::new();
    let event = snapshot("evt_a", NOW - 100);
    fake.insert_event(event.clone());
    fake.insert_event(thin_with(
        "evt_thin",
        NOW * 1000 - 100_000,
        "v1.invoice.paid",
        json!({ "snapshot_event": "evt_a" }),
    ));
    let (app, handled) = new_app();
    let filter = EventFilter::new().with_kinds([EventKind::Snapshot, EventKind::Thin]);
    let report = recovery(api(&fake), app).with_events(filter).run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(handled.order().len(), 1);
    assert_eq!(count(&report, ReplayOutcome::Duplicate), 1);
    // The same as the twin that Stripe makes.
    assert_eq!(
        serde_json::from_str::<Value>(&thin_twin(&event)).unwrap()["snapshot_event"],
        "evt_a"
    );
}

#[tokio::test(start_paused = true)]
async fn failures_are_listed_hold_the_cursor_and_can_be_retried() {
    let fake = fake("abcd");
    let (app, handled) = new_app();
    handled.answer("evt_b", &[500, 502, 503]);
    handled.answer("evt_c", &[422]);
    let recovery = recovery(api(&fake), app).with_concurrency(ONE);
    let report = recovery.run().await;
    assert_eq!(failures(&report), ["evt_b failed - 503", "evt_c failed - 422"]);
    assert!(!report.is_complete() && report.error().is_none());
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 999)));
    let event = &report.failures()[0];
    assert_eq!((event.event_type(), event.created()), ("invoice.paid", at(NOW - 999)));

    // Stripe no longer has the one, and the other succeeds.
    fake.remove("/v1/events/evt_c");
    let retried = recovery.retry(report.failures()).await;
    assert_eq!(failures(&retried), ["evt_c failed event_not_found 0"]);
    assert_eq!(count(&retried, ReplayOutcome::Applied), 1);
    assert_eq!(handled.order(), ["evt_a", "evt_d", "evt_b"]);
}

#[tokio::test(start_paused = true)]
async fn a_thin_event_of_an_account_is_retried_at_its_own_path() {
    let fake = FakeApi::new();
    fake.insert_event(thin_with("evt_a", NOW * 1000, "v1.a", json!({ "context": "acct_1" })));
    let (app, handled) = new_app();
    handled.answer("evt_a", &[400]);
    let filter = EventFilter::new().with_kinds([EventKind::Thin]).with_accounts(["acct_1"]);
    let recovery = recovery(api(&fake), app).with_events(filter);
    let report = recovery.run().await;
    assert_eq!(report.failures()[0].account(), Some("acct_1"));
    assert!(recovery.retry(report.failures()).await.is_complete());
    let request = fake.requests().pop().unwrap();
    assert_eq!(request.path(), "/v2/core/events/evt_a");
    assert_eq!(request.header("stripe-context"), Some("acct_1"));
}

#[tokio::test(start_paused = true)]
async fn a_temporary_failure_is_tried_again_with_waits() {
    for (statuses, attempts) in [(&[500, 500][..], 3), (&[429, 503], 3), (&[408], 2), (&[409], 2)] {
        let fake = fake("a");
        let (app, handled) = new_app();
        handled.answer("evt_a", statuses);
        let begin = Instant::now();
        let report = recovery(api(&fake), app).run().await;
        assert!(report.is_complete(), "{statuses:?}");
        // 1 s, then 2 s.
        assert_eq!(begin.elapsed().as_secs(), [0, 1, 3][attempts - 1], "{statuses:?}");
    }
    for status in [400, 401, 404, 410, 422] {
        let fake = fake("a");
        let (app, handled) = new_app();
        handled.answer("evt_a", &[status]);
        assert!(!recovery(api(&fake), app).run().await.is_complete(), "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_attempts_of_an_event_are_limited() {
    for (option, attempts) in [(0, 1), (1, 1), (2, 2), (5, 5)] {
        let (app, handled) = new_app();
        handled.answer("evt_a", &[500; 4]);
        let report = recovery(api(&fake("a")), app).with_max_attempts(option).run().await;
        assert_eq!(report.is_complete(), attempts == 5, "{option}");
    }
}

/// An app that answers each request with a response.
fn answering(
    answer: impl Fn() -> AppResponse + Clone + Send + Sync + 'static,
) -> impl tower::Service<AppRequest, Response = AppResponse, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    service_fn(move |_: AppRequest| {
        let response = answer();
        async move { Ok(response) }
    })
}

fn response(status: u16, body: &'static str) -> AppResponse {
    Response::builder().status(status).body(Full::from(body)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_outcome_is_that_of_the_response() {
    use ReplayOutcome::*;

    let with = |outcome: ReplayOutcome| {
        move || {
            let mut response = response(200, "");
            response.extensions_mut().insert(outcome);
            response
        }
    };
    let of_layer = |status, outcome: Outcome| {
        move || {
            let mut response = response(status, "");
            response.extensions_mut().insert(outcome);
            response
        }
    };
    let text = |status, body| move || response(status, body);
    type Answer = Box<dyn Fn() -> AppResponse + Send + Sync>;
    let cases: [(Answer, ReplayOutcome, Option<&str>); 14] = [
        (Box::new(text(200, "")), Applied, None),
        (Box::new(text(204, "not JSON")), Applied, None),
        (Box::new(with(Stale)), Stale, None),
        (Box::new(with(Ignored)), Ignored, None),
        (Box::new(of_layer(200, Outcome::Duplicate)), Duplicate, None),
        (Box::new(of_layer(200, Outcome::Committed)), Applied, None),
        // Over HTTP there are no extensions.
        (
            Box::new(text(200, r#"{"ignored":{"code":"duplicate","message":"a"}}"#)),
            Duplicate,
            Some("duplicate"),
        ),
        (Box::new(text(200, r#"{"ignored":{"code":"type"}}"#)), Ignored, Some("type")),
        // A text that may have personal data is no code.
        (Box::new(text(200, r#"{"ignored":{"code":"Jo Doe"}}"#)), Applied, None),
        (Box::new(text(422, r#"{"error":{"code":"Jo Doe"}}"#)), Failed, None),
        (Box::new(text(422, r#"{"error":{"code":"bad_amount"}}"#)), Failed, Some("bad_amount")),
        (Box::new(text(500, r#"{"error":{"code":"duplicate"}}"#)), Failed, Some("duplicate")),
        (Box::new(text(301, "")), Failed, None),
        (Box::new(of_layer(409, Outcome::InFlight)), InFlight, None),
    ];
    for (nth, (answer, outcome, reason)) in cases.into_iter().enumerate() {
        let answer = Arc::new(answer);
        let service = answering(move || answer());
        let event = Event::unverified_from_json(snapshot("evt_a", NOW)).unwrap();
        let replayed = recovery(api(&FakeApi::new()), service).replay(&event).await.unwrap();
        assert_eq!((replayed.outcome(), replayed.reason()), (outcome, reason), "case {nth}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_in_flight_is_no_failure() {
    // Two answers of 409, as Stripe's own delivery is being handled, and then it is done.
    let calls = Arc::new(AtomicUsize::new(0));
    let service = answering(move || match calls.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => Response::builder()
            .status(409)
            .header("retry-after", "5")
            .body(Full::from(r#"{"error":{"code":"event_in_flight"}}"#))
            .unwrap(),
        _ => response(200, r#"{"ignored":{"code":"duplicate"}}"#),
    });
    let begin = Instant::now();
    let report = recovery(api(&fake("a")), service).with_max_attempts(1).run().await;
    assert!(report.is_complete());
    assert_eq!(count(&report, ReplayOutcome::Duplicate), 1);
    // Not as long as the lease of the claim, which `Retry-After` says.
    assert_eq!(begin.elapsed().as_secs(), 1 + 2);

    let service = answering(|| response(409, r#"{"error":{"code":"event_in_flight"}}"#));
    let report = recovery(api(&fake("a")), service).run().await;
    assert_eq!(failures(&report), ["evt_a in_flight event_in_flight 409"]);
    assert_eq!(count(&report, ReplayOutcome::Failed), 0);
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 1_000)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_or_an_error_of_the_service_fails_its_event_only() {
    let service = service_fn(|request: AppRequest| async move {
        let body = http_body_util::BodyExt::collect(request.into_body()).await.unwrap().to_bytes();
        let event: Value = serde_json::from_slice(&body).unwrap();
        match event["id"].as_str().unwrap() {
            "evt_a" => panic!("a mistake of the handler"),
            "evt_b" => Err("the connection failed"),
            _ => Ok(AppResponse::default()),
        }
    });
    let report = recovery(api(&fake("abc")), service).with_concurrency(ONE).run().await;
    assert_eq!(failures(&report), ["evt_a failed panicked 0", "evt_b failed service_failed 0"]);
    assert_eq!(count(&report, ReplayOutcome::Applied), 1);
}

/// A provider whose secret changes when a test says so.
#[derive(Clone)]
struct Changing(Arc<Mutex<Vec<SigningSecret>>>);

impl Changing {
    fn new(secret: SigningSecret) -> Self {
        Self(Arc::new(Mutex::new(vec![secret])))
    }

    fn set(&self, secrets: impl Into<Vec<SigningSecret>>) {
        *self.0.lock().unwrap() = secrets.into();
    }
}

impl SecretProvider for Changing {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.0.lock().unwrap().clone().into())
    }
}

fn other_secret() -> SigningSecret {
    SigningSecret::new("whsec_another_secret").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_secret_change_in_the_middle_loses_nothing() {
    let secrets = Changing::new(secret());
    let handled = Handled::default();
    let inner = app(secrets.clone(), Arc::new(MemoryStore::new()), &handled);
    // After an event is signed, and before it is verified.
    let (calls, changed) = (Arc::new(AtomicUsize::new(0)), secrets.clone());
    let service = service_fn(move |request: AppRequest| {
        if calls.fetch_add(1, Ordering::SeqCst) == 2 {
            changed.set([other_secret()]);
        }
        inner.clone().oneshot(request)
    });
    let report =
        tower_stripe_webhook::recovery::Recovery::new(api(&fake("abcde")), service, secrets)
            .with_clock(clock())
            .with_concurrency(ONE)
            .run()
            .await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(handled.order().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_signed_with_all_secrets_of_a_rotation() {
    let both = SigningSecrets::from([other_secret(), secret()]);
    let (app, handled) = new_app();
    let report = tower_stripe_webhook::recovery::Recovery::new(api(&fake("ab")), app, both)
        .with_clock(clock())
        .run()
        .await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(handled.order().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_secret_than_the_apps_ends_the_run() {
    let fake = fake("abcdef");
    let handled = Handled::default();
    let secrets = Changing::new(other_secret());
    let app = app(secrets.clone(), Arc::new(MemoryStore::new()), &handled);
    let recovery = recovery(api(&fake), app).with_concurrency(ONE);
    let report = recovery.run().await;
    assert_eq!(report.error().unwrap().kind(), RecoveryErrorKind::SecretRejected);
    assert_eq!(failures(&report), ["evt_a failed signature_mismatch 0"]);
    assert_eq!((handled.order().len(), report.counts().listed()), (0, 1));
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 1_000)));
    // With the right secret, the next run handles all.
    secrets.set([secret()]);
    assert!(recovery.run().await.is_complete());
    assert_eq!(handled.order().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_a_secret_fails_the_events() {
    struct Failing;
    impl SecretProvider for Failing {
        async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
            Err("the database is down".into())
        }
    }
    async fn run(secrets: impl SecretProvider) -> Report {
        let (app, _) = new_app();
        tower_stripe_webhook::recovery::Recovery::new(api(&fake("a")), app, secrets)
            .with_clock(clock())
            .run()
            .await
    }
    assert_eq!(failures(&run(Failing).await), ["evt_a failed secrets_failed 0"]);
    let none = SigningSecrets::default();
    assert_eq!(failures(&run(none).await), ["evt_a failed secrets_failed 0"]);
}

#[tokio::test(start_paused = true)]
async fn an_app_of_the_other_mode_ends_the_run() {
    let handler = service_fn(|_: AppRequest| async { Ok::<_, Infallible>(AppResponse::default()) });
    let app =
        StripeWebhookLayer::new(secret()).with_clock(clock()).with_mode(Mode::Live).layer(handler);
    let report = recovery(api(&fake("ab")), app).with_concurrency(ONE).run().await;
    assert_eq!(report.error().unwrap().kind(), RecoveryErrorKind::WrongMode);
    assert_eq!(failures(&report), ["evt_a failed other_mode 0"]);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_event_fails_and_the_others_are_replayed() {
    /// A client whose list has an event without its object.
    struct Odd;
    impl ApiClient for Odd {
        async fn get(&self, _: &ApiRequest) -> Result<ApiResponse, ApiError> {
            let odd = format!(r#"{{"id":"evt_odd","type":"a","created":{}}}"#, NOW - 5);
            let (new, old) = (snapshot("evt_new", NOW - 1), snapshot("evt_old", NOW - 9));
            Ok(ApiResponse::new(format!(r#"{{"data":[{new},{odd},{old}]}}"#)))
        }
    }
    let (app, handled) = new_app();
    let report = recovery(Odd, app).with_concurrency(ONE).run().await;
    assert_eq!(handled.order(), ["evt_old", "evt_new"]);
    assert_eq!(failures(&report), ["evt_odd failed unreadable_event 0"]);
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 5)));

    let mut events = EventStream::with_clock(Odd, EventFilter::new(), clock());
    let mut listed = Vec::new();
    while let Some(event) = next(&mut events).await {
        listed.push(event.map_or("error".to_owned(), |event| event.id().to_owned()));
    }
    assert_eq!(listed, ["evt_old", "error", "evt_new"]);
}

#[tokio::test(start_paused = true)]
async fn an_api_key_without_the_right_ends_the_run() {
    let fake = fake("ab");
    fake.fail(tower_stripe_webhook::test_util::FakeApiFailure::new(StatusCode::FORBIDDEN));
    let (app, handled) = new_app();
    let report = recovery(api(&fake), app).run().await;
    let error = report.error().unwrap();
    assert!(matches!(error.kind(), RecoveryErrorKind::Api(_)));
    assert!(error.to_string().starts_with("the API key cannot list events"), "{error}");
    assert_eq!((handled.order().len(), report.counts().listed()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn events_older_than_the_records_are_not_replayed() {
    let fake = FakeApi::new();
    for (id, days) in [("evt_old", 8), ("evt_limit", 7), ("evt_new", 1)] {
        fake.insert_event(snapshot(id, NOW - days * DAY));
    }
    // Stripe does not list it any more; the fake does.
    fake.insert_event(snapshot("evt_ancient", NOW - 40 * DAY));
    let (app, handled) = new_app();
    let week = Duration::from_secs(7 * DAY);
    let recovery = recovery(api(&fake), app.clone()).with_retention(week).with_concurrency(ONE);
    let report = recovery.run().await;
    assert!(report.is_complete());
    assert_eq!(count(&report, ReplayOutcome::TooOld), 1);
    assert_eq!(handled.order(), ["evt_limit", "evt_new"]);

    let ancient = Event::unverified_from_json(snapshot("evt_b", NOW - 36 * DAY)).unwrap();
    let by_default = crate::support::recovery(api(&fake), app);
    assert_eq!(by_default.replay(&ancient).await.unwrap().outcome(), ReplayOutcome::TooOld);
    let report = by_default.run().await;
    assert_eq!(count(&report, ReplayOutcome::Applied), 1);
    assert_eq!(handled.order().last().unwrap(), "evt_old");
}

#[tokio::test(start_paused = true)]
async fn an_event_of_a_connected_account_is_replayed_with_it() {
    let fake = FakeApi::new();
    let event = snapshot_with("evt_a", NOW, "invoice.paid", json!({ "account": "acct_1" }));
    fake.insert_event(event.clone());
    let (app, handled) = new_app();
    let delivery = signed_request("/", event, &secret(), at(NOW));
    app.clone().oneshot(delivery).await.unwrap();
    let filter = EventFilter::new().with_accounts(["acct_1"]);
    let report = recovery(api(&fake), app).with_events(filter).run().await;
    assert_eq!(count(&report, ReplayOutcome::Duplicate), 1);
    assert_eq!(handled.order(), ["evt_a"]);
}

#[tokio::test(start_paused = true)]
async fn an_axum_router_is_replayed_to_by_its_path() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let receive = async move |event: VerifiedEvent| {
        log.lock().unwrap().push(event.id().to_owned());
    };
    let layer = StripeWebhookLayer::new(secret()).with_clock(clock());
    let app: Router = Router::new().route("/webhook", post(receive).route_layer(layer));
    let recovery = recovery(api(&fake("ab")), app).with_concurrency(ONE);
    let report = recovery.run().await;
    assert_eq!(failures(&report), ["evt_a failed - 404", "evt_b failed - 404"]);
    let report = recovery.with_uri("/webhook".parse().unwrap()).run().await;
    assert!(report.is_complete());
    assert_eq!(*seen.lock().unwrap(), ["evt_a", "evt_b"]);
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_replay_is_that_of_the_list() {
    let body = Arc::new(Mutex::new(Bytes::new()));
    let seen = Arc::clone(&body);
    let service = service_fn(move |request: AppRequest| {
        let seen = Arc::clone(&seen);
        async move {
            assert_eq!(request.method(), "POST");
            let body = http_body_util::BodyExt::collect(request.into_body()).await.unwrap();
            *seen.lock().unwrap() = body.to_bytes();
            Ok::<_, Infallible>(AppResponse::default())
        }
    });
    // White space within the event and an order of its own.
    let json = format!(
        "{{ \"type\":\"a\" ,\n \"id\":\"evt_1\",\"object\":\"event\",\"created\":{NOW},\"data\":{{\"object\":{{\"id\":1e2}}}} }}"
    );
    let event = Event::unverified_from_json(json.clone()).unwrap();
    recovery(api(&FakeApi::new()), service).replay(&event).await.unwrap();
    assert_eq!(*body.lock().unwrap(), json);
}
