//! Rolling a secret: overlap, last use, fallback, files, channels and modes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt, Full};
use serde_json::json;
use tower::{ServiceBuilder, ServiceExt};
use tower_stripe_webhook::{
    BoxError, Mode, SecretProvider, SigningSecret, SigningSecrets, StripeWebhookLayer, Tolerance,
    response::OtherModeEvent,
    secret::{Fallback, secret_provider_fn},
    test_util::{FixedClock, samples, sign, signed_request},
    verify,
};

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

const NOW: u64 = 1_795_447_015;

fn secret(text: &str) -> SigningSecret {
    SigningSecret::new(text).unwrap()
}

#[test]
fn a_secret_and_its_clones_have_the_time_of_the_last_verification() {
    let (old, new) = (secret("whsec_old"), secret("whsec_new"));
    let both = SigningSecrets::from([new.clone(), old.clone()]);
    assert_eq!(old.last_verified_at(), None);

    for (signer, now) in [(&old, NOW), (&new, NOW + 10), (&new, NOW + 20)] {
        let header = sign(samples::INVOICE_PAID, signer, at(now));
        verify(header, samples::INVOICE_PAID, &both, at(now + 1), Tolerance::default()).unwrap();
    }
    assert_eq!(old.last_verified_at(), Some(at(NOW + 1)));
    assert_eq!(new.last_verified_at(), Some(at(NOW + 21)));
}

#[test]
fn a_forged_request_does_not_count_as_use_of_a_secret() {
    let old = secret("whsec_old");
    let header = sign(samples::INVOICE_PAID, &secret("whsec_forged"), at(NOW));
    verify(header, samples::INVOICE_PAID, &old.clone().into(), at(NOW), Tolerance::default())
        .unwrap_err();
    assert_eq!(old.last_verified_at(), None);
}

fn head() -> Parts {
    Request::new(()).into_parts().0
}

fn texts(secrets: &SigningSecrets) -> Vec<&str> {
    secrets.iter().map(SigningSecret::expose_secret).collect()
}

/// A provider with fixed answers that counts its calls.
fn source(
    answer: Result<&'static [&'static str], &'static str>,
) -> (impl SecretProvider, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let provider = secret_provider_fn(move |_: &Parts| {
        counted.fetch_add(1, Ordering::SeqCst);
        async move { Ok(answer.map_err(BoxError::from)?.iter().map(|text| secret(text)).collect()) }
    });
    (provider, calls)
}

#[tokio::test]
async fn a_fallback_asks_the_second_only_when_the_first_has_none() {
    let (first, _) = source(Ok(&["whsec_first"]));
    let (second, calls) = source(Ok(&["whsec_second"]));
    let fallback = Fallback::new(first, second);
    assert_eq!(texts(&fallback.secrets(&head()).await.unwrap()), ["whsec_first"]);
    assert_eq!(calls.load(Ordering::SeqCst), 0);

    let fallback = Fallback::new(source(Ok(&[])).0, source(Ok(&["whsec_second"])).0);
    assert_eq!(texts(&fallback.secrets(&head()).await.unwrap()), ["whsec_second"]);

    let fallback = Fallback::new(source(Ok(&[])).0, source(Ok(&[])).0);
    assert!(fallback.secrets(&head()).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_of_the_first_is_never_mistaken_for_no_secret() {
    let stopping = Fallback::new(source(Err("down")).0, source(Ok(&["whsec_second"])).0);
    assert_eq!(stopping.secrets(&head()).await.unwrap_err().to_string(), "down");

    let passing = stopping.with_fallback_on_error();
    assert_eq!(texts(&passing.secrets(&head()).await.unwrap()), ["whsec_second"]);

    let passing = Fallback::new(source(Err("down")).0, source(Ok(&[])).0).with_fallback_on_error();
    assert_eq!(passing.secrets(&head()).await.unwrap_err().to_string(), "down");

    let passing =
        Fallback::new(source(Err("down")).0, source(Err("down, too")).0).with_fallback_on_error();
    assert_eq!(passing.secrets(&head()).await.unwrap_err().to_string(), "down, too");
}

/// Has nothing, or one secret, and something newer.
struct Behind(&'static [&'static str]);

impl SecretProvider for Behind {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.0.iter().map(|text| secret(text)).collect())
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        _: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        Ok(Some(secret("whsec_newer").into()))
    }
}

#[tokio::test]
async fn the_seconds_newer_secrets_count_only_while_the_first_has_none() {
    let tried = SigningSecrets::from(secret("whsec_tried"));
    let newer = async |fallback: Fallback<_, _>| fallback.newer_secrets(&head(), &tried).await;

    let (none, _) = source(Ok(&[]));
    assert_eq!(
        texts(&newer(Fallback::new(none, Behind(&[]))).await.unwrap().unwrap()),
        ["whsec_newer"]
    );
}

