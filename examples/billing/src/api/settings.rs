//! `/api/v1/admin/settings/stripe`: the webhook's signing secrets.

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::StatusCode,
};
use serde::Serialize;
use serde_json::Value;

use super::ApiError;
use crate::{
    app::AppState,
    secrets::{Added, SecretInfo, SecretsError},
};

#[derive(Debug, Serialize)]
pub struct Settings {
    webhook_secret_set: bool,
    mode: String,
    secrets: Vec<SecretInfo>,
}

pub async fn show(State(app): State<AppState>) -> Result<Json<Settings>, ApiError> {
    let secrets = app.secrets.list().await?;
    Ok(Json(Settings {
        webhook_secret_set: !secrets.is_empty(),
        mode: app.mode.to_string(),
        secrets,
    }))
}

pub async fn replace(
    State(app): State<AppState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Settings>, ApiError> {
    app.secrets.replace(&webhook_secret(body)?).await?;
    show(State(app)).await
}

pub async fn add(
    State(app): State<AppState>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<SecretInfo>), ApiError> {
    let (added, secret) = app.secrets.add(&webhook_secret(body)?).await?;
    let status = match added {
        Added::New => StatusCode::CREATED,
        Added::Known => StatusCode::OK,
    };
    Ok((status, Json(secret)))
}

pub async fn remove(
    State(app): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    // An id that is not UTF-8 is unknown.
    let Path(id) = id.map_err(|_| SecretsError::Unknown)?;
    app.secrets.remove(&id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Reads `{"webhook_secret": "whsec_…"}`.
fn webhook_secret(body: Result<Bytes, BytesRejection>) -> Result<String, ApiError> {
    let body = body.map_err(|rejection| {
        ApiError::new(rejection.status(), "unreadable_body", rejection.body_text())
    })?;
    // serde's message is dropped, because it may quote the secret.
    let body: Value = serde_json::from_slice(&body).map_err(|_| {
        let message = "the body is not JSON: send {\"webhook_secret\": \"whsec_…\"}";
        ApiError::bad_request("invalid_json", message)
    })?;
    body["webhook_secret"].as_str().map(str::to_owned).ok_or_else(|| {
        let message = "send the signing secret as a string: {\"webhook_secret\": \"whsec_…\"}";
        ApiError::unprocessable("missing_webhook_secret", message)
    })
}
