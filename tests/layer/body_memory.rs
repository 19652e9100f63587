//! The memory limit for all bodies, and the minimum rate of each body.
//!
//! The clock of tokio is paused.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, header::RETRY_AFTER};
use http_body::{Body, Frame};
use http_body_util::Full;
use tokio::{
    task::{JoinHandle, yield_now},
    time::{Instant, advance, sleep},
};
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    BoxError, RejectionKind, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    response::ResponseBody,
    test_util::{FixedClock, signed_request},
};

use crate::support::{
    self, EVENT, FedBody, Feeder, WithoutData, fed_body, genuine, kind_of, layer, now, secret,
    text_of,
};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

type Webhook = StripeWebhookLayer<SigningSecret>;
type Answer = Response<ResponseBody<Full<Bytes>>>;

fn bounded(bytes: usize) -> Webhook {
    layer(secret()).with_body_memory(bytes)
}

async fn app(_: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::default()))
}

async fn respond<B>(layer: &Webhook, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    layer.layer(service_fn(app)).oneshot(request).await.unwrap()
}

/// A request whose head is the right one, and whose body is fed by hand.
fn fed() -> (Feeder, Request<FedBody>) {
    let (feeder, body) = fed_body();
    (feeder, genuine().map(|_| body))
}

async fn feed(feeder: &Feeder, data: impl Into<Bytes>) {
    feeder.send(Ok(Frame::data(data.into()))).await.unwrap();
}

fn spawn(layer: &Webhook, request: Request<FedBody>) -> JoinHandle<Answer> {
    let layer = layer.clone();
    tokio::spawn(async move { respond(&layer, request).await })
}

/// Lets all tasks run as far as they get without time.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

/// The kind of the rejection of a genuine request, and how long it took.
async fn deliver(layer: &Webhook) -> (Option<RejectionKind>, Duration) {
    let begun = Instant::now();
    (kind_of(&respond(layer, genuine()).await), begun.elapsed())
}

const ACCEPTED: (Option<RejectionKind>, Duration) = (None, Duration::ZERO);

#[tokio::test(start_paused = true)]
async fn a_thousand_stalled_bodies_hold_no_memory_and_delay_no_delivery() {
    let layer = bounded(EVENT.len());
    let stalled: Vec<_> = (0..1000)
        .map(|_| {
            let (feeder, request) = fed();
            (feeder, spawn(&layer, request))
        })
        .collect();
    settle().await;
    for _ in 0..3 {
        assert_eq!(deliver(&layer).await, ACCEPTED);
    }
    sleep(2 * SECOND).await;
    for (_feeder, answer) in stalled {
        let response = answer.await.unwrap();
        assert_eq!(response.status(), 408);
        assert!(text_of(response).await.contains("the body did not begin to arrive within 2 s"));
    }
    assert_eq!(deliver(&layer).await, ACCEPTED);
}

