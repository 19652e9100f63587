//! Tenants in the path: each has a Stripe account of its own, and so a signing secret of its own.
//!
//! The secrets are files here, one a tenant. With a table, `secrets_of` is a query.
//!
//! ```console
//! $ mkdir /tmp/tenants && echo whsec_try > /tmp/tenants/acme
//! $ TENANTS=/tmp/tenants cargo run --example tenants
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send -- invoice.paid http://127.0.0.1:3000/webhooks/acme
//! ```
//!
//! Write another secret to the file, and the next event that is signed with it is accepted.

#[path = "common/server.rs"]
mod server;

use std::{env, error::Error, fs, io, path::PathBuf};

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, request::Parts},
    routing::post,
};
use tokio::task::spawn_blocking;
use tower_stripe_webhook::{
    BoxError, SigningSecret, SigningSecrets, StripeWebhookLayer, VerifiedEvent, secret::CachedByKey,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = PathBuf::from(env::var_os("TENANTS").ok_or("TENANTS is not set: the directory of the secrets")?);
    let (shutdown, end_of_patience) = server::shutdown()?;
    let listener = server::listen().await?;
    println!("listening on http://{}/webhooks", listener.local_addr()?);

    let secrets = CachedByKey::new(tenant_of, move |tenant| secrets_of(directory.clone(), tenant));
    let webhook = post(receive).route_layer(StripeWebhookLayer::new(secrets));
    let app = Router::new().route("/webhooks/{tenant}", webhook);

    tokio::select! {
        served = axum::serve(listener, app).with_graceful_shutdown(shutdown) => served?,
        () = end_of_patience => {}
    }
    Ok(())
}

/// Refuses what cannot be a tenant's name: it comes from outside, becomes part of a file's name, and takes memory while it is
/// remembered. In lower case alone, so that one tenant has one key.
fn tenant_of(head: &Parts) -> Option<String> {
    let name = head.uri.path().strip_prefix("/webhooks/")?;
    let is_name =
        (1..=40).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    is_name.then(|| name.to_owned())
}

/// One secret a line, the newest first; none if there is no such tenant.
async fn secrets_of(directory: PathBuf, tenant: String) -> Result<SigningSecrets, BoxError> {
    let text = match spawn_blocking(move || fs::read_to_string(directory.join(tenant))).await? {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(SigningSecrets::default()),
        text => text?,
    };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    Ok(lines.map(SigningSecret::new).collect::<Result<_, _>>()?)
}

/// Is called with events that this tenant's Stripe account signed, and with nothing else.
async fn receive(Path(tenant): Path<String>, event: VerifiedEvent) -> StatusCode {
    println!("{tenant}: {} {} livemode={}", event.id(), event.event_type(), event.livemode());
    StatusCode::OK
}
