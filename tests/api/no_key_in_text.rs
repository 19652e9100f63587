//! The API key is in no text that the crate makes: `Debug`, errors, log lines. The test makes them all and greps them.

use std::{
    error::Error,
    fmt::{self, Debug},
    fs, io,
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::Full;
use serde_json::json;
use tower::{ServiceBuilder, retry::RetryLayer, service_fn};
use tower_stripe_webhook::{
    Mode,
    api::{
        ApiBaseUrl, ApiClient, ApiErrorKind, ApiKey, ApiRequest, ApiRetryPolicy, ApiScope,
        ApiVersion, ListQuery, SharedApiClient, StripeApi,
    },
    test_util::{FakeApi, FakeApiFailure},
};
use tracing_subscriber::{filter::LevelFilter, util::SubscriberInitExt};

use crate::{
    server::Server,
    support::{INVOICE, invoice},
};

const KEY: &str = "sk_test_51HabcHidden7Q";
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

    /// Asks, and returns the kind of the error.
    async fn ask(&self, api: impl ApiClient + Debug, request: &ApiRequest) -> Option<ApiErrorKind> {
        self.debug("StripeApi", &api);
        self.debug("ApiRequest", request);
        self.debug("ApiScope", &request.scope());
        self.debug("ListQuery", &ListQuery::new().with("customer", "cus_1"));
        match api.get(request).await {
            Ok(response) => {
                self.debug("ApiResponse", &response);
                self.add("ApiResponse", response.request_id().unwrap_or_default());
                None
            }
            Err(error) => {
                self.error("ApiError", &error);
                self.debug("ApiErrorKind", &error.kind());
                self.add("ApiError", error.code().unwrap_or_default());
                self.add("ApiError", error.request_id().unwrap_or_default());
                Some(error.kind())
            }
        }
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

/// What gives the key away: as text, and as bytes that were printed in decimal or in hexadecimal digits.
fn gives_away(text: &str) -> bool {
    let decimal = NEEDLE.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",");
    let hexadecimal: String = NEEDLE.bytes().map(|byte| format!("{byte:02x}")).collect();
    let packed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    [NEEDLE, &decimal, &hexadecimal].iter().any(|needle| packed.contains(needle))
}

fn key() -> ApiKey {
    ApiKey::new(KEY).unwrap()
}

/// An error that shows the request's headers as plain text, as a careless layer does.
#[derive(Debug)]
struct CarelessError(#[expect(dead_code, reason = "only its `Debug` text shows it")] String);

impl fmt::Display for CarelessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request failed")
    }
}

impl Error for CarelessError {}

fn plain_text(request: &Request<Full<Bytes>>) -> String {
    request.headers()["authorization"].to_str().unwrap().to_owned()
}

/// A body whose error has a text.
struct Broken(String);

impl Body for Broken {
    type Data = Bytes;
    type Error = CarelessError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CarelessError>>> {
        Poll::Ready(Some(Err(CarelessError(std::mem::take(&mut self.0)))))
    }
}

