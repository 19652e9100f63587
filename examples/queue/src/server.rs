//! The listener, the output at startup, and the shutdown.

use std::{env, io, net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};
use tower_stripe_webhook::{BoxError, EnvSecret, EventType, event::SUBSCRIPTION_EVENT_TYPES};

pub const PATH: &str = "/api/v1/webhooks/stripe";

/// The time in which requests and work may finish after the first signal.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// Listens on `127.0.0.1:${API_PORT:-3000}`.
pub async fn listen() -> Result<TcpListener, BoxError> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let port = port
        .parse()
        .map_err(|_| format!("API_PORT must be a port from 0 to 65535, not {port:?}"))?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; API_PORT sets another port").into()
    })
}

/// Prints how to send events here, and whether the secret is missing.
pub fn print_welcome(listener: &TcpListener, secret: &EnvSecret) -> io::Result<()> {
    let address = listener.local_addr()?;
    let events = SUBSCRIPTION_EVENT_TYPES.each_ref().map(EventType::as_str).join(",");
    println!("listening on http://{address}{PATH}");
    println!("from Stripe:        stripe listen --events {events} --forward-to {address}{PATH}");
    println!(
        "without an account: API_PORT={} STRIPE_WEBHOOK_SECRET=<the same> cargo run --example send",
        address.port()
    );
    if let Err(error) = secret.loaded() {
        println!("all webhooks are answered 503: {error}");
    }
    Ok(())
}

/// Returns two futures.
///
/// The first ends at Ctrl-C or SIGTERM. The second ends at the second signal, or [`GRACE_PERIOD`]
/// after the first.
///
/// Signals count from this call on, so that a signal before the first poll is not missed.
pub fn shutdown() -> io::Result<(impl Future<Output = ()> + Send, impl Future<Output = ()> + Send)>
{
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let (sender, receiver) = oneshot::channel();
    let mut next_signal = async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    let both = tokio::spawn(async move {
        next_signal().await;
        // Fails only if the server has ended by itself.
        let _ = sender.send(());
        let _ = timeout(GRACE_PERIOD, next_signal()).await;
    });
    let signalled = async move {
        let _ = receiver.await;
    };
    let grace_period_over = async move {
        let _ = both.await;
    };
    Ok((signalled, grace_period_over))
}
