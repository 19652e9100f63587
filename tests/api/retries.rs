//! The retry policy, with a paused clock.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use tokio::time::{Instant, sleep};
use tower::{
    Service, ServiceExt,
    retry::{Retry, budget::TpsBudget},
    service_fn,
};
use tower_stripe_webhook::{
    api::{ApiClient, ApiErrorKind, ApiRetryPolicy, StripeApi},
    test_util::{FakeApi, FakeApiFailure},
};

use crate::support::{INVOICE, invoice, key, response};

const S: fn(u64) -> Duration = Duration::from_secs;

fn fake() -> FakeApi {
    let fake = FakeApi::new();
    fake.insert("/v1/invoices/in_1", INVOICE);
    fake
}

fn api(fake: &FakeApi, policy: ApiRetryPolicy) -> StripeApi<Retry<ApiRetryPolicy, FakeApi>> {
    StripeApi::new(key(), Retry::new(policy, fake.clone()))
}

fn failure(status: u16) -> FakeApiFailure {
    FakeApiFailure::new(StatusCode::from_u16(status).unwrap())
}

/// Whether a failure is retried, once.
async fn is_retried(failure: FakeApiFailure) -> bool {
    let fake = fake();
    fake.fail(failure);
    let answer = api(&fake, ApiRetryPolicy::new()).get(&invoice()).await;
    let requests = fake.requests().len();
    assert_eq!(answer.is_ok(), requests == 2, "{requests} requests");
    requests == 2
}

