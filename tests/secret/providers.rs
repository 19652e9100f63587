//! Every provider of the crate keeps the contract of `SecretProvider`.

use std::{
    env, fs,
    path::PathBuf,
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use http::{Request, request::Parts};
use tower_stripe_webhook::{
    BoxError, Cached, EnvSecret, SecretProvider, SigningSecret, SigningSecrets, Tolerance,
    secret::{CachedByKey, Fallback, FileSecret, SharedSecretProvider, secret_provider_fn},
    test_util::{SecretProviderFixture, check_secret_provider, sign},
    verify_signature,
};

// The secrets that `check_secret_provider` sets.
const NEW: &str = "whsec_NewSecretOfTheConformanceSuite0001";
const OLD: &str = "whsec_OldSecretOfTheConformanceSuite0001";

/// A provider whose secrets cannot change.
struct Fixed<F>(F);

impl<P: SecretProvider, F: Fn(SigningSecrets) -> P + Send> SecretProviderFixture for Fixed<F> {
    type Provider = P;

    async fn provider(&mut self, secrets: SigningSecrets) -> P {
        (self.0)(secrets)
    }
}

/// Secrets in memory that are loaded as from a database. `None` is an outage.
#[derive(Clone, Default)]
struct Table(Arc<Mutex<Option<SigningSecrets>>>);

impl Table {
    fn set(&self, secrets: Option<SigningSecrets>) {
        *self.0.lock().unwrap() = secrets;
    }

    async fn load(self) -> Result<SigningSecrets, BoxError> {
        // Other tasks run before a database answers.
        tokio::task::yield_now().await;
        self.0.lock().unwrap().clone().ok_or_else(|| "the table is down".into())
    }

    fn provider(&self) -> impl SecretProvider + use<> {
        let table = self.clone();
        secret_provider_fn(move |_: &Parts| table.clone().load())
    }
}

/// A provider that gets its secrets from a [`Table`].
struct Around<F> {
    table: Table,
    wrap: F,
}

impl<P: SecretProvider, F: Fn(Table) -> P + Send> SecretProviderFixture for Around<F> {
    type Provider = P;

    async fn provider(&mut self, secrets: SigningSecrets) -> P {
        self.table.set(Some(secrets));
        (self.wrap)(self.table.clone())
    }

    async fn replace(&mut self, secrets: SigningSecrets) -> bool {
        self.table.set(Some(secrets));
        true
    }

    async fn fail(&mut self) -> bool {
        self.table.set(None);
        true
    }
}

/// Checks the contract, and that secrets keep the time of their last use.
async fn check<F: SecretProviderFixture>(mut fixture: F) {
    let mut head = Request::new(()).into_parts().0;
    fixture.prepare_head(&mut head);
    let provider = fixture.provider(SigningSecret::new(OLD).unwrap().into()).await;
    let secrets = provider.secrets(&head).await.unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
    let header = sign("{}", &SigningSecret::new(OLD).unwrap(), now);
    verify_signature(header, b"{}", &secrets, now, Tolerance::default()).unwrap();
    let secrets = provider.secrets(&head).await.unwrap();
    assert_eq!(secrets.iter().next().unwrap().last_verified_at(), Some(now));

    check_secret_provider(fixture).await;
}

async fn check_around<P: SecretProvider>(wrap: impl Fn(Table) -> P + Send) {
    check(Around { table: Table::default(), wrap }).await;
}

/// A provider that reads a file. The file is removed with it.
struct OfFile<F> {
    path: PathBuf,
    wrap: F,
}

impl<F> OfFile<F> {
    fn new(wrap: F) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name =
            format!("provider-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self { path: PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name), wrap }
    }

    fn write(&self, text: &str) {
        let new = self.path.with_extension("new");
        fs::write(&new, text).unwrap();
        fs::rename(new, &self.path).unwrap();
    }

    fn set(&self, secrets: &SigningSecrets) {
        let lines: Vec<_> = secrets.iter().map(SigningSecret::expose_secret).collect();
        self.write(&lines.join("\n"));
    }
}

impl<F> Drop for OfFile<F> {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

impl<P: SecretProvider, F: Fn(FileSecret) -> P + Send> SecretProviderFixture for OfFile<F> {
    type Provider = P;

    async fn provider(&mut self, secrets: SigningSecrets) -> P {
        self.set(&secrets);
        (self.wrap)(FileSecret::new(&self.path))
    }

    async fn replace(&mut self, secrets: SigningSecrets) -> bool {
        self.set(&secrets);
        true
    }

    async fn fail(&mut self) -> bool {
        self.write("sk_test_1");
        true
    }
}

#[tokio::test]
async fn several_secrets_keep_the_contract() {
    check(Fixed(|secrets| secrets)).await;
}

#[tokio::test]
async fn a_closure_keeps_the_contract() {
    check_around(|table| table.provider()).await;
}

#[tokio::test]
async fn a_file_keeps_the_contract() {
    check(OfFile::new(|file| file)).await;
}

/// The test starts itself again with the variables.
///
/// The environment of this process cannot be changed safely.
#[tokio::test]
async fn an_environment_variable_keeps_the_contract() {
    const VARIABLES: [&str; 3] = ["PROVIDERS_NONE", "PROVIDERS_OLD", "PROVIDERS_NEW_AND_OLD"];
    if env::var_os(VARIABLES[1]).is_none() {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "providers::an_environment_variable_keeps_the_contract"])
            .envs([(VARIABLES[1], OLD), (VARIABLES[2], &format!("{NEW},{OLD}"))])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
        return;
    }
    check(Fixed(|secrets: SigningSecrets| EnvSecret::new(VARIABLES[secrets.len()]))).await;
}

