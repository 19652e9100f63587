//! The recovery of an outage: 10,000 events, of which a tenth were delivered before it.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::StatusCode;
use tokio::task::JoinSet;
use tower::{Layer, ServiceExt, retry::RetryLayer};
use tower_stripe_webhook::{
    api::{ApiClient, ApiError, ApiRequest, ApiResponse, ApiRetryPolicy, StripeApi},
    idempotency::MemoryStore,
    recovery::{Cursor, EventFilter, Progress, ReplayOutcome},
    test_util::{FakeApi, FakeApiFailure, signed_request},
};

use crate::support::{App, Handled, NOW, app, at, key, recovery, secret, snapshot};

const EVENTS: u64 = 10_000;

/// Events that occur while the first run replays.
const NEW_EVENTS: u64 = 200;

fn id(number: u64) -> String {
    format!("evt_{number:05}")
}

fn created(number: u64) -> u64 {
    // A burst in the middle, in one second.
    let number = if (4_000..4_500).contains(&number) { 4_000 } else { number };
    NOW - 250_000 + number * 25
}

/// Delivers an event as Stripe does.
async fn deliver(app: App, number: u64) -> StatusCode {
    let json = snapshot(&id(number), created(number));
    app.oneshot(signed_request("/", json, &secret(), at(NOW))).await.unwrap().status()
}

/// A client that counts the pages in memory.
struct Counting<A> {
    api: A,
    pages: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

struct Page(Bytes, Arc<AtomicUsize>);

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl<A: ApiClient> ApiClient for Counting<A> {
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        let response = self.api.get(request).await?;
        let pages = self.pages.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(pages, Ordering::SeqCst);
        let page = Page(response.body().clone(), Arc::clone(&self.pages));
        Ok(ApiResponse::new(Bytes::from_owner(page)))
    }
}

#[tokio::test(start_paused = true)]
async fn all_events_are_handled_once_in_spite_of_kills_and_failures() {
    let fake = FakeApi::new();
    let handled = Handled::default();
    let store = Arc::new(MemoryStore::new());
    let app = app(secret(), store, &handled);
    for number in 0..EVENTS {
        fake.insert_event(snapshot(&id(number), created(number)));
        if number % 10 == 3 {
            assert_eq!(deliver(app.clone(), number).await, StatusCode::OK);
            fake.mark_delivered(&id(number));
        } else if number % 97 == 0 {
            handled.answer(&id(number), &[500]);
        }
    }
    // A database that was restored: what was delivered is listed, too.
    let filter = EventFilter::new().with_delivered(true);
    let (pages, most) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
    let client = RetryLayer::new(ApiRetryPolicy::new()).layer(fake.clone());
    let api = Counting {
        api: StripeApi::new(key(), client),
        pages: Arc::clone(&pages),
        most: Arc::clone(&most),
    };
    let mut recovery = recovery(api, app.clone()).with_events(filter.clone());

    let mut stripe = JoinSet::new();
    let mut cursor = None;
    // The process is killed after so many events, twice.
    for killed_after in [3_500_u64, 3_000] {
        let (kill, killed) = tokio::sync::oneshot::channel();
        let mut kill = Some(kill);
        let mut events = 0;
        let on_progress = |progress: Progress<'_>| {
            events += 1;
            if events % 400 == 0 {
                fake.fail(
                    FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS)
                        .with_header("retry-after", "2"),
                );
                fake.fail(FakeApiFailure::new(StatusCode::INTERNAL_SERVER_ERROR).times(2));
            }
            // Stripe retries, at the same time, what comes next.
            if events % 5 == 0 {
                let number: u64 = progress.event().id()[4..].parse().unwrap();
                stripe.spawn(deliver(app.clone(), (number + 4).min(EVENTS - 1)));
            }
            if killed_after == 3_500 && events <= NEW_EVENTS {
                let number = EVENTS + events - 1;
                fake.insert_event(snapshot(&id(number), created(number)));
            }
            cursor = Some(progress.report().cursor());
            if events == killed_after {
                kill.take().unwrap().send(()).unwrap();
            }
        };
        tokio::select! {
            _ = recovery.run_with(on_progress) => panic!("it was not killed"),
            _ = killed => {}
        }
        recovery = recovery.with_events(filter.clone().with_cursor(cursor.unwrap()));
    }
    let report = recovery.run().await;
    assert!(report.is_complete(), "{:?} {:?}", report.error(), report.failures());
    while stripe.join_next().await.transpose().unwrap().is_some() {}

    let order = handled.order();
    let unique: HashSet<&String> = order.iter().collect();
    assert_eq!(order.len() as u64, EVENTS + NEW_EVENTS, "each event is handled once");
    assert_eq!(unique.len(), order.len());
    // It continued at the cursor and did not begin again.
    let of_last_run = report.counts().listed();
    assert!((3_500..4_200).contains(&of_last_run), "{of_last_run}");
    assert_eq!(report.cursor(), Cursor::at(at(created(EVENTS + NEW_EVENTS - 1))));
    // Of the 10,000 events, one page is in memory at a time.
    assert_eq!(most.load(Ordering::SeqCst), 1);
    let requests = fake.requests().len();
    assert!(requests < 600, "{requests} requests");
}

#[tokio::test(start_paused = true)]
async fn undelivered_events_are_handled_while_stripe_delivers_them() {
    const FEW: u64 = 1_000;
    let fake = FakeApi::new();
    let handled = Handled::default();
    let app = app(secret(), Arc::new(MemoryStore::new()), &handled);
    for number in 0..FEW {
        fake.insert_event(snapshot(&id(number), NOW - 100 - (FEW - number) / 200));
    }
    // Each event that Stripe delivers leaves the list, in which it may be the place of a page.
    let recovery = recovery(StripeApi::new(key(), fake.clone()), app.clone());
    let mut outcomes: HashMap<ReplayOutcome, u64> = HashMap::new();
    let mut stripe = JoinSet::new();
    let report = recovery
        .run_with(|progress| {
            *outcomes.entry(progress.event().outcome()).or_default() += 1;
            let number: u64 = progress.event().id()[4..].parse().unwrap();
            fake.mark_delivered(&id(number));
            if number % 3 == 0 && number + 150 < FEW {
                let (app, fake) = (app.clone(), fake.clone());
                stripe.spawn(async move {
                    if deliver(app, number + 150).await.is_success() {
                        fake.mark_delivered(&id(number + 150));
                    }
                });
            }
        })
        .await;
    while stripe.join_next().await.transpose().unwrap().is_some() {}
    assert!(report.is_complete(), "{report:?}");
    let order = handled.order();
    assert_eq!(order.len() as u64, FEW);
    assert_eq!(order.iter().collect::<HashSet<_>>().len() as u64, FEW);
    assert_eq!(outcomes[&ReplayOutcome::Applied], report.counts().of(ReplayOutcome::Applied));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_run_releases_the_events_in_flight() {
    let fake = FakeApi::new();
    for number in 0..10 {
        fake.insert_event(snapshot(&id(number), NOW - 10));
    }
    let started = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&started);
    let hanging = tower::service_fn(move |_: crate::support::AppRequest| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<Result<crate::support::AppResponse, std::convert::Infallible>>()
    });
    let run = recovery(StripeApi::new(key(), fake), hanging.clone());
    let timeout = tokio::time::timeout(Duration::from_secs(600), run.run()).await;
    assert!(timeout.is_err());
    // The tasks hold clones of the counter until they are gone.
    drop((run, hanging));
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert_eq!((started.load(Ordering::SeqCst), Arc::strong_count(&started)), (4, 1));
}
