//! What every provider of secrets promises, checked of each that the crate has.

use std::{
    convert::Infallible,
    env, fs,
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body_util::Full;
use tokio::task::JoinSet;
use tokio_test::task;
use tower::{ServiceBuilder, ServiceExt};
use tower_stripe_webhook::{
    BoxError, EnvSecret, Rejection, RejectionKind, SecretProvider, SigningSecret, SigningSecrets,
    StripeWebhookLayer,
    secret::{Fallback, FileSecret, SharedSecretProvider, secret_provider_fn},
    test_util::{FixedClock, samples, signed_request},
};

const NEW: &str = "whsec_new";
const OLD: &str = "whsec_old";

/// A provider, and where its secrets are.
struct Subject<P> {
    provider: P,
    place: Place,
}

/// Where the secrets of a subject are, and so how they can change.
enum Place {
    /// They cannot.
    Fixed,
    Table(Table),
    File(TestFile),
    #[cfg(feature = "tokio")]
    Channel(tokio::sync::watch::Sender<SigningSecrets>),
}

impl Place {
    /// Whether they can be changed.
    fn set(&self, texts: &[&str]) -> bool {
        match self {
            Self::Fixed => return false,
            Self::Table(table) => table.set(texts),
            Self::File(file) => file.set(texts),
            #[cfg(feature = "tokio")]
            Self::Channel(sender) => _ = sender.send_replace(secrets(texts)),
        }
        true
    }

    /// Makes an error of them, or of what the source says. Whether that can be.
    fn spoil(&self) -> bool {
        match self {
            Self::Table(table) => *table.0.lock().unwrap() = None,
            Self::File(file) => file.set(&["sk_test_1"]),
            _ => return false,
        }
        true
    }
}

/// `None` if it is down.
#[derive(Clone)]
struct Table(Arc<Mutex<Option<SigningSecrets>>>);

impl Table {
    fn with(texts: &[&str]) -> Self {
        Self(Arc::new(Mutex::new(Some(secrets(texts)))))
    }

    fn set(&self, texts: &[&str]) {
        *self.0.lock().unwrap() = Some(secrets(texts));
    }

    async fn load(self) -> Result<SigningSecrets, BoxError> {
        // As a database does, it lets others run before it answers.
        tokio::task::yield_now().await;
        self.0.lock().unwrap().clone().ok_or_else(|| "the table is down".into())
    }

    fn provider(&self) -> impl SecretProvider + use<> {
        let table = self.clone();
        secret_provider_fn(move |_: &Parts| table.clone().load())
    }
}

/// A file of the test's own, removed with it.
struct TestFile(PathBuf);

impl TestFile {
    fn with(texts: &[&str]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("provider-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let file = Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name));
        file.set(texts);
        file
    }

    fn set(&self, texts: &[&str]) {
        let new = self.0.with_extension("new");
        fs::write(&new, texts.join("\n")).unwrap();
        fs::rename(new, &self.0).unwrap();
    }
}

impl Drop for TestFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn secrets(texts: &[&str]) -> SigningSecrets {
    texts.iter().map(|text| SigningSecret::new(*text).unwrap()).collect()
}

fn texts(secrets: &SigningSecrets) -> Vec<&str> {
    secrets.iter().map(SigningSecret::expose_secret).collect()
}

fn head() -> Parts {
    Request::new(()).into_parts().0
}

/// How the layer answers an event that is signed with `secret`: `None` if it reaches the handler.
async fn deliver<P: SecretProvider>(provider: &Arc<P>, secret: &str) -> Option<RejectionKind> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let service = ServiceBuilder::new()
        .layer(StripeWebhookLayer::new(Arc::clone(provider)).with_clock(FixedClock::new(now)))
        .service_fn(async |_: Request<Full<Bytes>>| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        });
    let request =
        signed_request("/", samples::INVOICE_PAID, &SigningSecret::new(secret).unwrap(), now);
    service.oneshot(request).await.unwrap().extensions().get().map(Rejection::kind)
}

