//! The library's fake of Stripe's API on a socket, and thin events about its objects.

use std::net::SocketAddr;

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};
use tower_stripe_webhook::test_util::{FakeApi, thin_twin};

use super::{Billing, SECRET, Setup, Store};

pub const API_KEY: &str = "rk_test_Bqk2Uj0QZzR1hmYd";

/// A fake of Stripe's API. Dropping it ends its connections and frees its port.
pub struct Stripe {
    pub api: FakeApi,
    pub address: SocketAddr,
    _server: JoinSet<()>,
}

impl Stripe {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let api = FakeApi::new();
        let service = TowerToHyperService::new(api.clone());
        let mut server = JoinSet::new();
        server.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let service = service.clone();
                connections.spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    // A connection error of the fake is an error here, too.
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { api, address, _server: server }
    }

    /// The environment of a program that fetches from this fake.
    pub fn setup(&self, store: &Store) -> Setup {
        Setup::new(store)
            .with("STRIPE_WEBHOOK_SECRET", SECRET)
            .with("STRIPE_API_KEY", API_KEY)
            .with("STRIPE_API_BASE", format!("http://{}", self.address))
    }

    pub fn billing(&self, store: &Store) -> Billing {
        self.setup(store).start()
    }

    /// Makes the object of a snapshot event the current one, and returns the thin event of the same
    /// fact.
    pub fn publish(&self, snapshot: &Value) -> Value {
        let thin = twin(snapshot);
        let (path, object) = (path_of(&thin), snapshot["data"]["object"].to_string());
        match snapshot["account"].as_str() {
            Some(account) => self.api.insert_for(account, path, object),
            None => self.api.insert(path, object),
        }
        thin
    }

    /// Returns the paths of the requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.api.requests().iter().map(|request| request.path().to_owned()).collect()
    }
}

/// Returns the thin event of the same fact as a snapshot event.
pub fn twin(snapshot: &Value) -> Value {
    serde_json::from_str(&thin_twin(&snapshot.to_string())).expect("a twin is JSON")
}

/// Returns the path of the object of a thin event.
pub fn path_of(thin: &Value) -> &str {
    thin["related_object"]["url"].as_str().expect("a path")
}
