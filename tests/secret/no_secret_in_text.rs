//! Texts of the crate without secrets: `Debug`, errors, logs and panics.
//!
//! The test makes all of them and searches them for secrets.

use std::{
    convert::Infallible,
    env,
    error::Error,
    fmt::Debug,
    fs, io,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    pin::Pin,
    process::Command,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, Response, request::Parts};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use tokio::sync::watch;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_stripe_webhook::{
    Cached, EnvSecret, Mode, Rejection, SecretProvider, SigningSecret, SigningSecrets,
    StripeWebhookLayer, Tolerance, VerifiedEvent,
    secret::{
        CacheOptions, CachedByKey, Fallback, FileSecret, KeyedCacheOptions, SharedSecretProvider,
        secret_provider_fn,
    },
    test_util::{FixedClock, samples, sign, signed_request},
    verify, verify_signature,
};
use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};

const SECRET: &str = "whsec_Hidden7Q";
const OTHER: &str = "whsec_2Hidden7Q";
const API_KEY: &str = "sk_live_Hidden7Q";
const NEEDLE: &str = "Hidden7Q";

/// All texts, and from what each comes.
#[derive(Clone, Default)]
struct Texts(Arc<Mutex<Vec<(String, String)>>>);

impl Texts {
    fn add(&self, what: &str, text: impl Into<String>) {
        self.0.lock().unwrap().push((what.to_owned(), text.into()));
    }

    fn debug(&self, what: &str, value: &impl Debug) {
        self.add(what, format!("{value:?} {value:#?}"));
    }

    /// With what it was caused by.
    fn error(&self, what: &str, error: &(dyn Error + 'static)) {
        self.debug(what, &error);
        self.add(what, error.to_string());
        if let Some(source) = error.source() {
            self.error(what, source);
        }
    }

    async fn ask<P: SecretProvider + Debug>(&self, what: &str, provider: P) {
        self.debug(what, &provider);
        for answer in [
            provider.secrets(&head()).await.map(Some),
            provider.newer_secrets(&head(), &secret("whsec_tried").into()).await,
        ] {
            self.debug(what, &answer);
            if let Err(error) = answer {
                self.error(what, error.as_ref());
            }
        }
        self.debug(what, &provider);
    }
}

impl io::Write for Texts {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.add("the log", String::from_utf8_lossy(line));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The forms of a secret or signature in a text.
///
/// Besides the text itself, these are its bytes in decimal or hexadecimal digits.
fn gives_away(text: &str, signature: &str) -> bool {
    let decimal = NEEDLE.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",");
    let hexadecimal: String = NEEDLE.bytes().map(|byte| format!("{byte:02x}")).collect();
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    [NEEDLE, &decimal, &hexadecimal, signature].iter().any(|needle| packed.contains(needle))
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

fn secret(text: &str) -> SigningSecret {
    SigningSecret::new(text).unwrap().with_source("database")
}

fn head() -> Parts {
    Request::new(()).into_parts().0
}

fn of_the_secret() -> impl SecretProvider + Clone + Debug {
    secret_provider_fn(|_: &Parts| async {
        Ok(SigningSecrets::from([secret(SECRET), secret(OTHER)]))
    })
}

fn of_garbage() -> impl SecretProvider + Clone + Debug {
    secret_provider_fn(|_: &Parts| async { Ok(SigningSecret::new(API_KEY)?.into()) })
}

enum BadBody {
    BreaksOff,
    NeverArrives,
}

impl Body for BadBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match *self {
            Self::BreaksOff => Poll::Ready(Some(Err(io::Error::other("the connection is gone")))),
            Self::NeverArrives => Poll::Pending,
        }
    }
}