/// The list. `with` makes a subject with these secrets.
async fn keeps_every_promise<P: SecretProvider>(with: impl Fn(&[&str]) -> Subject<P>) {
    gives_what_is_set_in_its_order_each_time(with(&[NEW, OLD])).await;
    says_that_none_is_set_and_not_that_it_failed(with(&[])).await;
    answers_many_at_once(with(&[NEW, OLD])).await;
    is_not_harmed_by_a_question_that_is_given_up(with(&[NEW, OLD])).await;
    has_nothing_newer_than_what_it_has_just_said(with(&[NEW, OLD])).await;
    lets_each_secret_verify_and_no_other(with(&[NEW, OLD])).await;
    lets_a_changed_secret_work_with_its_first_delivery(with(&[OLD])).await;
    lets_a_first_secret_work_with_its_first_delivery(with(&[])).await;
    never_takes_a_failure_for_no_secret(with(&[OLD]), with(&[])).await;
}

async fn gives_what_is_set_in_its_order_each_time<P: SecretProvider>(subject: Subject<P>) {
    for _ in 0..3 {
        assert_eq!(texts(&subject.provider.secrets(&head()).await.unwrap()), [NEW, OLD]);
    }
}

async fn says_that_none_is_set_and_not_that_it_failed<P: SecretProvider>(subject: Subject<P>) {
    assert!(subject.provider.secrets(&head()).await.unwrap().is_empty());
    assert_eq!(
        deliver(&Arc::new(subject.provider), NEW).await,
        Some(RejectionKind::NoSigningSecret)
    );
}

async fn answers_many_at_once<P: SecretProvider>(subject: Subject<P>) {
    let provider = Arc::new(subject.provider);
    let questions: JoinSet<_> = (0..100)
        .map(|_| Arc::clone(&provider))
        .map(|provider| async move {
            provider.secrets(&head()).await.map(|secrets| secrets.len()).unwrap()
        })
        .collect();
    assert_eq!(questions.join_all().await, [2; 100]);
}

async fn is_not_harmed_by_a_question_that_is_given_up<P: SecretProvider>(subject: Subject<P>) {
    let (head, tried) = (head(), secrets(&["whsec_tried"]));
    let _ = task::spawn(subject.provider.secrets(&head)).poll();
    let _ = task::spawn(subject.provider.newer_secrets(&head, &tried)).poll();
    assert_eq!(texts(&subject.provider.secrets(&head).await.unwrap()), [NEW, OLD]);
}

async fn has_nothing_newer_than_what_it_has_just_said<P: SecretProvider>(subject: Subject<P>) {
    let tried = subject.provider.secrets(&head()).await.unwrap();
    for _ in 0..3 {
        assert!(subject.provider.newer_secrets(&head(), &tried).await.unwrap().is_none());
    }
}

async fn lets_each_secret_verify_and_no_other<P: SecretProvider>(subject: Subject<P>) {
    let provider = Arc::new(subject.provider);
    for (secret, rejected) in
        [(NEW, None), (OLD, None), ("whsec_forged", Some(RejectionKind::SignatureMismatch))]
    {
        assert_eq!(deliver(&provider, secret).await, rejected, "{secret}");
    }
    let secrets = provider.secrets(&head()).await.unwrap();
    assert!(secrets.iter().all(|secret| secret.last_verified_at().is_some()));
}

async fn lets_a_changed_secret_work_with_its_first_delivery<P: SecretProvider>(
    subject: Subject<P>,
) {
    let provider = Arc::new(subject.provider);
    assert_eq!(deliver(&provider, OLD).await, None);
    if subject.place.set(&[NEW]) {
        assert_eq!(deliver(&provider, NEW).await, None);
        assert_eq!(deliver(&provider, OLD).await, Some(RejectionKind::SignatureMismatch));
    }
}

async fn lets_a_first_secret_work_with_its_first_delivery<P: SecretProvider>(subject: Subject<P>) {
    let provider = Arc::new(subject.provider);
    assert!(provider.secrets(&head()).await.unwrap().is_empty());
    if subject.place.set(&[NEW]) {
        assert_eq!(deliver(&provider, NEW).await, None);
    }
}

async fn never_takes_a_failure_for_no_secret<P: SecretProvider>(
    set: Subject<P>,
    unset: Subject<P>,
) {
    let provider = Arc::new(set.provider);
    assert_eq!(deliver(&provider, OLD).await, None);
    if !set.place.spoil() || !unset.place.spoil() {
        return;
    }
    // What was there may go on to serve, but a request that does not match may be genuine.
    let served = deliver(&provider, OLD).await;
    assert!([None, Some(RejectionKind::SecretProviderFailed)].contains(&served), "{served:?}");
    assert_eq!(deliver(&provider, NEW).await, Some(RejectionKind::SecretProviderFailed));

    assert_eq!(
        deliver(&Arc::new(unset.provider), NEW).await,
        Some(RejectionKind::SecretProviderFailed)
    );
}

