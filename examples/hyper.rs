//! A hyper server for Stripe events on every path. Run it like `axum`.

use std::{convert::Infallible, env, error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::{server::conn::auto::Builder, service::TowerToHyperService};
use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}/api/v1/webhooks/stripe", listener.local_addr()?);

    let layer = StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"));
    let service = tower::ServiceBuilder::new().layer(layer).service_fn(receive);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await; // no free file descriptor
            continue;
        };
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Handles an event. Only events that Stripe signed arrive here.
async fn receive(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Some(event) = request.extensions().get::<VerifiedEvent>() {
        println!("{} {} livemode={}", event.id(), event.event_type(), event.livemode());
    }
    Ok(Response::default())
}
