//! A server with an endpoint for each tenant.
//!
//! Each tenant has its own Stripe account, and so its own signing secret. Here the secrets are
//! files, one for each tenant. With a table, `secrets_of` is a query.
//!
//! ```console
//! $ mkdir /tmp/tenants && echo whsec_try > /tmp/tenants/acme
//! $ TENANTS=/tmp/tenants cargo run --example tenants
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send -- invoice.paid http://127.0.0.1:3000/webhooks/acme
//! ```
//!
//! Write another secret to the file, and the next event signed with it is accepted.

use std::{env, error::Error, fs, io, path::PathBuf};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, request::Parts},
    routing::post,
};
use tokio::{net::TcpListener, task::spawn_blocking};
use tower_stripe_webhook::{
    BoxError, SigningSecret, SigningSecrets, StripeWebhookLayer, VerifiedEvent, secret::CachedByKey,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = env::var_os("TENANTS").ok_or("TENANTS must name the directory of secrets")?;
    let directory = PathBuf::from(directory);
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}/webhooks", listener.local_addr()?);

    let secrets = CachedByKey::new(tenant_of, move |tenant| secrets_of(directory.clone(), tenant));
    let webhook = post(receive).route_layer(StripeWebhookLayer::new(secrets));
    let app = Router::new().route("/webhooks/{tenant}", webhook);
    axum::serve(listener, app).await?;
    Ok(())
}

/// Returns the tenant in the path, if it is a valid name.
///
/// The path comes from outside and becomes a file name. Only lower case is valid, so that each
/// tenant has one key.
fn tenant_of(head: &Parts) -> Option<String> {
    let name = head.uri.path().strip_prefix("/webhooks/")?;
    let is_valid = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    ((1..=40).contains(&name.len()) && name.bytes().all(is_valid)).then(|| name.to_owned())
}

/// Reads the tenant's secrets: one per line, the newest first.
///
/// An unknown tenant has none.
async fn secrets_of(directory: PathBuf, tenant: String) -> Result<SigningSecrets, BoxError> {
    let text = match spawn_blocking(move || fs::read_to_string(directory.join(tenant))).await? {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(SigningSecrets::default());
        }
        text => text?,
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(SigningSecret::new).collect::<Result<_, _>>()?)
}

/// Handles an event. Only events that the tenant's account signed arrive here.
async fn receive(Path(tenant): Path<String>, event: VerifiedEvent) -> StatusCode {
    println!("{tenant}: {} {} livemode={}", event.id(), event.event_type(), event.livemode());
    StatusCode::OK
}
