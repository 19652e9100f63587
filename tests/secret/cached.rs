//! The behaviour of `Cached`, with a paused clock.

use std::{
    collections::VecDeque,
    future::pending,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::{Request, request::Parts};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    task::JoinSet,
    time::advance,
};
use tower_stripe_webhook::{
    BoxError, Cached, SecretProvider, SigningSecret, SigningSecrets, Tolerance,
    secret::CacheOptions,
    test_util::{samples, sign},
    verify,
};

/// A source whose answers are set, and whose loads are counted and can be held up.
#[derive(Clone)]
struct Source {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    loads: Arc<AtomicUsize>,
    running: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

#[derive(Clone)]
enum Answer {
    Secrets(&'static [&'static str]),
    Fails,
    Hangs,
    Panics,
}

impl Source {
    /// Answers at once, with `answer` until another is set.
    fn new(answer: Answer) -> Self {
        Self {
            answers: Arc::new(Mutex::new([answer].into())),
            loads: Arc::default(),
            running: Arc::default(),
            gate: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    fn set(&self, answer: Answer) {
        *self.answers.lock().unwrap() = [answer].into();
    }

    fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    /// Holds up loads from now on.
    fn close(&self) {
        self.gate.forget_permits(Semaphore::MAX_PERMITS);
    }

    fn open(&self) {
        self.gate.add_permits(Semaphore::MAX_PERMITS);
    }
}

impl SecretProvider for Source {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        assert_eq!(self.running.fetch_add(1, Ordering::SeqCst), 0, "two loads at a time");
        let answer = self.answers.lock().unwrap()[0].clone();
        self.gate.acquire().await.unwrap().forget();
        self.gate.add_permits(1);
        self.running.fetch_sub(1, Ordering::SeqCst);
        match answer {
            Answer::Secrets(texts) => Ok(secrets(texts)),
            Answer::Fails => Err("the source is down".into()),
            Answer::Hangs => {
                self.running.store(0, Ordering::SeqCst);
                pending().await
            }
            Answer::Panics => panic!("the source has a bug"),
        }
    }
}

fn secrets(texts: &[&str]) -> SigningSecrets {
    texts.iter().map(|text| SigningSecret::new(*text).unwrap()).collect()
}

fn head() -> Parts {
    Request::new(()).into_parts().0
}

async fn get<P: SecretProvider>(provider: &P) -> Result<Vec<String>, BoxError> {
    Ok(texts(&provider.secrets(&head()).await?))
}

async fn get_newer<P: SecretProvider>(
    provider: &P,
    tried: &[&str],
) -> Result<Option<Vec<String>>, BoxError> {
    Ok(provider.newer_secrets(&head(), &secrets(tried)).await?.map(|newer| texts(&newer)))
}

fn texts(secrets: &SigningSecrets) -> Vec<String> {
    secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect()
}

/// Lets time pass, and what waits for it run.
async fn pass(time: Duration) {
    advance(time).await;
    settle().await;
}

/// Lets the tasks run that are ready to.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

const A: Answer = Answer::Secrets(&["whsec_a"]);
const B: Answer = Answer::Secrets(&["whsec_b"]);

#[tokio::test(start_paused = true)]
async fn a_cache_loads_once_when_it_is_made_while_the_answer_is_fresh() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    settle().await;
    assert_eq!(source.loads(), 1);
    for _ in 0..100 {
        assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    }
    pass(Duration::from_secs(59)).await;
    get(&cached).await.unwrap();
    settle().await;
    assert_eq!(source.loads(), 1);
}

#[test]
fn a_cache_made_outside_a_runtime_loads_with_the_first_request() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    assert_eq!(source.loads(), 0);
    assert_eq!(runtime().block_on(get(&cached)).unwrap(), ["whsec_a"]);
    assert_eq!(source.loads(), 1);
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn a_request_outside_a_runtime_panics_and_harms_no_later_one() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    let outside = AssertUnwindSafe(|| _ = tokio_test::task::spawn(cached.secrets(&head())).poll());
    assert!(catch_unwind(outside).is_err());
    assert_eq!(runtime().block_on(get(&cached)).unwrap(), ["whsec_a"]);
    assert_eq!(source.loads(), 1);
}

