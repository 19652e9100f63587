//! Rejections by the head before the body is polled, and valid forms of a body.

use std::{
    convert::Infallible,
    error::Error,
    future::ready,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_LENGTH, RETRY_AFTER},
    request::Parts,
};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio_test::{assert_pending, assert_ready_ok, task};
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    BoxError, Rejection,
    RejectionKind::{self, *},
    SecretProvider, SigningSecrets, StripeWebhookLayer, VerifiedEvent,
    response::ResponseBody,
    secret::secret_provider_fn,
    test_util::{sign, signed_request},
};

use crate::support::{
    EVENT, FedBody, WithoutData, fed_body, genuine, kind_of, layer, now, secret, text_of,
};

const SIGNATURE: HeaderName = HeaderName::from_static("stripe-signature");

// The head: steps 1 to 4

/// A body that panics if it is polled.
struct Untouchable;

impl Body for Untouchable {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body was polled")
    }
}

/// What a request with this head is answered at the first poll, without a runtime.
fn first_answer<P: SecretProvider>(
    layer: StripeWebhookLayer<P>,
    head: impl FnOnce(&mut HeaderMap),
) -> Response<ResponseBody<Full<Bytes>>> {
    async fn never(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
        panic!("the inner service was called")
    }

    let mut request = genuine().map(|_| Untouchable);
    head(request.headers_mut());
    let mut response = task::spawn(layer.layer(service_fn(never)).oneshot(request));
    assert_ready_ok!(response.poll())
}

/// As [`first_answer`], of a layer whose provider is not to be asked either.
fn answer_from_the_head(head: impl FnOnce(&mut HeaderMap)) -> Response<ResponseBody<Full<Bytes>>> {
    struct NotToBeAsked;

    impl SecretProvider for NotToBeAsked {
        async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
            panic!("the provider was asked")
        }
    }

    first_answer(layer(NotToBeAsked), head)
}

fn assert_rejected<B>(response: &Response<B>, kind: RejectionKind) {
    assert_eq!(kind_of(response), Some(kind));
    assert_eq!(response.status(), kind.status());
}

#[test]
fn a_request_without_a_signature_header_is_rejected_without_its_body() {
    let response = answer_from_the_head(|headers| {
        headers.remove(SIGNATURE);
    });
    assert_rejected(&response, MissingSignatureHeader);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[test]
fn a_request_with_an_empty_signature_header_is_rejected_without_its_body() {
    for empty in ["", " ", " \t "] {
        let response = answer_from_the_head(|headers| {
            headers.insert(SIGNATURE, HeaderValue::from_str(empty).unwrap());
        });
        assert_rejected(&response, MissingSignatureHeader);
    }
}

#[test]
fn a_request_with_two_signature_headers_is_rejected_without_its_body() {
    for good_first in [true, false] {
        let response = answer_from_the_head(|headers| {
            let good = headers[SIGNATURE].clone();
            let [first, second] = if good_first {
                [good, "t=1".parse().unwrap()]
            } else {
                ["t=1".parse().unwrap(), good]
            };
            headers.insert(SIGNATURE, first);
            headers.append(SIGNATURE, second);
        });
        assert_rejected(&response, RepeatedSignatureHeader);
    }
    let response = answer_from_the_head(|headers| {
        headers.append(SIGNATURE, headers[SIGNATURE].clone());
    });
    assert_rejected(&response, RepeatedSignatureHeader);
}

#[test]
fn a_malformed_signature_header_is_rejected_without_its_body() {
    let v1 = sign(EVENT, &secret(), now()).split_once(',').unwrap().1.to_owned();
    let malformed = [
        "t=1795447015",
        "t=1795447015,v1=abc",
        &v1,
        &format!("t=now,{v1}"),
        &format!("t=1,t=2,{v1}"),
        ",,",
        "no signature",
    ]
    .map(|header| HeaderValue::from_str(header).unwrap())
    .into_iter()
    .chain([HeaderValue::from_bytes(b"t=\xff,v1=\xff").unwrap()]);
    for header in malformed {
        let response = answer_from_the_head(|headers| {
            headers.insert(SIGNATURE, header);
        });
        assert_rejected(&response, MalformedSignatureHeader);
    }
}

#[test]
fn a_request_with_a_stale_timestamp_is_rejected_without_its_body() {
    let response = answer_from_the_head(|headers| {
        let stale = sign(EVENT, &secret(), now() - Duration::from_secs(301));
        headers.insert(SIGNATURE, stale.parse().unwrap());
    });
    assert_rejected(&response, TimestampOutsideTolerance);
}

#[test]
fn a_request_with_a_timestamp_in_the_future_is_rejected_without_its_body() {
    let response = answer_from_the_head(|headers| {
        let early = sign(EVENT, &secret(), now() + Duration::from_secs(301));
        headers.insert(SIGNATURE, early.parse().unwrap());
    });
    assert_rejected(&response, TimestampOutsideTolerance);
}

#[tokio::test]
async fn a_declared_length_of_500_mb_is_rejected_without_its_body() {
    let response = answer_from_the_head(|headers| {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(500_000_000));
    });
    assert_rejected(&response, BodyTooLarge);
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let text = text_of(response).await;
    assert!(text.contains("500000000") && text.contains("2097152"), "{text}");
}

