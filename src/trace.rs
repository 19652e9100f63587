//! The `tracing` events: one for each request, without payload and secrets.
#![cfg_attr(
    not(feature = "tracing"),
    allow(unused, reason = "without the feature no event is built")
)]

use std::error::Error;

use http::Request;

use crate::{
    printable::printable,
    rejection::{Rejection, RejectionKind},
    secret::diagnosis::MismatchDiagnosis,
    verified_event::VerifiedEvent,
};

/// Calls `tracing::event!`, or does nothing without the feature `tracing`.
///
/// So callers need no `cfg`.
macro_rules! event {
    ($level:ident, $($fields:tt)*) => {{
        #[cfg(feature = "tracing")]
        ::tracing::event!(::tracing::Level::$level, $($fields)*);
    }};
}
pub(crate) use event;

/// Whether warnings are logged. `false` without the feature `tracing`.
macro_rules! warns {
    () => {{
        #[cfg(feature = "tracing")]
        let is_enabled = ::tracing::enabled!(::tracing::Level::WARN);
        #[cfg(not(feature = "tracing"))]
        let is_enabled = false;
        is_enabled
    }};
}
pub(crate) use warns;

pub(crate) fn accepted<B>(request: &Request<B>) {
    if let Some(event) = request.extensions().get::<VerifiedEvent>() {
        event!(
            DEBUG,
            event.id = &*printable(event.id()),
            event.r#type = &*printable(event.event_type().as_str()),
            secret.id = &*printable(event.verified_by().as_str()),
            body.size = event.body().len(),
            "accepted a Stripe webhook"
        );
    }
}

pub(crate) fn other_mode(event: &VerifiedEvent) {
    event!(
        DEBUG,
        event.id = &*printable(event.id()),
        event.r#type = &*printable(event.event_type().as_str()),
        event.livemode = event.livemode(),
        secret.id = &*printable(event.verified_by().as_str()),
        "acknowledged a Stripe webhook of the other mode"
    );
}

pub(crate) fn rejected(rejection: &Rejection) {
    // The source of any other kind describes the request, and may quote it.
    let error =
        rejection.source().filter(|_| rejection.kind() == RejectionKind::SecretProviderFailed);
    let diagnosis = rejection.diagnosis().map(MismatchDiagnosis::code);
    event!(
        WARN,
        kind = rejection.kind().code(),
        diagnosis,
        error,
        "rejected a Stripe webhook: {rejection}"
    );
}
