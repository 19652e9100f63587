//! Broken providers, for which `check_secret_provider` names the broken rule.

use std::{
    future::{Future, pending},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use http::request::Parts;
use tokio::task::yield_now;
use tower_stripe_webhook::{
    BoxError, SecretProvider, SigningSecret, SigningSecrets,
    secret::secret_provider_fn,
    test_util::{SecretProviderFixture, check_secret_provider},
};

/// The state of a source. `None` is an outage.
#[derive(Clone, Default)]
struct Source(Arc<Mutex<Option<SigningSecrets>>>);

impl Source {
    fn set(&self, secrets: Option<SigningSecrets>) {
        *self.0.lock().unwrap() = secrets;
    }

    fn load(&self) -> Result<SigningSecrets, BoxError> {
        self.0.lock().unwrap().clone().ok_or_else(|| "the source is down".into())
    }
}

struct Fixture<F> {
    source: Source,
    make: F,
}

impl<P: SecretProvider, F: Fn(Source) -> P + Send> SecretProviderFixture for Fixture<F> {
    type Provider = P;

    async fn provider(&mut self, secrets: SigningSecrets) -> P {
        self.source.set(Some(secrets));
        (self.make)(self.source.clone())
    }

    async fn replace(&mut self, secrets: SigningSecrets) -> bool {
        self.source.set(Some(secrets));
        true
    }

    async fn fail(&mut self) -> bool {
        self.source.set(None);
        true
    }
}

async fn broken_rule<P: SecretProvider>(make: impl Fn(Source) -> P + Send + 'static) -> String {
    let fixture = Fixture { source: Source::default(), make };
    let error = tokio::spawn(check_secret_provider(fixture)).await.expect_err("the suite passed");
    *error.into_panic().downcast::<String>().expect("the suite panics with a message")
}

async fn assert_breaks<P: SecretProvider>(rule: &str, make: impl Fn(Source) -> P + Send + 'static) {
    let message = broken_rule(make).await;
    assert!(message.starts_with(rule), "{message}");
    assert!(!message.contains("whsec_"), "{message}");
}

/// A provider that makes its answers with two functions of the source.
struct Provider<S, N> {
    source: Source,
    secrets: S,
    newer: N,
}

impl<S, N> SecretProvider for Provider<S, N>
where
    S: Fn(&Source) -> Result<SigningSecrets, BoxError> + Send + Sync + 'static,
    N: Fn(&Source, &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError>
        + Send
        + Sync
        + 'static,
{
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        (self.secrets)(&self.source)
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        (self.newer)(&self.source, tried)
    }
}

/// The last answer of a source, and whether it may serve.
#[derive(Default)]
struct Kept(Mutex<Option<SigningSecrets>>);

impl Kept {
    fn get(&self) -> Option<SigningSecrets> {
        self.0.lock().unwrap().clone()
    }

    fn load(&self, source: &Source) -> Result<SigningSecrets, BoxError> {
        let secrets = source.load()?;
        *self.0.lock().unwrap() = Some(secrets.clone());
        Ok(secrets)
    }

    /// Returns the kept answer, and loads one only if there is none.
    fn get_or_load(&self, source: &Source) -> Result<SigningSecrets, BoxError> {
        self.get().map_or_else(|| self.load(source), Ok)
    }
}

fn newer(loaded: SigningSecrets, tried: &SigningSecrets) -> Option<SigningSecrets> {
    let tried: Vec<_> = tried.iter().map(SigningSecret::expose_secret).collect();
    let is_newer = loaded.iter().any(|secret| !tried.contains(&secret.expose_secret()));
    is_newer.then_some(loaded)
}

#[tokio::test]
async fn a_sound_cache_without_a_limit_passes() {
    let make = |source| {
        let kept = Arc::new(Kept::default());
        let reload = Arc::clone(&kept);
        Provider {
            source,
            secrets: move |source: &Source| match kept.get() {
                Some(secrets) if !secrets.is_empty() => Ok(secrets),
                _ => kept.load(source),
            },
            newer: move |source: &Source, tried: &SigningSecrets| {
                Ok(newer(reload.load(source)?, tried))
            },
        }
    };
    check_secret_provider(Fixture { source: Source::default(), make }).await;
}

#[tokio::test]
async fn a_provider_with_a_wrong_order_fails() {
    assert_breaks("all secrets are returned in their order, each time", |source: Source| {
        secret_provider_fn(move |_: &Parts| {
            let secrets = source.load().map(|secrets| {
                let mut secrets: Vec<_> = secrets.iter().cloned().collect();
                secrets.reverse();
                secrets.into_iter().collect::<SigningSecrets>()
            });
            async { secrets }
        })
    })
    .await;
}

#[tokio::test]
async fn a_provider_with_only_the_first_secret_fails() {
    assert_breaks("all secrets are returned in their order, each time", |source: Source| {
        secret_provider_fn(move |_: &Parts| {
            let secrets = source
                .load()
                .map(|secrets| secrets.iter().take(1).cloned().collect::<SigningSecrets>());
            async { secrets }
        })
    })
    .await;
}

#[tokio::test]
async fn a_provider_with_a_single_answer_fails() {
    assert_breaks("all secrets are returned in their order, each time", |source: Source| {
        let asked = AtomicBool::new(false);
        secret_provider_fn(move |_: &Parts| {
            let secrets = match asked.swap(true, Ordering::Relaxed) {
                false => source.load(),
                true => Ok(SigningSecrets::default()),
            };
            async { secrets }
        })
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_an_answer_fails_in_time() {
    let message = broken_rule(|_| {
        secret_provider_fn(|_: &Parts| pending::<Result<SigningSecrets, BoxError>>())
    })
    .await;
    assert!(message.ends_with("the provider did not answer within 30s"), "{message}");
}

#[tokio::test]
async fn an_error_for_an_empty_source_fails() {
    let rule = "while no secret is set, `secrets` returns none and no error";
    assert_breaks(rule, |source: Source| {
        secret_provider_fn(move |_: &Parts| {
            let secrets = source.load().and_then(|secrets| {
                if secrets.is_empty() { Err("no rows".into()) } else { Ok(secrets) }
            });
            async { secrets }
        })
    })
    .await;
}

/// Fails if two calls overlap.
fn exclusive(source: Source) -> impl SecretProvider {
    struct Busy(Arc<AtomicBool>);

    impl Drop for Busy {
        fn drop(&mut self) {
            self.0.store(false, Ordering::Relaxed);
        }
    }

    async fn load(source: Source, busy: Arc<AtomicBool>) -> Result<SigningSecrets, BoxError> {
        if busy.swap(true, Ordering::Relaxed) {
            return Err("the only connection is in use".into());
        }
        let _busy = Busy(busy);
        yield_now().await;
        source.load()
    }

    let busy = Arc::default();
    secret_provider_fn(move |_: &Parts| load(source.clone(), Arc::clone(&busy)))
}

#[tokio::test]
async fn a_provider_for_one_request_at_a_time_fails() {
    assert_breaks("many requests at once are answered", exclusive).await;
}

/// Counts its open connections and does not count a dropped call back.
fn leaking(source: Source) -> impl SecretProvider {
    async fn load(source: Source, open: Arc<AtomicUsize>) -> Result<SigningSecrets, BoxError> {
        // A call waits for a connection until all that were opened are closed.
        while open.load(Ordering::Relaxed) > 0 {
            wait().await;
        }
        open.fetch_add(1, Ordering::Relaxed);
        yield_now().await;
        open.fetch_sub(1, Ordering::Relaxed);
        source.load()
    }

    fn wait() -> impl Future<Output = ()> {
        tokio::time::sleep(std::time::Duration::from_millis(1))
    }

    let open = Arc::default();
    secret_provider_fn(move |_: &Parts| load(source.clone(), Arc::clone(&open)))
}

#[tokio::test(start_paused = true)]
async fn a_provider_blocked_by_a_dropped_request_fails() {
    assert_breaks("a request that was dropped harms no later one", leaking).await;
}

#[tokio::test]
async fn a_mismatch_as_an_error_fails() {
    assert_breaks("an event that no secret has signed is a mismatch", |source| Provider {
        source,
        secrets: Source::load,
        newer: |_: &Source, _: &SigningSecrets| Err("nothing is newer".into()),
    })
    .await;
}

#[tokio::test]
async fn the_same_secrets_as_newer_ones_fail() {
    let rule = "`newer_secrets` returns `None` if the source has nothing newer";
    assert_breaks(rule, |source| Provider {
        source,
        secrets: Source::load,
        newer: |source: &Source, _: &SigningSecrets| source.load().map(Some),
    })
    .await;
}

#[tokio::test]
async fn a_cache_without_newer_secrets_fails() {
    assert_breaks("a changed secret works with its first delivery", |source| {
        let kept = Kept::default();
        Provider {
            source,
            secrets: move |source: &Source| kept.get_or_load(source),
            newer: |_: &Source, _: &SigningSecrets| Ok(None),
        }
    })
    .await;
}

#[tokio::test]
async fn a_cache_with_removed_secrets_fails() {
    assert_breaks("a removed secret no longer verifies after a newer one has", |source| {
        let kept = Kept::default();
        Provider {
            source,
            secrets: move |source: &Source| kept.get_or_load(source),
            newer: |source: &Source, tried: &SigningSecrets| Ok(newer(source.load()?, tried)),
        }
    })
    .await;
}

#[tokio::test]
async fn a_cache_of_an_empty_answer_fails() {
    assert_breaks("the first secret works with its first delivery", |source| {
        let kept = Arc::new(Kept::default());
        let reload = Arc::clone(&kept);
        Provider {
            source,
            secrets: move |source: &Source| kept.get_or_load(source),
            newer: move |source: &Source, tried: &SigningSecrets| {
                Ok(newer(reload.load(source)?, tried))
            },
        }
    })
    .await;
}

#[tokio::test]
async fn no_secrets_instead_of_an_error_fail_after_secrets_were_set() {
    assert_breaks("while the source fails, the last secrets serve", |source| Provider {
        source,
        secrets: |source: &Source| Ok(source.load().unwrap_or_default()),
        newer: |_: &Source, _: &SigningSecrets| Ok(None),
    })
    .await;
}

#[tokio::test]
async fn a_mismatch_during_an_outage_fails() {
    assert_breaks("while the source fails, a mismatch is an error", |source| {
        let kept = Kept::default();
        Provider {
            source,
            secrets: move |source: &Source| match kept.load(source) {
                Ok(secrets) => Ok(secrets),
                Err(error) => kept.get().ok_or(error),
            },
            newer: |_: &Source, _: &SigningSecrets| Ok(None),
        }
    })
    .await;
}

#[tokio::test]
async fn no_secrets_instead_of_an_error_fail_while_none_is_set() {
    assert_breaks("a failure of the source never looks as if no secret were set", |source| {
        let kept = Kept::default();
        Provider {
            source,
            secrets: move |source: &Source| match kept.load(source) {
                Ok(secrets) => Ok(secrets),
                Err(error) => match kept.get() {
                    Some(_) => Err(error),
                    None => Ok(SigningSecrets::default()),
                },
            },
            newer: |source: &Source, tried: &SigningSecrets| Ok(newer(source.load()?, tried)),
        }
    })
    .await;
}
