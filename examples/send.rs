//! Signs a sample event as Stripe does, and sends it to one of the example servers.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send -- customer.subscription.updated
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send -- --thin invoice.paid
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send -- invoice.paid http://127.0.0.1:8080/webhook
//! ```

use std::{env, error::Error, time::SystemTime};

use http::Uri;
use http_body_util::BodyExt;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tower_stripe_webhook::{
    EnvSecret, Event, EventType,
    test_util::{samples, signed_request},
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (flags, args): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|arg| arg == "--thin");
    let mut args = args.into_iter();
    let event_type = args.next().unwrap_or_else(|| "checkout.session.completed".into());
    let event_type = if flags.is_empty() { event_type } else { thin_name(event_type) };
    let url = args.next().unwrap_or_else(|| {
        let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
        format!("http://127.0.0.1:{port}/api/v1/webhooks/stripe")
    });
    let uri = http_uri(&url)?;

    let payload = sample(&event_type)?;
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let secrets = secret.loaded().map_err(ToString::to_string)?;
    let secret = secrets.iter().next().ok_or("STRIPE_WEBHOOK_SECRET is empty")?;
    let request = signed_request(uri, payload, secret, SystemTime::now());

    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client
        .request(request)
        .await
        .map_err(|error| format!("no server answers at {url}: {error}"))?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    println!("{event_type} -> {status} {}", String::from_utf8_lossy(&body));
    if status.is_success() { Ok(()) } else { Err("the event was rejected".into()) }
}

fn http_uri(url: &str) -> Result<Uri, String> {
    let uri = url.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("http"));
    uri.ok_or_else(|| format!("the URL must start with http://, not {url:?}"))
}

fn thin_name(event_type: String) -> String {
    EventType::from(&*event_type).thin_name().map_or(event_type, str::to_owned)
}

fn sample(event_type: &str) -> Result<&'static str, Box<dyn Error>> {
    let mut types = Vec::new();
    for sample in samples::ALL.into_iter().chain(samples::thin::ALL) {
        let event = Event::unverified_from_json(sample)?;
        if event.raw_type() == event_type {
            return Ok(sample);
        }
        types.push(event.raw_type().to_owned());
    }
    Err(format!("no sample of {event_type}; the samples are {}", types.join(", ")).into())
}
