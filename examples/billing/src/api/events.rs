//! `GET /api/v1/admin/events?limit=`: the last deliveries.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};

use super::ApiError;
use crate::{
    app::AppState,
    data::deliveries::{self, Delivery},
};

const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 1_000;

#[derive(Debug, Deserialize)]
pub struct EventsQuery {
    limit: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct Answer {
    events: Vec<Delivery>,
}

pub async fn list(
    State(app): State<AppState>,
    query: Result<Query<EventsQuery>, QueryRejection>,
) -> Result<Json<Answer>, ApiError> {
    let Query(EventsQuery { limit }) = query?;
    let limit = match limit {
        None => DEFAULT_LIMIT,
        Some(limit) => {
            limit.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or_else(|| {
                ApiError::bad_request(
                    "invalid_limit",
                    format!("`limit` must be a number from 1 to {MAX_LIMIT}"),
                )
            })?
        }
    };
    let events = deliveries::last(app.database.reader(), limit).await?;
    Ok(Json(Answer { events }))
}
