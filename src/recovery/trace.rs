//! Logs what came of each event.
#![cfg_attr(
    not(feature = "tracing"),
    allow(unused, reason = "without the feature no event is built")
)]

use super::ReplayedEvent;
use crate::{printable::printable, trace::event};

pub(super) fn replayed(replayed: &ReplayedEvent) {
    let (id, event_type) = (printable(replayed.id()), printable(replayed.event_type()));
    let outcome = replayed.outcome();
    let status = replayed.status().map(|status| status.as_u16());
    if outcome.is_settled() {
        event!(
            DEBUG,
            event.id = &*id,
            event.r#type = &*event_type,
            outcome = outcome.code(),
            "replayed an event"
        );
        return;
    }
    event!(
        WARN,
        event.id = &*id,
        event.r#type = &*event_type,
        outcome = outcome.code(),
        status,
        reason = replayed.reason(),
        "an event is not settled: retry it, or run the recovery again"
    );
}
