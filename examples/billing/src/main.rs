//! A reference application on Stripe webhooks: subscriptions, prepaid credits, and an admin portal.
//!
//! Start it with `cargo run -p billing`. README.md describes it.

mod admin_token;
mod api;
mod app;
mod billing;
mod config;
mod connect;
mod data;
mod email;
mod housekeeping;
mod observe_rejections;
mod optional_events;
mod portal;
mod rejections;
mod request_id;
mod secrets;
mod shutdown;
mod stripe_api;
#[cfg(test)]
mod test_orders;
mod time;
mod webhook;
mod welcome;
mod wrong_tokens;

use std::{
    error::Error,
    io::{self, IsTerminal},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use tokio::{net::TcpListener, time::timeout};
use tracing_subscriber::EnvFilter;

use crate::{
    api::Health, app::AppState, config::Config, data::Database, rejections::RejectionCounts,
    secrets::Secrets, shutdown::Shutdown, stripe_api::ApiSettings, webhook::StoreLimit,
};

/// How long closing the database may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("billing: {}", error_chain(&*error));
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config::from_environment()?;
    let Shutdown { signalled, grace_period_over } = Shutdown::listen()?;
    let listener = listen(&config.host, config.port).await?;
    let address = listener.local_addr()?;
    let database = Database::open(&config.database).await?;
    let secrets = Secrets::new(database.clone(), config.mode, config.environment_secrets);
    let secret_is_set = !secrets.list().await?.is_empty();
    let app = AppState {
        database,
        secrets,
        rejections: RejectionCounts::default(),
        health: Health::default(),
        admin_token: config.admin_token,
        mode: config.mode,
        connected_accounts: config.connected_accounts,
        credit_rate: config.credit_rate,
        stripe_api: config.stripe_api.map(ApiSettings::client).transpose()?,
        store_limit: StoreLimit::default(),
        local_address: local_address(address),
    };

    let new_token = config.admin_token_is_new.then_some(&app.admin_token);
    if let Err(error) = welcome::print(
        address,
        app.local_address,
        app.mode,
        new_token,
        secret_is_set,
        app.stripe_api.is_some(),
    ) {
        tracing::warn!(%error, "cannot write to the standard output");
    }
    if app.admin_token.is_short() {
        tracing::warn!(
            "ADMIN_TOKEN has fewer than 16 characters: make a longer one with `openssl rand -hex 32`"
        );
    }
    let housekeeping = tokio::spawn(housekeeping::run(app.clone()));
    let shutdown = async { signalled.await.unwrap_or_default() };
    tokio::select! {
        () = serve::serve(listener, app::router(app.clone()), shutdown) => {}
        _ = grace_period_over => tracing::warn!("the grace period is over: aborting the requests that still run"),
    }
    housekeeping.abort();
    housekeeping::flush_rejections(&app).await;
    if timeout(CLOSE_TIMEOUT, app.database.close()).await.is_err() {
        tracing::warn!("the database connections did not close in time: aborting them");
    }
    Ok(())
}

async fn listen(host: &str, port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((host, port)).await.map_err(|error| {
        format!("cannot listen on {host}:{port}: {error}: set API_HOST to an address of this machine and API_PORT to a free port")
    })
}

/// Returns the address at which this machine reaches the server: the loopback address if it listens
/// on all addresses.
fn local_address(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        _ => address,
    }
}

/// Logs text if stderr is a terminal, else JSON. `RUST_LOG` sets the level.
fn log_to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    if io::stderr().is_terminal() {
        logs.init();
    } else {
        logs.json().with_span_list(false).init();
    }
}

fn error_chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