/// What is wrong with each request or with the layer, down to nothing.
async fn requests(texts: &Texts) {
    let webhook = |provider: SharedSecretProvider| {
        StripeWebhookLayer::new(provider).with_clock(FixedClock::new(now()))
    };
    let good = || webhook(SharedSecretProvider::new(of_the_secret()));
    let signed = |body: &'static str| signed_request("/", body, &secret(SECRET), now());
    let event = || signed(samples::INVOICE_PAID);
    let with_header = |header: &str| {
        let mut request = event();
        request.headers_mut().insert("stripe-signature", header.parse().unwrap());
        request
    };
    let repeated = {
        let mut request = event();
        let header = request.headers()["stripe-signature"].clone();
        request.headers_mut().append("stripe-signature", header);
        request
    };
    let cases = [
        ("accepted", good(), event()),
        ("of the other mode", good().with_mode(Mode::Live), event()),
        ("no header", good(), Request::new(Full::default())),
        ("two headers", good(), repeated),
        ("malformed header", good(), with_header(SECRET)),
        ("malformed timestamp", good(), with_header("t=Hidden7Q,v1=00")),
        ("malformed signature", good(), with_header("t=1795447015,v1=Hidden7Q")),
        (
            "old",
            good(),
            signed_request(
                "/",
                samples::INVOICE_PAID,
                &secret(SECRET),
                now() - Duration::from_secs(301),
            ),
        ),
        ("too long", good().with_max_body_size(10), event()),
        ("mismatch", good().with_mismatch_diagnosis(), event().map(|_| Full::from("{}"))),
        ("diagnosed", good().with_mismatch_diagnosis(), signed("{}\n").map(|_| Full::from("{}"))),
        ("no secret", webhook(SharedSecretProvider::new(SigningSecrets::default())), event()),
        ("garbage", webhook(SharedSecretProvider::new(of_garbage())), event()),
        ("garbage, cached", webhook(SharedSecretProvider::new(Cached::new(of_garbage()))), event()),
        ("not JSON", good(), signed("Hidden")),
        ("not an event", good(), signed("[]")),
    ];
    let mut kinds = Vec::new();
    for (what, layer, request) in cases {
        texts.debug(what, &layer);
        let handler = texts.clone();
        let mut service = layer.layer(service_fn(move |request: Request<Full<Bytes>>| {
            handler.debug("the request that reaches the handler", &request);
            handler.debug("an event", request.extensions().get::<VerifiedEvent>().unwrap());
            async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) }
        }));
        texts.debug(what, &service);
        let response = service.call(request);
        texts.debug(what, &response);
        let response = response.await.unwrap();
        texts.debug(what, &response);
        texts.debug(what, response.extensions());
        if let Some(rejection) = response.extensions().get::<Rejection>() {
            kinds.push(rejection.kind());
            texts.error(what, rejection);
            if let Some(diagnosis) = rejection.diagnosis() {
                texts.debug("MismatchDiagnosis", &diagnosis);
            }
        }
        texts.add(
            what,
            String::from_utf8_lossy(&response.into_body().collect().await.unwrap().to_bytes()),
        );
    }
    for (what, body) in [
        ("a body that breaks off", BadBody::BreaksOff),
        ("a body that does not arrive", BadBody::NeverArrives),
    ] {
        let layer = good().with_body_timeout(Duration::ZERO);
        let mut service = layer.layer(service_fn(async |_| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        let response = service.call(event().map(|_| body)).await.unwrap();
        texts.debug(what, response.extensions());
        let rejection = response.extensions().get::<Rejection>().unwrap();
        kinds.push(rejection.kind());
        texts.error(what, rejection);
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 12, "{kinds:?}");

    let header = sign(samples::INVOICE_PAID, &secret(SECRET), now());
    let secrets = SigningSecrets::from(secret(SECRET));
    texts.debug(
        "verify",
        &verify(&header, samples::INVOICE_PAID, &secrets, now(), Tolerance::default()),
    );
    texts.debug("verify", &verify(&header, "{}", &secrets, now(), Tolerance::default()));
    texts.debug("verify", &verify_signature(&header, b"{}", &secrets, now(), Tolerance::default()));
}

/// Every type that can hold a secret, when it does and when it failed to.
async fn providers(texts: &Texts, directory: &Path) {
    let file = |name: &str, content: String| {
        let path = directory.join(name);
        fs::write(&path, content).unwrap();
        FileSecret::new(path)
    };
    let by_key = |provider| {
        let load = move |_| {
            let provider = SharedSecretProvider::clone(&provider);
            async move { provider.secrets(&head()).await }
        };
        CachedByKey::with_options(|_| Some(NEEDLE), load, KeyedCacheOptions::default())
    };
    let cached = |provider| Cached::with_options(provider, CacheOptions::default());

    let states = [
        cached(SharedSecretProvider::new(of_the_secret())),
        cached(SharedSecretProvider::new(of_garbage())),
    ];
    for cached in &states {
        let _ = cached.refresh().await.map_err(|error| texts.error("Cached", error.as_ref()));
        texts.debug("CacheState", &cached.state());
    }
    texts.debug("SigningSecret", &secret(SECRET));
    texts.debug("SigningSecrets", &SigningSecrets::from([secret(SECRET), secret(OTHER)]));
    texts.debug("SecretId", secret(SECRET).id());
    for text in [
        format!("{SECRET}\n"),
        API_KEY.to_owned(),
        format!("{SECRET}\u{7}"),
        format!("'{SECRET}'"),
        NEEDLE.into(),
    ] {
        texts.error("SigningSecretError", &SigningSecret::new(text).unwrap_err());
    }
    for name in ["NO_SECRET_IN_TEXT", "NO_SECRET_IN_TEXT_KEY"] {
        if let Err(error) = EnvSecret::new(name).loaded() {
            texts.error("EnvSecretError", error);
        }
    }

    let buggy = secret_provider_fn(|_: &Parts| async {
        panic::resume_unwind(Box::new("a bug of the provider's own"))
    });
    texts.debug("CacheOptions", &CacheOptions::default());
    texts.debug("KeyedCacheOptions", &KeyedCacheOptions::default());
    texts.ask("SigningSecret", secret(SECRET)).await;
    texts.ask("SigningSecrets", SigningSecrets::from(secret(SECRET))).await;
    texts.ask("EnvSecret", EnvSecret::new("NO_SECRET_IN_TEXT")).await;
    texts.ask("EnvSecret", EnvSecret::new("NO_SECRET_IN_TEXT_KEY")).await;
    texts.ask("FileSecret", file("good", format!("{SECRET}\n{OTHER}"))).await;
    texts.ask("FileSecret", file("bad", format!("{SECRET}\n{API_KEY}"))).await;
    texts.ask("SecretProviderFn", of_the_secret()).await;
    texts.ask("SecretProviderFn", of_garbage()).await;
    texts.ask("watch::Receiver", watch::channel(SigningSecrets::from(secret(SECRET))).1).await;
    texts.ask("Fallback", Fallback::new(secret(SECRET), secret(OTHER))).await;
    texts.ask("Fallback", Fallback::new(of_garbage(), secret(OTHER))).await;
    texts.ask("Cached", Cached::new(secret(SECRET))).await;
    texts.ask("Cached", Cached::new(of_garbage())).await;
    texts.ask("Cached", Cached::new(buggy)).await;
    texts.ask("CachedByKey", by_key(SharedSecretProvider::new(of_the_secret()))).await;
    texts.ask("CachedByKey", by_key(SharedSecretProvider::new(of_garbage()))).await;
    texts.ask("SharedSecretProvider", SharedSecretProvider::new(secret(SECRET))).await;
    texts.ask("Arc", Arc::new(secret(SECRET))).await;
}

/// Calls that panic outside a runtime.
fn panics(texts: &Texts) {
    let hook = texts.clone();
    panic::set_hook(Box::new(move |panic| hook.add("a panic", panic.to_string())));
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let no_runtime = || {
        let layer = StripeWebhookLayer::new(secret(SECRET)).with_clock(FixedClock::new(now()));
        let service = layer.layer(service_fn(async |_| {
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }));
        let request = signed_request("/", samples::INVOICE_PAID, &secret(SECRET), now());
        drop(tokio_test::task::spawn(service.oneshot(request)).poll());
    };
    let no_runtime_for_a_load = || {
        let cached = Cached::new(secret(SECRET));
        drop(tokio_test::task::spawn(cached.secrets(&head())).poll());
    };
    let uses: [&dyn Fn(); 4] = [
        &|| drop(sign("{}", &secret(SECRET), before_1970)),
        &|| drop(signed_request("no uri", "{}", &secret(SECRET), now())),
        &no_runtime,
        &no_runtime_for_a_load,
    ];
    for (nth, wrong_use) in uses.into_iter().enumerate() {
        assert!(
            panic::catch_unwind(AssertUnwindSafe(wrong_use)).is_err(),
            "the use number {nth} did not panic"
        );
    }
    drop(panic::take_hook());
}

/// The types that `secret/mod.rs` exports. Add a new one above, too.
fn exported() -> Vec<String> {
    let source =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/secret/mod.rs"))
            .unwrap();
    let uses = source.split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    uses.flat_map(|list| list.split(|c: char| !c.is_alphanumeric()))
        .filter(|name| name.starts_with(char::is_uppercase) && *name != "SecretProvider")
        .map(str::to_owned)
        .collect()
}

/// The test starts itself again as another process.
///
/// The environment cannot be changed safely, and a panic hook belongs to the whole process.
#[test]
fn no_secret_is_in_any_text() {
    if env::var_os("NO_SECRET_IN_TEXT").is_none() {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", "no_secret_in_text::no_secret_is_in_any_text", "--nocapture"])
            .envs([("NO_SECRET_IN_TEXT", SECRET), ("NO_SECRET_IN_TEXT_KEY", API_KEY)])
            .output()
            .unwrap();
        let printed = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
        assert!(!printed.contains(NEEDLE), "{printed}");
        return;
    }

    let texts = Texts::default();
    let writer = texts.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("no-secret-{}", std::process::id()));
    fs::create_dir(&directory).unwrap();
    {
        let _guard = log.set_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            requests(&texts).await;
            providers(&texts, &directory).await;
        });
        drop(runtime);
        panics(&texts);
    }
    fs::remove_dir_all(&directory).unwrap();

    let texts = texts.0.lock().unwrap();
    let header = sign(samples::INVOICE_PAID, &secret(SECRET), now());
    let signature = header.split("v1=").nth(1).unwrap();
    for (what, text) in &*texts {
        assert!(!gives_away(text, signature), "{what} gives a secret away");
    }
    for what in exported().iter().map(String::as_str).chain(["the log", "a panic", "mismatch"]) {
        assert!(texts.iter().any(|(of, _)| of == what), "there is no text of {what}");
    }
}

#[test]
fn a_secret_in_a_text_is_found() {
    let signature = "0a1b";
    for text in [
        SECRET,
        "Some([ 72, 105, 100,\n 100, 101, 110, 55, 81, 10])",
        "key=48696464656e3751",
        "t=1,v1=0a1b",
    ] {
        assert!(gives_away(text, signature), "{text}");
    }
    assert!(!gives_away("SigningSecret { id: \"a0b27834\", .. }", signature));
}
