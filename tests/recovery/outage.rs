//! The recovery of an outage: 10,000 events, of which a tenth were delivered before it.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::task::{JoinSet, yield_now};
use tower::{Layer, Service, ServiceExt, retry::RetryLayer, service_fn};
use tower_stripe_webhook::{
    Event,
    api::{ApiClient, ApiError, ApiErrorKind, ApiRequest, ApiResponse, ApiRetryPolicy, StripeApi},
    idempotency::{MemoryStore, Outcome},
    recovery::{Cursor, EventFilter, Progress, RecoveryError, RecoveryErrorKind, ReplayOutcome},
    test_util::{FakeApi, FakeApiFailure, signed_request},
};

use crate::support::{App, AppRequest, Handled, NOW, app, at, key, recovery, secret, snapshot};

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

type AppResponse = <App as Service<AppRequest>>::Response;

/// Delivers an event as Stripe does.
async fn deliver(app: App, number: u64) -> StatusCode {
    let json = snapshot(&id(number), created(number));
    app.oneshot(signed_request("/", json, &secret(), at(NOW))).await.unwrap().status()
}

/// An app to which Stripe delivers every fifth event just before it is replayed.
///
/// Counts the replays that meet a delivery.
fn with_deliveries(
    app: App,
    met: Arc<AtomicUsize>,
) -> impl Service<AppRequest, Response = AppResponse, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    service_fn(move |request: AppRequest| {
        let (app, met) = (app.clone(), Arc::clone(&met));
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let event = Event::unverified_from_json(body.clone()).unwrap();
            let number: u64 = event.id()[4..].parse().unwrap();
            if number.is_multiple_of(5) {
                tokio::spawn(deliver(app.clone(), number));
                yield_now().await;
            }
            let response = app.oneshot(Request::from_parts(head, Full::new(body))).await?;
            let is_in_flight = response.extensions().get() == Some(&Outcome::InFlight);
            met.fetch_add(usize::from(is_in_flight), Ordering::SeqCst);
            Ok(response)
        }
    })
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
    let met = Arc::new(AtomicUsize::new(0));
    let service = with_deliveries(app.clone(), Arc::clone(&met));
    let mut recovery = recovery(api, service).with_events(filter.clone());

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
    assert!(met.load(Ordering::SeqCst) > 0, "no replay met a delivery of Stripe");

    let order = handled.order();
    let unique: HashSet<&String> = order.iter().collect();
    assert_eq!(order.len() as u64, EVENTS + NEW_EVENTS, "each event is handled once");
    assert_eq!(unique.len(), order.len());
    // It continued at the cursor and did not begin again.
    let of_last_run = report.counts().listed();
    assert!((3_500..5_500).contains(&of_last_run), "{of_last_run}");
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
            if number.is_multiple_of(3) && number + 150 < FEW {
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
    let hanging = service_fn(move |_: AppRequest| {
        count.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<Result<crate::support::AppResponse, Infallible>>()
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

#[tokio::test(start_paused = true)]
async fn a_run_after_an_outage_of_the_api_continues() {
    let fake = FakeApi::new();
    for number in 0..500 {
        fake.insert_event(snapshot(&id(number), NOW - 6_000 + number * 10));
    }
    let handled = Handled::default();
    let app = app(secret(), Arc::new(MemoryStore::new()), &handled);
    let recovery = recovery(StripeApi::new(key(), fake.clone()), app);
    let report = recovery
        .run_with(|progress| {
            if progress.report().counts().listed() == 150 {
                let down = FakeApiFailure::new(StatusCode::SERVICE_UNAVAILABLE);
                fake.fail(down.times(usize::MAX));
            }
        })
        .await;
    let kind = report.error().map(RecoveryError::kind);
    assert_eq!(kind, Some(RecoveryErrorKind::Api(ApiErrorKind::Stripe)));
    let first = handled.order().len();
    assert!((150..400).contains(&first), "{first}");
    assert_eq!(report.cursor(), Cursor::at(at(NOW - 6_000 + (first as u64 - 1) * 10)));

    fake.recover();
    let filter = EventFilter::new().with_cursor(report.cursor());
    let report = recovery.with_events(filter).run().await;
    assert!(report.is_complete());
    let numbers: HashSet<_> = handled.order().into_iter().collect();
    assert_eq!((handled.order().len(), numbers.len()), (500, 500));
    // The overlap of a minute.
    assert_eq!(report.counts().of(ReplayOutcome::Duplicate), 7);
}