/// The promises of a provider that is made around one that asks a table each time.
async fn keeps_every_promise_around<P: SecretProvider>(wrap: impl Fn(Table) -> P) {
    keeps_every_promise(|texts| {
        let table = Table::with(texts);
        Subject { provider: wrap(table.clone()), place: Place::Table(table) }
    })
    .await;
}

#[tokio::test]
async fn several_secrets_keep_every_promise() {
    keeps_every_promise(|texts| Subject { provider: secrets(texts), place: Place::Fixed }).await;
}

#[tokio::test]
async fn a_closure_keeps_every_promise() {
    keeps_every_promise_around(|table| table.provider()).await;
}

#[tokio::test]
async fn a_file_keeps_every_promise() {
    keeps_every_promise(|texts| {
        let file = TestFile::with(texts);
        Subject { provider: FileSecret::new(&file.0), place: Place::File(file) }
    })
    .await;
}

/// The environment of this process cannot be changed safely, so the test runs itself once more with one that is set.
#[tokio::test]
async fn an_environment_variable_keeps_every_promise() {
    const VARIABLES: [&str; 3] = ["PROVIDERS_NONE", "PROVIDERS_OLD", "PROVIDERS_NEW_AND_OLD"];
    if env::var_os(VARIABLES[1]).is_none() {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "providers::an_environment_variable_keeps_every_promise"])
            .envs([(VARIABLES[1], OLD), (VARIABLES[2], "whsec_new,whsec_old")])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
        return;
    }
    keeps_every_promise(|texts| Subject {
        provider: EnvSecret::new(VARIABLES[texts.len()]),
        place: Place::Fixed,
    })
    .await;
}

#[tokio::test]
async fn a_fallback_keeps_every_promise_whichever_of_the_two_has_the_secrets() {
    keeps_every_promise_around(|table| Fallback::new(table.provider(), SigningSecrets::default()))
        .await;
    keeps_every_promise_around(|table| Fallback::new(SigningSecrets::default(), table.provider()))
        .await;
    keeps_every_promise_around(|table| {
        Fallback::new(table.provider(), SigningSecrets::default()).with_fallback_on_error()
    })
    .await;
}

#[tokio::test]
async fn pointers_and_a_provider_whose_type_is_erased_keep_every_promise() {
    keeps_every_promise_around(|table| Arc::new(table.provider())).await;
    keeps_every_promise_around(|table| Box::new(table.provider())).await;
    keeps_every_promise_around(|table| &*Box::leak(Box::new(table.provider()))).await;
    keeps_every_promise_around(|table| SharedSecretProvider::new(table.provider())).await;
}

#[cfg(feature = "tokio")]
mod with_tokio {
    use tower_stripe_webhook::{Cached, secret::CachedByKey};

    use super::*;

    fn by_key(table: Table) -> CachedByKey<()> {
        CachedByKey::new(|_| Some(()), move |()| table.clone().load())
    }

    #[tokio::test]
    async fn a_channel_keeps_every_promise() {
        keeps_every_promise(|texts| {
            let (sender, receiver) = tokio::sync::watch::channel(secrets(texts));
            Subject { provider: receiver, place: Place::Channel(sender) }
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cache_keeps_every_promise() {
        keeps_every_promise_around(|table| Cached::new(table.provider())).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cache_by_key_keeps_every_promise() {
        keeps_every_promise_around(by_key).await;
    }

    #[tokio::test(start_paused = true)]
    async fn wrappers_around_caches_and_caches_around_wrappers_keep_every_promise() {
        keeps_every_promise_around(|table| {
            SharedSecretProvider::new(Cached::new(table.provider()))
        })
        .await;
        keeps_every_promise_around(|table| Arc::new(by_key(table))).await;
        keeps_every_promise_around(|table| {
            Fallback::new(Cached::new(table.provider()), SigningSecrets::default())
        })
        .await;
        keeps_every_promise_around(|table| {
            Fallback::new(SigningSecrets::default(), Cached::new(table.provider()))
        })
        .await;
        keeps_every_promise_around(|table| {
            Cached::new(Fallback::new(SigningSecrets::default(), table.provider()))
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_cache_around_a_file_keeps_every_promise() {
        keeps_every_promise(|texts| {
            let file = TestFile::with(texts);
            Subject { provider: Cached::new(FileSecret::new(&file.0)), place: Place::File(file) }
        })
        .await;
    }
}
