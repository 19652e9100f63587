//! The first page: what was delivered lately, and what came of it.

use std::cmp::Reverse;

use askama::Template;
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
    routing::get,
};
use serde::Deserialize;

use super::{
    chart::{Chart, Span},
    error::PortalError,
    frame::{Frame, Section, page},
    moment::Moment,
    number,
    session::Session,
    tone::Tone,
};
use crate::{
    app::AppState,
    billing::outcome::Outcome,
    data::{
        deliveries::{self, Delivery},
        refusals::{self, Refusal},
    },
    time,
};

/// How many are listed.
const LISTED: i64 = 50;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin", get(show))
        .route("/admin/deliveries", get(show_list))
        .route("/admin/deliveries/chart", get(show_chart))
}

#[derive(Template)]
#[template(path = "deliveries.html")]
struct DeliveriesPage {
    frame: Frame,
    chart: Chart,
    items: Vec<Item>,
}

/// What a script loads anew every other second.
#[derive(Template)]
#[template(path = "deliveries_list.html")]
struct ListPart {
    items: Vec<Item>,
}

/// What a script loads anew twice a minute, because it counts all deliveries of the time that it shows.
#[derive(Template)]
#[template(path = "deliveries_chart.html")]
struct ChartPart {
    chart: Chart,
}

/// A delivery, or the refusals of one kind in one minute.
struct Item {
    /// Tells it from others in the list.
    key: String,
    at: Moment,
    outcome: Outcome,
    title: String,
    reason: Option<String>,
    times: i64,
    event_id: Option<String>,
    secret_id: Option<String>,
    live: bool,
    /// Whether this program has signed it, and not Stripe.
    is_test_event: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Shown {
    span: String,
}

async fn show(
    State(app): State<AppState>,
    session: Session,
    shown: Result<Query<Shown>, QueryRejection>,
) -> Result<Response, PortalError> {
    let chart = chart(&app, shown?.0).await?;
    let frame = Frame::new(&app, session, Section::Deliveries, "Deliveries").await?;
    page(&DeliveriesPage { frame, chart, items: items(&app).await? })
}

async fn show_list(State(app): State<AppState>, _: Session) -> Result<Response, PortalError> {
    page(&ListPart { items: items(&app).await? })
}

async fn show_chart(
    State(app): State<AppState>,
    _: Session,
    shown: Result<Query<Shown>, QueryRejection>,
) -> Result<Response, PortalError> {
    page(&ChartPart { chart: chart(&app, shown?.0).await? })
}

async fn chart(app: &AppState, shown: Shown) -> Result<Chart, PortalError> {
    let span = Span::from_code(&shown.span).unwrap_or_default();
    let mut chart = Chart::new(span, time::now());
    let (since, seconds) = (chart.since(), span.seconds_per_bar());
    for count in deliveries::counts(app.database.reader(), since, seconds).await? {
        if let Some(outcome) = Outcome::from_name(&count.outcome) {
            chart.add(count.period, outcome, count.count);
        }
    }
    for (period, count) in refusals::counts(app.database.reader(), since, seconds).await? {
        chart.add(period, Outcome::Rejected, count);
    }
    Ok(chart)
}

async fn items(app: &AppState) -> Result<Vec<Item>, PortalError> {
    let delivered = deliveries::last(app.database.reader(), LISTED).await?;
    let refused = refusals::last(app.database.reader(), LISTED).await?;
    let mut items: Vec<(i64, Item)> = delivered
        .into_iter()
        .map(|delivery| (delivery.received_at, Item::of_delivery(delivery)))
        .chain(refused.into_iter().map(|refusal| (refusal.last_at, Item::of_refusal(refusal))))
        .collect();
    // Both are in order, and the sort keeps it within a second.
    items.sort_by_key(|(at, _)| Reverse(*at));
    items.truncate(usize::try_from(LISTED).unwrap_or(usize::MAX));
    Ok(items.into_iter().map(|(_, item)| item).collect())
}

impl Item {
    fn of_delivery(delivery: Delivery) -> Self {
        Self {
            key: format!("{}/{}/{}", delivery.id, delivery.received_at, delivery.outcome),
            at: Moment::new(delivery.received_at),
            outcome: Outcome::from_name(&delivery.outcome).unwrap_or(Outcome::Ignored),
            title: delivery.event_type,
            reason: delivery.reason,
            times: 1,
            is_test_event: delivery.id.starts_with(deliveries::TEST_EVENT_PREFIX),
            event_id: Some(delivery.id),
            secret_id: Some(delivery.secret_id),
            live: delivery.livemode,
        }
    }

    fn of_refusal(refusal: Refusal) -> Self {
        Self {
            key: format!("{}/{}/{}", refusal.kind, refusal.minute, refusal.count),
            at: Moment::new(refusal.last_at),
            outcome: Outcome::Rejected,
            title: refusal.kind,
            reason: Some(refusal.last_message),
            times: refusal.count,
            event_id: None,
            secret_id: None,
            live: false,
            is_test_event: false,
        }
    }
}
