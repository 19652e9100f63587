//! Where the example servers listen, and when they stop.

use std::{env, error::Error, io, net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

/// Listens on `127.0.0.1:${API_PORT:-3000}`.
pub async fn listen() -> Result<TcpListener, Box<dyn Error>> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let port = port.parse().map_err(|_| format!("API_PORT must be a port from 0 to 65535, not {port:?}"))?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; API_PORT chooses another port").into())
}

/// How long requests may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// When to stop: first ctrl-c or SIGTERM, then the end of patience, which is the second signal or [`GRACE`] after the first. Signals
/// count from the call on, so that one which comes before the first poll is not missed.
pub fn shutdown() -> io::Result<(impl Future<Output = ()> + Send, impl Future<Output = ()> + Send)> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (told, is_told) = oneshot::channel();
    let mut any_signal = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let both = tokio::spawn(async move {
        any_signal().await;
        let _ = told.send(());
        let _ = timeout(GRACE, any_signal()).await;
    });
    let first = async move {
        let _ = is_told.await;
    };
    let patience = async move {
        let _ = both.await;
    };
    Ok((first, patience))
}
