//! Authentication by the admin token.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use axum_extra::{
    TypedHeader,
    headers::{Authorization, authorization::Bearer},
    typed_header::TypedHeaderRejection,
};

use super::ApiError;
use crate::app::AppState;

pub async fn require_admin_token(
    State(app): State<AppState>,
    authorization: Result<TypedHeader<Authorization<Bearer>>, TypedHeaderRejection>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    match authorization {
        Ok(TypedHeader(given)) if app.admin_token.matches(given.token()) => {
            Ok(next.run(request).await)
        }
        _ => Err(ApiError::unauthorized()),
    }
}
