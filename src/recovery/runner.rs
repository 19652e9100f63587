//! `Recovery` and its options.

use std::{
    fmt,
    num::NonZeroUsize,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use tokio::task::JoinSet;
use tower_service::Service;

use super::{
    EventFilter, Progress, RecoveryError, ReplayOutcome, ReplayedEvent, Report,
    outcome::Answer,
    replay::{Replay, caught},
    run::{Pace, Run, Ticket, answer_of},
    source::{Item, Source},
    stream::{Merged, first_time},
};
use crate::{
    api::ApiClient,
    clock::{Clock, SystemClock},
    error::BoxError,
    event::Event,
    idempotency::RETENTION,
    secret::SecretProvider,
};

/// Lists the events that were missed, and replays each through the app's own service.
///
/// | option | default |
/// |---|---|
/// | [`with_events`](Self::with_events) | undelivered snapshot events of the last 30 days: [`EventFilter`] |
/// | [`with_uri`](Self::with_uri) | `/` |
/// | [`with_concurrency`](Self::with_concurrency) | 4 events at a time |
/// | [`with_interval`](Self::with_interval) | 50 ms between two events, so 20 a second |
/// | [`with_max_attempts`](Self::with_max_attempts) | 3 for each event |
/// | [`with_max_failures`](Self::with_max_failures) | the run ends after 1,000 |
/// | [`with_retention`](Self::with_retention) | 35 days, as [`RETENTION`] |
///
/// The [module](super) has an example.
pub struct Recovery<A, S, P> {
    api: Arc<A>,
    replay: Replay<S, P>,
    filter: EventFilter,
    concurrency: NonZeroUsize,
    interval: Duration,
    max_failures: usize,
    retention: Duration,
}

const DEFAULT_CONCURRENCY: NonZeroUsize = NonZeroUsize::new(4).expect("it is not zero");

/// 20 events a second. If each of them fetches its object, this stays below the 25 reads a second
/// that Stripe allows in a sandbox.
const DEFAULT_INTERVAL: Duration = Duration::from_millis(50);

const DEFAULT_MAX_ATTEMPTS: u32 = 3;

const DEFAULT_MAX_FAILURES: usize = 1000;

impl<A, S, P> Recovery<A, S, P> {
    /// Makes a recovery of Stripe's API, the app's service, and its signing secrets.
    ///
    /// - `service` is the whole app, with its `StripeWebhookLayer`: an axum `Router`, or any other
    ///   service. To replay to a URL, it is a Tower HTTP client, and
    ///   [`with_uri`](Self::with_uri) has the URL.
    /// - `secrets` is the provider of the layer. It is asked for each event, and once more if the app
    ///   does not know the secrets.
    pub fn new(api: A, service: S, secrets: P) -> Self {
        Self {
            api: Arc::new(api),
            replay: Replay {
                service,
                secrets: Arc::new(secrets),
                uri: Uri::from_static("/"),
                max_attempts: DEFAULT_MAX_ATTEMPTS,
                clock: Arc::new(SystemClock),
            },
            filter: EventFilter::new(),
            concurrency: DEFAULT_CONCURRENCY,
            interval: DEFAULT_INTERVAL,
            max_failures: DEFAULT_MAX_FAILURES,
            retention: RETENTION,
        }
    }

    /// Sets which events are listed.
    #[must_use]
    pub fn with_events(mut self, filter: EventFilter) -> Self {
        self.filter = filter;
        self
    }

    /// Sets the URI of the requests: the path of the app's route, such as `/webhook`, or a whole URL
    /// for an HTTP client.
    #[must_use]
    pub fn with_uri(mut self, uri: Uri) -> Self {
        self.replay.uri = uri;
        self
    }

    /// Sets how many events are replayed at a time.
    ///
    /// With 1, each event is handled before the next one, oldest first.
    #[must_use]
    pub fn with_concurrency(mut self, events: NonZeroUsize) -> Self {
        self.concurrency = events;
        self
    }

    /// Sets the shortest time between the beginnings of two events. Zero does not limit it.
    ///
    /// A handler that fetches makes requests to Stripe, which allows about 100 reads a second in live
    /// mode and 25 in a sandbox. Listing takes at most a few requests for 100 events, one after the
    /// other.
    #[must_use]
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets how often an event is tried that the app answers with `408`, `409`, `429` or `5xx`.
    ///
    /// The wait is that of `Retry-After`, up to 60 s, or 1 s, 2 s, 4 s and so on. 0 counts as 1.
    ///
    /// An event that another delivery is handling is tried ten times within three minutes, whatever
    /// this option says.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.replay.max_attempts = attempts;
        self
    }

    /// Sets after how many failures the run ends. It limits the memory of the report. 0 counts as 1.
    #[must_use]
    pub fn with_max_failures(mut self, failures: usize) -> Self {
        self.max_failures = failures;
        self
    }

    /// Sets how long the app keeps its idempotency records.
    ///
    /// An older event is not replayed, because it could have been handled before, and its record
    /// deleted: [`TooOld`](ReplayOutcome::TooOld). Stripe lists events of 30 days, and this crate's
    /// stores keep records for 35, so by default there is none. Set it if your store keeps them for
    /// less time, such as `MemoryStore` since the start of the process.
    #[must_use]
    pub fn with_retention(mut self, retention: Duration) -> Self {
        self.retention = retention;
        self
    }

    /// Sets another clock than the operating system's, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.replay.clock = Arc::new(clock);
        self
    }
}