#[tokio::test]
async fn the_seconds_newer_secrets_are_unused_while_the_first_has_one() {
    let tried = SigningSecrets::from(secret("whsec_tried"));
    let (one, _) = source(Ok(&["whsec_tried"]));
    let fallback = Fallback::new(one, Behind(&[]));
    assert!(fallback.newer_secrets(&head(), &tried).await.unwrap().is_none());

    let fallback = Fallback::new(Behind(&["whsec_tried"]), source(Ok(&[])).0);
    assert_eq!(
        texts(&fallback.newer_secrets(&head(), &tried).await.unwrap().unwrap()),
        ["whsec_newer"]
    );
}

#[tokio::test]
async fn the_second_is_tried_if_the_first_loses_its_last_secret_mid_request() {
    let tried = SigningSecrets::from(secret("whsec_removed"));
    for with_fallback_on_error in [false, true] {
        let fallback = Fallback::new(source(Ok(&[])).0, source(Ok(&["whsec_second"])).0);
        let fallback =
            if with_fallback_on_error { fallback.with_fallback_on_error() } else { fallback };
        let newer = fallback.newer_secrets(&head(), &tried).await.unwrap().unwrap();
        assert_eq!(texts(&newer), ["whsec_second"]);
        assert!(fallback.newer_secrets(&head(), &newer).await.unwrap().is_none());
    }
}

/// Answers, and fails when it is asked for newer secrets.
struct CannotTell(Result<&'static [&'static str], &'static str>);

impl SecretProvider for CannotTell {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.0?.iter().map(|text| secret(text)).collect())
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        _: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        Err("the source is down".into())
    }
}

#[tokio::test]
async fn a_mismatch_is_an_error_if_the_first_fails_to_load_newer_secrets() {
    let tried = SigningSecrets::from(secret("whsec_tried"));
    let newer = async |first, second: &'static [&'static str], with_fallback_on_error| {
        let fallback = Fallback::new(CannotTell(first), source(Ok(second)).0);
        let fallback =
            if with_fallback_on_error { fallback.with_fallback_on_error() } else { fallback };
        let newer =
            fallback.newer_secrets(&head(), &tried).await.map_err(|error| error.to_string())?;
        Ok(newer
            .unwrap()
            .iter()
            .map(|secret| secret.expose_secret().to_owned())
            .collect::<Vec<_>>())
    };
    let second = Ok(vec!["whsec_second".to_owned()]);
    for (first, second, with_fallback_on_error, answer) in [
        (
            Ok(&["whsec_tried"][..]),
            &["whsec_second"][..],
            false,
            Err("the source is down".to_owned()),
        ),
        (Ok(&["whsec_tried"]), &["whsec_second"], true, Err("the source is down".to_owned())),
        (Ok(&[]), &["whsec_second"], false, Err("the source is down".to_owned())),
        (Ok(&[]), &["whsec_second"], true, second.clone()),
        (Ok(&[]), &["whsec_tried"], true, Err("the source is down".to_owned())),
        (Err("down"), &["whsec_second"], true, second.clone()),
        (Err("down"), &["whsec_tried"], true, Err("down".to_owned())),
    ] {
        assert_eq!(newer(first, second, with_fallback_on_error).await, answer);
    }
    let failing = Fallback::new(source(Err("down")).0, source(Ok(&["whsec_second"])).0);
    assert_eq!(failing.newer_secrets(&head(), &tried).await.unwrap_err().to_string(), "down");
}

mod file {
    use std::{fs, path::PathBuf};

    use tower_stripe_webhook::secret::FileSecret;

    use super::*;

    /// A file of the test's own, removed with it.
    struct TestFile(PathBuf);

    impl TestFile {
        fn new(name: &str) -> Self {
            Self(
                PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                    .join(format!("{name}-{}", std::process::id())),
            )
        }

        /// In its place at once, as Kubernetes does.
        fn replace(&self, content: &str) {
            let new = self.0.with_extension("new");
            fs::write(&new, content).unwrap();
            fs::rename(new, &self.0).unwrap();
        }
    }

