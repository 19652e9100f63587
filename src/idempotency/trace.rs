//! One `tracing` event for each delivery, and one for each claim that could not be kept or given back.
#![cfg_attr(not(feature = "tracing"), allow(unused, reason = "without the feature no event is built"))]

use std::error::Error;

use http::Extensions;
use tokio::time::error::Elapsed;

use super::{EventKey, Outcome, StoreError};
use crate::{error::BoxError, trace::event};

/// What became of a delivery, as the extensions of its response say.
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
            event!(WARN, event.key = key, outcome = code, error = source, "turned away an event: {}", text(error));
        }
        Outcome::LeaseLost => event!(
            WARN,
            event.key = key,
            outcome = code,
            "an event may be handled again: its claim has ended before its handler did"
        ),
        Outcome::Unreleased => event!(
            WARN,
            event.key = key,
            outcome = code,
            error = source,
            "an event is not handled again before its lease ends: {}",
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
                "turned away a request: no StripeWebhookLayer is around the IdempotencyLayer"
            );
        }
    }
}

fn text(error: Option<&StoreError>) -> String {
    error.map(ToString::to_string).unwrap_or_default()
}

pub(super) fn renewed(key: &EventKey, renewed: &Result<bool, StoreError>) {
    let key = key.as_str();
    match renewed {
        Ok(true) => {}
        Ok(false) => event!(WARN, event.key = key, "an event's claim has ended while it was being handled"),
        Err(error) => event!(WARN, event.key = key, error = error.source(), "an event's claim may end: {error}"),
    }
}

/// A commit has failed, and is tried again.
pub(super) fn commits_again(key: &EventKey, error: &StoreError) {
    event!(WARN, event.key = key.as_str(), error = error.source(), "trying again to finish an event: {error}");
}

/// A call of the store has ended for which nobody waits any more.
pub(super) fn ended_in_background(key: &EventKey, error: Option<StoreError>) {
    if let Some(error) = error {
        event!(WARN, event.key = key.as_str(), error = error.source(), "gave up in the background: {error}");
    }
}

/// A claim was given back because its handler was dropped or has panicked.
pub(super) fn released(key: &EventKey, released: &Result<Result<(), BoxError>, Elapsed>) {
    let key = key.as_str();
    match released {
        Ok(Ok(())) => event!(DEBUG, event.key = key, "gave an event back whose handler has not answered"),
        Ok(Err(error)) => {
            event!(
                WARN,
                event.key = key,
                error = &**error as &dyn Error,
                "could not give an event back: its claim ends by itself"
            );
        }
        Err(_) => {
            event!(WARN, event.key = key, "could not give an event back in time: its claim has ended by itself");
        }
    }
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(super) fn pruned(pruned: &Result<u64, sqlx::Error>) {
    match pruned {
        Ok(0) => {}
        Ok(events) => event!(DEBUG, events, "forgot events that are too old to come again"),
        Err(error) => {
            event!(WARN, error = error as &dyn Error, "could not forget events that are too old to come again");
        }
    }
}
