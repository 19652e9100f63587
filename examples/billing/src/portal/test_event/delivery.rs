//! The delivery of a test event to this server, through its own socket.

use std::{
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use axum::http::{StatusCode, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::time::timeout;
use tower_stripe_webhook::{BoxError, SigningSecret, test_util::signed_request};

use super::super::flash::Flash;
use crate::webhook;

/// Longer than the webhook's database timeouts, and shorter than the timeout of the form's request.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest response body that is shown, in bytes.
const MAX_ANSWER: usize = 4 * 1024;

pub async fn send(server: SocketAddr, secret: &SigningSecret, payload: String) -> Flash {
    let answer = match timeout(TIMEOUT, answer(server, secret, payload)).await {
        Ok(answer) => answer,
        Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs()).into()),
    };
    match answer {
        Ok((status, body)) if status.is_success() => {
            Flash::good(format!("The test event was answered {status}.")).with_detail(body)
        }
        Ok((status, body)) => {
            Flash::bad(format!("The test event was answered {status}.")).with_detail(body)
        }
        Err(error) => {
            tracing::error!(
                error = &*error as &dyn std::error::Error,
                "a test event could not be sent"
            );
            Flash::bad("The test event could not be sent.").with_detail(error.to_string())
        }
    }
}

async fn answer(
    server: SocketAddr,
    secret: &SigningSecret,
    payload: String,
) -> Result<(StatusCode, String), BoxError> {
    let uri: Uri = format!("http://{server}{}", webhook::PATH).parse()?;
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let response = client.request(signed_request(uri, payload, secret, SystemTime::now())).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await?.to_bytes();
    Ok((status, String::from_utf8_lossy(&body).into_owned()))
}
