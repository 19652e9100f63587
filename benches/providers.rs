//! What it costs a request to ask for the secrets: `Cached` beside secrets that never change.
//!
//! `cargo bench --bench providers` prints times; compare them within one run alone.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use tokio::runtime::Runtime;
use tower_stripe_webhook::{Cached, SecretProvider, SharedSecretProvider, SigningSecret, SigningSecrets};

fn providers(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let (head, ()) = Request::new(()).into_parts();
    let secrets = SigningSecrets::from(SigningSecret::new("whsec_Bqk2Uj0QZzR1hmYd").unwrap());
    let cached = {
        let _entered = runtime.enter();
        Cached::new(secrets.clone())
    };
    runtime.block_on(cached.secrets(&head)).unwrap();

    let mut group = c.benchmark_group("provider");
    group.bench_function("static", |b| {
        b.iter(|| now_or_never(secrets.secrets(black_box(&head))));
    });
    group.bench_function("cached", |b| {
        let _entered = runtime.enter();
        b.iter(|| now_or_never(cached.secrets(black_box(&head))));
    });
    group.bench_function("static, its type erased", |b| {
        let shared = SharedSecretProvider::new(secrets.clone());
        b.iter(|| now_or_never(shared.secrets(black_box(&head))));
    });
    group.finish();
}

/// None of the providers here waits for anything, so no executor's cost is measured.
fn now_or_never<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("the answer is there"),
    }
}

criterion_group!(benches, providers);
criterion_main!(benches);
