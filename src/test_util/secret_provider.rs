//! The conformance suite for providers of signing secrets.

use std::{
    convert::Infallible,
    future::{Future, Ready, poll_fn, ready},
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Full;
use tokio::{task::JoinSet, time::timeout};
use tower_layer::Layer;
use tower_service::Service;

use super::{FixedClock, samples, signed_request};
use crate::{
    error::BoxError,
    layer::StripeWebhookLayer,
    rejection::{Rejection, RejectionKind},
    secret::{SecretProvider, SigningSecret, SigningSecrets},
};

const NEW: &str = "whsec_NewSecretOfTheConformanceSuite0001";
const OLD: &str = "whsec_OldSecretOfTheConformanceSuite0001";
const FORGED: &str = "whsec_SecretOfAForgerInTheConformanceSuite";

/// The time within which the provider has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

const CONCURRENT_REQUESTS: usize = 100;

/// A source of secrets that [`check_secret_provider`] controls.
///
/// Implement it for the test's side of the source: the table, the file or the variables.
pub trait SecretProviderFixture {
    /// The type of the provider under test.
    type Provider: SecretProvider;

    /// Makes a provider whose source holds exactly `secrets`, in this order.
    ///
    /// Each check calls it for a provider of its own. The source may be the same each time, because
    /// the provider of an earlier call is not used again.
    fn provider(&mut self, secrets: SigningSecrets) -> impl Future<Output = Self::Provider> + Send;

    /// Replaces the secrets in the source of the last provider.
    ///
    /// Returns whether that is possible. The default returns `false`: the secrets of the provider
    /// never change, and the checks of a change are left out.
    fn replace(&mut self, secrets: SigningSecrets) -> impl Future<Output = bool> + Send {
        let _ = secrets;
        async { false }
    }

    /// Makes the source of the last provider fail.
    ///
    /// The failure lasts until the next call of another method. Returns whether that is possible.
    /// The default returns `false`: the source cannot fail, and the checks of a failure are left
    /// out.
    fn fail(&mut self) -> impl Future<Output = bool> + Send {
        async { false }
    }

    /// Prepares the head of a request for the provider.
    ///
    /// Add what the provider reads there, such as a tenant's path. The default changes nothing: the
    /// path is `/`, and the headers are Stripe's.
    fn prepare_head(&self, head: &mut Parts) {
        let _ = head;
    }
}

/// Checks a [`SecretProvider`] against the contract of the trait.
///
/// It calls the provider directly, and through the layer with signed requests. The rules:
///
/// - `secrets` returns all secrets of the source in their order, each time. It also does so for
///   many requests at once, and after a request was dropped.
/// - While no secret is set, `secrets` returns none, and no error.
/// - `newer_secrets` returns `None` if the source has nothing newer.
/// - A new secret works with its first delivery. A removed secret no longer works after that.
/// - A failure of the source is an error, never an empty answer. A provider may go on to serve the
///   secrets that it has kept, but then a mismatch is an error.
///
/// The fixture's `provider` gets no secret, only `whsec_OldSecretOfTheConformanceSuite0001`, or
/// `whsec_NewSecretOfTheConformanceSuite0001` followed by the old one. Its `replace` gets only the
/// new one.
///
/// The suite needs a tokio runtime. It does not wait for time to pass, so the clock may be paused,
/// unless the provider does I/O.
///
/// # Panics
///
/// If the provider breaks the contract. The message names the broken rule.
///
/// # Example
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use http::request::Parts;
/// use tower_stripe_webhook::{
///     BoxError, Cached, SecretProvider, SigningSecrets,
///     test_util::{SecretProviderFixture, check_secret_provider},
/// };
///
/// /// `None` while the table cannot be read.
/// #[derive(Clone, Default)]
/// struct Table(Arc<Mutex<Option<SigningSecrets>>>);
///
/// impl SecretProvider for Table {
///     async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
///         self.0.lock().unwrap().clone().ok_or_else(|| "the table cannot be read".into())
///     }
/// }
///
/// impl SecretProviderFixture for Table {
///     type Provider = Cached<Table>;
///
///     async fn provider(&mut self, secrets: SigningSecrets) -> Cached<Table> {
///         *self.0.lock().unwrap() = Some(secrets);
///         Cached::new(self.clone())
///     }
///
///     async fn replace(&mut self, secrets: SigningSecrets) -> bool {
///         *self.0.lock().unwrap() = Some(secrets);
///         true
///     }
///
///     async fn fail(&mut self) -> bool {
///         *self.0.lock().unwrap() = None;
///         true
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// check_secret_provider(Table::default()).await;
/// # }
/// ```
pub async fn check_secret_provider<F: SecretProviderFixture>(fixture: F) {
    let mut check = Check { fixture };
    check.all_secrets_are_returned_in_their_order_each_time().await;
    check.an_empty_source_is_not_an_error().await;
    check.many_requests_at_once_are_answered().await;
    check.a_dropped_request_harms_no_later_one().await;
    check.each_secret_verifies_and_a_forged_one_does_not().await;
    check.nothing_is_newer_than_a_fresh_answer().await;
    check.a_changed_secret_works_with_its_first_delivery().await;
    check.a_first_secret_works_with_its_first_delivery().await;
    check.a_failure_is_an_error_after_secrets_were_set().await;
    check.a_failure_is_an_error_while_none_is_set().await;
}

struct Check<F> {
    fixture: F,
}

impl<F: SecretProviderFixture> Check<F> {
    async fn provider(&mut self, texts: &[&str]) -> Arc<F::Provider> {
        Arc::new(self.fixture.provider(secrets(texts)).await)
    }

    fn request(&self, secret: &str, now: SystemTime) -> Request<Full<Bytes>> {
        let (mut head, body) =
            signed_request("/", samples::INVOICE_PAID, &signing_secret(secret), now).into_parts();
        self.fixture.prepare_head(&mut head);
        Request::from_parts(head, body)
    }

    fn head(&self) -> Parts {
        self.request(NEW, now()).into_parts().0
    }

    async fn assert_secrets(&mut self, provider: &F::Provider, expected: &[&str], rule: &str) {
        let secrets = ask(provider, &self.head(), rule).await;
        let found: Vec<_> = secrets.iter().map(SigningSecret::expose_secret).collect();
        assert!(
            found == expected,
            "{rule}: `secrets` returned {} secrets {secrets:?} instead of {} secrets",
            found.len(),
            expected.len()
        );
    }

    /// Delivers an event signed with `secret`.
    ///
    /// Returns the kind of the rejection, or `None` if the handler is called.
    async fn deliver(
        &mut self,
        provider: &Arc<F::Provider>,
        secret: &str,
    ) -> Option<RejectionKind> {
        let now = now();
        let mut service = StripeWebhookLayer::new(Arc::clone(provider))
            .with_clock(FixedClock::new(now))
            .layer(Handler);
        let request = self.request(secret, now);
        let answer = async {
            poll_fn(|cx| Service::<Request<Full<Bytes>>>::poll_ready(&mut service, cx)).await?;
            service.call(request).await
        };
        let Ok(response) = in_time(answer, "a delivery is answered").await;
        response.extensions().get().map(Rejection::kind)
    }

    async fn assert_accepted(&mut self, provider: &Arc<F::Provider>, secret: &str, rule: &str) {
        let rejected = self.deliver(provider, secret).await;
        assert!(rejected.is_none(), "{rule}: the layer rejected the event with {rejected:?}");
    }

    async fn assert_rejected(
        &mut self,
        provider: &Arc<F::Provider>,
        secret: &str,
        kind: RejectionKind,
        rule: &str,
    ) {
        let rejected = self.deliver(provider, secret).await;
        assert!(
            rejected == Some(kind),
            "{rule}: the layer answered {rejected:?} instead of {kind:?}"
        );
    }

    async fn all_secrets_are_returned_in_their_order_each_time(&mut self) {
        let provider = self.provider(&[NEW, OLD]).await;
        for _ in 0..3 {
            self.assert_secrets(
                &provider,
                &[NEW, OLD],
                "all secrets are returned in their order, each time",
            )
            .await;
        }
    }

    async fn an_empty_source_is_not_an_error(&mut self) {
        let rule = "while no secret is set, `secrets` returns none and no error";
        let provider = self.provider(&[]).await;
        self.assert_secrets(&provider, &[], rule).await;
        self.assert_rejected(&provider, NEW, RejectionKind::NoSigningSecret, rule).await;
    }

    async fn many_requests_at_once_are_answered(&mut self) {
        let rule = "many requests at once are answered";
        let provider = self.provider(&[NEW, OLD]).await;
        let mut requests = JoinSet::new();
        for _ in 0..CONCURRENT_REQUESTS {
            let (provider, head) = (Arc::clone(&provider), self.head());
            requests.spawn(async move { ask(&*provider, &head, rule).await.len() });
        }
        let counts = requests.join_all().await;
        assert!(counts.iter().all(|&count| count == 2), "{rule}: some got {counts:?} secrets");
    }

    async fn a_dropped_request_harms_no_later_one(&mut self) {
        let rule = "a request that was dropped harms no later one";
        let provider = self.provider(&[NEW, OLD]).await;
        let (head, tried) = (self.head(), secrets(&[FORGED]));
        poll_once(provider.secrets(&head));
        poll_once(provider.newer_secrets(&head, &tried));
        self.assert_secrets(&provider, &[NEW, OLD], rule).await;
    }

    async fn each_secret_verifies_and_a_forged_one_does_not(&mut self) {
        let provider = self.provider(&[NEW, OLD]).await;
        for secret in [NEW, OLD] {
            self.assert_accepted(&provider, secret, "each secret verifies an event").await;
        }
        let rule = "an event that no secret has signed is a mismatch";
        self.assert_rejected(&provider, FORGED, RejectionKind::SignatureMismatch, rule).await;
    }

    async fn nothing_is_newer_than_a_fresh_answer(&mut self) {
        let rule = "`newer_secrets` returns `None` if the source has nothing newer";
        let provider = self.provider(&[NEW, OLD]).await;
        let head = self.head();
        let tried = ask(&*provider, &head, rule).await;
        for _ in 0..3 {
            let newer = expect(in_time(provider.newer_secrets(&head, &tried), rule).await, rule);
            assert!(newer.is_none(), "{rule}: it returned {newer:?}");
        }
    }

    async fn a_changed_secret_works_with_its_first_delivery(&mut self) {
        let rule = "a changed secret works with its first delivery";
        let provider = self.provider(&[OLD]).await;
        self.assert_accepted(&provider, OLD, "each secret verifies an event").await;
        if self.fixture.replace(secrets(&[NEW])).await {
            self.assert_accepted(&provider, NEW, rule).await;
            let rule = "a removed secret no longer verifies after a newer one has";
            self.assert_rejected(&provider, OLD, RejectionKind::SignatureMismatch, rule).await;
        }
    }

    async fn a_first_secret_works_with_its_first_delivery(&mut self) {
        let rule = "the first secret works with its first delivery";
        let provider = self.provider(&[]).await;
        self.assert_secrets(&provider, &[], rule).await;
        if self.fixture.replace(secrets(&[NEW])).await {
            self.assert_accepted(&provider, NEW, rule).await;
        }
    }

    async fn a_failure_is_an_error_after_secrets_were_set(&mut self) {
        let provider = self.provider(&[OLD]).await;
        self.assert_accepted(&provider, OLD, "each secret verifies an event").await;
        if self.fixture.fail().await {
            let served = self.deliver(&provider, OLD).await;
            assert!(
                [None, Some(RejectionKind::SecretProviderFailed)].contains(&served),
                "while the source fails, the last secrets serve or `secrets` is an error: the \
                 layer answered {served:?}"
            );
            // The event may be signed with a secret that the source would have returned.
            let rule = "while the source fails, a mismatch is an error";
            self.assert_rejected(&provider, NEW, RejectionKind::SecretProviderFailed, rule).await;
        }
    }

    async fn a_failure_is_an_error_while_none_is_set(&mut self) {
        let rule = "a failure of the source never looks as if no secret were set";
        let provider = self.provider(&[]).await;
        if self.fixture.fail().await {
            self.assert_rejected(&provider, NEW, RejectionKind::SecretProviderFailed, rule).await;
        }
    }
}

/// The inner service, which accepts every event.
#[derive(Clone)]
struct Handler;

impl Service<Request<Full<Bytes>>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        ready(Ok(Response::default()))
    }
}

async fn ask<P: SecretProvider>(provider: &P, head: &Parts, rule: &str) -> SigningSecrets {
    expect(in_time(provider.secrets(head), rule).await, rule)
}

async fn in_time<T>(future: impl Future<Output = T>, rule: &str) -> T {
    match timeout(ANSWER_TIMEOUT, future).await {
        Ok(answer) => answer,
        Err(_) => panic!("{rule}: the provider did not answer within {ANSWER_TIMEOUT:?}"),
    }
}

fn expect<T>(answer: Result<T, BoxError>, rule: &str) -> T {
    answer.unwrap_or_else(|error| panic!("{rule}: the provider failed: {error}"))
}

/// Drops the future after its first poll, as a server does if the client goes away.
fn poll_once<T>(future: impl Future<Output = T>) {
    let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn secrets(texts: &[&str]) -> SigningSecrets {
    texts.iter().copied().map(signing_secret).collect()
}

fn signing_secret(text: &str) -> SigningSecret {
    SigningSecret::new(text).expect("the text has the form of a secret")
}
