//! The cost of the idempotency layer for an accepted event of 4 kB.
//!
//! The store is in memory. The same app runs with and without the layer.
//!
//! `cargo bench --bench idempotency` prints times; the layer's cost is their difference, within one
//! run alone. Where the machine is too noisy for the difference, the store's own cost is measured
//! by itself.

use std::{
    convert::Infallible,
    hint::black_box,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use http_body_util::Full;
use tokio::runtime::Runtime;
use tower::{Layer, Service, service_fn};
use tower_stripe_webhook::{
    Event, SigningSecret, StripeWebhookLayer,
    idempotency::{Claim, EventKey, IdempotencyLayer, IdempotencyStore, MemoryStore, Outcome},
    test_util::{FixedClock, signed_request},
};

fn idempotency(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let _entered = runtime.enter();
    let secret = SigningSecret::new("whsec_Bqk2Uj0QZzR1hmYd").unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let verification = StripeWebhookLayer::new(secret.clone()).with_clock(FixedClock::new(now));
    let app = service_fn(async |_: Request<Full<Bytes>>| {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    });

    let mut count = 0;
    let mut next_event = || {
        count += 1;
        signed_request("/", event(count), &secret, now)
    };
    let mut group = c.benchmark_group("an event of 4 kB");
    group.bench_function("verified", |b| {
        let mut service = verification.layer(app);
        b.iter_batched(
            &mut next_event,
            |request| now_or_never(service.call(request)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("verified and handled once", |b| {
        let mut service = verification.layer(IdempotencyLayer::new(MemoryStore::new()).layer(app));
        b.iter_batched(
            &mut next_event,
            |request| now_or_never(service.call(request)),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("verified and a duplicate", |b| {
        let mut service = verification.layer(IdempotencyLayer::new(MemoryStore::new()).layer(app));
        let first =
            now_or_never(service.call(signed_request("/", event(0), &secret, now))).unwrap();
        assert_eq!(first.extensions().get(), Some(&Outcome::Committed));
        let duplicate = || signed_request("/", event(0), &secret, now);
        b.iter_batched(
            duplicate,
            |request| now_or_never(service.call(request)),
            BatchSize::SmallInput,
        );
    });
    group.finish();

    c.bench_function("claim and commit in memory", |b| {
        let store = MemoryStore::new();
        let mut count = 0;
        let next_key = || {
            count += 1;
            EventKey::of(&Event::unverified_from_json(event(count)).unwrap())
        };
        let once = |key: EventKey| {
            now_or_never(async {
                let Ok(Claim::Granted(token)) = store.claim(&key, Duration::from_secs(60)).await
                else {
                    unreachable!("no other node claims it")
                };
                store.commit(&key, token).await.unwrap()
            })
        };
        b.iter_batched(next_key, once, BatchSize::SmallInput);
    });
}

/// Makes an event of the usual length of Stripe's events.
fn event(number: u64) -> String {
    let event = format!(
        r#"{{"id":"evt_1Qabcdefghijklmn{number:08}","object":"event","type":"invoice.paid","created":1795447000,"livemode":true,"data":{{"object":{{"id":"in_1"}}}}}}"#
    );
    format!("{event:4096}")
}

/// Polls a future that is ready at once.
///
/// Nothing here waits, so the cost of an executor is not measured.
fn now_or_never<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match std::pin::pin!(black_box(future)).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the answer is there"),
    }
}

criterion_group!(benches, idempotency);
criterion_main!(benches);