#[test]
fn a_cache_outlives_the_runtime_of_its_load() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    assert_eq!(runtime().block_on(get(&cached)).unwrap(), ["whsec_a"]);
    source.set(B);
    runtime().block_on(async {
        assert_eq!(get(&cached).await.unwrap(), ["whsec_a"], "the answer is still fresh");
        cached.refresh().await.unwrap();
        assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);
    });
    assert_eq!(source.loads(), 2);
}

#[test]
fn a_load_fails_with_its_runtime_and_the_next_runtime_loads_again() {
    let source = Source::new(Answer::Hangs);
    let cached = Cached::new(source.clone());
    let shutting_down = runtime();
    let request = shutting_down.spawn({
        let cached = cached.clone();
        async move { get(&cached).await.map_err(|error| error.to_string()) }
    });
    shutting_down.block_on(settle());
    drop(shutting_down);
    assert!(request.is_finished());
    source.set(A);
    assert_eq!(runtime().block_on(get(&cached)).unwrap(), ["whsec_a"]);
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn requests_before_the_first_answer_wait_for_one_load() {
    let source = Source::new(A);
    source.close();
    let cached = Cached::new(source.clone());
    let mut waiting: JoinSet<_> = (0..100)
        .map(|_| cached.clone())
        .map(|cached| async move { get(&cached).await.unwrap() })
        .collect();
    settle().await;
    assert!(waiting.try_join_next().is_none());
    source.open();
    while let Some(answer) = waiting.join_next().await {
        assert_eq!(answer.unwrap(), ["whsec_a"]);
    }
    assert_eq!(source.loads(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stale_answer_serves_during_a_reload_in_the_background() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(B);
    source.close();
    pass(Duration::from_secs(60)).await;
    for _ in 0..100 {
        assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
        settle().await;
    }
    assert_eq!(source.loads(), 2);
    source.open();
    settle().await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);
}

#[tokio::test(start_paused = true)]
async fn the_last_answer_serves_for_a_bounded_time_while_the_source_fails() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(Answer::Fails);

    pass(Duration::from_secs(60)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    settle().await;
    pass(Duration::from_secs(3599)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    assert_eq!(cached.state().error.unwrap().to_string(), "the source is down");

    pass(Duration::from_secs(1)).await;
    let error = get(&cached).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot load the signing secrets");
    assert_eq!(error.source().unwrap().to_string(), "the source is down");
    assert!(cached.state().secrets.is_none());

    source.set(B);
    pass(Duration::from_secs(1)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_request_in_two_minutes_waits_for_the_current_secrets() {
    for (idle, answer, loads_before) in [(119_999, "whsec_a", 1), (120_000, "whsec_b", 2)] {
        let source = Source::new(A);
        let cached = Cached::new(source.clone());
        get(&cached).await.unwrap();
        source.set(B);
        pass(Duration::from_millis(idle)).await;
        assert_eq!(get(&cached).await.unwrap(), [answer]);
        assert_eq!(source.loads(), loads_before);
        settle().await;
        assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_stale_time_starts_at_a_failure_after_a_night_without_requests() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(Answer::Fails);
    pass(Duration::from_secs(8 * 60 * 60)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    assert!(cached.state().error.is_some());
    // The time is the same if requests are rare after this.
    pass(Duration::from_secs(3599)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    pass(Duration::from_secs(1)).await;
    get(&cached).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn a_load_longer_than_the_fresh_time_delays_no_request() {
    let source = Source::new(A);
    let options = CacheOptions::default().with_refresh_after(Duration::ZERO);
    let cached = Cached::with_options(source.clone(), options);
    get(&cached).await.unwrap();
    source.close();
    settle().await;
    get(&cached).await.unwrap();
    pass(Duration::from_millis(4_900)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_does_not_shorten_the_time_of_a_fresh_answer() {
    let source = Source::new(A);
    let options = CacheOptions::default().with_serve_stale_for(Duration::ZERO);
    let cached = Cached::with_options(source.clone(), options);
    get(&cached).await.unwrap();
    source.set(Answer::Fails);
    cached.refresh().await.unwrap_err();
    pass(Duration::from_millis(59_999)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    pass(Duration::from_millis(1)).await;
    get(&cached).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_use_of_a_secret_outlasts_loads_without_it_and_an_invalidation() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let header = sign(samples::INVOICE_PAID, &SigningSecret::new("whsec_a").unwrap(), at);
    let alive = cached.secrets(&head()).await.unwrap();
    verify(header, samples::INVOICE_PAID, &alive, at, Tolerance::default()).unwrap();

    let last_verified = async || {
        let alive = cached.secrets(&head()).await.unwrap();
        alive.iter().map(SigningSecret::last_verified_at).collect::<Vec<_>>()
    };
    source.set(Answer::Secrets(&["whsec_b", "whsec_a"]));
    cached.refresh().await.unwrap();
    assert_eq!(last_verified().await, [None, Some(at)]);
    source.set(B);
    cached.refresh().await.unwrap();
    assert_eq!(last_verified().await, [None]);
    source.set(A);
    cached.refresh().await.unwrap();
    assert_eq!(last_verified().await, [Some(at)]);
    cached.invalidate();
    assert_eq!(last_verified().await, [Some(at)]);
}

#[tokio::test(start_paused = true)]
async fn forged_requests_cause_one_load_in_ten_seconds_of_alternating_secrets() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(B);
    get_newer(&cached, &["whsec_a"]).await.unwrap();
    for answer in [A, B, A, B] {
        source.set(answer);
        get_newer(&cached, &["whsec_a", "whsec_b"]).await.unwrap();
    }
    assert_eq!(source.loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_request_gets_the_next_answer_if_its_load_is_invalidated() {
    let source = Source::new(A);
    source.close();
    let cached = Cached::new(source.clone());
    let request = tokio::spawn({
        let cached = cached.clone();
        async move { get(&cached).await.unwrap() }
    });
    let refresh = tokio::spawn({
        let cached = cached.clone();
        async move { cached.refresh().await.map_err(|error| error.to_string()) }
    });
    settle().await;
    cached.invalidate();
    source.set(B);
    source.open();
    assert_eq!(request.await.unwrap(), ["whsec_b"]);
    refresh.await.unwrap().unwrap();
    assert_eq!(source.loads(), 2);

    source.close();
    let refresh = tokio::spawn({
        let cached = cached.clone();
        async move { cached.refresh().await.map_err(|error| error.to_string()) }
    });
    settle().await;
    cached.invalidate();
    source.set(A);
    source.open();
    refresh.await.unwrap().unwrap();
    assert_eq!(texts(&cached.state().secrets.unwrap()), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_leaves_no_second_load_to_forged_ones() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.close();
    let refresh = tokio::spawn({
        let cached = cached.clone();
        async move { cached.refresh().await.is_ok() }
    });
    settle().await;
    // The request waits for the load after the running one, and is dropped.
    let gone = tokio::spawn({
        let cached = cached.clone();
        async move { get_newer(&cached, &["whsec_a"]).await.unwrap() }
    });
    settle().await;
    gone.abort();
    source.open();
    assert!(refresh.await.unwrap());
    pass(Duration::from_secs(20)).await;
    for _ in 0..100 {
        get_newer(&cached, &["whsec_a"]).await.unwrap();
    }
    assert_eq!(source.loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_failed_source_is_tried_again_after_a_second_not_on_each_request() {
    let source = Source::new(Answer::Fails);
    let cached = Cached::new(source.clone());
    for _ in 0..100 {
        get(&cached).await.unwrap_err();
    }
    assert_eq!(source.loads(), 1);
    pass(Duration::from_millis(999)).await;
    get(&cached).await.unwrap_err();
    assert_eq!(source.loads(), 1);
    source.set(A);
    pass(Duration::from_millis(1)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_load_fails_after_its_timeout() {
    let source = Source::new(Answer::Hangs);
    let cached = Cached::with_options(
        source.clone(),
        CacheOptions::default().with_load_timeout(Duration::from_secs(3)),
    );
    let error = get(&cached).await.unwrap_err();
    assert_eq!(
        error.source().unwrap().to_string(),
        "the signing secrets did not arrive within 3 s"
    );
}

#[tokio::test(start_paused = true)]
async fn a_panicking_load_fails() {
    let source = Source::new(Answer::Panics);
    let cached = Cached::new(source.clone());
    let error = get(&cached).await.unwrap_err();
    assert!(error.source().unwrap().to_string().contains("panicked"));
    source.set(A);
    pass(Duration::from_secs(1)).await;
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_secret_is_found_after_a_mismatch() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(Answer::Secrets(&["whsec_b", "whsec_a"]));
    assert_eq!(get_newer(&cached, &["whsec_a"]).await.unwrap().unwrap(), ["whsec_b", "whsec_a"]);
    assert_eq!(get(&cached).await.unwrap(), ["whsec_b", "whsec_a"]);
    assert_eq!(source.loads(), 2);

    // A request that tried the old answer meanwhile gets the new one without another load.
    assert!(get_newer(&cached, &["whsec_a"]).await.unwrap().is_some());
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_of_two_changes_in_quick_succession_is_found_at_once() {
    const CHANGES: [Answer; 3] = [B, Answer::Secrets(&["whsec_c"]), Answer::Secrets(&["whsec_d"])];
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    let mut tried = get(&cached).await.unwrap();
    for change in CHANGES {
        source.set(change);
        let newer = get_newer(&cached, &[&tried[0]]).await.unwrap().unwrap();
        assert_ne!(newer, tried);
        tried = newer;
    }
}

#[tokio::test(start_paused = true)]
async fn any_number_of_forged_requests_cause_one_load_in_ten_seconds() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    for _ in 0..10_000 {
        assert_eq!(get_newer(&cached, &["whsec_a"]).await.unwrap(), None);
    }
    assert_eq!(source.loads(), 2);
    pass(Duration::from_millis(9_999)).await;
    get_newer(&cached, &["whsec_a"]).await.unwrap();
    assert_eq!(source.loads(), 2);
    pass(Duration::from_millis(1)).await;
    get_newer(&cached, &["whsec_a"]).await.unwrap();
    assert_eq!(source.loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_genuine_request_joins_the_load_of_forged_ones() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(B);
    source.close();
    let requests: JoinSet<_> = (0..100)
        .map(|_| cached.clone())
        .map(|cached| async move { get_newer(&cached, &["whsec_a"]).await.unwrap() })
        .collect();
    settle().await;
    source.open();
    for newer in requests.join_all().await {
        assert_eq!(newer.unwrap(), ["whsec_b"]);
    }
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_mismatch_does_not_use_a_load_started_before_it() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();

    // A refresh has read the old secret, and the secret changes before it returns.
    source.close();
    pass(Duration::from_secs(60)).await;
    get(&cached).await.unwrap();
    settle().await;
    source.set(B);
    let request = tokio::spawn({
        let cached = cached.clone();
        async move { get_newer(&cached, &["whsec_a"]).await.unwrap() }
    });
    settle().await;
    source.open();
    assert_eq!(request.await.unwrap().unwrap(), ["whsec_b"]);
    assert_eq!(source.loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_first_secret_works_with_its_first_delivery() {
    let source = Source::new(Answer::Secrets(&[]));
    let cached = Cached::new(source.clone());
    settle().await;
    source.set(A);
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn requests_without_a_secret_cause_one_load_in_ten_seconds() {
    let source = Source::new(Answer::Secrets(&[]));
    let cached = Cached::new(source.clone());
    settle().await;
    for _ in 0..1_000 {
        assert!(get(&cached).await.unwrap().is_empty());
    }
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_mismatch_is_an_error_while_the_source_fails() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(Answer::Fails);
    assert!(get_newer(&cached, &["whsec_a"]).await.is_err());
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn refresh_returns_after_the_current_secrets_are_in_force() {
    let source = Source::new(A);
    source.close();
    let cached = Cached::new(source.clone());
    settle().await;

    // The load that runs has read the old answer already.
    source.set(B);
    let refresh = tokio::spawn({
        let cached = cached.clone();
        async move { cached.refresh().await.map_err(|error| error.to_string()) }
    });
    settle().await;
    source.open();
    refresh.await.unwrap().unwrap();
    assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn refresh_returns_its_error_and_the_last_answer_serves_on() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();
    source.set(Answer::Fails);
    let error = cached.refresh().await.unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "the source is down");
    assert_eq!(get(&cached).await.unwrap(), ["whsec_a"]);
}

#[tokio::test(start_paused = true)]
async fn invalidate_drops_the_answer_and_a_running_load() {
    let source = Source::new(A);
    let cached = Cached::new(source.clone());
    get(&cached).await.unwrap();

    source.close();
    pass(Duration::from_secs(60)).await;
    get(&cached).await.unwrap();
    settle().await;
    cached.invalidate();
    source.set(B);
    source.open();
    assert_eq!(get(&cached).await.unwrap(), ["whsec_b"]);

    cached.invalidate();
    source.set(Answer::Fails);
    assert!(get(&cached).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_state_has_the_age_the_next_refresh_and_the_last_error() {
    let source = Source::new(A);
    source.close();
    let cached = Cached::new(source.clone());
    let state = cached.state();
    assert!(state.secrets.is_none() && state.age.is_none() && state.error.is_none());

    source.open();
    get(&cached).await.unwrap();
    pass(Duration::from_secs(20)).await;
    let state = cached.state();
    assert_eq!(texts(&state.secrets.unwrap()), ["whsec_a"]);
    assert_eq!(
        (state.age, state.refresh_in),
        (Some(Duration::from_secs(20)), Duration::from_secs(40))
    );

    source.set(Answer::Fails);
    cached.refresh().await.unwrap_err();
    let state = cached.state();
    assert_eq!(state.error.unwrap().to_string(), "the source is down");
    assert_eq!(
        (state.age, state.refresh_in),
        (Some(Duration::from_secs(20)), Duration::from_secs(40))
    );
}

#[tokio::test(start_paused = true)]
async fn every_option_takes_an_unlimited_duration() {
    // The first load and one for a mismatch. A failed source is never tried again.
    for (answer, loads) in [(A, 2), (Answer::Fails, 1)] {
        let source = Source::new(answer);
        let options = CacheOptions::default()
            .with_refresh_after(Duration::MAX)
            .with_serve_stale_for(Duration::MAX)
            .with_load_timeout(Duration::MAX)
            .with_retry_after(Duration::MAX)
            .with_mismatch_interval(Duration::MAX);
        let cached = Cached::with_options(source.clone(), options);
        let first = get(&cached).await;
        for _ in 0..2 {
            let _ = get_newer(&cached, &["whsec_a"]).await;
        }
        pass(Duration::from_secs(365 * 24 * 60 * 60)).await;
        assert_eq!(get(&cached).await.ok(), first.ok());
        assert_eq!(source.loads(), loads);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cache_has_a_task_only_while_a_load_runs() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let source = Source::new(A);
    source.close();
    let cached = Cached::new(source.clone());
    settle().await;
    assert_eq!(tasks(), 1, "the load runs");
    source.open();
    settle().await;
    assert_eq!((get(&cached).await.unwrap(), tasks()), (vec!["whsec_a".to_owned()], 0));

    source.set(Answer::Fails);
    cached.refresh().await.unwrap_err();
    settle().await;
    assert_eq!(tasks(), 0, "no task waits for the end of the last answer");
}

#[tokio::test(start_paused = true)]
async fn debug_shows_no_secret() {
    let cached = Cached::new(Source::new(A));
    get(&cached).await.unwrap();
    assert!(!format!("{cached:?} {:?}", cached.state()).contains("whsec_"));
}
