//! Stripe's API and the app on sockets: a replay to a URL.

use std::{net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, task::JoinSet};
use tower::{ServiceExt, service_fn};
use tower_stripe_webhook::{
    SigningSecret,
    api::{ApiBaseUrl, StripeApi},
    idempotency::MemoryStore,
    recovery::{Recovery, RecoveryErrorKind, ReplayOutcome},
    test_util::FakeApi,
};

use crate::support::{App, Handled, NOW, app, clock, key, secret, snapshot};

/// Serves a service on a port of this machine, until the set is dropped.
macro_rules! serve {
    ($tasks:ident, $service:expr) => {{
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = $service;
        $tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(service.clone());
                connections.spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    // A connection that the client drops is an error here, too.
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        address
    }};
}

type HttpClient = Client<HttpConnector, Full<Bytes>>;

fn client() -> HttpClient {
    Client::builder(TokioExecutor::new()).build(HttpConnector::new())
}

/// The app as a server has it, with bodies from a socket.
fn on_socket(
    app: App,
) -> impl tower::Service<
    http::Request<Incoming>,
    Response = <App as tower::Service<crate::support::AppRequest>>::Response,
    Error = std::convert::Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    service_fn(move |request: http::Request<Incoming>| {
        let app = app.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
            app.oneshot(http::Request::from_parts(head, Full::new(body))).await
        }
    })
}

struct Sockets {
    fake: FakeApi,
    handled: Handled,
    base_url: ApiBaseUrl,
    app: SocketAddr,
    _tasks: JoinSet<()>,
}

impl Sockets {
    async fn start() -> Self {
        let mut tasks = JoinSet::new();
        let (fake, handled) = (FakeApi::new(), Handled::default());
        let app = app(secret(), Arc::new(MemoryStore::new()), &handled);
        let api = serve!(tasks, fake.clone());
        let app = serve!(tasks, on_socket(app));
        let base_url = ApiBaseUrl::new(&format!("http://{api}")).unwrap();
        Self { fake, handled, base_url, app, _tasks: tasks }
    }

    fn recovery(
        &self,
        secret: SigningSecret,
    ) -> Recovery<StripeApi<HttpClient>, HttpClient, SigningSecret> {
        let api = StripeApi::new(key(), client()).with_base_url(self.base_url.clone());
        let url: Uri = format!("http://{}/webhook", self.app).parse().unwrap();
        Recovery::new(api, client(), secret)
            .with_uri(url)
            .with_clock(clock())
            .with_interval(std::time::Duration::ZERO)
    }
}

#[tokio::test]
async fn events_are_replayed_to_a_url() {
    let sockets = Sockets::start().await;
    for number in 0..250 {
        sockets.fake.insert_event(snapshot(&format!("evt_{number}"), NOW - 500 + number));
    }
    let recovery = sockets.recovery(secret());
    let report = recovery.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.counts().of(ReplayOutcome::Applied), 250);
    assert_eq!(sockets.handled.order().len(), 250);
    // The body of the response tells what the extensions tell within the process.
    let report = recovery.run().await;
    assert_eq!(report.counts().of(ReplayOutcome::Duplicate), 250);
    assert_eq!(sockets.handled.order().len(), 250);
}

#[tokio::test]
async fn another_secret_at_the_url_ends_the_run() {
    let sockets = Sockets::start().await;
    sockets.fake.insert_event(snapshot("evt_1", NOW));
    let other = SigningSecret::new("whsec_another_secret").unwrap();
    let report = sockets.recovery(other).run().await;
    assert_eq!(report.error().unwrap().kind(), RecoveryErrorKind::SecretRejected);
    assert!(sockets.handled.order().is_empty());
}

#[tokio::test]
async fn a_url_without_a_server_fails_the_events() {
    let mut sockets = Sockets::start().await;
    sockets.fake.insert_event(snapshot("evt_1", NOW));
    // A port on which nothing listens any more.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    sockets.app = listener.local_addr().unwrap();
    drop(listener);
    let report = sockets.recovery(secret()).with_max_attempts(1).run().await;
    let [event] = report.failures() else { panic!("{report:?}") };
    assert_eq!((event.outcome(), event.reason()), (ReplayOutcome::Failed, Some("service_failed")));
}
