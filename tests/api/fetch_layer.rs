//! The `FetchLayer`: which events it fetches, and what the handler sees.

use std::{
    convert::Infallible,
    error::Error,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};
use tower::{
    Layer, Service, ServiceBuilder, ServiceExt, limit::ConcurrencyLimit, util::BoxCloneSyncService,
};
use tower_stripe_webhook::{
    EventData, EventType, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    api::{ApiError, ApiErrorKind, Fetch, FetchError, FetchErrorKind, FetchLayer},
    event::EventKind,
    idempotency::{IdempotencyLayer, MemoryStore, Outcome},
    response::ResponseBody,
    test_util::{FixedClock, signed_request, verified_event},
};
use tower_test::mock::{self, Handle, Mock};

use crate::{
    app::{AppRequest, Handled, app, deliver, is_fetched, request, settle, text_of},
    events::{customer, invoice, snapshot, stub, thin, thin_json},
    fake_client::{FakeClient, missing},
    log::Log,
};

const INVOICE: &str = "/v1/invoices/in_1";

fn thin_invoice() -> VerifiedEvent {
    thin("v1.invoice.paid", INVOICE, "invoice")
}

fn snapshot_invoice() -> VerifiedEvent {
    snapshot("invoice.paid", invoice("in_1", "open"))
}

fn api() -> FakeClient {
    FakeClient::with(INVOICE, invoice("in_1", "paid"))
}

#[tokio::test]
async fn the_handler_sees_the_current_object_of_a_thin_event() {
    let api = api();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let event = thin_invoice();
    let response = deliver(&app, &event).await;
    assert_eq!(response.status(), StatusCode::OK);
    // The handler echoes the body.
    assert_eq!(text_of(response).await.as_bytes(), event.body());
    let handled = handled.last();
    assert!(matches!(handled.data().unwrap(), EventData::InvoicePaid(_)));
    assert_eq!(handled.kind(), EventKind::Thin);
    assert_eq!(handled.body(), event.body());
    assert_eq!(handled.signed_at(), event.signed_at());
    assert_eq!(handled.verified_by(), event.verified_by());
    let [request] = &*api.requests() else { panic!("one request is made") };
    assert_eq!((request.path(), request.event_id()), (INVOICE, Some("evt_thin")));
}

#[tokio::test]
async fn a_thin_event_without_an_object_is_passed_on() {
    let api = FakeClient::default();
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_snapshot_events(true));
    let json = thin_json("v1.invoice.upcoming", "/v1/x", "x", json!({"related_object": null}));
    assert_eq!(deliver(&app, &verified_event(json.to_string())).await.status(), StatusCode::OK);
    assert!(!is_fetched(&handled.last()));
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn a_snapshot_event_is_fetched_only_if_the_option_is_set() {
    for (fetches, status) in [(false, "open"), (true, "paid")] {
        let api = api();
        let (app, handled) = app(&FetchLayer::new(api.clone()).with_snapshot_events(fetches));
        deliver(&app, &snapshot_invoice()).await;
        assert_eq!(handled.last().object::<Value>().unwrap()["status"], status);
        assert_eq!(api.requests().len(), usize::from(fetches));
        deliver(&app, &thin_invoice()).await;
        assert!(is_fetched(&handled.last()));
    }
}

#[tokio::test]
async fn a_snapshot_event_without_a_retrievable_object_is_passed_on() {
    let api = FakeClient::default();
    let (app, handled) = app(&FetchLayer::new(api.clone()).with_snapshot_events(true));
    for event in [
        snapshot("invoice.upcoming", invoice("upcoming_in_1", "draft")),
        snapshot(
            "billing_portal.session.created",
            json!({"id": "bps_1", "object": "billing_portal.session"}),
        ),
    ] {
        assert_eq!(deliver(&app, &event).await.status(), StatusCode::OK);
        assert!(!is_fetched(&handled.last()));
        assert!(handled.last().data().is_ok());
    }
    assert!(api.requests().is_empty());
}

#[tokio::test]
async fn only_events_within_the_filter_are_fetched() {
    let by_type = |api| FetchLayer::new(api).with_event_types([EventType::InvoicePaid]);
    let by_filter =
        |api| FetchLayer::new(api).with_filter(|event| event.event_type() == "invoice.paid");
    let refunded = thin("v1.charge.refunded", "/v1/charges/ch_1", "charge");
    for layer in [by_type as fn(_) -> _, by_filter] {
        let api = api();
        let (app, handled) = app(&layer(api.clone()).with_snapshot_events(true));
        for (event, fetches) in
            [(thin_invoice(), true), (snapshot_invoice(), true), (refunded.clone(), false)]
        {
            assert_eq!(deliver(&app, &event).await.status(), StatusCode::OK);
            assert_eq!(is_fetched(&handled.last()), fetches, "{event:?}");
        }
        assert_eq!(api.paths(), [INVOICE, INVOICE]);
    }
}

