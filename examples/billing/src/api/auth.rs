//! Who may use the API: whoever has the admin token.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
};

use super::ApiError;
use crate::app::AppState;

pub async fn require_admin_token(
    State(app): State<AppState>,
    authorization: Option<TypedHeader<Authorization<Bearer>>>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match authorization {
        Some(TypedHeader(given)) if app.admin_token.matches(given.token()) => Ok(next.run(request).await),
        _ => Err(ApiError::unauthorized()),
    }
}
