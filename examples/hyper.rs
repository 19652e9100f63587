//! A hyper server for Stripe events on every path. Run it like `axum`.

use http_body_util::Full;
use hyper::{Request, Response, body::Bytes};
use hyper_util::{rt, server::conn::auto::Builder, service::TowerToHyperService};
use std::{convert::Infallible, env, error::Error, pin::pin, time::Duration};
use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = env::var("API_PORT").unwrap_or_else(|_| "3000".into());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("listening on http://{}/api/v1/webhooks/stripe", listener.local_addr()?);
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let layer = StripeWebhookLayer::new(secret).with_body_memory(64 * 1024 * 1024);
    let service = tower::ServiceBuilder::new().layer(layer).service_fn(receive);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(100)).await; // no free file descriptor
            continue;
        };
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = Builder::new(rt::TokioExecutor::new());
            let mut connection = pin!(server.serve_connection(rt::TokioIo::new(stream), service));
            if tokio::time::timeout(Duration::from_secs(10), connection.as_mut()).await.is_err() {
                connection.as_mut().graceful_shutdown(); // 10 s for requests, and 5 s to answer
                let _ = tokio::time::timeout(Duration::from_secs(5), connection).await;
            }
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
