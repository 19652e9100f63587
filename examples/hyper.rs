//! A hyper server without a framework: HTTP/1 and HTTP/2, a Tower service, one layer.
//!
//! ```console
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example hyper
//! $ STRIPE_WEBHOOK_SECRET=whsec_try cargo run --example send     # in a second terminal
//! ```

mod common;

use std::{convert::Infallible, error::Error, pin::pin, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header::ALLOW};
use http_body_util::{Either, Empty, Full};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tower::{ServiceBuilder, ServiceExt, service_fn};
use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer, VerifiedEvent};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
    let (shutdown, end_of_patience) = common::shutdown()?;
    let mut shutdown = pin!(shutdown);
    let listener = common::listen().await?;
    common::print_welcome(&listener, &secret)?;

    let webhook = ServiceBuilder::new().layer(StripeWebhookLayer::new(secret)).service_fn(receive);
    let app = service_fn(move |request: Request<Incoming>| {
        let webhook = webhook.clone();
        async move {
            if request.uri().path() != common::PATH {
                return Ok(empty(StatusCode::NOT_FOUND));
            }
            if request.method() != Method::POST {
                let mut response = empty(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
                return Ok(response);
            }
            webhook.oneshot(request).await.map(|response| response.map(Either::Left))
        }
    });

    let server = auto::Builder::new(TokioExecutor::new());
    let connections = GracefulShutdown::new();
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // File descriptors are short, most often: give connections time to end.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let connection =
                    server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app.clone())).into_owned();
                tokio::spawn(connections.watch(connection));
            }
        }
    }
    tokio::select! {
        () = connections.shutdown() => {}
        () = end_of_patience => {}
    }
    Ok(())
}

/// Is called with events that Stripe signed, and with nothing else.
async fn receive(request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, Infallible> {
    if let Some(event) = request.extensions().get::<VerifiedEvent>() {
        println!("{} {} livemode={}", event.id(), event.event_type(), event.livemode());
    }
    Ok(Response::default())
}

fn empty<L>(status: StatusCode) -> Response<Either<L, Empty<Bytes>>> {
    let mut response = Response::new(Either::Right(Empty::new()));
    *response.status_mut() = status;
    response
}