#[test]
fn one_declared_byte_over_the_limit_is_rejected_without_its_body() {
    let response = answer_from_the_head(|headers| {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(2 * 1024 * 1024 + 1));
    });
    assert_rejected(&response, BodyTooLarge);
}

#[test]
fn a_declared_length_beyond_u64_is_rejected_without_its_body() {
    for length in
        ["18446744073709551615", "18446744073709551616", "99999999999999999999999999999999"]
    {
        let response = answer_from_the_head(|headers| {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
        });
        assert_rejected(&response, BodyTooLarge);
    }
}

#[test]
fn a_request_without_a_set_secret_is_rejected_without_its_body() {
    let response = first_answer(layer(SigningSecrets::default()), |_| {});
    assert_rejected(&response, NoSigningSecret);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(RETRY_AFTER));
}

#[test]
fn a_request_is_rejected_without_its_body_if_the_provider_fails() {
    let response = first_answer(
        layer(secret_provider_fn(|_: &Parts| ready(Err("the database is down".into())))),
        |_| {},
    );
    assert_rejected(&response, SecretProviderFailed);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(response.headers().contains_key(RETRY_AFTER));
}

#[test]
fn the_first_failing_step_names_the_error_of_a_head() {
    let answer = |signature: &str| {
        first_answer(layer(SigningSecrets::default()), |headers| {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(500_000_000));
            headers.insert(SIGNATURE, signature.parse().unwrap());
        })
    };
    assert_rejected(&answer("t=1"), MalformedSignatureHeader);
    assert_rejected(
        &answer(&sign(EVENT, &secret(), now() - Duration::from_secs(301))),
        TimestampOutsideTolerance,
    );
    assert_rejected(&answer(&sign(EVENT, &secret(), now())), BodyTooLarge);
}

// The body: step 5

/// Answers with the request's head in the extensions and its body as the body.
async fn echo(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut response = Response::new(body);
    response.extensions_mut().insert(head);
    Ok(response)
}

fn head_within<B>(echo: &Response<B>) -> &Parts {
    echo.extensions().get().expect("the app was called")
}

fn event_within<B>(echo: &Response<B>) -> &VerifiedEvent {
    head_within(echo).extensions.get().expect("the layer has put the event there")
}

async fn send<P, B>(
    layer: StripeWebhookLayer<P>,
    request: Request<B>,
) -> Response<ResponseBody<Full<Bytes>>>
where
    P: SecretProvider,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    layer.layer(service_fn(echo)).oneshot(request).await.expect("the inner service never fails")
}

/// Makes a request signed for `payload`, with these frames as its body.
fn in_frames<'a>(payload: &str, frames: impl IntoIterator<Item = &'a [u8]>) -> Request<FedBody> {
    let (feeder, body) = fed_body();
    for frame in frames {
        feeder
            .try_send(Ok(Frame::data(Bytes::copy_from_slice(frame))))
            .expect("the feeder has capacity");
    }
    signed_request("/webhook", payload.to_owned(), &secret(), now()).map(|_| body)
}

