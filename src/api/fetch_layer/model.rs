//! A model check of the coalescer: random arrivals, answers and cancellations.
//!
//! These invariants hold in every run:
//!
//! 1. At most one fetch of an object is in flight, and at most as many in total as permitted.
//! 2. The answer of an event is that of the first fetch of its object that was sent after the event
//!    arrived. So it is not older than the event, and events share all that they can share.
//! 3. No event waits without end, whichever other events are cancelled.
//! 4. In the end no object is kept.

use std::{
    future::Future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use proptest::prelude::*;
use tokio::{
    sync::oneshot,
    task::{JoinHandle, yield_now},
};

use super::coalescer::{Answer, Coalescer};
use crate::api::{ApiClient, ApiError, ApiRequest, ApiResponse};

/// An API that answers when it is told to, and that notes the order of what happens.
#[derive(Default)]
struct Gate {
    clock: AtomicU64,
    calls: Mutex<Vec<Call>>,
    most_in_flight: Mutex<usize>,
}

struct Call {
    path: String,
    sent_at: u64,
    /// `None` after the answer.
    answer: Option<oneshot::Sender<()>>,
}

impl Gate {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    fn in_flight(calls: &[Call]) -> impl Iterator<Item = &Call> {
        calls.iter().filter(|call| call.answer.as_ref().is_some_and(|answer| !answer.is_closed()))
    }

    /// Answers the nth request in flight, if there are as many.
    fn answer(&self, nth: usize) -> bool {
        let mut calls = self.calls.lock().unwrap();
        let mut in_flight = calls
            .iter_mut()
            .filter(|call| call.answer.as_ref().is_some_and(|answer| !answer.is_closed()));
        in_flight.nth(nth).and_then(|call| call.answer.take()?.send(()).ok()).is_some()
    }

    /// The first request of the path that was sent after `time`.
    fn first_after(&self, path: &str, time: u64) -> Option<u64> {
        let calls = self.calls.lock().unwrap();
        let sent = calls.iter().filter(|call| call.path == path).map(|call| call.sent_at);
        sent.filter(|sent| *sent > time).min()
    }
}

impl ApiClient for Arc<Gate> {
    fn get(
        &self,
        request: &ApiRequest,
    ) -> impl Future<Output = Result<ApiResponse, ApiError>> + Send {
        let (answer, answered) = oneshot::channel();
        let sent_at = self.tick();
        let path = request.path().to_owned();
        {
            let mut calls = self.calls.lock().unwrap();
            assert!(
                Gate::in_flight(&calls).all(|call| call.path != path),
                "two fetches of {path} are in flight"
            );
            calls.push(Call { path, sent_at, answer: Some(answer) });
            let mut most = self.most_in_flight.lock().unwrap();
            *most = (*most).max(Gate::in_flight(&calls).count());
        }
        async move {
            answered.await.expect("the gate keeps its calls");
            Ok(ApiResponse::new(sent_at.to_string()))
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// An event about an object arrives.
    Arrive(u8),
    /// Stripe answers one of the requests in flight.
    Answer(usize),
    /// The client of an event disconnects.
    Cancel(usize),
    /// The tasks run until all of them wait.
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..3).prop_map(Step::Arrive),
        2 => (0_usize..3).prop_map(Step::Answer),
        2 => (0_usize..6).prop_map(Step::Cancel),
        3 => Just(Step::Settle),
    ]
}

/// The time of an event's arrival, and its answer.
type Event = JoinHandle<(u64, Answer)>;

async fn settle() {
    for _ in 0..64 {
        yield_now().await;
    }
}

async fn run(steps: &[Step], concurrency: usize) {
    let gate = Arc::new(Gate::default());
    let coalescer = Coalescer::new(Arc::clone(&gate), concurrency);
    let mut events: Vec<(String, Event)> = Vec::new();
    for step in steps {
        match *step {
            Step::Arrive(object) => {
                let path = format!("/v1/invoices/in_{object}");
                let request = ApiRequest::new(&path).unwrap();
                let (gate, coalescer) = (Arc::clone(&gate), coalescer.clone());
                let event = tokio::spawn(async move {
                    // Nothing comes between the two, because the first poll joins a fetch.
                    let arrived_at = gate.tick();
                    (arrived_at, coalescer.get(&request, "evt_1").await)
                });
                events.push((path, event));
            }
            Step::Answer(nth) => drop(gate.answer(nth)),
            Step::Cancel(nth) => {
                let waiting = events.iter().filter(|(_, event)| !event.is_finished());
                if let Some((_, event)) = waiting.clone().nth(nth) {
                    event.abort();
                }
            }
            Step::Settle => settle().await,
        }
    }
    // Each round ends at least one fetch of each object, and an event waits for at most two.
    for _ in 0..2 * (events.len() + 1) {
        settle().await;
        while gate.answer(0) {}
    }
    settle().await;
    for (path, event) in events {
        assert!(event.is_finished(), "an event waits without end");
        let Ok((arrived_at, answer)) = event.await else { continue };
        let sent_at = number_in(&answer.unwrap());
        assert_eq!(Some(sent_at), gate.first_after(&path, arrived_at));
    }
    assert!(*gate.most_in_flight.lock().unwrap() <= concurrency);
    assert!(is_idle(&coalescer), "{coalescer:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn the_invariants_hold_in_random_runs(
        steps in prop::collection::vec(step(), 0..60),
        concurrency in 1_usize..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(run(&steps, concurrency));
    }
}

/// An API that answers after a moment with the number of its request.
#[derive(Default)]
struct Counter(AtomicU64);

impl ApiClient for Arc<Counter> {
    async fn get(&self, _: &ApiRequest) -> Result<ApiResponse, ApiError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        Ok(ApiResponse::new(number.to_string()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_are_not_older_than_their_events_in_many_threads() {
    let counter = Arc::new(Counter::default());
    let coalescer = Coalescer::new(Arc::clone(&counter), 2);
    let mut events = Vec::new();
    for number in 0..3_000 {
        let (counter, coalescer) = (Arc::clone(&counter), coalescer.clone());
        let request = ApiRequest::new(&format!("/v1/invoices/in_{}", number % 3)).unwrap();
        let event = tokio::spawn(async move {
            let sent_before = counter.0.load(Ordering::SeqCst);
            let answer = coalescer.get(&request, "evt_1").await.unwrap();
            assert!(number_in(&answer) >= sent_before);
        });
        if number % 7 == 0 {
            event.abort();
        }
        events.push(event);
        if number % 16 == 0 {
            yield_now().await;
        }
    }
    for event in events {
        if let Err(error) = event.await {
            assert!(error.is_cancelled(), "{error}");
        }
    }
    // A driver ends after its last event.
    while !is_idle(&coalescer) {
        yield_now().await;
    }
}

fn is_idle<A>(coalescer: &Coalescer<A>) -> bool {
    format!("{coalescer:?}").contains("objects: 0")
}

/// The number that an API of these tests answered.
fn number_in(answer: &ApiResponse) -> u64 {
    std::str::from_utf8(answer.body()).unwrap().parse().unwrap()
}

/// A client of Stripe's API that panics.
struct Panics;

impl ApiClient for Panics {
    async fn get(&self, _: &ApiRequest) -> Result<ApiResponse, ApiError> {
        panic!("a bug of the client");
    }
}

#[tokio::test]
async fn a_panicking_client_fails_its_events_and_is_forgotten() {
    let coalescer = Coalescer::new(Panics, 1);
    let request = ApiRequest::new("/v1/invoices/in_1").unwrap();
    for _ in 0..2 {
        let error = coalescer.get(&request, "evt_1").await.unwrap_err();
        assert_eq!(error.kind(), crate::api::ApiErrorKind::Transport);
        assert!(is_idle(&coalescer), "{coalescer:?}");
    }
}

#[test]
fn a_stopped_runtime_leaves_no_object_behind() {
    let gate = Arc::new(Gate::default());
    let coalescer = Coalescer::new(Arc::clone(&gate), 1);
    let request = ApiRequest::new("/v1/invoices/in_1").unwrap();
    for runs in 1..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            tokio::spawn({
                let (coalescer, request) = (coalescer.clone(), request.clone());
                async move { coalescer.get(&request, "evt_1").await }
            });
            settle().await;
        });
        assert_eq!(gate.calls.lock().unwrap().len(), runs);
        drop(runtime);
        assert!(is_idle(&coalescer), "{coalescer:?}");
    }
}
