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
use crate::{admin_token::TokenError, app::AppState};

pub async fn require_admin_token(
    State(app): State<AppState>,
    authorization: Result<TypedHeader<Authorization<Bearer>>, TypedHeaderRejection>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let TypedHeader(given) = authorization.map_err(|_| ApiError::unauthorized())?;
    app.admin_token.check(given.token()).map_err(|error| match error {
        TokenError::Wrong => ApiError::unauthorized(),
        TokenError::TooManyWrong { retry_after } => ApiError::too_many_wrong_tokens(retry_after),
    })?;
    Ok(next.run(request).await)
}