#[tokio::test]
async fn a_fallback_keeps_the_contract_with_secrets_in_either_provider() {
    check_around(|table| Fallback::new(table.provider(), SigningSecrets::default())).await;
    check_around(|table| Fallback::new(SigningSecrets::default(), table.provider())).await;
    check_around(|table| {
        Fallback::new(table.provider(), SigningSecrets::default()).with_fallback_on_error()
    })
    .await;
}

#[tokio::test]
async fn pointers_and_a_shared_provider_keep_the_contract() {
    check_around(|table| Arc::new(table.provider())).await;
    check_around(|table| Box::new(table.provider())).await;
    check_around(|table| &*Box::leak(Box::new(table.provider()))).await;
    check_around(|table| SharedSecretProvider::new(table.provider())).await;
}

/// A `watch` channel, which has no outage.
#[derive(Default)]
struct Channel(Option<tokio::sync::watch::Sender<SigningSecrets>>);

impl SecretProviderFixture for Channel {
    type Provider = tokio::sync::watch::Receiver<SigningSecrets>;

    async fn provider(&mut self, secrets: SigningSecrets) -> Self::Provider {
        let (sender, receiver) = tokio::sync::watch::channel(secrets);
        self.0 = Some(sender);
        receiver
    }

    async fn replace(&mut self, secrets: SigningSecrets) -> bool {
        self.0.as_ref().unwrap().send_replace(secrets);
        true
    }
}

#[tokio::test]
async fn a_channel_keeps_the_contract() {
    check(Channel::default()).await;
}

fn by_key(table: Table) -> CachedByKey<()> {
    CachedByKey::new(|_| Some(()), move |()| table.clone().load())
}

#[tokio::test(start_paused = true)]
async fn a_cache_keeps_the_contract() {
    check_around(|table| Cached::new(table.provider())).await;
}

#[tokio::test(start_paused = true)]
async fn a_cache_by_key_keeps_the_contract() {
    check_around(by_key).await;
}

/// The secrets of one tenant, whom the path names.
struct Tenant(Table);

impl SecretProviderFixture for Tenant {
    type Provider = CachedByKey<String>;

    async fn provider(&mut self, secrets: SigningSecrets) -> Self::Provider {
        self.0.set(Some(secrets));
        let table = self.0.clone();
        CachedByKey::new(
            |head: &Parts| head.uri.path().strip_prefix("/webhooks/").map(str::to_owned),
            move |tenant| {
                assert_eq!(tenant, "acme");
                table.clone().load()
            },
        )
    }

    async fn replace(&mut self, secrets: SigningSecrets) -> bool {
        self.0.set(Some(secrets));
        true
    }

    async fn fail(&mut self) -> bool {
        self.0.set(None);
        true
    }

    fn prepare_head(&self, head: &mut Parts) {
        head.uri = "/webhooks/acme".parse().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenants_cache_keeps_the_contract_for_the_tenants_path() {
    check(Tenant(Table::default())).await;
}

#[tokio::test(start_paused = true)]
async fn wrappers_around_caches_and_caches_around_wrappers_keep_the_contract() {
    check_around(|table| SharedSecretProvider::new(Cached::new(table.provider()))).await;
    check_around(|table| Arc::new(by_key(table))).await;
    check_around(|table| Fallback::new(Cached::new(table.provider()), SigningSecrets::default()))
        .await;
    check_around(|table| Fallback::new(SigningSecrets::default(), Cached::new(table.provider())))
        .await;
    check_around(|table| Cached::new(Fallback::new(SigningSecrets::default(), table.provider())))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_cache_around_a_file_keeps_the_contract() {
    check(OfFile::new(Cached::new)).await;
}