fn undeclared<B>(mut request: Request<B>) -> Request<B> {
    request.headers_mut().remove(CONTENT_LENGTH);
    request
}

/// An event of exactly as many bytes.
fn event_of(size: usize) -> String {
    EVENT.to_owned() + &" ".repeat(size - EVENT.len())
}

const LIMIT: usize = EVENT.len() + 100;

#[tokio::test]
async fn a_body_exactly_at_the_limit_is_accepted() {
    let payload = event_of(LIMIT);
    let bytes = payload.as_bytes();
    let (first, second) = bytes.split_at(LIMIT - 1);

    for request in [
        in_frames(&payload, [bytes]),
        in_frames(&payload, [first, second]),
        undeclared(in_frames(&payload, [bytes])),
        undeclared(in_frames(&payload, [first, second])),
        undeclared(in_frames(&payload, [bytes, b""])),
    ] {
        let response = send(layer(secret()).with_max_body_size(LIMIT), request).await;
        assert_eq!(kind_of(&response), None);
        assert_eq!(text_of(response).await, payload);
    }
}

#[tokio::test]
async fn a_body_one_byte_over_the_limit_is_rejected() {
    let payload = event_of(LIMIT + 1);
    let bytes = payload.as_bytes();
    let (first, second) = bytes.split_at(LIMIT);

    for request in [
        in_frames(&payload, [bytes]),
        in_frames(&payload, [first, second]),
        undeclared(in_frames(&payload, [bytes])),
        undeclared(in_frames(&payload, [first, second])),
    ] {
        let response = send(layer(secret()).with_max_body_size(LIMIT), request).await;
        assert_rejected(&response, BodyTooLarge);
        let text = text_of(response).await;
        assert!(text.contains(&LIMIT.to_string()), "{text}");
    }
}

#[tokio::test]
async fn a_body_longer_than_declared_is_checked_against_the_limit() {
    let payload = event_of(LIMIT + 1);
    let mut request = in_frames(&payload, payload.as_bytes().chunks(1000));
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(10));
    assert_rejected(&send(layer(secret()).with_max_body_size(LIMIT), request).await, BodyTooLarge);
}

#[tokio::test]
async fn a_body_over_the_limit_is_dropped_without_further_reads() {
    let read = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&read);
    let request = undeclared(in_frames(EVENT, EVENT.as_bytes().chunks(100))).map(|body| {
        body.map_frame(move |frame| {
            count.fetch_add(1, Ordering::SeqCst);
            frame
        })
    });
    let mut response = task::spawn(
        layer(secret()).with_max_body_size(250).layer(service_fn(echo)).oneshot(request),
    );
    assert_rejected(&assert_ready_ok!(response.poll()), BodyTooLarge);
    assert_eq!(read.load(Ordering::SeqCst), 3);
    assert_eq!(Arc::strong_count(&read), 1, "the body was dropped");
}

#[tokio::test]
async fn a_body_in_frames_of_one_byte_is_accepted_and_passed_on_unchanged() {
    let response = send(layer(secret()), in_frames(EVENT, EVENT.as_bytes().chunks(1))).await;
    assert_eq!(event_within(&response).body(), EVENT);
    assert_eq!(text_of(response).await, EVENT);
}

#[tokio::test]
async fn empty_frames_anywhere_in_a_body_change_nothing() {
    let (first, second) = EVENT.as_bytes().split_at(100);
    let response =
        send(layer(secret()), in_frames(EVENT, [b"", b"", first, b"", second, b""])).await;
    assert_eq!(kind_of(&response), None);
    assert_eq!(text_of(response).await, EVENT);
}

#[tokio::test]
async fn a_body_has_at_most_10_000_frames_without_data() {
    for (frames, is_trailers, expected) in [
        (10_000, false, None),
        (10_001, false, Some(BodyIncomplete)),
        (10_000, true, None),
        (10_001, true, Some(BodyIncomplete)),
        // Would not end in the time of a test.
        (usize::MAX, false, Some(BodyIncomplete)),
    ] {
        let request = genuine().map(|_| WithoutData { frames, is_trailers, event: Some(EVENT) });
        let response = send(layer(secret()), request).await;
        assert_eq!(kind_of(&response), expected, "{frames} {is_trailers}");
    }
}

