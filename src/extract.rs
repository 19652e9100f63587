//! [`VerifiedEvent`] as an axum extractor, and a handler's errors as responses.
//!
//! A handler of axum 0.8 takes a [`VerifiedEvent`] as an argument. It may return a
//! [`DecodeError`], so it can use `event.data()?`.

use std::convert::Infallible;

use axum_core::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
#[cfg(feature = "api")]
use http::header::RETRY_AFTER;
use http::{StatusCode, request::Parts};
use thiserror::Error;

#[cfg(feature = "api")]
use crate::{api::FetchError, response::retry_after_seconds};
use crate::{event::DecodeError, verified_event::VerifiedEvent};

/// The error of extracting a [`VerifiedEvent`] on a route without the layer.
///
/// Add a [`StripeWebhookLayer`](crate::StripeWebhookLayer) to the route. As a response the error is
/// `500 Internal Server Error`, so the first request shows the mistake.
#[derive(Clone, Copy, Debug, Error)]
#[error(
    "the route of this handler has no StripeWebhookLayer, which makes the VerifiedEvent: add it with `route_layer`"
)]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub struct MissingStripeWebhookLayer(());

impl IntoResponse for MissingStripeWebhookLayer {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for VerifiedEvent {
    type Rejection = MissingStripeWebhookLayer;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        head.extensions.get::<Self>().cloned().ok_or(MissingStripeWebhookLayer(()))
    }
}

/// `500 Internal Server Error` with the message.
///
/// Stripe shows the message to the operator, and delivers the event again.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl IntoResponse for DecodeError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}

/// `503 Service Unavailable` with `Retry-After` if Stripe's API failed, and `500 Internal Server
/// Error` otherwise, with the message.
///
/// So a handler can use `event.fetch(&api).await?`.
/// Stripe shows the message to the operator, and delivers the event again.
#[cfg(feature = "api")]
#[cfg_attr(docsrs, doc(cfg(all(feature = "api", feature = "axum"))))]
impl IntoResponse for FetchError {
    fn into_response(self) -> Response {
        let message = self.to_string();
        match self.retry_after() {
            Some(wait) => {
                let wait = [(RETRY_AFTER, retry_after_seconds(wait).to_string())];
                (StatusCode::SERVICE_UNAVAILABLE, wait, message).into_response()
            }
            None => (StatusCode::INTERNAL_SERVER_ERROR, message).into_response(),
        }
    }
}

/// `Option<VerifiedEvent>`, for handlers that also serve routes without the layer.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> OptionalFromRequestParts<S> for VerifiedEvent {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        Ok(head.extensions.get::<Self>().cloned())
    }
}
