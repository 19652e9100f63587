//! Tower's contract: readiness, backpressure, errors and dropped futures.
//!
//! It is checked poll by poll, also from the neighbouring layers.

use std::{
    cell::Cell,
    collections::VecDeque,
    convert::Infallible,
    error::Error,
    fmt,
    future::{pending, ready},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Request, Response, StatusCode, Version,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER},
    request::Parts,
};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tokio::{
    sync::Semaphore,
    task::{LocalSet, spawn_local, yield_now},
    time::timeout,
};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, limit::ConcurrencyLimit, load_shed, service_fn,
    timeout::error::Elapsed,
};
use tower_stripe_webhook::{
    BoxError, EnvSecret, Rejection,
    RejectionKind::{self, *},
    SecretProvider, SigningSecret, SigningSecrets, StripeWebhook, VerifiedEvent,
    secret::{SharedSecretProvider, secret_provider_fn},
    service::ResponseFuture,
    test_util::signed_request,
};
use tower_test::mock::{self, Handle, Mock};

use crate::support::{EVENT, fed_body, genuine, kind_of, layer, now, secret, text_of};

type VerifiedRequest = Request<Full<Bytes>>;
type MockApp = Mock<VerifiedRequest, Response<Full<Bytes>>>;
type MockHandle = Handle<VerifiedRequest, Response<Full<Bytes>>>;

/// The layer around a mock service.
///
/// The mock panics if it is called before it was polled ready, and its clones are not ready.
fn webhook_around_mock() -> (mock::Spawn<StripeWebhook<MockApp, SigningSecret>>, MockHandle) {
    mock::spawn_layer(layer(secret()))
}

fn poll_ready<S: Service<VerifiedRequest>>(
    service: &mut mock::Spawn<S>,
) -> Poll<Result<(), S::Error>> {
    service.poll_ready::<VerifiedRequest>()
}

async fn app(_: VerifiedRequest) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::default())
}

/// An app's error, which is neither boxed nor convertible into anything.
#[derive(Debug, PartialEq)]
struct AppError(u32);

fn another_secret() -> SigningSecret {
    SigningSecret::new("whsec_of_another_endpoint").expect("it has the form of one")
}

fn signed_with(secret: &SigningSecret) -> VerifiedRequest {
    signed_request("/webhook", EVENT, secret, now())
}

fn forged() -> VerifiedRequest {
    signed_with(&another_secret())
}

fn unsigned() -> VerifiedRequest {
    let mut request = genuine();
    request.headers_mut().remove("stripe-signature");
    request
}

/// Makes a request for each reason to reject its head.
fn with_bad_heads() -> Vec<(RejectionKind, VerifiedRequest)> {
    let stale = signed_request("/webhook", EVENT, &secret(), now() - Duration::from_secs(301));
    let mut repeated = genuine();
    repeated.headers_mut().append("stripe-signature", HeaderValue::from_static("t=1"));
    let mut malformed = genuine();
    malformed.headers_mut().insert("stripe-signature", HeaderValue::from_static("t=1"));
    let mut declared = genuine();
    declared.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("500000000"));
    vec![
        (MissingSignatureHeader, unsigned()),
        (RepeatedSignatureHeader, repeated),
        (MalformedSignatureHeader, malformed),
        (TimestampOutsideTolerance, stale),
        (BodyTooLarge, declared),
    ]
}

/// Makes a request for each reason to reject its body.
fn with_bad_bodies() -> Vec<(RejectionKind, VerifiedRequest)> {
    let too_large = genuine().map(|_| vec![b' '; 3 * 1024 * 1024].into());
    vec![
        (BodyTooLarge, too_large),
        (SignatureMismatch, forged()),
        (InvalidJson, signed_request("/webhook", "{", &secret(), now())),
        (InvalidEvent, signed_request("/webhook", "{}", &secret(), now())),
    ]
}

fn bad_requests() -> impl Iterator<Item = (RejectionKind, VerifiedRequest)> {
    with_bad_heads().into_iter().chain(with_bad_bodies())
}

// Readiness

