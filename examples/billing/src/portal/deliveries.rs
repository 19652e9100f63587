//! The deliveries page: the last deliveries, and their chart.

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
    thin_events,
};
use crate::{
    app::AppState,
    billing::outcome::Outcome,
    data::{
        deliveries::{self, Delivery},
        rejections::{self, Rejections},
    },
    time,
};

/// The number of listed items.
const PAGE_SIZE: i64 = 50;

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
    has_thin_without_key: bool,
}

/// The list, which a script reloads every other second.
#[derive(Template)]
#[template(path = "deliveries_list.html")]
struct ListPart {
    items: Vec<Item>,
    has_thin_without_key: bool,
}

/// The chart, which a script reloads twice a minute, because it counts all deliveries of its span.
#[derive(Template)]
#[template(path = "deliveries_chart.html")]
struct ChartPart {
    chart: Chart,
}

/// A delivery, or the rejections of one kind in one minute.
struct Item {
    /// The key by which the script finds new items.
    key: String,
    at: Moment,
    outcome: Outcome,
    title: String,
    reason: Option<String>,
    times: i64,
    event_id: Option<String>,
    /// For a thin event.
    snapshot_event: Option<String>,
    /// `None` for a rejected request.
    kind: Option<String>,
    secret_id: Option<String>,
    live: bool,
    /// Whether this program has signed the event.
    is_test_event: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ChartQuery {
    span: String,
}

async fn show(
    State(app): State<AppState>,
    session: Session,
    shown: Result<Query<ChartQuery>, QueryRejection>,
) -> Result<Response, PortalError> {
    let chart = chart(&app, shown?.0).await?;
    let frame = Frame::new(&app, session, Section::Deliveries, "Deliveries").await?;
    let items = items(&app).await?;
    let has_thin_without_key = has_thin_without_key(&app).await?;
    page(&DeliveriesPage { frame, chart, items, has_thin_without_key })
}

async fn show_list(State(app): State<AppState>, _: Session) -> Result<Response, PortalError> {
    let items = items(&app).await?;
    page(&ListPart { items, has_thin_without_key: has_thin_without_key(&app).await? })
}

async fn show_chart(
    State(app): State<AppState>,
    _: Session,
    shown: Result<Query<ChartQuery>, QueryRejection>,
) -> Result<Response, PortalError> {
    page(&ChartPart { chart: chart(&app, shown?.0).await? })
}

async fn chart(app: &AppState, shown: ChartQuery) -> Result<Chart, PortalError> {
    let span = Span::from_code(&shown.span);
    let mut chart = Chart::new(span, time::now());
    let (since, seconds) = (chart.since(), span.seconds_per_bar);
    for count in deliveries::counts(app.database.reader(), since, seconds).await? {
        if let Some(outcome) = Outcome::from_name(&count.outcome) {
            chart.add(count.period, outcome, count.count);
        }
    }
    for (period, count) in rejections::counts(app.database.reader(), since, seconds).await? {
        chart.add(period, Outcome::Rejected, count);
    }
    Ok(chart)
}

/// Returns whether thin events have arrived that need an API key, and there is none.
async fn has_thin_without_key(app: &AppState) -> Result<bool, PortalError> {
    if app.stripe_api.is_some() {
        return Ok(false);
    }
    Ok(thin_events::has_failed(app).await?)
}

async fn items(app: &AppState) -> Result<Vec<Item>, PortalError> {
    let deliveries = deliveries::last(app.database.reader(), PAGE_SIZE).await?;
    let rejections = rejections::last(app.database.reader(), PAGE_SIZE).await?;
    let mut items: Vec<(i64, Item)> = deliveries
        .into_iter()
        .map(|delivery| (delivery.received_at, Item::of_delivery(delivery)))
        .chain(
            rejections.into_iter().map(|counted| (counted.last_at, Item::of_rejections(counted))),
        )
        .collect();
    // A stable sort: each list is already in order.
    items.sort_by_key(|(at, _)| Reverse(*at));
    items.truncate(usize::try_from(PAGE_SIZE).unwrap_or(usize::MAX));
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
            snapshot_event: delivery.snapshot_event,
            kind: Some(delivery.kind),
            secret_id: Some(delivery.secret_id),
            live: delivery.livemode,
        }
    }

    fn of_rejections(counted: Rejections) -> Self {
        Self {
            key: format!("{}/{}/{}", counted.kind, counted.minute, counted.count),
            at: Moment::new(counted.last_at),
            outcome: Outcome::Rejected,
            title: counted.kind,
            reason: Some(counted.last_message),
            times: counted.count,
            event_id: None,
            snapshot_event: None,
            kind: None,
            secret_id: None,
            live: false,
            is_test_event: false,
        }
    }
}
