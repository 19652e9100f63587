//! One `tracing` event for each decision: never a payload, never a secret.

use std::error::Error;

use http::Request;

use crate::{
    rejection::{Rejection, RejectionKind},
    secret::MismatchDiagnosis,
    verified_event::VerifiedEvent,
};

pub(crate) fn accepted<B>(request: &Request<B>) {
    if let Some(event) = request.extensions().get::<VerifiedEvent>() {
        tracing::debug!(
            event.id = event.id(),
            event.r#type = event.event_type().as_str(),
            secret.id = event.verified_by().as_str(),
            body.size = event.body().len(),
            "accepted a Stripe webhook"
        );
    }
}

pub(crate) fn of_other_mode(event: &VerifiedEvent) {
    tracing::debug!(
        event.id = event.id(),
        event.r#type = event.event_type().as_str(),
        event.livemode = event.livemode(),
        secret.id = event.verified_by().as_str(),
        "acknowledged a Stripe webhook of the other mode"
    );
}

pub(crate) fn rejected(rejection: &Rejection) {
    // The other kinds' sources are about what the sender sent, and may quote it.
    let error = rejection.source().filter(|_| rejection.kind() == RejectionKind::SecretProviderFailed);
    let diagnosis = rejection.diagnosis().map(MismatchDiagnosis::code);
    tracing::warn!(kind = rejection.kind().code(), diagnosis, error, "turned away a Stripe webhook: {rejection}");
}
