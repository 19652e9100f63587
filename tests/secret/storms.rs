//! Storms of requests and misbehaving sources, through the layer.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Full;
use tokio::{
    task::{JoinSet, yield_now},
    time::{Instant, advance},
};
use tower::{ServiceBuilder, ServiceExt, util::BoxCloneSyncService};
use tower_stripe_webhook::{
    BoxError, Cached, Rejection, RejectionKind, SecretProvider, SigningSecret, SigningSecrets,
    StripeWebhookLayer,
    response::ResponseBody,
    secret::CachedByKey,
    test_util::{FixedClock, signed_request},
};

/// The behaviour of the source from its next load on.
#[derive(Clone, Copy)]
enum Behaviour {
    Answers(&'static str),
    /// Every second load fails.
    Flaps(&'static str),
    Hangs,
    AnswersLate(Duration, &'static str),
}

#[derive(Clone)]
struct Source(Arc<SourceState>);

struct SourceState {
    behaviour: Mutex<Behaviour>,
    loads: AtomicUsize,
    running: AtomicUsize,
}

impl Source {
    fn new(behaviour: Behaviour) -> Self {
        Self(Arc::new(SourceState {
            behaviour: behaviour.into(),
            loads: 0.into(),
            running: 0.into(),
        }))
    }

    fn becomes(&self, behaviour: Behaviour) {
        *self.0.behaviour.lock().unwrap() = behaviour;
    }

    fn loads(&self) -> usize {
        self.0.loads.load(Ordering::SeqCst)
    }

    async fn load(self) -> Result<SigningSecrets, BoxError> {
        let nth = self.0.loads.fetch_add(1, Ordering::SeqCst);
        let running = Running::start(&self.0.running);
        let behaviour = *self.0.behaviour.lock().unwrap();
        yield_now().await;
        drop(running);
        match behaviour {
            Behaviour::Flaps(_) if nth % 2 == 1 => Err("the source is down".into()),
            Behaviour::Answers(text) | Behaviour::Flaps(text) => {
                Ok(SigningSecret::new(text)?.into())
            }
            Behaviour::Hangs => pending().await,
            Behaviour::AnswersLate(time, text) => {
                tokio::time::sleep(time).await;
                Ok(SigningSecret::new(text)?.into())
            }
        }
    }
}

impl SecretProvider for Source {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        self.clone().load().await
    }
}

struct Running<'a>(&'a AtomicUsize);

impl<'a> Running<'a> {
    fn start(count: &'a AtomicUsize) -> Self {
        assert_eq!(count.fetch_add(1, Ordering::SeqCst), 0, "two loads at a time");
        Self(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

type Webhook = BoxCloneSyncService<Request<Full<Bytes>>, Option<RejectionKind>, Infallible>;

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

/// Returns the kind of the rejection, or `None` if the handler was called.
fn webhook(provider: impl SecretProvider) -> Webhook {
    let service = ServiceBuilder::new()
        .map_response(|response: Response<ResponseBody<_>>| {
            response.extensions().get().map(Rejection::kind)
        })
        .layer(StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now())))
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    BoxCloneSyncService::new(service)
}

fn signed(secret: &str) -> Request<Full<Bytes>> {
    const EVENT: &str = r#"{"id":"evt_1","type":"invoice.paid","data":{"object":{}}}"#;
    signed_request("/webhooks/acme", EVENT, &SigningSecret::new(secret).unwrap(), now())
}

async fn deliver(webhook: &Webhook, secret: &str) -> Option<RejectionKind> {
    webhook.clone().oneshot(signed(secret)).await.unwrap()
}

/// Delivers as many at once, and counts the answers.
async fn deliver_at_once(
    webhook: &Webhook,
    secret: &str,
    count: usize,
) -> HashMap<Option<RejectionKind>, usize> {
    let deliveries: JoinSet<_> = (0..count)
        .map(|_| webhook.clone().oneshot(signed(secret)))
        .map(async |answer| answer.await.unwrap())
        .collect();
    deliveries.join_all().await.into_iter().fold(HashMap::new(), |mut counts, answer| {
        *counts.entry(answer).or_default() += 1;
        counts
    })
}

const MISMATCH: Option<RejectionKind> = Some(RejectionKind::SignatureMismatch);
const FAILED: Option<RejectionKind> = Some(RejectionKind::SecretProviderFailed);

/// Lets the tasks run that are ready to.
async fn settle() {
    for _ in 0..20 {
        yield_now().await;
    }
}

async fn bears_a_storm_of_forged_requests(provider: impl SecretProvider, source: &Source) {
    let webhook = webhook(provider);
    assert_eq!(deliver(&webhook, "whsec_a").await, None);
    let before = source.loads();
    let start = Instant::now();
    for _ in 0..10 {
        assert_eq!(
            deliver_at_once(&webhook, "whsec_forged", 1_000).await,
            [(MISMATCH, 1_000)].into()
        );
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
        advance(Duration::from_millis(100)).await;
    }
    assert_eq!(source.loads(), before + 1);

    advance(Duration::from_millis(9_999) - start.elapsed()).await;
    assert_eq!(deliver(&webhook, "whsec_forged").await, MISMATCH);
    assert_eq!(source.loads(), before + 1);
    advance(Duration::from_millis(1)).await;
    assert_eq!(deliver_at_once(&webhook, "whsec_forged", 1_000).await, [(MISMATCH, 1_000)].into());
    assert_eq!(source.loads(), before + 2);
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_forged_requests_in_a_second_cause_one_load_in_ten() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    bears_a_storm_of_forged_requests(Cached::new(source.clone()), &source).await;
}

#[tokio::test(start_paused = true)]
async fn forged_requests_to_one_tenant_cause_one_load_in_ten_seconds() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let load = source.clone();
    let by_path = |head: &Parts| Some(head.uri.path().to_owned());
    bears_a_storm_of_forged_requests(
        CachedByKey::new(by_path, move |_| load.clone().load()),
        &source,
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn forged_requests_during_an_outage_cause_one_load_in_ten_seconds() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let webhook = webhook(Cached::new(source.clone()));
    assert_eq!(deliver(&webhook, "whsec_a").await, None);
    source.becomes(Behaviour::Answers("not a secret"));
    for _ in 0..100 {
        // It may be genuine: the newer secrets are unknown.
        assert_eq!(deliver_at_once(&webhook, "whsec_forged", 100).await, [(FAILED, 100)].into());
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
        assert_eq!(source.loads(), 2);
        advance(Duration::from_millis(100)).await;
        settle().await;
    }
    assert_eq!(deliver_at_once(&webhook, "whsec_forged", 100).await, [(FAILED, 100)].into());
    assert_eq!(source.loads(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_flapping_source_loses_no_event() {
    let source = Source::new(Behaviour::Flaps("whsec_a"));
    let webhook = webhook(Cached::new(source.clone()));
    for _ in 0..1_000 {
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
        settle().await;
        advance(Duration::from_secs(7)).await;
        settle().await;
    }
    // In 70 s, the first load with a request after 63, which fails, and the second with the next.
    assert_eq!(source.loads(), 200);
}

#[tokio::test(start_paused = true)]
async fn invalid_secrets_from_the_source_are_named_and_the_last_ones_serve() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let cached = Cached::new(source.clone());
    let webhook = webhook(cached.clone());
    assert_eq!(deliver(&webhook, "whsec_a").await, None);
    for (garbage, mistake) in [
        (
            "whsec_hidden\n",
            "the signing secret has white space (a newline?) at its start or end: remove it",
        ),
        (
            "sk_live_hidden",
            "this is an API secret key (`sk_`), not a signing secret: a signing secret starts with `whsec_`",
        ),
        ("\0hidden\u{fffd}", "this is not a signing secret: a signing secret starts with `whsec_`"),
        ("", "the signing secret is empty"),
    ] {
        source.becomes(Behaviour::Answers(garbage));
        assert!(cached.refresh().await.is_err());
        assert_eq!(cached.state().error.unwrap().to_string(), mistake);
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_source_delays_no_request_while_an_answer_is_kept() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let cached = Cached::new(source.clone());
    let webhook = webhook(cached.clone());
    assert_eq!(deliver(&webhook, "whsec_a").await, None);
    source.becomes(Behaviour::Hangs);
    advance(Duration::from_secs(60)).await;
    yield_now().await;
    for _ in 0..100 {
        let start = Instant::now();
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
        assert_eq!(start.elapsed(), Duration::ZERO);
        yield_now().await;
    }
    assert_eq!(source.loads(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_hanging_source_delays_mismatches_until_the_load_timeout() {
    for (behaviour, time, answer) in [
        (Behaviour::Hangs, 5, FAILED),
        (Behaviour::AnswersLate(Duration::from_secs(6), "whsec_b"), 5, FAILED),
        (Behaviour::AnswersLate(Duration::from_secs(4), "whsec_b"), 4, None),
    ] {
        let source = Source::new(Behaviour::Answers("whsec_a"));
        let webhook = webhook(Cached::new(source.clone()));
        assert_eq!(deliver(&webhook, "whsec_a").await, None);
        source.becomes(behaviour);
        let start = Instant::now();
        assert_eq!(deliver_at_once(&webhook, "whsec_b", 1_000).await, [(answer, 1_000)].into());
        assert_eq!((start.elapsed().as_secs(), source.loads()), (time, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_thousand_refreshes_at_once_cause_at_most_two_loads() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let cached = Cached::new(source.clone());
    cached.refresh().await.unwrap();
    // The calls during the first load share the next load.
    for _ in 0..10 {
        let before = source.loads();
        let refreshes: JoinSet<_> = (0..1_000)
            .map(|_| cached.clone())
            .map(async |cached| {
                yield_now().await;
                cached.refresh().await.unwrap();
            })
            .collect();
        refreshes.join_all().await;
        assert!(source.loads() - before <= 2, "{}", source.loads() - before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cache_ends_with_the_current_secrets_after_concurrent_calls() {
    let source = Source::new(Behaviour::Answers("whsec_a"));
    let cached = Cached::new(source.clone());
    let webhook = webhook(cached.clone());
    let mut storm = JoinSet::new();
    for i in 0..2_000 {
        let (cached, webhook) = (cached.clone(), webhook.clone());
        storm.spawn(async move {
            match i % 4 {
                0 => _ = cached.refresh().await,
                1 => cached.invalidate(),
                2 => _ = deliver(&webhook, "whsec_forged").await,
                _ => _ = deliver(&webhook, "whsec_a").await,
            }
        });
    }
    source.becomes(Behaviour::Answers("whsec_b"));
    storm.join_all().await;
    cached.refresh().await.unwrap();
    assert_eq!(deliver(&webhook, "whsec_b").await, None);
    assert_eq!(deliver(&webhook, "whsec_a").await, MISMATCH);
}
