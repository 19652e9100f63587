//! `GET /healthz`: for load balancers and monitors.

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::ApiError;
use crate::app::AppState;

pub async fn show(State(app): State<AppState>) -> Result<Json<Value>, ApiError> {
    app.database.ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}