#[tokio::test]
async fn trailers_are_tolerated() {
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
    feeder
        .try_send(Ok(Frame::trailers(HeaderMap::from_iter([(SIGNATURE, "t=1".parse().unwrap())]))))
        .unwrap();
    drop(feeder);
    let response = send(layer(secret()), genuine().map(|_| body)).await;
    assert_eq!(kind_of(&response), None);
    assert_eq!(text_of(response).await, EVENT);
}

#[tokio::test]
async fn a_broken_body_is_incomplete_and_its_error_is_the_source() {
    for whole in [true, false] {
        let (feeder, body) = fed_body();
        let sent = if whole { EVENT } else { &EVENT[..100] };
        feeder.try_send(Ok(Frame::data(sent.into()))).unwrap();
        feeder
            .try_send(Err(io::Error::new(io::ErrorKind::ConnectionReset, "reset by 10.0.0.7")))
            .unwrap();
        let response = send(layer(secret()), genuine().map(|_| body)).await;

        assert_rejected(&response, BodyIncomplete);
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let rejection = response.extensions().get::<Rejection>().unwrap();
        let source = rejection.source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(source.kind(), io::ErrorKind::ConnectionReset);
        let text = text_of(response).await;
        assert!(text.contains("body_incomplete") && !text.contains("10.0.0.7"), "{text}");
    }
}

#[tokio::test]
async fn a_truncated_body_without_an_error_does_not_match_its_signature() {
    let response = send(layer(secret()), in_frames(EVENT, [&EVENT.as_bytes()[..100]])).await;
    assert_rejected(&response, SignatureMismatch);
}

#[tokio::test]
async fn an_empty_body_with_a_valid_signature_is_not_json() {
    for request in [in_frames("", []), in_frames("", [b"".as_slice()])] {
        assert_rejected(&send(layer(secret()), request).await, InvalidJson);
    }
    assert_rejected(
        &send(layer(secret()), signed_request("/webhook", "", &secret(), now())).await,
        InvalidJson,
    );
}

#[tokio::test]
async fn a_non_numeric_content_length_is_left_to_the_server() {
    for length in ["", "abc", "-1", "0x10", "12, 12"] {
        let mut request = genuine();
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static(length));
        assert_eq!(kind_of(&send(layer(secret()), request).await), None);
    }
}

/// Where the bytes lie that the inner service and the handler get.
async fn where_it_arrives(request: Request<FedBody>) -> [*const u8; 2] {
    let mut response = send(layer(secret()), request).await;
    let by_the_handler = event_within(&response).body().as_ptr();
    let frame = response.body_mut().frame().await.expect("a frame").expect("no error");
    let body = frame.into_data().expect("no trailers");
    assert_eq!(body, EVENT);
    [body.as_ptr(), by_the_handler]
}

#[tokio::test]
async fn a_body_in_one_frame_is_not_copied() {
    // The clone that is kept makes the bytes shared, as those in a server's read buffer are.
    let sent = Bytes::from(EVENT.to_owned());
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(sent.clone()))).unwrap();
    drop(feeder);
    assert_eq!(where_it_arrives(genuine().map(|_| body)).await, [sent.as_ptr(); 2]);
}

#[tokio::test]
async fn a_body_in_one_frame_before_trailers_is_not_copied() {
    let sent = Bytes::from(EVENT.to_owned());
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(sent.clone()))).unwrap();
    feeder.try_send(Ok(Frame::trailers(HeaderMap::new()))).unwrap();
    drop(feeder);
    assert_eq!(where_it_arrives(genuine().map(|_| body)).await, [sent.as_ptr(); 2]);
}

/// A body that ends with an empty frame.
///
/// An HTTP/2 client that learns late of the end of its body, such as hyper's with a stream, sends
/// an empty `DATA` frame with `END_STREAM`. A hyper server passes it on.
#[tokio::test]
async fn a_body_in_one_frame_before_an_empty_one_is_not_copied() {
    let sent = Bytes::from(EVENT.to_owned());
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(sent.clone()))).unwrap();
    feeder.try_send(Ok(Frame::data(Bytes::new()))).unwrap();
    drop(feeder);
    assert_eq!(where_it_arrives(genuine().map(|_| body)).await, [sent.as_ptr(); 2]);
}

