//! Options of a recovery, its report and its progress.

use std::{
    convert::Infallible,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::json;
use tokio::time::{Instant, sleep};
use tower::service_fn;
use tower_stripe_webhook::{
    recovery::{Cursor, EventFilter, RecoveryErrorKind, ReplayOutcome},
    test_util::FakeApi,
};

use crate::support::{
    AppRequest, AppResponse, NOW, ONE, api, at, new_app, recovery, snapshot, snapshot_with,
};

fn fake(count: u64) -> FakeApi {
    let fake = FakeApi::new();
    for number in 0..count {
        fake.insert_event(snapshot(&format!("evt_{number}"), NOW - 1_000 + number));
    }
    fake
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_is_bounded() {
    for (option, expected) in [(None, 4), (Some(1), 1), (Some(10), 10)] {
        let (running, most) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let (now, max) = (Arc::clone(&running), Arc::clone(&most));
        let service = service_fn(move |_: AppRequest| {
            let now = Arc::clone(&now);
            max.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            async move {
                sleep(Duration::from_secs(10)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Infallible>(AppResponse::default())
            }
        });
        let mut recovery = recovery(api(&fake(30)), service);
        if let Some(events) = option {
            recovery = recovery.with_concurrency(NonZeroUsize::new(events).unwrap());
        }
        assert!(recovery.run().await.is_complete());
        assert_eq!(most.load(Ordering::SeqCst), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_interval_limits_the_rate() {
    for (option, seconds) in [(None, 0.95), (Some(1000), 19.0), (Some(0), 0.0)] {
        let (app, _) = new_app();
        let mut recovery = recovery(api(&fake(20)), app);
        if let Some(millis) = option {
            recovery = recovery.with_interval(Duration::from_millis(millis));
        }
        let begin = Instant::now();
        assert!(recovery.run().await.is_complete());
        let elapsed = begin.elapsed().as_secs_f64();
        assert!((seconds..seconds + 0.1).contains(&elapsed), "{elapsed}");
    }
}

#[tokio::test(start_paused = true)]
async fn too_many_failures_end_the_run() {
    let (app, _) = new_app();
    let without_failures = recovery(api(&fake(5)), app).with_max_failures(0).run().await;
    assert!(without_failures.is_complete());
    for (limit, listed) in [(0, 1), (1, 1), (2, 2), (3, 5)] {
        let (app, handled) = new_app();
        handled.answer("evt_0", &[400]);
        handled.answer("evt_1", &[400]);
        let recovery = recovery(api(&fake(5)), app).with_max_failures(limit).with_concurrency(ONE);
        let report = recovery.run().await;
        let kind = report.error().map(tower_stripe_webhook::recovery::RecoveryError::kind);
        assert_eq!(kind, (limit < 3).then_some(RecoveryErrorKind::TooManyFailures));
        assert_eq!(report.counts().listed(), listed);
        assert_eq!(report.cursor(), Cursor::at(at(NOW - 1_000)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_calls_no_service() {
    let service = service_fn(|_: AppRequest| async {
        if true {
            panic!("a dry run must not call it");
        }
        Ok::<_, Infallible>(AppResponse::default())
    });
    let fake = fake(3);
    fake.insert_event(snapshot_with("evt_other", NOW, "customer.created", json!({})));
    let recovery = recovery(api(&fake), service);
    let mut planned = Vec::new();
    let report =
        recovery.dry_run_with(|progress| planned.push(progress.event().id().to_owned())).await;
    assert_eq!(planned, ["evt_0", "evt_1", "evt_2", "evt_other"]);
    assert_eq!(report.counts().of(ReplayOutcome::Planned), 4);
    let by_type: Vec<_> = report.by_type().map(|(name, counts)| (name, counts.listed())).collect();
    assert_eq!(by_type, [("customer.created", 1), ("invoice.paid", 3)]);
    // The next run begins where this one began.
    let thirty_days = 30 * 24 * 60 * 60;
    assert_eq!(report.cursor(), Cursor::at(at(NOW - thirty_days)));
}

#[tokio::test(start_paused = true)]
async fn progress_is_told_after_each_event() {
    let (app, handled) = new_app();
    handled.answer("evt_1", &[400]);
    let mut told = Vec::new();
    let recovery = recovery(api(&fake(3)), app).with_concurrency(ONE);
    let report = recovery
        .run_with(|progress| {
            let (event, report) = (progress.event(), progress.report());
            told.push((event.outcome().code(), report.counts().listed(), report.cursor()));
        })
        .await;
    let cursor = |seconds| Cursor::at(at(NOW - 1_000 + seconds));
    assert_eq!(
        told,
        [("applied", 1, cursor(0)), ("failed", 2, cursor(1)), ("applied", 3, cursor(1))]
    );
    assert_eq!(report.cursor(), cursor(1));
}

#[tokio::test(start_paused = true)]
async fn the_report_is_json_for_scripts() {
    let (app, handled) = new_app();
    handled.answer("evt_1", &[400]);
    let report = recovery(api(&fake(3)), app).with_concurrency(ONE).run().await;
    let counts = |listed, applied, failed| {
        json!({
            "listed": listed, "applied": applied, "duplicate": 0, "ignored": 0, "stale": 0,
            "too_old": 0, "in_flight": 0, "failed": failed, "planned": 0,
        })
    };
    let mut expected = counts(3, 2, 1);
    expected["by_type"] = json!({ "invoice.paid": counts(3, 2, 1) });
    expected["cursor"] = json!("2026-11-23T15:00:01.000Z");
    expected["error"] = json!(null);
    expected["events"] = json!([{
        "id": "evt_1", "type": "invoice.paid", "created": "2026-11-23T15:00:01.000Z",
        "account": null, "outcome": "failed", "reason": null, "status": 400,
    }]);
    assert_eq!(serde_json::to_value(&report).unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_stored_cursor_continues_the_run() {
    let fake = fake(300);
    let (app, handled) = new_app();
    let first = recovery(api(&fake), app.clone()).run().await;
    assert_eq!(handled.order().len(), 300);
    let text = serde_json::to_string(&first.cursor()).unwrap();

    fake.insert_event(snapshot("evt_new", NOW));
    let cursor: Cursor = serde_json::from_str(&text).unwrap();
    let filter = EventFilter::new().with_cursor(cursor);
    let second = recovery(api(&fake), app).with_events(filter).run().await;
    assert_eq!(handled.order().last().unwrap(), "evt_new");
    // The overlap of a minute, with the event at the cursor.
    assert_eq!(second.counts().of(ReplayOutcome::Duplicate), 61);
    assert_eq!(second.counts().of(ReplayOutcome::Applied), 1);
}

#[test]
fn a_cursor_is_a_time_in_text() {
    for text in ["2026-11-23T15:00:01.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"]
    {
        let cursor: Cursor = text.parse().unwrap();
        assert_eq!(cursor.to_string(), text);
    }
    for text in ["", "yesterday", "1795447000", "2026-11-23"] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
        assert!(serde_json::from_value::<Cursor>(json!(text)).is_err(), "{text}");
    }
    let late = Cursor::at(at(1 << 40));
    assert_eq!(late.to_string(), "9999-12-31T23:59:59.000Z");
    let early = Cursor::at(at(0) - Duration::from_secs(1));
    assert_eq!(early.to_string(), "1970-01-01T00:00:00.000Z");
}

#[test]
fn debug_texts_show_no_secret_and_no_client() {
    let (app, _) = new_app();
    let text = format!("{:?}", recovery(api(&fake(1)), app));
    assert!(text.starts_with("Recovery { uri: /"), "{text}");
    assert!(!text.contains("whsec_") && !text.contains("rk_test"), "{text}");
}