#[tokio::test]
async fn a_missing_object_is_an_answer() {
    let path = "/v1/customers/cus_1";
    for api in [FakeClient::default(), FakeClient::with(path, stub("cus_1", "customer"))] {
        let (app, handled) = app(&FetchLayer::new(api));
        let updated = thin("v1.customer.updated", path, "customer");
        assert_eq!(deliver(&app, &updated).await.status(), StatusCode::OK);
        assert!(matches!(handled.last().data().unwrap(), EventData::Deleted(_)));
        deliver(&app, &thin("v1.customer.deleted", path, "customer")).await;
        assert!(matches!(handled.last().data().unwrap(), EventData::CustomerDeleted(_)));
    }
}

#[tokio::test]
async fn a_failed_fetch_is_answered_with_503() {
    let failing = |kind| {
        let api = FakeClient::default();
        api.fail(INVOICE, ApiError::new(kind).with_request_id("req_1"));
        api
    };
    let unexpected = FetchErrorKind::Api(ApiErrorKind::UnexpectedResponse);
    let mut other_mode = invoice("in_1", "paid");
    other_mode["livemode"] = json!(true);
    for (api, kind) in [
        (failing(ApiErrorKind::Stripe), FetchErrorKind::Api(ApiErrorKind::Stripe)),
        (failing(ApiErrorKind::RateLimited), FetchErrorKind::Api(ApiErrorKind::RateLimited)),
        (failing(ApiErrorKind::Permission), FetchErrorKind::Api(ApiErrorKind::Permission)),
        (FakeClient::with(INVOICE, invoice("in_2", "paid")), unexpected),
        (FakeClient::with(INVOICE, customer("in_1")), unexpected),
        (FakeClient::with(INVOICE, other_mode), unexpected),
        (FakeClient::with(INVOICE, json!({"error": {"code": "resource_missing"}})), unexpected),
        (FakeClient::with(INVOICE, "<html>"), unexpected),
    ] {
        let (app, handled) = app(&FetchLayer::new(api));
        let response = deliver(&app, &thin_invoice()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "30");
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(response.extensions().get::<FetchError>().unwrap().kind(), kind);
        assert_eq!(
            text_of(response).await,
            "{\"error\":{\"code\":\"fetch_failed\",\"message\":\"the object of this event could not be fetched from \
             Stripe's API: this server's log has the reason\"}}"
        );
        assert_eq!(handled.count(), 0);
    }
}

#[tokio::test]
async fn the_retry_after_of_stripe_is_passed_on() {
    for (wait, seconds) in [
        (Duration::from_secs(7), "7"),
        (Duration::from_millis(100), "1"),
        (Duration::from_secs(3600), "3600"),
        (Duration::from_secs(3601), "3600"),
    ] {
        let api = FakeClient::default();
        api.fail(INVOICE, ApiError::new(ApiErrorKind::RateLimited).with_retry_after(wait));
        let (app, _) = app(&FetchLayer::new(api));
        let response = deliver(&app, &thin_invoice()).await;
        assert_eq!(response.headers()["retry-after"], seconds);
    }
}

#[tokio::test]
async fn a_related_object_with_an_invalid_path_is_answered_with_503() {
    let api = FakeClient::default();
    let (app, handled) = app(&FetchLayer::new(api.clone()));
    let event = thin("v1.invoice.paid", "https://evil.example/v1/invoices/in_1", "invoice");
    let response = deliver(&app, &event).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let error = response.extensions().get::<FetchError>().unwrap();
    assert_eq!(error.kind(), FetchErrorKind::InvalidPath);
    assert!(api.requests().is_empty());
    assert_eq!(handled.count(), 0);
}