#[tokio::test]
async fn the_inner_service_gets_the_sent_bytes_and_the_rest_unchanged() {
    #[derive(Clone, Debug, PartialEq)]
    struct RouteParameters(u32);

    // A JSON parser would print this body differently.
    let payload = EVENT.replacen('{', "{ \"caf\\u00e9\" : \"\u{e9}\\/\",\r\n\t", 1) + "\r\n";
    let mut request = signed_request("/webhook/7?live=1", payload.clone(), &secret(), now());
    *request.method_mut() = Method::PUT;
    *request.version_mut() = http::Version::HTTP_2;
    request.headers_mut().append("x-forwarded-for", HeaderValue::from_static("one"));
    request.headers_mut().append("x-forwarded-for", HeaderValue::from_static("two"));
    request.extensions_mut().insert(RouteParameters(7));
    let sent = request.headers().clone();

    let response = send(layer(secret()), request).await;
    let head = head_within(&response);
    assert_eq!(head.method, Method::PUT);
    assert_eq!(head.uri, "/webhook/7?live=1");
    assert_eq!(head.version, http::Version::HTTP_2);
    assert_eq!(head.headers, sent);
    assert_eq!(head.extensions.get(), Some(&RouteParameters(7)));
    assert_eq!(event_within(&response).body(), payload.as_bytes());
    assert_eq!(text_of(response).await, payload);
}

#[tokio::test]
async fn the_inner_service_and_the_provider_see_a_sensitive_signature_header() {
    let seen = Arc::new(AtomicUsize::new(0));
    let provider = secret_provider_fn({
        let seen = Arc::clone(&seen);
        move |head: &Parts| {
            seen.fetch_add(usize::from(head.headers[SIGNATURE].is_sensitive()), Ordering::SeqCst);
            ready(Ok(secret().into()))
        }
    });
    let request = genuine();
    let signature = request.headers()[SIGNATURE].clone();
    assert!(!signature.is_sensitive());

    let response = send(layer(provider), request).await;
    let headers = &head_within(&response).headers;
    assert_eq!(headers[SIGNATURE], signature);
    assert!(headers[SIGNATURE].is_sensitive());
    assert!(!format!("{headers:?}").contains("v1="));
    assert_eq!(headers.values().filter(|value| value.is_sensitive()).count(), 1);
    assert_eq!(seen.load(Ordering::SeqCst), 1);
}

#[test]
fn a_layer_without_a_deadline_needs_no_runtime() {
    let layer = layer(secret());
    #[cfg(feature = "tokio")]
    let layer = layer.without_body_timeout();
    let (feeder, body) = fed_body();
    let mut response = task::spawn(layer.layer(service_fn(echo)).oneshot(genuine().map(|_| body)));
    assert_pending!(response.poll());
    feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
    drop(feeder);
    assert!(response.is_woken());
    assert_eq!(kind_of(&assert_ready_ok!(response.poll())), None);
}

