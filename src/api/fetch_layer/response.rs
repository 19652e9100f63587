//! Responses to deliveries that do not reach the handler.
//!
//! Stripe's dashboard shows their text to operators.

use http::{Response, StatusCode};

use crate::{
    api::{FetchError, fetch_error::DEFAULT_RETRY_AFTER},
    response::{ResponseBody, json_error},
};

pub(super) fn fetch_failed<B>(error: FetchError) -> Response<ResponseBody<B>> {
    let message = "the object of this event could not be fetched from Stripe's API: this server's log has the reason";
    let retry_after = error.retry_after().unwrap_or(DEFAULT_RETRY_AFTER);
    let response =
        json_error(StatusCode::SERVICE_UNAVAILABLE, "fetch_failed", message, Some(retry_after));
    let mut response = response.map(ResponseBody::own);
    response.extensions_mut().insert(error);
    response
}

pub(super) fn no_verified_event<B>() -> Response<ResponseBody<B>> {
    let message = "the FetchLayer of this route has no StripeWebhookLayer around it, which makes the VerifiedEvent";
    json_error(StatusCode::INTERNAL_SERVER_ERROR, "no_verified_event", message, None)
        .map(ResponseBody::own)
}