    impl Drop for TestFile {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    #[tokio::test]
    async fn a_changed_file_is_read_again_and_its_secrets_keep_their_use() {
        let file = TestFile::new("changes");
        let provider = FileSecret::new(&file.0);
        assert!(provider.secrets(&head()).await.unwrap().is_empty());

        file.replace("whsec_old\n");
        let before = provider.secrets(&head()).await.unwrap();
        assert_eq!(texts(&before), ["whsec_old"]);
        assert_eq!(
            before.iter().next().unwrap().source(),
            Some(file.0.display().to_string().as_str())
        );
        let header = sign(samples::INVOICE_PAID, &secret("whsec_old"), at(NOW));
        verify(header, samples::INVOICE_PAID, &before, at(NOW), Tolerance::default()).unwrap();

        file.replace("whsec_new\r\n\n  whsec_old  \n");
        let after = provider.secrets(&head()).await.unwrap();
        assert_eq!(texts(&after), ["whsec_new", "whsec_old"]);
        assert_eq!(
            after.iter().map(SigningSecret::last_verified_at).collect::<Vec<_>>(),
            [None, Some(at(NOW))]
        );

        file.replace("");
        assert!(provider.secrets(&head()).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_file_with_other_text_is_an_error_without_the_text() {
        let file = TestFile::new("mistake");
        file.replace("whsec_hidden\nsk_test_hidden\n");
        let error = FileSecret::new(&file.0).secrets(&head()).await.unwrap_err().to_string();
        assert!(
            error.contains(", line 2: this is an API secret key (`sk_`)")
                && !error.contains("hidden"),
            "{error}"
        );
        file.replace("\n\nwhsec_...\n");
        let error = FileSecret::new(&file.0).secrets(&head()).await.unwrap_err().to_string();
        assert!(error.contains(", line 3: the signing secret is a placeholder"), "{error}");

        let error =
            FileSecret::new(env!("CARGO_TARGET_TMPDIR")).secrets(&head()).await.unwrap_err();
        assert!(error.to_string().starts_with("cannot read the signing secrets in "), "{error}");
        assert!(error.source().is_some());
    }
}

#[cfg(feature = "tokio")]
#[tokio::test]
async fn a_channels_newest_secrets_are_in_force_with_the_next_request() {
    let (sender, receiver) = tokio::sync::watch::channel(SigningSecrets::default());
    assert!(receiver.secrets(&head()).await.unwrap().is_empty());
    let tried = SigningSecrets::from(secret("whsec_a"));
    sender.send_replace(tried.clone());
    assert_eq!(texts(&receiver.secrets(&head()).await.unwrap()), ["whsec_a"]);
    assert!(receiver.newer_secrets(&head(), &tried).await.unwrap().is_none());
    sender.send_replace(secret("whsec_b").into());
    assert_eq!(
        texts(&receiver.newer_secrets(&head(), &tried).await.unwrap().unwrap()),
        ["whsec_b"]
    );
}

async fn deliver(served: Option<bool>, livemode: &serde_json::Value) -> (Response<Bytes>, usize) {
    deliver_event(served, Some(livemode)).await
}

/// The response, and how often the handler was called.
async fn deliver_event(
    served: Option<bool>,
    livemode: Option<&serde_json::Value>,
) -> (Response<Bytes>, usize) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let secret = secret("whsec_a");
    let mut layer = StripeWebhookLayer::new(secret.clone()).with_clock(FixedClock::new(at(NOW)));
    if let Some(served) = served {
        layer = layer.with_mode(Mode::from_livemode(served));
    }
    let service = ServiceBuilder::new().layer(layer).service_fn(move |_: Request<Full<Bytes>>| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
    });
    let mut event = json!({"id": "evt_1", "type": "invoice.paid", "data": {"object": {}}});
    if let Some(livemode) = livemode {
        event["livemode"] = livemode.clone();
    }
    let body = event.to_string();
    let response = service.oneshot(signed_request("/", body, &secret, at(NOW))).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    (Response::from_parts(head, body), calls.load(Ordering::SeqCst))
}

#[tokio::test]
async fn an_event_of_the_other_mode_skips_the_handler_and_is_in_the_extensions() {
    for (served, livemode, message) in [
        (true, json!(false), "a test event: this endpoint serves live mode"),
        (false, json!(true), "a live event: this endpoint serves test mode"),
    ] {
        let (response, calls) = deliver(Some(served), &livemode).await;
        assert_eq!((response.status().as_u16(), calls), (200, 0));
        assert_eq!(response.extensions().get::<OtherModeEvent>().unwrap().0.id(), "evt_1");
        let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body, json!({"ignored": {"code": "other_mode", "message": message}}));
    }
}

