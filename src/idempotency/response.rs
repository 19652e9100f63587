//! Responses to deliveries that do not reach the handler.
//!
//! Stripe's dashboard shows their text to operators.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use super::Outcome;
use crate::response::ResponseBody;

/// The same as for a [`Rejection`](crate::Rejection) with `503`.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(30);

pub(super) fn duplicate<B>() -> Response<ResponseBody<B>> {
    respond(
        StatusCode::OK,
        None,
        Outcome::Duplicate,
        br#"{"ignored":{"code":"duplicate","message":"this event was handled before"}}"#,
    )
}

pub(super) fn in_flight<B>(remaining: Duration) -> Response<ResponseBody<B>> {
    respond(
        StatusCode::CONFLICT,
        Some(remaining),
        Outcome::InFlight,
        br#"{"error":{"code":"event_in_flight","message":"another delivery of this event is being handled at the moment"}}"#,
    )
}

pub(super) fn store_failed<B>() -> Response<ResponseBody<B>> {
    respond(
        StatusCode::SERVICE_UNAVAILABLE,
        Some(STORE_RETRY_AFTER),
        Outcome::StoreFailed,
        br#"{"error":{"code":"event_store_failed","message":"the store that remembers which events were handled is not available: this server's log has the reason"}}"#,
    )
}

pub(super) fn no_verified_event<B>() -> Response<ResponseBody<B>> {
    respond(
        StatusCode::INTERNAL_SERVER_ERROR,
        None,
        Outcome::NoVerifiedEvent,
        br#"{"error":{"code":"no_verified_event","message":"the IdempotencyLayer of this route has no StripeWebhookLayer around it, which makes the VerifiedEvent"}}"#,
    )
}

fn respond<B>(
    status: StatusCode,
    retry_after: Option<Duration>,
    outcome: Outcome,
    json: &'static [u8],
) -> Response<ResponseBody<B>> {
    let mut response = Response::new(ResponseBody::own(Bytes::from_static(json)));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(wait) = retry_after {
        // Whole seconds, rounded up: an earlier retry would get the same answer.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(header::RETRY_AFTER, seconds.max(1).into());
    }
    response.extensions_mut().insert(outcome);
    response
}