impl<A, S, P, B> Recovery<A, S, P>
where
    A: ApiClient,
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Send,
    S::Future: Send,
    B: Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
    P: SecretProvider,
{
    /// Replays the events, and returns what came of them.
    ///
    /// It always returns a report. If the run ended early, the report has the
    /// [error](Report::error). Dropping the future ends the run: calls of the service are dropped as
    /// those of clients that disconnect, and the next run replays their events again.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with a timer.
    pub async fn run(&self) -> Report {
        self.run_with(|_| {}).await
    }

    /// Replays the events, and calls `on_progress` after each of them.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub async fn run_with(&self, on_progress: impl FnMut(Progress<'_>) + Send) -> Report {
        let run = Run::new(self.since(), false, on_progress);
        self.drive(self.lists(), run, false).await
    }

    /// Lists the events that a run would replay, and replays none of them.
    ///
    /// Each is [`Planned`](ReplayOutcome::Planned), or [`TooOld`](ReplayOutcome::TooOld). Whether
    /// the app has handled an event before, only a run shows.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub async fn dry_run(&self) -> Report {
        self.dry_run_with(|_| {}).await
    }

    /// Does the same as [`dry_run`](Self::dry_run), and calls `on_progress` after each event.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub async fn dry_run_with(&self, on_progress: impl FnMut(Progress<'_>) + Send) -> Report {
        let run = Run::new(self.since(), true, on_progress);
        self.drive(self.lists(), run, true).await
    }

    /// Tries the [failures](Report::failures) of an earlier run again.
    ///
    /// It fetches each event from Stripe. One that Stripe no longer has fails with
    /// `event_not_found`.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub async fn retry(&self, failures: &[ReplayedEvent]) -> Report {
        let source = Source::Failures {
            api: Arc::clone(&self.api),
            mode: self.filter.mode,
            events: failures.iter().cloned().collect(),
        };
        self.drive(source, Run::new(self.since(), true, |_: Progress<'_>| {}), false).await
    }

    /// Replays one event, such as one that the app has kept.
    ///
    /// # Errors
    ///
    /// [`RecoveryError`] if the app rejects the signature, or serves the other mode. Otherwise the
    /// returned event has the outcome.
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    pub async fn replay(&self, event: &Event) -> Result<ReplayedEvent, RecoveryError> {
        let now = self.replay.clock.now();
        let created = event.created().unwrap_or(now);
        let answer = match self.is_too_old(created) {
            true => Answer::new(ReplayOutcome::TooOld),
            false => self.replay.event(event).await?,
        };
        Ok(ReplayedEvent::new(event, created, answer))
    }

    fn lists(&self) -> Source<A> {
        Source::Lists(Merged::new(&self.api, &self.filter, &self.replay.clock))
    }

    fn since(&self) -> SystemTime {
        first_time(&self.filter, self.replay.clock.now())
    }

    fn is_too_old(&self, created: SystemTime) -> bool {
        let age = self.replay.clock.now().duration_since(created).unwrap_or_default();
        age > self.retention
    }

    async fn drive<F: FnMut(Progress<'_>) + Send>(
        &self,
        mut source: Source<A>,
        mut run: Run<F>,
        is_dry: bool,
    ) -> Report {
        let mut tasks = JoinSet::new();
        let mut pace = Pace::new(self.interval);
        loop {
            while let Some(settled) = match tasks.len() < self.concurrency.get() {
                true => tasks.try_join_next(),
                false => tasks.join_next().await,
            } {
                self.settle(&mut run, settled);
            }
            if run.report().error().is_some() {
                break;
            }
            let (time, event) = match source.next().await {
                Ok(Some(Item::Event(time, event))) => (time, event),
                Ok(Some(Item::Failed(event))) => {
                    let ticket = run.begin(event.created());
                    self.settle(&mut run, Ok((ticket, event, None)));
                    continue;
                }
                Ok(None) => break,
                Err(error) => {
                    run.fail(error.into());
                    break;
                }
            };
            let ticket = run.begin(time);
            let without_replay = match self.is_too_old(time) {
                true => Some(ReplayOutcome::TooOld),
                false => is_dry.then_some(ReplayOutcome::Planned),
            };
            if let Some(outcome) = without_replay {
                let event = ReplayedEvent::new(&event, time, Answer::new(outcome));
                self.settle(&mut run, Ok((ticket, event, None)));
                continue;
            }
            pace.wait().await;
            let replay = self.replay.clone();
            tasks.spawn(async move {
                let panicked = Ok(Answer::failed("panicked"));
                let (answer, error) = match caught(replay.event(&event)).await.unwrap_or(panicked) {
                    Ok(answer) => (answer, None),
                    Err(error) => (answer_of(&error), Some(error)),
                };
                (ticket, ReplayedEvent::new(&event, time, answer), error)
            });
        }
        while let Some(settled) = tasks.join_next().await {
            self.settle(&mut run, settled);
        }
        run.into_report()
    }

    fn settle<F: FnMut(Progress<'_>)>(&self, run: &mut Run<F>, settled: Settled) {
        // A panic is caught in the task, and no task is aborted. So an error cannot occur; the
        // ticket of one would hold the cursor.
        let Ok((ticket, event, error)) = settled else { return };
        run.end(ticket, &event, error);
        let failures = run.report().failures().len();
        if failures >= self.max_failures.max(1) {
            run.fail(RecoveryError::too_many_failures(failures));
        }
    }
}

/// What a task returns.
type Settled = Result<(Ticket, ReplayedEvent, Option<RecoveryError>), tokio::task::JoinError>;

/// The client and the service are not shown, because they may hold anything.
impl<A, S, P> fmt::Debug for Recovery<A, S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovery")
            .field("uri", &self.replay.uri)
            .field("filter", &self.filter)
            .field("concurrency", &self.concurrency)
            .field("interval", &self.interval)
            .field("max_attempts", &self.replay.max_attempts)
            .field("max_failures", &self.max_failures)
            .field("retention", &self.retention)
            .finish_non_exhaustive()
    }
}
