//! The time from the bytes of a request to an event that a handler can match.
//!
//! `cargo bench -p peers`. Only compare times within one run.

use std::{hint::black_box, time::SystemTime};

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use stripe_webhook::Webhook;
use tower_stripe_webhook::{
    SigningSecret, SigningSecrets, Tolerance,
    test_util::{samples, sign},
    verify,
};

const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";

fn construct_event(c: &mut Criterion) {
    let body = samples::INVOICE_PAID;
    let secret = SigningSecret::new(SECRET).unwrap();
    let secrets = SigningSecrets::from(secret.clone());
    // async-stripe-webhook reads the real clock, so this run does, too.
    let header = sign(body, &secret, SystemTime::now());

    let mut group = c.benchmark_group("invoice.paid of 5 kB");
    group.bench_function("tower-stripe-webhook: verify", |b| {
        let bytes = Bytes::from_static(body.as_bytes());
        b.iter(|| {
            verify(
                black_box(&header),
                black_box(bytes.clone()),
                &secrets,
                SystemTime::now(),
                Tolerance::default(),
            )
            .unwrap()
        });
    });
    group.bench_function("async-stripe-webhook: construct_event", |b| {
        b.iter(|| Webhook::construct_event(black_box(body), black_box(&header), SECRET).unwrap());
    });
    group.finish();
}

criterion_group!(benches, construct_event);
criterion_main!(benches);
