//! Logs each delivery, and each claim that could not be renewed or released.
#![cfg_attr(
    not(feature = "tracing"),
    allow(unused, reason = "without the feature no event is built")
)]

use std::error::Error;

use http::Extensions;
use tokio::time::error::Elapsed;

use super::{EventKey, Outcome, StoreError};
use crate::{error::BoxError, trace::event};

/// Logs the outcome of a delivery, taken from the extensions of its response.
pub(super) fn answered(key: Option<&EventKey>, response: &Extensions) {
    let Some(outcome) = response.get::<Outcome>() else { return };
    let error = response.get::<StoreError>();
    let source = error.and_then(Error::source);
    let (key, code) = (key.map(EventKey::as_str), outcome.code());
    match outcome {
        Outcome::Committed | Outcome::Released | Outcome::Duplicate | Outcome::InFlight => {
            event!(DEBUG, event.key = key, outcome = code, "answered an event");
        }
        Outcome::StoreFailed => {
            event!(
                WARN,
                event.key = key,
                outcome = code,
                error = source,
                "rejected an event: {}",
                text(error)
            );
        }
        Outcome::LeaseLost => event!(
            WARN,
            event.key = key,
            outcome = code,
            "an event may be handled again: its claim ended before its handler returned"
        ),
        Outcome::Unreleased => event!(
            WARN,
            event.key = key,
            outcome = code,
            error = source,
            "an event is not handled again before its lease expires: {}",
            text(error)
        ),
        Outcome::Unrecorded | Outcome::PassedThrough => event!(
            WARN,
            event.key = key,
            outcome = code,
            error = source,
            "an event may be handled again: {}",
            text(error)
        ),
        Outcome::NoVerifiedEvent => {
            event!(
                ERROR,
                outcome = code,
                "rejected a request: the IdempotencyLayer is not inside a StripeWebhookLayer"
            );
        }
    }
}

fn text(error: Option<&StoreError>) -> String {
    error.map(ToString::to_string).unwrap_or_default()
}

/// Logs a renewal that failed, or came too late.
pub(super) fn renewed(key: &EventKey, renewed: &Result<bool, StoreError>) {
    let key = key.as_str();
    match renewed {
        Ok(true) => {}
        Ok(false) => {
            event!(WARN, event.key = key, "the claim of an event ended while it was being handled");
        }
        Err(error) => {
            event!(
                WARN,
                event.key = key,
                error = error.source(),
                "the claim of an event may expire: {error}"
            );
        }
    }
}

/// Logs a failed commit that is retried.
pub(super) fn retrying_commit(key: &EventKey, error: &StoreError) {
    event!(
        WARN,
        event.key = key.as_str(),
        error = error.source(),
        "retrying to commit an event: {error}"
    );
}

/// Logs the failure of a call that continued in the background.
pub(super) fn ended_in_background(key: &EventKey, error: Option<StoreError>) {
    if let Some(error) = error {
        event!(
            WARN,
            event.key = key.as_str(),
            error = error.source(),
            "gave up in the background: {error}"
        );
    }
}

/// Logs the release of a claim whose handler was dropped or panicked.
pub(super) fn released(key: &EventKey, released: &Result<Result<(), BoxError>, Elapsed>) {
    let key = key.as_str();
    match released {
        Ok(Ok(())) => event!(
            DEBUG,
            event.key = key,
            "released an event: its handler was dropped before it answered"
        ),
        Ok(Err(error)) => {
            event!(
                WARN,
                event.key = key,
                error = &**error as &dyn Error,
                "failed to release an event: its claim expires with its lease"
            );
        }
        Err(_) => {
            event!(
                WARN,
                event.key = key,
                "failed to release an event in time: its claim has expired"
            );
        }
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn pruned(pruned: &Result<u64, sqlx::Error>) {
    match pruned {
        Ok(0) => {}
        Ok(events) => event!(DEBUG, events, "pruned old events"),
        Err(error) => {
            event!(WARN, error = error as &dyn Error, "failed to prune old events");
        }
    }
}