#[tokio::test]
async fn an_event_without_a_mode_reaches_the_handler() {
    for served in [true, false] {
        for livemode in [
            None,
            Some(json!(null)),
            Some(json!("false")),
            Some(json!(0)),
            Some(json!([true])),
            Some(json!({})),
        ] {
            let (response, calls) = deliver_event(Some(served), livemode.as_ref()).await;
            assert_eq!((response.status().as_u16(), calls), (200, 1), "{served} {livemode:?}");
            assert!(response.extensions().get::<OtherModeEvent>().is_none());
        }
    }
}

#[tokio::test]
async fn events_of_the_chosen_mode_reach_the_handler_and_all_without_a_choice() {
    for (served, livemode) in
        [(Some(true), true), (Some(false), false), (None, true), (None, false)]
    {
        let (response, calls) = deliver(served, &json!(livemode)).await;
        assert_eq!((response.status().as_u16(), calls), (200, 1));
        assert!(response.extensions().get::<OtherModeEvent>().is_none());
    }
}

#[cfg(feature = "tokio")]
mod under_load {
    use std::sync::Mutex;

    use tower_stripe_webhook::{Cached, secret::CacheOptions};

    use super::*;

    /// A table of secrets that another node changes.
    #[derive(Clone)]
    struct Table(Arc<Mutex<Vec<&'static str>>>);

    impl SecretProvider for Table {
        async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
            let texts = self.0.lock().unwrap().clone();
            tokio::task::yield_now().await;
            Ok(texts.into_iter().map(secret).collect())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_event_rejected_during_a_roll_is_accepted_when_delivered_again() {
        let table = Table(Arc::new(Mutex::new(vec!["whsec_0"])));
        let service = ServiceBuilder::new()
            .layer(
                StripeWebhookLayer::new(Cached::new(table.clone()))
                    .with_clock(FixedClock::new(at(NOW))),
            )
            .service_fn(async |_: Request<Full<Bytes>>| {
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            });
        let deliver = async |signer| {
            let request = signed_request("/", samples::INVOICE_PAID, &secret(signer), at(NOW));
            service.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(deliver("whsec_0").await, 200);

        // Each change comes within the interval of a forged request's load.
        let (mut rejected, texts) = (0, ["whsec_1", "whsec_2", "whsec_3", "whsec_4"]);
        for text in texts {
            assert_eq!(deliver("whsec_forged").await, 400);
            *table.0.lock().unwrap() = vec![text];
            for _ in 0..10 {
                assert_eq!(deliver("whsec_forged").await, 400);
                rejected += usize::from(deliver(text).await == 400);
            }
            tokio::time::advance(Duration::from_secs(10)).await;
            assert_eq!(deliver(text).await, 200);
        }
        assert_eq!(rejected, 40);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn rolling_a_secret_under_load_loses_no_event_and_accepts_no_forgery() {
        let table = Table(Arc::new(Mutex::new(vec!["whsec_0"])));
        let cached = Cached::with_options(
            table.clone(),
            CacheOptions::default().with_mismatch_interval(Duration::ZERO),
        );
        let service = ServiceBuilder::new()
            .layer(StripeWebhookLayer::new(cached.clone()).with_clock(FixedClock::new(at(NOW))))
            .service_fn(async |_: Request<Full<Bytes>>| {
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            });

        let texts = ["whsec_0", "whsec_1", "whsec_2", "whsec_3", "whsec_4"];
        let (mut accepted, mut rejected) = (0, 0);
        for pair in texts.windows(2) {
            // The operator adds the new secret, lets both work, and removes the old one.
            for (alive, signers) in
                [(vec![pair[1], pair[0]], vec![pair[0], pair[1]]), (vec![pair[1]], vec![pair[1]])]
            {
                *table.0.lock().unwrap() = alive;
                let mut deliveries = tokio::task::JoinSet::new();
                for i in 0..500 {
                    let genuine = i % 5 != 0;
                    let signer = if genuine {
                        secret(signers[i % signers.len()])
                    } else {
                        secret("whsec_forged")
                    };
                    let request = signed_request("/", samples::INVOICE_PAID, &signer, at(NOW));
                    let service = service.clone();
                    deliveries.spawn(async move {
                        (genuine, service.oneshot(request).await.unwrap().status().as_u16())
                    });
                }
                for (genuine, status) in deliveries.join_all().await {
                    assert_eq!(status, if genuine { 200 } else { 400 });
                    *(if genuine { &mut accepted } else { &mut rejected }) += 1;
                }
            }
            // A removed secret is gone after the next load, at the latest.
            cached.refresh().await.unwrap();
            let request = signed_request("/", samples::INVOICE_PAID, &secret(pair[0]), at(NOW));
            assert_eq!(service.clone().oneshot(request).await.unwrap().status(), 400);
        }
        assert_eq!((accepted, rejected), (3_200, 800));
    }
}
