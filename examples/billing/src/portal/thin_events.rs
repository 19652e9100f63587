//! The page Thin Events: the API key, and the migration from snapshot events.

use askama::Template;
use axum::{Router, extract::State, http::HeaderMap, response::Response, routing::get};

use super::{
    endpoint::Endpoint,
    error::PortalError,
    frame::{Frame, Section, page},
    number,
    session::Session,
};
use crate::{
    app::AppState,
    data::deliveries::{self, Kinds},
    time,
};

const PATH: &str = "/admin/thin-events";

/// The time in which the kinds of events are counted, in seconds.
const COUNTED: i64 = 24 * 60 * 60;

pub fn routes() -> Router<AppState> {
    Router::new().route(PATH, get(show))
}

/// A phase of Stripe's migration from snapshot to thin events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing has arrived.
    Unknown,
    SnapshotOnly,
    /// Both kinds of events have arrived, but thin events are not ready to be the only ones.
    Shadow,
    /// No thin event was missing and none has failed, and the object of at least one was fetched.
    Both,
    ThinOnly,
}

impl Phase {
    fn of(kinds: Kinds) -> Self {
        match kinds {
            Kinds { only_snapshot: 0, only_thin: 0, both: 0, .. } => Self::Unknown,
            Kinds { only_thin: 0, both: 0, .. } => Self::SnapshotOnly,
            Kinds { only_snapshot: 0, both: 0, .. } => Self::ThinOnly,
            Kinds { only_snapshot: 0, failed_thin: 0, fetched_thin: 1.., .. } => Self::Both,
            _ => Self::Shadow,
        }
    }
}

/// Returns whether a thin event has failed within the last day.
pub async fn has_failed(app: &AppState) -> Result<bool, sqlx::Error> {
    deliveries::has_failed_thin(app.database.reader(), app.mode, time::now() - COUNTED).await
}

#[derive(Template)]
#[template(path = "thin_events.html")]
struct ThinEventsPage {
    frame: Frame,
    has_key: bool,
    kinds: Kinds,
    phase: Phase,
    endpoint: Endpoint,
}

impl ThinEventsPage {
    /// Returns whether thin events are handled, as far as the counted ones show.
    fn are_thin_events_handled(&self) -> bool {
        self.kinds.failed_thin == 0 && self.kinds.fetched_thin > 0
    }
}

async fn show(
    State(app): State<AppState>,
    headers: HeaderMap,
    session: Session,
) -> Result<Response, PortalError> {
    let since = time::now() - COUNTED;
    let kinds = deliveries::kinds(app.database.reader(), app.mode, since).await?;
    page(&ThinEventsPage {
        frame: Frame::new(&app, session, Section::ThinEvents, "Thin Events").await?,
        has_key: app.stripe_api.is_some(),
        kinds,
        phase: Phase::of(kinds),
        endpoint: Endpoint::new(&app, &headers),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phase_follows_from_the_kinds_of_the_facts() {
        for ((only_snapshot, only_thin, both, failed_thin, fetched_thin), phase) in [
            ((0, 0, 0, 0, 0), Phase::Unknown),
            ((9, 0, 0, 0, 0), Phase::SnapshotOnly),
            ((9, 0, 1, 0, 1), Phase::Shadow),
            ((9, 1, 0, 0, 1), Phase::Shadow),
            ((0, 1, 9, 1, 1), Phase::Shadow),
            ((0, 0, 9, 1, 8), Phase::Shadow),
            ((0, 0, 9, 0, 0), Phase::Shadow),
            ((0, 1, 9, 0, 0), Phase::Shadow),
            ((0, 0, 9, 0, 1), Phase::Both),
            ((0, 1, 9, 0, 1), Phase::Both),
            ((0, 9, 0, 0, 9), Phase::ThinOnly),
            ((0, 9, 0, 0, 0), Phase::ThinOnly),
            ((0, 9, 0, 9, 0), Phase::ThinOnly),
        ] {
            let kinds = Kinds { only_snapshot, only_thin, both, failed_thin, fetched_thin };
            assert_eq!(Phase::of(kinds), phase, "{kinds:?}");
        }
    }
}