#[tokio::test(start_paused = true)]
async fn conflicts_rate_limits_and_failures_of_stripe_are_retried() {
    for status in [409, 429, 500, 502, 503, 504, 599] {
        assert!(is_retried(failure(status)).await, "{status}");
    }
    assert!(is_retried(FakeApiFailure::connection_error()).await);
    for status in [301, 302, 400, 401, 402, 403, 404, 408, 410, 499] {
        assert!(!is_retried(failure(status)).await, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn stripe_should_retry_decides_for_errors() {
    for status in [400, 401, 404, 409, 429, 500] {
        let says = |value| failure(status).with_header("stripe-should-retry", value);
        assert!(is_retried(says("true")).await, "{status}");
        assert!(!is_retried(says("false")).await, "{status}");
        // Any other value says nothing.
        let by_status = matches!(status, 409 | 429 | 500);
        assert_eq!(is_retried(says("perhaps")).await, by_status, "{status}");
    }
    assert!(!is_retried(failure(302).with_header("stripe-should-retry", "true")).await);
}

#[tokio::test(start_paused = true)]
async fn a_success_is_never_retried() {
    let fake = FakeApi::new();
    fake.fail(
        FakeApiFailure::with_body(StatusCode::OK, INVOICE)
            .with_header("stripe-should-retry", "true"),
    );
    assert!(api(&fake, ApiRetryPolicy::new()).get(&invoice()).await.is_ok());
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn there_are_3_retries_at_most_and_the_last_error_goes_back() {
    for (policy, expected) in [
        (ApiRetryPolicy::new(), 4),
        (ApiRetryPolicy::new().with_max_retries(1), 2),
        (ApiRetryPolicy::new().with_max_retries(0), 1),
    ] {
        let fake = fake();
        fake.fail(failure(500).times(expected - 1));
        fake.fail(failure(503).with_code("last"));
        let error = api(&fake, policy).get(&invoice()).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ApiErrorKind::Stripe, Some("last")));
        assert_eq!(fake.requests().len(), expected);
    }
}

/// A client that is down, and the times at which it is called.
fn down(retry_after: Option<&'static str>) -> (impl Client, Arc<Mutex<Vec<Instant>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&times);
    let client = service_fn(move |_: Request<Full<Bytes>>| {
        log.lock().unwrap().push(Instant::now());
        let mut response = response(503, "");
        if let Some(wait) = retry_after {
            response.headers_mut().insert("retry-after", wait.parse().unwrap());
        }
        async { Ok::<_, Infallible>(response) }
    });
    (client, times)
}

trait Client:
    Service<
        Request<Full<Bytes>>,
        Response = http::Response<Full<Bytes>>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
}

impl<C> Client for C where
    C: Service<
            Request<Full<Bytes>>,
            Response = http::Response<Full<Bytes>>,
            Error = Infallible,
            Future: Send,
        > + Clone
        + Send
        + Sync
        + 'static
{
}

fn waits(times: &Mutex<Vec<Instant>>) -> Vec<Duration> {
    times.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn the_wait_doubles_from_half_a_second_to_5_s() {
    let (client, times) = down(None);
    let policy = ApiRetryPolicy::new().with_max_retries(5).with_deadline(S(60));
    let api = StripeApi::new(key(), Retry::new(policy, client)).with_timeout(S(60));
    api.get(&invoice()).await.unwrap_err();
    let waits = waits(&times);
    assert_eq!(waits.len(), 5);
    // The timer's resolution is 1 ms.
    for (wait, longest) in waits.iter().zip([1000, 2000, 4000, 5000, 5000]) {
        assert!((longest / 2..=longest + 1).contains(&(wait.as_millis() as u64)), "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_the_shortest_wait() {
    let (client, times) = down(Some("3"));
    let policy = ApiRetryPolicy::new().with_max_retries(2);
    StripeApi::new(key(), Retry::new(policy, client)).get(&invoice()).await.unwrap_err();
    assert!(waits(&times).iter().all(|wait| wait.as_secs() == 3), "{:?}", waits(&times));

    // One that is shorter than the backoff does not shorten it.
    let (client, times) = down(Some("0"));
    let policy = ApiRetryPolicy::new().with_max_retries(1);
    StripeApi::new(key(), Retry::new(policy, client)).get(&invoice()).await.unwrap_err();
    assert!(waits(&times)[0] >= Duration::from_millis(500), "{:?}", waits(&times));
}

#[tokio::test(start_paused = true)]
async fn retry_after_beyond_the_deadline_ends_the_retries_at_once() {
    for (seconds, calls) in [("9", 2), ("10", 1), ("60", 1), ("4294967295", 1)] {
        let (client, times) = down(Some(seconds));
        let begin = Instant::now();
        let api = StripeApi::new(key(), Retry::new(ApiRetryPolicy::new(), client));
        let error = api.get(&invoice()).await.unwrap_err();
        assert_eq!(error.kind(), ApiErrorKind::Stripe);
        assert_eq!(error.retry_after().unwrap().as_secs().to_string(), seconds);
        assert_eq!(times.lock().unwrap().len(), calls, "{seconds}");
        assert_eq!(begin.elapsed().as_secs(), if calls == 2 { 9 } else { 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn the_earlier_deadline_of_client_and_policy_ends_the_retries() {
    for (of_client, of_policy) in [(4, 60), (60, 4)] {
        let (client, _) = down(None);
        let policy = ApiRetryPolicy::new().with_max_retries(u32::MAX).with_deadline(S(of_policy));
        let begin = Instant::now();
        let api = StripeApi::new(key(), Retry::new(policy, client)).with_timeout(S(of_client));
        // The error is Stripe's, and not that of a timeout which hides it.
        assert_eq!(api.get(&invoice()).await.unwrap_err().kind(), ApiErrorKind::Stripe);
        assert!(begin.elapsed() < S(4), "{:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn time_of_the_attempts_counts_towards_the_deadline() {
    let outcome = async |millis| {
        let client = service_fn(move |_: Request<Full<Bytes>>| async move {
            sleep(Duration::from_millis(millis)).await;
            Ok::<_, Infallible>(response(500, ""))
        });
        let begin = Instant::now();
        let api = StripeApi::new(key(), Retry::new(ApiRetryPolicy::new(), client));
        let error = api.get(&invoice()).await.unwrap_err();
        (error.kind(), begin.elapsed().as_millis())
    };
    // The second attempt begins in time and is cut off.
    let (kind, elapsed) = outcome(6_000).await;
    assert_eq!(kind, ApiErrorKind::Timeout);
    assert!((10_000..10_010).contains(&elapsed), "{elapsed}");
    // There is no time for a second attempt.
    let (kind, elapsed) = outcome(9_600).await;
    assert_eq!(kind, ApiErrorKind::Stripe);
    assert!((9_600..9_610).contains(&elapsed), "{elapsed}");
}

#[tokio::test(start_paused = true)]
async fn each_request_has_a_deadline_of_its_own() {
    let fake = fake();
    let api = api(&fake, ApiRetryPolicy::new());
    for _ in 0..3 {
        fake.fail(failure(500).times(2));
        assert!(api.get(&invoice()).await.is_ok());
        sleep(S(20)).await;
    }
    assert_eq!(fake.requests().len(), 9);
}

#[tokio::test(start_paused = true)]
async fn the_budget_limits_the_retries_of_all_requests() {
    let fake = fake();
    // Two retries a second in a window of 10 s, and one more for five successes.
    let api = api(&fake, ApiRetryPolicy::new().with_max_retries(1));
    let retries = async |requests: usize| {
        let before = fake.requests().len();
        fake.fail(failure(500).times(usize::MAX));
        let all = (0..requests).map(|_| {
            let api = api.clone();
            tokio::spawn(async move { api.get(&invoice()).await.unwrap_err() })
        });
        for request in all.collect::<Vec<_>>() {
            request.await.unwrap();
        }
        fake.recover();
        fake.requests().len() - before - requests
    };
    assert_eq!(retries(100).await, 20);
    assert_eq!(retries(100).await, 0);
    for _ in 0..50 {
        api.get(&invoice()).await.unwrap();
    }
    assert_eq!(retries(100).await, 10);
    sleep(S(20)).await;
    assert_eq!(retries(19).await, 19);
}

#[tokio::test(start_paused = true)]
async fn a_budget_can_be_set() {
    let fake = fake();
    fake.fail(failure(500));
    let policy = ApiRetryPolicy::new().with_budget(TpsBudget::new(S(1), 0, 0.0));
    assert!(api(&fake, policy).get(&invoice()).await.is_err());
    assert_eq!(fake.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn only_read_requests_are_retried() {
    for (method, calls) in [(Method::GET, 4), (Method::HEAD, 4), (Method::POST, 1)] {
        let (client, times) = down(None);
        let mut request = Request::new(Full::default());
        *request.method_mut() = method;
        Retry::new(ApiRetryPolicy::new(), client).oneshot(request).await.unwrap();
        assert_eq!(times.lock().unwrap().len(), calls);
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_sends_the_same_request() {
    let fake = fake();
    fake.fail(failure(500).times(2));
    api(&fake, ApiRetryPolicy::new()).get(&invoice().with_event_id("evt_1")).await.unwrap();
    let requests = fake.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request.uri(), requests[0].uri());
        assert_eq!(request.headers(), requests[0].headers());
        assert_eq!(request.header("stripe-request-trigger"), Some("event=evt_1"));
    }
}