#[tokio::test]
async fn the_ready_service_itself_is_called() {
    let (mut webhook, mut app) = webhook_around_mock();

    for _ in 0..3 {
        assert_ready_ok!(poll_ready(&mut webhook));
        let mut response = task::spawn(webhook.call(genuine()));
        assert_pending!(response.poll());

        let (request, answer) = app.next_request().await.unwrap();
        assert_eq!(
            request.extensions().get::<VerifiedEvent>().unwrap().event_type(),
            "invoice.paid"
        );
        answer.send_response(Response::default());
        assert!(response.is_woken());
        assert_eq!(assert_ready_ok!(response.poll()).status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn the_ready_service_is_called_after_a_slow_body() {
    let (mut webhook, mut app) = webhook_around_mock();
    let (feeder, body) = fed_body();

    assert_ready_ok!(poll_ready(&mut webhook));
    let mut response = task::spawn(webhook.call(genuine().map(|_| body)));
    // Another request is handled meanwhile.
    assert_ready_ok!(poll_ready(&mut webhook));
    let mut second = task::spawn(webhook.call(genuine()));
    assert_pending!(response.poll());
    assert_pending!(second.poll());
    let (_, answer) = app.next_request().await.unwrap();
    answer.send_response(Response::default());
    assert_ready_ok!(second.poll());

    for half in [&EVENT[..100], &EVENT[100..]] {
        assert!(app.poll_request().is_pending(), "called before the body has ended");
        feeder.try_send(Ok(Frame::data(half.into()))).unwrap();
        assert!(response.is_woken());
        assert_pending!(response.poll());
    }
    drop(feeder);
    assert!(response.is_woken());
    assert_pending!(response.poll());
    let (_, answer) = app.next_request().await.unwrap();
    answer.send_response(Response::default());
    assert_ready_ok!(response.poll());
}

#[tokio::test]
async fn it_is_ready_when_the_inner_service_is() {
    let (mut webhook, mut app) = webhook_around_mock();
    app.allow(0);
    assert_pending!(poll_ready(&mut webhook));

    app.allow(1);
    assert!(webhook.is_woken());
    assert_ready_ok!(poll_ready(&mut webhook));

    let mut response = task::spawn(webhook.call(genuine()));
    assert_pending!(response.poll());
    assert!(app.poll_request().is_ready());
    assert_pending!(poll_ready(&mut webhook), "one call uses up the readiness");
}

#[tokio::test]
async fn an_error_of_the_inner_poll_ready_is_passed_on() {
    let (mut webhook, mut app) = webhook_around_mock();
    app.send_error("the pool is closed");
    assert_eq!(assert_ready_err!(poll_ready(&mut webhook)).to_string(), "the pool is closed");
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_passed_on_unchanged() {
    let webhook =
        layer(secret()).layer(service_fn(|_| ready(Err::<Response<Full<Bytes>>, _>(AppError(7)))));
    let error: AppError = webhook.oneshot(genuine()).await.unwrap_err();
    assert_eq!(error, AppError(7));
}

#[tokio::test]
async fn the_inner_service_is_never_called_for_a_rejected_request() {
    for (kind, request) in bad_requests() {
        let (mut webhook, mut app) = webhook_around_mock();
        assert_ready_ok!(poll_ready(&mut webhook));
        let mut response = task::spawn(webhook.call(request));
        let response = assert_ready_ok!(response.poll());
        assert_eq!(kind_of(&response), Some(kind));
        assert_eq!(response.status(), kind.status());
        assert!(app.poll_request().is_pending(), "{kind}");
    }
}

// A request releases what it reserves.

async fn ready_and_call<S, B>(service: &mut S, request: Request<B>) -> S::Future
where
    S: Service<Request<B>>,
    S::Error: fmt::Debug,
{
    service.ready().await.expect("the service gets ready").call(request)
}

/// The layer around an app of which one call may run at a time.
fn webhook_for_one_at_a_time<F, Fut>(
    app: F,
) -> (StripeWebhook<ConcurrencyLimit<tower::util::ServiceFn<F>>, SigningSecret>, Arc<Semaphore>)
where
    F: FnMut(VerifiedRequest) -> Fut + Clone,
{
    let permits = Arc::new(Semaphore::new(1));
    let limited = ConcurrencyLimit::with_semaphore(service_fn(app), Arc::clone(&permits));
    (layer(secret()).layer(limited), permits)
}

#[tokio::test]
async fn a_kept_future_of_a_rejected_head_reserves_nothing() {
    let (mut one, permits) = webhook_for_one_at_a_time(app);
    let mut other = one.clone();
    ServiceExt::<VerifiedRequest>::ready(&mut one).await.unwrap();
    let mut waiting = task::spawn(ServiceExt::<VerifiedRequest>::ready(&mut other));
    assert_pending!(waiting.poll());

    let idle = one.call(unsigned());
    assert!(waiting.is_woken());
    let other = assert_ready_ok!(waiting.poll());
    assert_eq!(other.call(genuine()).await.unwrap().status(), StatusCode::OK);

    assert_eq!(permits.available_permits(), 1);
    assert_eq!(kind_of(&idle.await.unwrap()), Some(MissingSignatureHeader));
}

#[tokio::test]
async fn a_rejection_of_the_body_frees_the_reservation_with_the_response() {
    for (kind, request) in bad_requests() {
        let (mut webhook, permits) = webhook_for_one_at_a_time(app);
        let mut response = task::spawn(ready_and_call(&mut webhook, request).await);
        let response_head = assert_ready_ok!(response.poll());
        // The future is kept, as in a `join`.
        assert_eq!(permits.available_permits(), 1, "{kind}");
        assert_eq!(kind_of(&response_head), Some(kind));
        drop(response);
    }
}

#[tokio::test]
async fn a_future_dropped_mid_body_drops_the_body_and_the_ready_service() {
    let (mut webhook, permits) = webhook_for_one_at_a_time(app);
    let mut other = webhook.clone();
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(EVENT[..100].into()))).unwrap();

    let mut response = task::spawn(ready_and_call(&mut webhook, genuine().map(|_| body)).await);
    assert_pending!(response.poll());
    assert_eq!(feeder.capacity(), feeder.max_capacity(), "the first half was read");
    assert!(!feeder.is_closed());
    assert_eq!(permits.available_permits(), 0);
    let mut waiting = task::spawn(ServiceExt::<VerifiedRequest>::ready(&mut other));
    assert_pending!(waiting.poll());

    drop(response);
    assert!(feeder.is_closed(), "the body was dropped");
    assert!(waiting.is_woken(), "the permit went to who waited for it");
    assert_ready_ok!(waiting.poll());
}

#[tokio::test]
async fn a_future_dropped_during_the_provider_call_drops_all_parts() {
    let permits = Arc::new(Semaphore::new(1));
    let provider = secret_provider_fn(|_: &Parts| pending());
    let mut webhook = layer(provider)
        .layer(ConcurrencyLimit::with_semaphore(service_fn(app), Arc::clone(&permits)));
    let (feeder, body) = fed_body();

    let mut response = task::spawn(ready_and_call(&mut webhook, genuine().map(|_| body)).await);
    assert_pending!(response.poll());
    assert_eq!(permits.available_permits(), 0);
    assert!(!feeder.is_closed());

    drop(response);
    assert_eq!(permits.available_permits(), 1);
    assert!(feeder.is_closed());
}

#[tokio::test]
async fn a_future_dropped_during_the_handler_drops_the_apps_future() {
    let (mut webhook, permits) =
        webhook_for_one_at_a_time(|_| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let mut response = task::spawn(ready_and_call(&mut webhook, genuine()).await);
    assert_pending!(response.poll());
    assert_eq!(permits.available_permits(), 0);
    drop(response);
    assert_eq!(permits.available_permits(), 1);
}

#[tokio::test]
async fn the_request_body_is_not_kept_while_the_handler_runs() {
    let (mut webhook, _permits) =
        webhook_for_one_at_a_time(|_| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let kept = Arc::new(());
    let guard = Arc::clone(&kept);
    let request = genuine().map(|body| {
        body.map_frame(move |frame| {
            let _moved = &guard;
            frame
        })
    });

    let mut response = task::spawn(ready_and_call(&mut webhook, request).await);
    assert_eq!(Arc::strong_count(&kept), 2);
    assert_pending!(response.poll());
    assert_eq!(Arc::strong_count(&kept), 1);
}

// Other layers inside and outside

/// Sends good and bad requests in turn through one service.
///
/// It never ends if a permit is not released.
async fn serves_good_and_bad_requests_in_turn<S, B>(mut service: S)
where
    S: Service<VerifiedRequest, Response = Response<B>>,
    S::Error: fmt::Debug,
{
    let requests = async {
        for (kind, bad) in bad_requests() {
            for (kind, request) in [(None, genuine()), (Some(kind), bad)] {
                let response =
                    ready_and_call(&mut service, request).await.await.expect("a response");
                assert_eq!(kind_of(&response), kind);
                assert_eq!(response.status(), kind.map_or(StatusCode::OK, RejectionKind::status));
            }
        }
    };
    timeout(Duration::from_secs(600), requests).await.expect("a permit was lost");
}

#[tokio::test(start_paused = true)]
async fn it_works_over_and_under_a_concurrency_limit() {
    let webhook = ServiceBuilder::new().layer(layer(secret())).concurrency_limit(1).service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
    let webhook = ServiceBuilder::new().concurrency_limit(1).layer(layer(secret())).service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
}

#[tokio::test(start_paused = true)]
async fn it_works_over_and_under_a_buffer() {
    let webhook = ServiceBuilder::new().layer(layer(secret())).buffer(1).service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
    let webhook = ServiceBuilder::new().buffer(1).layer(layer(secret())).service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
}

#[tokio::test(start_paused = true)]
async fn it_works_over_and_under_a_timeout() {
    let webhook = ServiceBuilder::new()
        .layer(layer(secret()))
        .timeout(Duration::from_secs(1))
        .service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
    let webhook = ServiceBuilder::new()
        .timeout(Duration::from_secs(1))
        .layer(layer(secret()))
        .service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
}

#[tokio::test(start_paused = true)]
async fn it_works_over_and_under_load_shedding() {
    let webhook = ServiceBuilder::new()
        .layer(layer(secret()))
        .load_shed()
        .concurrency_limit(1)
        .service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
    let webhook = ServiceBuilder::new()
        .load_shed()
        .concurrency_limit(1)
        .layer(layer(secret()))
        .service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
}

#[tokio::test(start_paused = true)]
async fn it_works_between_all_of_them_at_once() {
    let webhook = ServiceBuilder::new()
        .load_shed()
        .buffer(1)
        .timeout(Duration::from_secs(1))
        .concurrency_limit(1)
        .layer(layer(secret()))
        .buffer(1)
        .timeout(Duration::from_secs(1))
        .concurrency_limit(1)
        .service_fn(app);
    serves_good_and_bad_requests_in_turn(webhook).await;
}

#[tokio::test(start_paused = true)]
async fn an_outer_timeout_ends_and_drops_a_stalled_body() {
    let webhook = ServiceBuilder::new()
        .timeout(Duration::from_secs(1))
        .layer(layer(secret()))
        .service_fn(app);
    let (feeder, body) = fed_body();
    let error = webhook.oneshot(genuine().map(|_| body)).await.unwrap_err();
    assert!(error.is::<Elapsed>());
    assert!(feeder.is_closed());
}

#[tokio::test(start_paused = true)]
async fn an_inner_timeout_only_bounds_the_app_and_its_error_is_passed_on() {
    let webhook = ServiceBuilder::new()
        .layer(layer(secret()))
        .timeout(Duration::from_secs(1))
        .service_fn(|_| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let (feeder, body) = fed_body();
    let mut response = task::spawn(webhook.oneshot(genuine().map(|_| body)));
    assert_pending!(response.poll());
    tokio::time::advance(Duration::from_secs(5)).await;
    assert_pending!(response.poll(), "the body's time is not the app's");
    feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
    drop(feeder);
    assert!(response.await.unwrap_err().is::<Elapsed>());
}

#[tokio::test]
async fn outer_load_shedding_sees_the_load_of_the_app() {
    let webhook = ServiceBuilder::new()
        .load_shed()
        .layer(layer(secret()))
        .concurrency_limit(1)
        .service_fn(|_| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let mut running = task::spawn(webhook.clone().oneshot(genuine()));
    assert_pending!(running.poll());
    let error = webhook.oneshot(genuine()).await.unwrap_err();
    assert!(error.is::<load_shed::error::Overloaded>());
}

#[tokio::test]
async fn inner_load_shedding_only_sheds_genuine_events() {
    let webhook = ServiceBuilder::new()
        .layer(layer(secret()))
        .load_shed()
        .concurrency_limit(1)
        .service_fn(|_| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let mut running = task::spawn(webhook.clone().oneshot(genuine()));
    assert_pending!(running.poll());
    assert_eq!(kind_of(&webhook.clone().oneshot(forged()).await.unwrap()), Some(SignatureMismatch));
    assert!(webhook.oneshot(genuine()).await.unwrap_err().is::<load_shed::error::Overloaded>());
}

// Clone, Send, Sync

/// Neither `Clone` nor `Debug`, as a connection pool may be.
struct Opaque;

impl SecretProvider for Opaque {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(secret().into())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layer_and_service_are_clone_send_and_sync_with_any_provider() {
    fn assert_clone_send_sync<T: Clone + Send + Sync + fmt::Debug + 'static>(_: &T) {}

    let layer = layer(Opaque);
    assert_clone_send_sync(&layer);
    let webhook = layer.clone().layer(mock::pair::<VerifiedRequest, Response<Full<Bytes>>>().0);
    assert_clone_send_sync(&webhook);

    let webhook = layer.layer(service_fn(app));
    let elsewhere = tokio::spawn(webhook.clone().oneshot(genuine()));
    let here = webhook.oneshot(genuine()).await.unwrap();
    assert_eq!(here.status(), StatusCode::OK);
    assert_eq!(elsewhere.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[test]
fn the_response_future_is_send_if_the_service_and_its_future_are() {
    fn assert_send<T: Send + 'static>() {}
    // Generic, so that it holds for every service.
    fn for_any<S>()
    where
        S: Service<VerifiedRequest> + Send + 'static,
        S::Future: Send,
    {
        assert_send::<ResponseFuture<S>>();
    }
    for_any::<MockApp>();
}

#[tokio::test]
async fn a_non_send_inner_service_works_on_one_thread() {
    let calls = Rc::new(Cell::new(0));
    let counted = Rc::clone(&calls);
    let webhook = layer(secret()).layer(service_fn(move |_: VerifiedRequest| {
        let calls = Rc::clone(&counted);
        async move {
            yield_now().await;
            calls.set(calls.get() + 1);
            Ok::<_, Rc<str>>(Response::new(Full::<Bytes>::default()))
        }
    }));

    LocalSet::new()
        .run_until(async {
            let response = spawn_local(webhook.clone().oneshot(genuine())).await.unwrap().unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            let response = webhook.oneshot(forged()).await.unwrap();
            assert_eq!(kind_of(&response), Some(SignatureMismatch));
        })
        .await;
    assert_eq!(calls.get(), 1);
}

#[tokio::test]
async fn the_inner_service_can_be_reached() {
    let (inner, _handle) = mock::pair::<VerifiedRequest, Response<Full<Bytes>>>();
    let mut webhook = layer(secret()).layer(ConcurrencyLimit::new(inner, 1));
    // Readiness reached through the layer also counts for the inner service, and vice versa.
    ServiceExt::<VerifiedRequest>::ready(&mut webhook).await.unwrap();
    let request = || Request::new(Full::default());
    drop(webhook.get_mut().call(request()));
    webhook.get_mut().ready().await.unwrap();
    assert!(format!("{:?}", webhook.get_ref()).contains("OwnedSemaphorePermit"));
    drop(webhook.into_inner().call(request()));
}

// The response

/// A body with trailers.
///
/// Its size hint and end do not follow from its frames.
struct Streamed(VecDeque<Result<Frame<Bytes>, AppError>>);

impl Streamed {
    fn new(last: Result<Frame<Bytes>, AppError>) -> Self {
        Self([Ok(Frame::data("one".into())), Ok(Frame::data("two".into())), last].into())
    }
}

impl Body for Streamed {
    type Data = Bytes;
    type Error = AppError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, AppError>>> {
        Poll::Ready(self.0.pop_front())
    }

    fn is_end_stream(&self) -> bool {
        self.0.len() == 1
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = SizeHint::new();
        hint.set_lower(self.0.len() as u64);
        hint.set_upper(10 * self.0.len() as u64);
        hint
    }
}

/// What can be seen of a frame, to be compared.
fn seen(
    frame: Option<Result<Frame<Bytes>, AppError>>,
) -> Option<Result<Result<Bytes, HeaderMap>, AppError>> {
    frame.map(|frame| {
        frame.map(|frame| {
            frame.into_data().map_err(|frame| frame.into_trailers().unwrap_or_default())
        })
    })
}

async fn passes_unchanged(last: fn() -> Result<Frame<Bytes>, AppError>) {
    #[derive(Clone, Debug, PartialEq)]
    struct Extension(u32);

    let app = service_fn(move |_| {
        let response = Response::builder()
            .status(StatusCode::MULTI_STATUS)
            .version(Version::HTTP_2)
            .header("x-app", "one")
            .header("x-app", "two")
            .extension(Extension(7))
            .body(Streamed::new(last()));
        ready(Ok::<_, Infallible>(response.expect("it is well-formed")))
    });
    let response = layer(secret()).layer(app).oneshot(genuine()).await.unwrap();

    assert_eq!(response.status(), StatusCode::MULTI_STATUS);
    assert_eq!(response.version(), Version::HTTP_2);
    assert_eq!(response.headers().len(), 2);
    assert!(response.headers().get_all("x-app").iter().eq(["one", "two"]));
    assert_eq!(response.extensions().get(), Some(&Extension(7)));
    assert_eq!(kind_of(&response), None);

    let mut body = response.into_body();
    let mut twin = Streamed::new(last());
    for _ in 0..4 {
        assert_eq!(body.is_end_stream(), twin.is_end_stream());
        assert_eq!(body.size_hint().lower(), twin.size_hint().lower());
        assert_eq!(body.size_hint().upper(), twin.size_hint().upper());
        assert_eq!(seen(body.frame().await), seen(twin.frame().await));
    }
}

#[tokio::test]
async fn the_apps_response_and_its_streaming_body_with_trailers_pass_unchanged() {
    let trailers = || {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-checksum", HeaderValue::from_static("abc"));
        Ok(Frame::trailers(trailers))
    };
    passes_unchanged(trailers).await;
}

#[tokio::test]
async fn an_error_of_the_apps_streaming_body_passes_unchanged() {
    passes_unchanged(|| Err(AppError(9))).await;
}

#[tokio::test]
async fn the_apps_own_error_status_passes_unchanged() {
    let app = service_fn(|_| {
        let response = Response::builder()
            .status(StatusCode::SERVICE_UNAVAILABLE)
            .body(Full::from("the app's"));
        ready(Ok::<_, Infallible>(response.expect("it is well-formed")))
    });
    let response = layer(secret()).layer(app).oneshot(genuine()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().is_empty());
    assert_eq!(kind_of(&response), None);
    assert_eq!(text_of(response).await, "the app's");
}

#[tokio::test]
async fn the_body_of_a_rejection_has_an_exact_length() {
    let mut response = layer(secret()).layer(service_fn(app)).oneshot(forged()).await.unwrap();
    assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    assert!(!response.headers().contains_key(RETRY_AFTER));
    let length = response.body().size_hint().exact().unwrap();
    assert!(!response.body().is_end_stream());
    let data = response.body_mut().frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(data.len() as u64, length);
    assert!(response.body().is_end_stream());
    assert_eq!(response.body().size_hint().exact(), Some(0));

    let json: serde_json::Value = serde_json::from_slice(&data).unwrap();
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(
        json,
        serde_json::json!({"error": {"code": "signature_mismatch", "message": rejection.public_message()}})
    );
}

#[tokio::test]
async fn a_custom_rejection_response_also_carries_the_rejection() {
    #[derive(Clone)]
    struct Own;

    let layer = layer(secret()).with_rejection_response(|rejection| {
        let response = Response::builder()
            .status(StatusCode::IM_A_TEAPOT)
            .header("x-kind", rejection.kind().code());
        response.extension(Own).body("no coffee").unwrap()
    });
    let webhook = layer.layer(service_fn(app));

    for (kind, request) in bad_requests() {
        let response = webhook.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::IM_A_TEAPOT);
        assert_eq!(response.headers().len(), 1);
        assert_eq!(response.headers()["x-kind"], kind.code());
        assert!(response.extensions().get::<Own>().is_some());
        assert_eq!(kind_of(&response), Some(kind));
        assert_eq!(text_of(response).await, "no coffee");
    }
    let response = webhook.oneshot(genuine()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.extensions().get::<Own>().is_none());
}

// Providers

#[tokio::test]
async fn a_failing_provider_is_503_and_its_error_is_only_in_the_source() {
    const PROBLEM: &str = "postgres://app:hunter2@db is down";
    let provider = secret_provider_fn(|_: &Parts| ready(Err(PROBLEM.into())));
    let response = layer(provider).layer(service_fn(app)).oneshot(genuine()).await.unwrap();

    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers()[RETRY_AFTER].to_str().unwrap().parse::<u64>().unwrap() > 0);
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.kind(), SecretProviderFailed);
    assert_eq!(rejection.source().unwrap().to_string(), PROBLEM);
    assert!(!rejection.to_string().contains("hunter2"));
    let text = text_of(response).await;
    assert!(
        text.contains("secret_provider_failed")
            && !text.contains("hunter2")
            && !text.contains("postgres"),
        "{text}"
    );
}

#[tokio::test]
async fn a_provider_without_secrets_is_503_for_genuine_and_forged_requests() {
    for request in [genuine(), forged()] {
        let response =
            layer(SigningSecrets::default()).layer(service_fn(app)).oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key(RETRY_AFTER));
        assert_eq!(kind_of(&response), Some(NoSigningSecret));
        assert!(response.extensions().get::<Rejection>().unwrap().source().is_none());
    }
}

#[tokio::test]
async fn a_body_is_not_polled_until_a_slow_provider_has_answered() {
    let gate = Arc::new(Semaphore::new(0));
    let provider = secret_provider_fn({
        let gate = Arc::clone(&gate);
        move |_: &Parts| {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await?.forget();
                Ok(secret().into())
            }
        }
    });
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();

    let mut response =
        task::spawn(layer(provider).layer(service_fn(app)).oneshot(genuine().map(|_| body)));
    assert_pending!(response.poll());
    assert_pending!(response.poll());
    assert_eq!(feeder.capacity(), feeder.max_capacity() - 1, "the body was polled");

    gate.add_permits(1);
    assert!(response.is_woken());
    assert_pending!(response.poll());
    assert_eq!(feeder.capacity(), feeder.max_capacity());
    drop(feeder);
    assert!(response.is_woken());
    assert_eq!(assert_ready_ok!(response.poll()).status(), StatusCode::OK);
}

type Newer = Result<Option<SigningSecrets>, BoxError>;

/// A provider with a stale copy of the secrets.
///
/// It counts its calls, and answers as the test sets it.
struct Lagging {
    asked: Arc<Asked>,
    newer: fn() -> Newer,
}

#[derive(Default)]
struct Asked {
    secrets: AtomicUsize,
    newer: AtomicUsize,
}

impl Asked {
    /// How often `secrets` and `newer_secrets` were asked.
    fn times(&self) -> (usize, usize) {
        (self.secrets.load(Ordering::SeqCst), self.newer.load(Ordering::SeqCst))
    }
}

fn lagging(newer: fn() -> Newer) -> (Lagging, Arc<Asked>) {
    let asked = Arc::new(Asked::default());
    (Lagging { asked: Arc::clone(&asked), newer }, asked)
}

fn copy() -> SigningSecret {
    another_secret().with_id("the copy's")
}

impl SecretProvider for Lagging {
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        assert_eq!(head.uri, "/webhook");
        self.asked.secrets.fetch_add(1, Ordering::SeqCst);
        Ok(copy().into())
    }

    async fn newer_secrets(&self, head: &Parts, tried: &SigningSecrets) -> Newer {
        assert_eq!(head.uri, "/webhook");
        assert!(tried.ids().eq([copy().id()]));
        self.asked.newer.fetch_add(1, Ordering::SeqCst);
        // A database does not answer at once.
        yield_now().await;
        (self.newer)()
    }
}

/// Answers with the id of the secret that the event was verified by.
async fn tell_who_signed(request: VerifiedRequest) -> Result<Response<Full<Bytes>>, Infallible> {
    let event = request.extensions().get::<VerifiedEvent>().expect("the layer has put it there");
    Ok(Response::new(event.verified_by().as_str().to_owned().into()))
}

#[tokio::test]
async fn newer_secrets_are_not_requested_after_a_match() {
    let (provider, asked) = lagging(|| Err("asked".into()));
    let response = layer(provider)
        .layer(service_fn(tell_who_signed))
        .oneshot(signed_with(&copy()))
        .await
        .unwrap();
    assert_eq!(text_of(response).await, "the copy's");
    assert_eq!(asked.times(), (1, 0));
}

#[tokio::test]
async fn a_mismatch_asks_for_newer_secrets_once_and_they_accept_the_request() {
    let (provider, asked) = lagging(|| Ok(Some(secret().with_id("the source's").into())));
    let response =
        layer(provider).layer(service_fn(tell_who_signed)).oneshot(genuine()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text_of(response).await, "the source's");
    assert_eq!(asked.times(), (1, 1));
}

#[tokio::test]
async fn an_unfinished_or_broken_body_asks_for_no_newer_secrets() {
    let (provider, asked) = lagging(|| Ok(None));
    let (feeder, body) = fed_body();
    let mut response =
        task::spawn(layer(provider).layer(service_fn(app)).oneshot(genuine().map(|_| body)));
    feeder.try_send(Ok(Frame::data("{".into()))).unwrap();
    assert_pending!(response.poll());
    feeder.try_send(Err(std::io::Error::other("connection reset"))).unwrap();
    assert_eq!(kind_of(&assert_ready_ok!(response.poll())), Some(BodyIncomplete));
    assert_eq!(asked.times(), (1, 0));
}

#[tokio::test]
async fn newer_secrets_without_a_match_are_a_mismatch() {
    let answers: [fn() -> Newer; 3] = [
        || Ok(None),
        || Ok(Some(SigningSecrets::default())),
        || Ok(Some(SigningSecret::new("whsec_wrong_as_well")?.into())),
    ];
    for answer in answers {
        let (provider, asked) = lagging(answer);
        let response = layer(provider).layer(service_fn(app)).oneshot(genuine()).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(kind_of(&response), Some(SignatureMismatch));
        assert_eq!(asked.times(), (1, 1));
    }
}

#[tokio::test]
async fn a_failure_to_get_newer_secrets_is_503_and_not_a_mismatch() {
    let (provider, asked) = lagging(|| Err("postgres://app:hunter2@db is down".into()));
    let response = layer(provider).layer(service_fn(app)).oneshot(genuine()).await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(RETRY_AFTER));
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.kind(), SecretProviderFailed);
    assert!(rejection.source().unwrap().to_string().contains("hunter2"));
    assert!(!text_of(response).await.contains("hunter2"));
    assert_eq!(asked.times(), (1, 1));
}

#[tokio::test]
async fn a_provider_is_not_asked_for_a_request_with_a_wrong_head() {
    for (kind, request) in with_bad_heads() {
        let (provider, asked) = lagging(|| Ok(None));
        let response = layer(provider).layer(service_fn(app)).oneshot(request).await.unwrap();
        assert_eq!(kind_of(&response), Some(kind));
        assert_eq!(asked.times(), (0, 0), "{kind}");
    }
}

async fn forwards_both_questions<P: SecretProvider>(wrap: impl FnOnce(Lagging) -> P) {
    let (provider, asked) = lagging(|| Ok(Some(secret().with_id("the source's").into())));
    let webhook = layer(wrap(provider)).layer(service_fn(tell_who_signed));

    let response = webhook.clone().oneshot(signed_with(&copy())).await.unwrap();
    assert_eq!(text_of(response).await, "the copy's");
    assert_eq!(asked.times(), (1, 0));
    let response = webhook.oneshot(genuine()).await.unwrap();
    assert_eq!(text_of(response).await, "the source's");
    assert_eq!(asked.times(), (2, 1));
}

#[tokio::test]
async fn every_wrapper_of_a_provider_forwards_both_methods() {
    forwards_both_questions(SharedSecretProvider::new).await;
    forwards_both_questions(Arc::new).await;
    forwards_both_questions(Box::new).await;
    forwards_both_questions(|provider| &*Box::leak(Box::new(provider))).await;
    forwards_both_questions(|provider| SharedSecretProvider::new(Arc::new(Box::new(provider))))
        .await;
    forwards_both_questions(|provider| Arc::new(SharedSecretProvider::new(provider))).await;
}

#[tokio::test]
async fn a_secret_and_several_secrets_are_providers() {
    async fn accepts(provider: impl SecretProvider) {
        let webhook = layer(provider).layer(service_fn(tell_who_signed));
        let response = webhook.clone().oneshot(genuine()).await.unwrap();
        assert_eq!(text_of(response).await, secret().id().as_str());
        let response =
            webhook.oneshot(signed_with(&SigningSecret::new("whsec_x").unwrap())).await.unwrap();
        assert_eq!(kind_of(&response), Some(SignatureMismatch));
    }

    accepts(secret()).await;
    accepts(SigningSecrets::from([another_secret(), secret()])).await;
    accepts(SigningSecrets::from([secret(), another_secret()])).await;
    accepts(secret_provider_fn(|_: &Parts| ready(Ok(secret().into())))).await;
}

#[tokio::test]
async fn a_closure_distinguishes_tenants_by_the_head() {
    let provider = secret_provider_fn(|head: &Parts| {
        let secret = if head.uri.path().ends_with("/live") { secret() } else { another_secret() };
        ready(Ok(secret.into()))
    });
    let webhook = layer(provider).layer(service_fn(tell_who_signed));
    for (path, signer) in [("/live", secret()), ("/test", another_secret())] {
        let response =
            webhook.clone().oneshot(signed_request(path, EVENT, &signer, now())).await.unwrap();
        assert_eq!(text_of(response).await, signer.id().as_str());
    }
    let crossed = signed_request("/live", EVENT, &another_secret(), now());
    assert_eq!(kind_of(&webhook.oneshot(crossed).await.unwrap()), Some(SignatureMismatch));
}

#[tokio::test]
async fn an_environment_variable_without_a_signing_secret_is_503() {
    // The second one is set wherever tests run, to something else than a secret. Setting one is
    // `unsafe`.
    for (variable, kind) in [("NO_SUCH_VARIABLE", NoSigningSecret), ("PATH", SecretProviderFailed)]
    {
        let response = layer(EnvSecret::new(variable))
            .layer(service_fn(app))
            .oneshot(genuine())
            .await
            .unwrap();
        assert_eq!(kind_of(&response), Some(kind));
        assert!(response.headers().contains_key(RETRY_AFTER));
    }
}