#[tokio::test(start_paused = true)]
async fn a_body_needs_as_much_memory_as_it_has_bytes() {
    assert_eq!(deliver(&bounded(EVENT.len())).await, ACCEPTED);
    assert_eq!(deliver(&bounded(usize::MAX)).await, ACCEPTED);
    for bytes in [0, 1, EVENT.len() - 1] {
        let response = respond(&bounded(bytes), genuine()).await;
        assert_eq!(
            (response.status().as_u16(), kind_of(&response)),
            (503, Some(RejectionKind::BodyMemoryUsedUp))
        );
        assert_eq!(response.headers()[RETRY_AFTER], "30");
        let text = text_of(response).await;
        assert!(
            text.contains("body_memory_used_up") && text.contains("is used up at the moment"),
            "{text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_holds_its_memory_until_it_is_rejected() {
    for (missing, kind) in [(0, None), (1, Some(RejectionKind::BodyMemoryUsedUp))] {
        let layer = bounded(EVENT.len() + 100 - missing);
        let (feeder, request) = fed();
        let stalled = spawn(&layer, request);
        feed(&feeder, &EVENT.as_bytes()[..100]).await;
        settle().await;
        // With 2 s left to itself, the stalled body releases its part when a genuine request has
        // waited for as long.
        advance(MILLISECOND).await;
        let (other_feeder, other) = fed();
        let waiting = spawn(&layer, other);
        feed(&other_feeder, EVENT).await;
        drop(other_feeder);
        settle().await;
        assert_eq!(waiting.is_finished(), kind.is_none(), "{missing}");
        assert!(!stalled.is_finished());
        assert_eq!(kind_of(&stalled.await.unwrap()), Some(RejectionKind::BodyTimeout));
        assert_eq!(kind_of(&waiting.await.unwrap()), None, "memory is free again in time");
        assert_eq!(deliver(&layer).await, ACCEPTED);
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_waits_for_memory_for_2_s() {
    for (freed_after, kind) in [
        (2 * SECOND - MILLISECOND, None),
        (2 * SECOND + MILLISECOND, Some(RejectionKind::BodyMemoryUsedUp)),
    ] {
        let layer = bounded(EVENT.len());
        let kept = keep_event(&layer).await;
        let begun = Instant::now();
        let waiting = tokio::spawn({
            let layer = layer.clone();
            async move { deliver(&layer).await }
        });
        sleep(freed_after).await;
        drop(kept);
        assert_eq!(waiting.await.unwrap().0, kind, "{freed_after:?}");
        assert_eq!(begun.elapsed(), freed_after);
        assert_eq!(deliver(&layer).await, ACCEPTED);
    }
}

/// Delivers an event whose handler keeps it.
async fn keep_event(layer: &Webhook) -> VerifiedEvent {
    let kept = Arc::new(Mutex::new(None));
    let keeps = Arc::clone(&kept);
    let service = layer.layer(service_fn(move |request: Request<Full<Bytes>>| {
        *keeps.lock().unwrap() = request.extensions().get::<VerifiedEvent>().cloned();
        app(request)
    }));
    service.oneshot(genuine()).await.unwrap();
    kept.lock().unwrap().take().unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_event_holds_its_memory_until_its_last_clone_is_dropped() {
    let layer = bounded(EVENT.len());
    let kept = keep_event(&layer).await;
    let clone = kept.clone();
    let body = kept.body().slice(..10);
    drop(kept);
    assert_eq!(deliver(&layer).await, (Some(RejectionKind::BodyMemoryUsedUp), 2 * SECOND));
    assert_eq!(clone.body(), EVENT);
    drop(clone);
    assert_eq!(deliver(&layer).await, (Some(RejectionKind::BodyMemoryUsedUp), 2 * SECOND));
    drop(body);
    assert_eq!(deliver(&layer).await, ACCEPTED);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_request_releases_its_memory() {
    let layer = bounded(EVENT.len());
    let forged =
        signed_request("/webhook", EVENT, &SigningSecret::new("whsec_other").unwrap(), now());
    assert_eq!(kind_of(&respond(&layer, forged).await), Some(RejectionKind::SignatureMismatch));
    let no_json = signed_request("/webhook", "x".repeat(EVENT.len()), &secret(), now());
    let response = respond(&layer, no_json).await;
    assert_eq!(kind_of(&response), Some(RejectionKind::InvalidJson));
    assert_eq!(deliver(&layer).await, ACCEPTED, "though the response is still there");
}

#[tokio::test(start_paused = true)]
async fn clones_of_a_layer_share_its_memory_and_other_layers_do_not() {
    let layer = bounded(EVENT.len());
    let kept = keep_event(&layer.clone()).await;
    assert_eq!(deliver(&layer).await.0, Some(RejectionKind::BodyMemoryUsedUp));
    assert_eq!(deliver(&bounded(EVENT.len())).await, ACCEPTED);
    assert_eq!(
        deliver(&support::layer(secret())).await,
        ACCEPTED,
        "without the option there is no bound"
    );
    drop(kept);
}

#[tokio::test(start_paused = true)]
async fn the_first_byte_has_to_arrive_within_2_s() {
    for (after, kind) in [
        (2 * SECOND - MILLISECOND, None),
        (2 * SECOND + MILLISECOND, Some(RejectionKind::BodyTimeout)),
    ] {
        let layer = bounded(EVENT.len());
        let (feeder, request) = fed();
        let answer = spawn(&layer, request);
        // A frame without bytes does not count as the first byte.
        feed(&feeder, "").await;
        sleep(after).await;
        let _ = feeder.send(Ok(Frame::data(EVENT.into()))).await;
        drop(feeder);
        assert_eq!(kind_of(&answer.await.unwrap()), kind, "{after:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_kib_have_to_arrive_within_each_2_s() {
    let body = format!("{EVENT}{}", " ".repeat(10_000 - EVENT.len()));
    for (arrived, kind) in [(2048, None), (2047, Some(RejectionKind::BodyTimeout))] {
        let layer = bounded(body.len()).without_body_timeout();
        let (feeder, feeds) = fed_body();
        let answer = spawn(
            &layer,
            signed_request("/webhook", body.clone(), &secret(), now()).map(|_| feeds),
        );
        feed(&feeder, body[..1].to_owned()).await;
        settle().await;
        // Each piece arrives more than 2 s after the last but one.
        let mut rest = &body[1..];
        while !rest.is_empty() && !answer.is_finished() {
            sleep(SECOND + MILLISECOND).await;
            let (piece, others) = rest.split_at(arrived.min(rest.len()));
            let _ = feeder.send(Ok(Frame::data(piece.to_owned().into()))).await;
            rest = others;
        }
        drop(feeder);
        let response = answer.await.unwrap();
        assert_eq!(kind_of(&response), kind, "{arrived}");
        if kind.is_some() {
            let text = text_of(response).await;
            assert!(text.contains("less than 2048 bytes of the body arrived within 2 s"), "{text}");
        }
    }
}

/// The time in which the layer does not read is not the sender's.
#[tokio::test(start_paused = true)]
async fn the_wait_for_memory_does_not_count_as_slow() {
    let layer = bounded(EVENT.len() + 100);
    let (feeder, request) = fed();
    let answer = spawn(&layer, request);
    feed(&feeder, &EVENT.as_bytes()[..50]).await;
    settle().await;
    sleep(SECOND).await;
    let kept = keep_event(&layer).await;
    feed(&feeder, &EVENT.as_bytes()[50..]).await;
    settle().await;
    sleep(SECOND + 500 * MILLISECOND).await;
    drop(kept);
    drop(feeder);
    assert_eq!(kind_of(&answer.await.unwrap()), None);
}

/// Many unsigned bodies of the maximum length.
///
/// They may arrive over one HTTP/2 connection.
#[tokio::test(start_paused = true)]
async fn many_long_bodies_use_no_more_than_the_memory() {
    const PIECE: usize = 64 * 1024;
    let layer = bounded(16 * PIECE);
    let mut requests = Vec::new();
    for _ in 0..200 {
        let (feeder, request) = fed();
        for _ in 0..32 {
            feed(&feeder, vec![b' '; PIECE]).await;
        }
        requests.push((feeder.capacity(), feeder, spawn(&layer, request)));
    }
    settle().await;
    let waiting = requests.iter().filter(|(_, _, answer)| !answer.is_finished());
    let read: usize = waiting.map(|(before, feeder, _)| feeder.capacity() - before).sum();
    assert_eq!(read, 16 + 16, "as many pieces are in memory as fit, and as many wait");

    // No body can be completed, so each is rejected in time and releases its memory.
    sleep(10 * SECOND + MILLISECOND).await;
    for (_, _, answer) in requests {
        assert!(answer.is_finished());
        assert!(kind_of(&answer.await.unwrap()).is_some());
    }
    assert_eq!(deliver(&layer).await, ACCEPTED);
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_single_body_also_apply() {
    let layer =
        bounded(1 << 30).with_max_body_size(EVENT.len() - 1).with_clock(FixedClock::new(now()));
    let (feeder, request) = fed();
    let answer = spawn(&layer, request);
    feed(&feeder, EVENT).await;
    assert_eq!(kind_of(&answer.await.unwrap()), Some(RejectionKind::BodyTooLarge));

    let layer = bounded(1 << 30).with_body_timeout(SECOND);
    let (_feeder, request) = fed();
    let response = respond(&layer, request).await;
    assert!(text_of(response).await.contains("the body did not arrive within 1 s"));
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_needs_no_memory() {
    let layer = bounded(EVENT.len());
    let kept = keep_event(&layer).await;
    drop(kept);
    let empty = signed_request("/webhook", "", &secret(), now());
    assert_eq!(kind_of(&respond(&layer, empty).await), Some(RejectionKind::InvalidJson));
}

#[tokio::test(start_paused = true)]
async fn a_body_has_at_most_10_000_frames_without_data() {
    for (frames, kind) in [
        (10_000, None),
        (10_001, Some(RejectionKind::BodyIncomplete)),
        // Always ready, so that no time passes.
        (usize::MAX, Some(RejectionKind::BodyIncomplete)),
    ] {
        let layer = bounded(EVENT.len());
        let body = WithoutData { frames, is_trailers: false, event: Some(EVENT) };
        assert_eq!(kind_of(&respond(&layer, genuine().map(|_| body)).await), kind, "{frames}");
        assert_eq!(deliver(&layer).await, ACCEPTED);
    }
}
