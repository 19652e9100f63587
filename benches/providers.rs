//! The time that a request takes to get the secrets.
//!
//! It compares `Cached` and `CachedByKey` with secrets that never change.
//!
//! `cargo bench --bench providers` prints times; only compare them within one run.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, request::Parts};
use tokio::runtime::Runtime;
use tower_stripe_webhook::{
    Cached, SecretProvider, SigningSecret, SigningSecrets,
    secret::{CachedByKey, SharedSecretProvider},
};

fn providers(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let (head, ()) = Request::new(()).into_parts();
    let secrets = SigningSecrets::from(SigningSecret::new("whsec_Bqk2Uj0QZzR1hmYd").unwrap());
    let cached = {
        let _entered = runtime.enter();
        Cached::new(secrets.clone())
    };
    runtime.block_on(cached.secrets(&head)).unwrap();

    let by_path = {
        let secrets = secrets.clone();
        CachedByKey::new(tenant_of, move |_| std::future::ready(Ok(secrets.clone())))
    };
    // Several thousand tenants, so that the map does not fit into the processor's cache.
    let heads: Vec<Parts> =
        (0..4_096).map(|tenant| head_of(&format!("/webhooks/acct_{tenant:016}"))).collect();
    for head in &heads {
        runtime.block_on(by_path.secrets(head)).unwrap();
    }

    let mut group = c.benchmark_group("provider");
    group.bench_function("static", |b| {
        b.iter(|| now_or_never(secrets.secrets(black_box(&head))));
    });
    group.bench_function("cached", |b| {
        let _entered = runtime.enter();
        b.iter(|| now_or_never(cached.secrets(black_box(&head))));
    });
    group.bench_function("cached by key, one of 4,096", |b| {
        let _entered = runtime.enter();
        let mut heads = heads.iter().cycle();
        b.iter(|| now_or_never(by_path.secrets(black_box(heads.next().unwrap()))));
    });
    group.bench_function("finding only the key", |b| {
        let mut heads = heads.iter().cycle();
        b.iter(|| tenant_of(black_box(heads.next().unwrap())));
    });
    group.bench_function("static, its type erased", |b| {
        let shared = SharedSecretProvider::new(secrets.clone());
        b.iter(|| now_or_never(shared.secrets(black_box(&head))));
    });
    group.finish();
}

fn head_of(path: &str) -> Parts {
    Request::post(path).body(()).unwrap().into_parts().0
}

fn tenant_of(head: &Parts) -> Option<String> {
    head.uri.path().strip_prefix("/webhooks/").map(str::to_owned)
}

/// Polls a future that is ready at once.
///
/// None of the providers waits, so the cost of an executor is not measured.
fn now_or_never<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("the answer is there"),
    }
}

criterion_group!(benches, providers);
criterion_main!(benches);