/// Clients and servers that know the key and tell it.
async fn careless_clients(texts: &Texts) {
    let failing = service_fn(|request: Request<Full<Bytes>>| async move {
        Err::<Response<Full<Bytes>>, _>(CarelessError(plain_text(&request)))
    });
    texts.ask(StripeApi::new(key(), failing), &invoice()).await;

    let breaking = service_fn(|request: Request<Full<Bytes>>| async move {
        Ok::<_, CarelessError>(Response::new(Broken(plain_text(&request))))
    });
    texts.ask(StripeApi::new(key(), breaking), &invoice()).await;

    for (status, is_error) in [(200, true), (200, false), (302, false), (400, true), (404, true)] {
        let echo = service_fn(move |request: Request<Full<Bytes>>| async move {
            let text = plain_text(&request);
            let error = json!({ "error": { "code": text, "type": text, "message": text } });
            let body = if is_error { error.to_string() } else { INVOICE.to_owned() };
            let mut response = Response::new(Full::<Bytes>::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            let value = HeaderValue::from_str(&text).unwrap();
            for name in ["request-id", "location", "retry-after", "stripe-should-retry"] {
                response.headers_mut().insert(name, value.clone());
            }
            Ok::<_, CarelessError>(response)
        });
        let client =
            ServiceBuilder::new().layer(RetryLayer::new(ApiRetryPolicy::new())).service(echo);
        texts.ask(StripeApi::new(key(), client), &invoice()).await;
    }
}

/// Each kind of error, in memory and over a socket, where hyper writes its own log.
async fn each_kind(texts: &Texts) {
    let fake = FakeApi::new().with_key(key());
    fake.insert("/v1/invoices/in_1", INVOICE);
    texts.debug("FakeApi", &fake);
    let server = Server::start(fake.clone()).await;
    let in_memory = SharedApiClient::new(StripeApi::new(key(), fake.clone()));
    let over_socket = SharedApiClient::new(server.client(key()));
    for api in [in_memory, over_socket] {
        texts.debug("SharedApiClient", &api);
        assert_eq!(texts.ask(api.clone(), &invoice()).await, None);
        let failures = [
            (FakeApiFailure::new(StatusCode::UNAUTHORIZED), ApiErrorKind::Authentication),
            (FakeApiFailure::new(StatusCode::FORBIDDEN), ApiErrorKind::Permission),
            (FakeApiFailure::new(StatusCode::TOO_MANY_REQUESTS), ApiErrorKind::RateLimited),
            (FakeApiFailure::new(StatusCode::BAD_REQUEST), ApiErrorKind::InvalidRequest),
            (FakeApiFailure::new(StatusCode::BAD_GATEWAY), ApiErrorKind::Stripe),
            (FakeApiFailure::connection_error(), ApiErrorKind::Transport),
            (
                FakeApiFailure::redirect("http://127.0.0.1:1/Hidden"),
                ApiErrorKind::UnexpectedResponse,
            ),
        ];
        for (failure, kind) in failures {
            texts.debug("FakeApiFailure", &failure);
            fake.fail(failure);
            assert_eq!(texts.ask(api.clone(), &invoice()).await, Some(kind));
        }
        let missing = ApiRequest::new("/v1/invoices/in_2").unwrap();
        assert_eq!(texts.ask(api.clone(), &missing).await, Some(ApiErrorKind::NotFound));
        let live = invoice().with_mode(Mode::Live);
        assert_eq!(texts.ask(api.clone(), &live).await, Some(ApiErrorKind::WrongMode));
        let scope = ApiScope::Account("acct_1\n".into());
        texts.ask(api, &invoice().with_scope(scope)).await;
    }
    let gate = fake.hold();
    texts.debug("FakeApiGate", &gate);
    let api = StripeApi::new(key(), fake.clone()).with_timeout(std::time::Duration::ZERO);
    assert_eq!(texts.ask(api, &invoice()).await, Some(ApiErrorKind::Timeout));
    gate.open();
    texts.debug("FakeApiRequest", &fake.requests());
    texts.debug("FakeApi", &fake);

    let wrong_key = StripeApi::new(ApiKey::new(format!("{KEY}x")).unwrap(), fake);
    assert_eq!(texts.ask(wrong_key, &invoice()).await, Some(ApiErrorKind::Authentication));
}

/// A layer that logs what it sees.
async fn logging_layer(texts: &Texts) {
    let client = service_fn(|request: Request<Full<Bytes>>| async move {
        tracing::info!(?request, headers = ?request.headers(), "sends a request");
        Ok::<_, CarelessError>(Response::new(Full::<Bytes>::from(INVOICE)))
    });
    texts.ask(StripeApi::new(key(), client), &invoice()).await;
}

fn values(texts: &Texts) {
    texts.debug("ApiKey", &key());
    texts.add("ApiKey", key().id().to_string());
    for text in [
        format!("{KEY}\n"),
        format!("'{KEY}'"),
        format!("{KEY}\u{7}"),
        "pk_live_Hidden7Q".into(),
        "whsec_Hidden7Q".into(),
        "acct_Hidden7Q".into(),
        NEEDLE.into(),
    ] {
        texts.error("ApiKeyError", &ApiKey::new(text).unwrap_err());
    }
    for url in ["https://u:Hidden7Q@a.example", "http://a.example/Hidden7Q", "Hidden7Q"] {
        texts.error("InvalidApiBaseUrl", &ApiBaseUrl::new(url).unwrap_err());
    }
    texts.error("InvalidApiVersion", &ApiVersion::new(NEEDLE).unwrap_err());
    texts.error("InvalidPath", &ApiRequest::new(NEEDLE).unwrap_err());
    texts.debug("ApiBaseUrl", &ApiBaseUrl::default());
    texts.debug("ApiVersion", &ApiVersion::default());
    texts.debug("ApiRetryPolicy", &ApiRetryPolicy::new());
}

/// The types that `api/mod.rs` exports for requests: a new one has to be added above.
fn exported() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/mod.rs");
    let source = fs::read_to_string(path).unwrap();
    let uses = source.split("pub use ").skip(1).map(|rest| rest.split(';').next().unwrap());
    uses.flat_map(|list| list.split(|c: char| !c.is_alphanumeric()))
        .filter(|name| name.starts_with(char::is_uppercase) && *name != "ApiClient")
        // Types that hold no client, and so no key.
        .filter(|name| !name.starts_with("Fetch"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_api_key_is_in_any_text() {
    let texts = Texts::default();
    let writer = texts.clone();
    let log = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    {
        let _guard = log.set_default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            careless_clients(&texts).await;
            each_kind(&texts).await;
            logging_layer(&texts).await;
        });
        values(&texts);
    }

    let texts = texts.0.lock().unwrap();
    for (what, text) in &*texts {
        assert!(!gives_away(text), "{what} gives the key away");
    }
    let more = ["the log", "FakeApi", "FakeApiFailure", "FakeApiRequest", "FakeApiGate"];
    for what in exported().iter().map(String::as_str).chain(more) {
        assert!(texts.iter().any(|(of, _)| of == what), "there is no text of {what}");
    }
}

#[test]
fn a_key_in_a_text_is_found() {
    for text in [KEY, "[72, 105, 100,\n 100, 101, 110, 55, 81]", "key=48696464656e3751"] {
        assert!(gives_away(text), "{text}");
    }
    assert!(!gives_away("ApiKey { id: \"a0b27834\", .. }"));
}
