//! A server on a port of this machine that the operating system chooses.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};
use tower_stripe_webhook::{
    api::{ApiBaseUrl, ApiKey, StripeApi},
    test_util::FakeApi,
};

pub type HyperClient = Client<HttpConnector, Full<bytes::Bytes>>;

/// Runs until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    _task: JoinSet<()>,
}

impl Server {
    /// Serves the fake.
    pub async fn start(fake: FakeApi) -> Self {
        Self::accept(move |stream| {
            let service = TowerToHyperService::new(fake.clone());
            async move {
                let server = auto::Builder::new(TokioExecutor::new());
                // A connection error of the fake is an error here, too.
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            }
        })
        .await
    }

    /// Writes the bytes after the head of a request, and closes the connection or keeps it open.
    pub async fn raw(bytes: &'static [u8], closes: bool) -> Self {
        Self::accept(move |mut stream| async move {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let Ok(byte) = stream.read_u8().await else { return };
                head.push(byte);
            }
            // The client may have given up.
            let _ = stream.write_all(bytes).await;
            if !closes {
                std::future::pending::<()>().await;
            }
        })
        .await
    }

    async fn accept<F>(serve: impl Fn(tokio::net::TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream));
            }
        });
        Self { address, _task: task }
    }

    pub fn base_url(&self) -> ApiBaseUrl {
        ApiBaseUrl::new(&format!("http://{}", self.address)).unwrap()
    }

    /// A client of hyper-util for this server.
    pub fn client(&self, key: ApiKey) -> StripeApi<HyperClient> {
        StripeApi::new(key, hyper_client()).with_base_url(self.base_url())
    }
}

pub fn hyper_client() -> HyperClient {
    Client::builder(TokioExecutor::new()).build(HttpConnector::new())
}