/// The deadline, with the paused clock of tokio.
#[cfg(feature = "tokio")]
mod deadline {
    use tokio::{
        sync::Notify,
        time::{Instant, advance},
    };

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[tokio::test(start_paused = true)]
    async fn a_stalled_body_is_rejected_after_exactly_the_timeout() {
        for stalls_after in [0, 100, EVENT.len()] {
            let (feeder, body) = fed_body();
            feeder.try_send(Ok(Frame::data(EVENT[..stalls_after].into()))).unwrap();
            let webhook =
                layer(secret()).with_body_timeout(Duration::from_secs(3)).layer(service_fn(echo));
            let mut response = task::spawn(webhook.oneshot(genuine().map(|_| body)));
            assert_pending!(response.poll());

            advance(Duration::from_secs(3) - MILLISECOND).await;
            assert!(!response.is_woken());
            assert_pending!(response.poll());
            advance(MILLISECOND).await;
            assert!(response.is_woken());
            let answer = assert_ready_ok!(response.poll());
            assert_rejected(&answer, BodyTimeout);
            assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
            assert!(feeder.is_closed(), "the body was dropped");
            let text = text_of(answer).await;
            assert!(text.contains("within 3 s"), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_default_deadline_is_ten_seconds() {
        let (_feeder, body) = fed_body();
        let start = Instant::now();
        let response = send(layer(secret()), genuine().map(|_| body)).await;
        assert_rejected(&response, BodyTimeout);
        assert_eq!(start.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_complete_just_before_the_deadline_is_accepted() {
        let (feeder, body) = fed_body();
        let mut response =
            task::spawn(layer(secret()).layer(service_fn(echo)).oneshot(genuine().map(|_| body)));
        assert_pending!(response.poll());
        advance(Duration::from_secs(10) - MILLISECOND).await;
        feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
        drop(feeder);
        assert_eq!(kind_of(&assert_ready_ok!(response.poll())), None);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_frames_do_not_extend_the_deadline() {
        let (feeder, body) = fed_body();
        let mut response =
            task::spawn(layer(secret()).layer(service_fn(echo)).oneshot(genuine().map(|_| body)));
        for byte in EVENT.as_bytes()[..10].chunks(1) {
            assert_pending!(response.poll());
            advance(Duration::from_secs(1)).await;
            feeder.try_send(Ok(Frame::data(Bytes::copy_from_slice(byte)))).unwrap();
        }
        assert_rejected(&assert_ready_ok!(response.poll()), BodyTimeout);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_starts_with_the_body_and_not_with_the_provider() {
        let gate = Arc::new(Notify::new());
        let provider = secret_provider_fn({
            let gate = Arc::clone(&gate);
            move |_: &Parts| {
                let gate = Arc::clone(&gate);
                async move {
                    gate.notified().await;
                    Ok(secret().into())
                }
            }
        });
        let (_feeder, body) = fed_body();
        let mut response =
            task::spawn(layer(provider).layer(service_fn(echo)).oneshot(genuine().map(|_| body)));
        assert_pending!(response.poll());
        advance(Duration::from_secs(60)).await;
        assert_pending!(response.poll());
        gate.notify_one();
        assert_pending!(response.poll());

        advance(Duration::from_secs(10) - MILLISECOND).await;
        assert_pending!(response.poll());
        advance(MILLISECOND).await;
        assert_rejected(&assert_ready_ok!(response.poll()), BodyTimeout);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_is_for_the_body_and_not_for_the_app() {
        let done = Arc::new(Notify::new());
        let app = service_fn({
            let done = Arc::clone(&done);
            move |request| {
                let done = Arc::clone(&done);
                async move {
                    done.notified().await;
                    echo(request).await
                }
            }
        });
        let mut response = task::spawn(layer(secret()).layer(app).oneshot(genuine()));
        assert_pending!(response.poll());
        advance(Duration::from_secs(3600)).await;
        assert!(!response.is_woken());
        assert_pending!(response.poll());
        done.notify_one();
        assert_eq!(kind_of(&assert_ready_ok!(response.poll())), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_without_a_deadline_may_take_much_longer() {
        let (feeder, body) = fed_body();
        let webhook = layer(secret()).without_body_timeout().layer(service_fn(echo));
        let mut response = task::spawn(webhook.oneshot(genuine().map(|_| body)));
        assert_pending!(response.poll());
        advance(Duration::from_secs(24 * 3600)).await;
        assert!(!response.is_woken());
        assert_pending!(response.poll());

        feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
        drop(feeder);
        assert!(response.is_woken());
        assert_eq!(kind_of(&assert_ready_ok!(response.poll())), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_beyond_the_range_of_time_is_none() {
        let (feeder, body) = fed_body();
        let webhook = layer(secret()).with_body_timeout(Duration::MAX).layer(service_fn(echo));
        let mut response = task::spawn(webhook.oneshot(genuine().map(|_| body)));
        assert_pending!(response.poll());
        advance(Duration::from_secs(24 * 3600)).await;
        assert_pending!(response.poll());
        feeder.try_send(Ok(Frame::data(EVENT.into()))).unwrap();
        drop(feeder);
        assert_eq!(kind_of(&assert_ready_ok!(response.poll())), None);
    }
}
