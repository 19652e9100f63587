//! Error responses: `{"error":{"code":"…","message":"…"}}`, as those of the webhook's layer.

use std::time::Duration;

use axum::{
    Json,
    extract::rejection::QueryRejection,
    http::{
        HeaderValue, StatusCode,
        header::{RETRY_AFTER, WWW_AUTHENTICATE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{secrets::SecretsError, time::whole_seconds};

/// An error with a code for programs, and a message for people that says what to do.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The header `Retry-After`, in seconds.
    retry_after: Option<u64>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(30);
        Self { status, code, message: message.into(), retry_after }
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn unauthorized() -> Self {
        let message = "send the admin token as `Authorization: Bearer <token>`";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    pub fn too_many_wrong_tokens(retry_after: Duration) -> Self {
        let message = "this is not the admin token, and there were too many wrong ones";
        Self {
            retry_after: Some(whole_seconds(retry_after)),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_wrong_tokens", message)
        }
    }

    pub fn unprocessable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    pub fn database_unavailable() -> Self {
        Self::unavailable("database_unavailable", "the database does not answer: try again later")
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn internal() -> Self {
        let message = "a bug in the program: see its log";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, message, retry_after } = self;
        let mut response = (status, Json(json!({ "error": { "code": code, "message": message } })))
            .into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// The details are only logged.
impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        tracing::error!(%error, "the database failed");
        Self::database_unavailable()
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "invalid_query", rejection.body_text())
    }
}

impl From<SecretsError> for ApiError {
    fn from(error: SecretsError) -> Self {
        if let SecretsError::Database(error) = error {
            return error.into();
        }
        if let SecretsError::NotReloaded(source) = &error {
            tracing::error!(%source, "{error}");
        }
        let (status, code) = error.status_and_code();
        Self::new(status, code, error.to_string())
    }
}
