//! Responses to deliveries that do not reach the handler.
//!
//! Stripe's dashboard shows their text to operators.

use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use super::Outcome;
use crate::response::{ResponseBody, json_error, json_ignored};

/// The same as for a [`Rejection`](crate::Rejection) with `503`.
const STORE_RETRY_AFTER: Duration = Duration::from_secs(30);

pub(super) fn duplicate<B>() -> Response<ResponseBody<B>> {
    respond(json_ignored("duplicate", "this event was handled before"), Outcome::Duplicate)
}

pub(super) fn in_flight<B>(remaining: Duration) -> Response<ResponseBody<B>> {
    let message = "another delivery of this event is being handled at the moment";
    respond(
        json_error(StatusCode::CONFLICT, "event_in_flight", message, Some(remaining)),
        Outcome::InFlight,
    )
}

pub(super) fn store_failed<B>() -> Response<ResponseBody<B>> {
    let message = "the store that remembers which events were handled is not available: this server's log has the reason";
    let response = json_error(
        StatusCode::SERVICE_UNAVAILABLE,
        "event_store_failed",
        message,
        Some(STORE_RETRY_AFTER),
    );
    respond(response, Outcome::StoreFailed)
}

pub(super) fn no_verified_event<B>() -> Response<ResponseBody<B>> {
    let message = "the IdempotencyLayer of this route has no StripeWebhookLayer around it, which makes the VerifiedEvent";
    respond(
        json_error(StatusCode::INTERNAL_SERVER_ERROR, "no_verified_event", message, None),
        Outcome::NoVerifiedEvent,
    )
}

fn respond<B>(response: Response<Bytes>, outcome: Outcome) -> Response<ResponseBody<B>> {
    let mut response = response.map(ResponseBody::own);
    response.extensions_mut().insert(outcome);
    response
}
