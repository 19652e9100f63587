//! Logs each fetch, without the object.
#![cfg_attr(
    not(feature = "tracing"),
    allow(unused, reason = "without the feature no event is built")
)]

use std::error::Error;

use crate::{
    api::{ApiError, FetchError},
    event::Event,
    printable::printable,
    trace::event,
};

pub(super) fn fetched(event: &Event) {
    let is_deleted = event.current().is_some_and(|current| current.deleted().is_some());
    event!(
        DEBUG,
        event.id = &*printable(event.id()),
        event.r#type = &*printable(event.event_type().as_str()),
        object.is_deleted = is_deleted,
        "fetched the object of an event"
    );
}

pub(super) fn failed(event: &Event, error: &FetchError) {
    let status = error.api_error().and_then(ApiError::status).map(|status| status.as_u16());
    event!(
        WARN,
        event.id = &*printable(event.id()),
        event.r#type = &*printable(event.event_type().as_str()),
        status,
        error = error.source(),
        "cannot fetch the object of an event: {error}"
    );
}

pub(super) fn no_verified_event() {
    event!(ERROR, "rejected a request: the FetchLayer is not inside a StripeWebhookLayer");
}