#[tokio::test]
async fn a_request_without_a_verified_event_is_answered_with_500() {
    let (app, handled) = app(&FetchLayer::new(FakeClient::default()));
    let log = Log::begin();
    let response = app.oneshot(Request::default()).await.unwrap();
    assert_eq!(
        log.end().trim_start(),
        "ERROR tower_stripe_webhook::api::fetch_layer::trace: rejected a request: the FetchLayer is not inside a \
         StripeWebhookLayer\n"
    );
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text_of(response).await.contains(r#""code":"no_verified_event""#));
    assert_eq!(handled.count(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_event_waits_for_its_object_until_the_timeout() {
    let timeouts = [None, Some(Duration::from_secs(3))];
    for timeout in timeouts {
        let api = api().hold();
        let layer = FetchLayer::new(api.clone());
        let (layer, limit) = match timeout {
            Some(timeout) => (layer.with_timeout(timeout), timeout),
            None => (layer, Duration::from_secs(8)),
        };
        let (app, handled) = app(&layer);
        let event = thin_invoice();

        let in_time = tokio::spawn({
            let (app, event) = (app.clone(), event.clone());
            async move { deliver(&app, &event).await }
        });
        settle().await;
        tokio::time::advance(limit - Duration::from_millis(1)).await;
        api.answer(1);
        assert_eq!(in_time.await.unwrap().status(), StatusCode::OK);

        let response = deliver(&app, &event).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let error = response.extensions().get::<FetchError>().unwrap();
        assert_eq!(error.kind(), FetchErrorKind::Api(ApiErrorKind::Timeout));
        assert_eq!(handled.count(), 1);
        settle().await;
        assert_eq!(api.in_flight(), 0, "the fetch for which no event waits is cancelled");
    }
}

#[tokio::test]
async fn a_fetch_is_logged_at_debug_and_a_failure_as_a_warning() {
    let log_of = async |api: FakeClient| {
        let (app, _) = app(&FetchLayer::new(api));
        let log = Log::begin();
        deliver(&app, &thin_invoice()).await;
        log.end().trim_start().to_owned()
    };
    assert_eq!(
        log_of(api()).await,
        "DEBUG tower_stripe_webhook::api::fetch_layer::trace: fetched the object of an event event.id=\"evt_thin\" \
         event.type=\"invoice.paid\" object.is_deleted=false\n"
    );
    assert!(log_of(FakeClient::default()).await.ends_with("object.is_deleted=true\n"));

    let failing = FakeClient::default();
    let error = ApiError::new(ApiErrorKind::Stripe)
        .with_status(StatusCode::BAD_GATEWAY)
        .with_request_id("req_1")
        .with_source("the cause");
    failing.fail(INVOICE, error);
    assert_eq!(
        log_of(failing).await,
        "WARN tower_stripe_webhook::api::fetch_layer::trace: cannot fetch the object of an event: Stripe's API failed \
         (request req_1) event.id=\"evt_thin\" event.type=\"invoice.paid\" status=502 error=the cause\n"
    );
}

mod with_idempotency {
    //! The layers as an app has them: verify, once, fetch, handle.

    use super::*;

    const NOW: u64 = 1_795_447_015;

    /// Each of the three layers may answer by itself.
    type StackBody = ResponseBody<ResponseBody<ResponseBody<Full<Bytes>>>>;

    type Stack = BoxCloneSyncService<AppRequest, Response<StackBody>, Infallible>;

    fn secret() -> SigningSecret {
        SigningSecret::new("whsec_of_the_tests").unwrap()
    }

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)
    }

    fn stack(api: FakeClient) -> (Stack, Handled) {
        let handled = Handled::default();
        let layers = ServiceBuilder::new()
            .layer(StripeWebhookLayer::new(secret()).with_clock(FixedClock::new(now())))
            .layer(IdempotencyLayer::new(MemoryStore::new()))
            .layer(FetchLayer::new(api));
        (BoxCloneSyncService::new(layers.service(handled.handler())), handled)
    }

    async fn deliver(stack: &Stack, event: &VerifiedEvent) -> (StatusCode, Outcome) {
        let body = String::from_utf8(event.body().to_vec()).unwrap();
        let request = signed_request("/webhook", body, &secret(), now());
        let response = stack.clone().oneshot(request).await.unwrap();
        (response.status(), *response.extensions().get().expect("each response has its outcome"))
    }

    #[tokio::test]
    async fn no_fetch_is_made_for_a_duplicate() {
        let api = api();
        let (stack, handled) = stack(api.clone());
        let event = thin_invoice();
        assert_eq!(deliver(&stack, &event).await, (StatusCode::OK, Outcome::Committed));
        for _ in 0..3 {
            assert_eq!(deliver(&stack, &event).await, (StatusCode::OK, Outcome::Duplicate));
        }
        assert_eq!((api.requests().len(), handled.count()), (1, 1));
        assert!(is_fetched(&handled.last()));
    }

    #[tokio::test]
    async fn no_fetch_is_made_for_an_event_in_flight() {
        let api = api().hold();
        let (stack, handled) = stack(api.clone());
        let first = tokio::spawn({
            let stack = stack.clone();
            async move { deliver(&stack, &thin_invoice()).await }
        });
        settle().await;
        let second = deliver(&stack, &thin_invoice()).await;
        assert_eq!(second, (StatusCode::CONFLICT, Outcome::InFlight));
        api.answer(1);
        assert_eq!(first.await.unwrap(), (StatusCode::OK, Outcome::Committed));
        assert_eq!((api.requests().len(), handled.count()), (1, 1));
    }

    #[tokio::test]
    async fn a_failed_fetch_releases_the_claim() {
        let api = FakeClient::default();
        api.fail(INVOICE, ApiError::new(ApiErrorKind::Stripe));
        let (stack, handled) = stack(api.clone());
        let event = thin_invoice();
        let failed = (StatusCode::SERVICE_UNAVAILABLE, Outcome::Released);
        assert_eq!(deliver(&stack, &event).await, failed);
        assert_eq!(handled.count(), 0);
        api.set(INVOICE, invoice("in_1", "paid"));
        assert_eq!(deliver(&stack, &event).await, (StatusCode::OK, Outcome::Committed));
        assert_eq!((api.requests().len(), handled.count()), (2, 1));
    }

    #[tokio::test]
    async fn a_missing_object_is_handled_once() {
        let api = FakeClient::default();
        api.fail(INVOICE, missing());
        let (stack, handled) = stack(api.clone());
        assert_eq!(deliver(&stack, &thin_invoice()).await.1, Outcome::Committed);
        assert_eq!(deliver(&stack, &thin_invoice()).await.1, Outcome::Duplicate);
        assert!(matches!(handled.last().data().unwrap(), EventData::Deleted(_)));
        assert_eq!(api.requests().len(), 1);
    }
}

type Answer = Response<Full<Bytes>>;

type MockedService = mock::Spawn<Fetch<Mock<AppRequest, Answer>, FakeClient>>;

/// The layer around a mock, which panics if it is called without having been polled ready, and
/// whose clones are not ready.
fn around_mock(api: FakeClient) -> (MockedService, Handle<AppRequest, Answer>) {
    mock::spawn_layer(FetchLayer::new(api))
}

#[tokio::test]
async fn the_ready_service_itself_is_called() {
    let (mut service, mut app) = around_mock(api());
    for event in [thin_invoice(), snapshot_invoice(), thin_invoice()] {
        assert_ready_ok!(service.poll_ready::<AppRequest>());
        let mut response = task::spawn(service.call(request(&event)));
        assert_pending!(response.poll());
        settle().await;
        assert_pending!(response.poll());

        let (request, answer) = app.next_request().await.unwrap();
        assert_eq!(request.extensions().get::<VerifiedEvent>().unwrap().id(), event.id());
        answer.send_response(Response::default());
        assert!(response.is_woken());
        assert_ready_ok!(response.poll());
    }
}

#[tokio::test]
async fn backpressure_is_the_inner_services() {
    let (mut service, mut app) = around_mock(api());
    app.allow(0);
    assert_pending!(service.poll_ready::<AppRequest>());
    app.allow(1);
    assert!(service.is_woken());
    assert_ready_ok!(service.poll_ready::<AppRequest>());
}

#[tokio::test]
async fn the_inner_services_errors_are_passed_on() {
    let (mut service, mut app) = around_mock(api());
    for event in [thin_invoice(), snapshot_invoice()] {
        assert_ready_ok!(service.poll_ready::<AppRequest>());
        let mut response = task::spawn(service.call(request(&event)));
        assert_pending!(response.poll());
        settle().await;
        assert_pending!(response.poll());
        app.next_request().await.unwrap().1.send_error("the app's own");
        assert_eq!(assert_ready_err!(response.poll()).to_string(), "the app's own");
    }
    app.send_error("not ready");
    assert_eq!(assert_ready_err!(service.poll_ready::<AppRequest>()).to_string(), "not ready");
}

#[test]
fn the_inner_service_can_be_reached() {
    let mut service = FetchLayer::new(FakeClient::default()).layer("inner".to_owned());
    assert_eq!(service.get_ref(), "inner");
    service.get_mut().push_str(" service");
    assert_eq!(service.clone().into_inner(), "inner service");
    let debug = format!("{service:?} {:?}", FetchLayer::new(FakeClient::default()));
    assert!(debug.contains("snapshot_events: false"), "{debug}");
}

#[tokio::test]
async fn a_failed_fetch_releases_its_reserved_place() {
    let handled = Handled::default();
    let api = FakeClient::default();
    api.fail(INVOICE, ApiError::new(ApiErrorKind::Stripe));
    let mut service = FetchLayer::new(api).layer(ConcurrencyLimit::new(handled.handler(), 1));
    for _ in 0..3 {
        let response = service.ready().await.unwrap().call(request(&thin_invoice())).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}

#[test]
fn the_error_says_what_to_do_and_keeps_its_cause() {
    let error = FetchError::from(ApiError::new(ApiErrorKind::Transport).with_source("refused"));
    assert_eq!(error.to_string(), "Stripe's API cannot be reached");
    assert_eq!(error.source().unwrap().to_string(), "refused");
}
