//! The time to verify a request, compared with the time of its HMAC.
//!
//! `cargo bench --bench verify` prints times; only compare them within one run.

use std::{
    future::{Future, Ready, ready},
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use http_body_util::Full;
use sha2::Sha256;
use tower::{Layer, Service, service_fn};
use tower_stripe_webhook::{
    SigningSecret, SigningSecrets, StripeWebhookLayer, Tolerance,
    test_util::{FixedClock, samples, sign, signed_request},
    verify, verify_signature,
};

const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";
const EVENT: &str = samples::CUSTOMER_SUBSCRIPTION_UPDATED;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn signature(c: &mut Criterion) {
    let body = &EVENT.as_bytes()[..4096];
    let secret = SigningSecret::new(SECRET).unwrap();
    let header = sign(body, &secret, now());
    let secrets = SigningSecrets::from(secret.clone());
    let rolling = SigningSecrets::from([SigningSecret::new("whsec_new").unwrap(), secret]);

    let mut group = c.benchmark_group("signature of 4 KiB");
    let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    group.bench_function("bare HMAC with a prepared key", |b| {
        b.iter(|| {
            let mut mac = key.clone();
            mac.update(black_box(body));
            mac.finalize().into_bytes()
        });
    });
    for (name, secrets) in
        [("verify_signature", secrets), ("verify_signature, two secrets", rolling)]
    {
        group.bench_function(name, |b| {
            b.iter(|| {
                verify_signature(
                    black_box(&header),
                    black_box(body),
                    &secrets,
                    now(),
                    Tolerance::default(),
                )
                .unwrap()
            });
        });
    }
    group.finish();
}

fn event(c: &mut Criterion) {
    let body = Bytes::from_static(EVENT.as_bytes());
    let secret = SigningSecret::new(SECRET).unwrap();
    let header = sign(&body, &secret, now());
    let secrets = SigningSecrets::from(secret);

    let mut group = c.benchmark_group("event of 5 kB");
    group.bench_function("verify_signature", |b| {
        b.iter(|| {
            verify_signature(
                black_box(&header),
                black_box(&body),
                &secrets,
                now(),
                Tolerance::default(),
            )
            .unwrap()
        });
    });
    group.bench_function("verify: signature and envelope", |b| {
        b.iter(|| {
            verify(
                black_box(&header),
                black_box(body.clone()),
                &secrets,
                now(),
                Tolerance::default(),
            )
            .unwrap()
        });
    });
    group.finish();
}

fn service(c: &mut Criterion) {
    let secret = SigningSecret::new(SECRET).unwrap();
    let accepted = signed_request("/", EVENT, &secret, now());
    let too_old = signed_request("/", EVENT, &secret, now() - Duration::from_secs(301));
    let mut unsigned = accepted.clone();
    unsigned.headers_mut().remove("stripe-signature");

    // The timer of the body's deadline needs a runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _entered = runtime.enter();
    let mut service = StripeWebhookLayer::new(secret)
        .with_clock(FixedClock::new(now()))
        .layer(service_fn(answer));

    let mut group = c.benchmark_group("service");
    for (name, request) in
        [("accepted", accepted), ("timestamp too old", too_old), ("no signature", unsigned)]
    {
        group.bench_function(name, |b| {
            b.iter_batched(
                || request.clone(),
                |request| {
                    let future = pin!(service.call(request));
                    match future.poll(&mut Context::from_waker(Waker::noop())) {
                        Poll::Ready(response) => response,
                        Poll::Pending => unreachable!("nothing is waited for"),
                    }
                },
                criterion::BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn answer(
    _: Request<Full<Bytes>>,
) -> Ready<Result<Response<Full<Bytes>>, std::convert::Infallible>> {
    ready(Ok(Response::default()))
}

criterion_group!(benches, signature, event, service);
criterion_main!(benches);
