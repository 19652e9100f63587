//! The query parameter `user` of two routes.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};
use serde::Deserialize;

use super::ApiError;
use crate::{app::AppState, data::users::User};

#[derive(Deserialize)]
struct UserQuery {
    user: Option<String>,
}

impl FromRequestParts<AppState> for User {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Parts, app: &AppState) -> Result<Self, ApiError> {
        let Query(UserQuery { user }) = Query::from_request_parts(head, app).await?;
        let identity = user.as_deref().map(str::trim).unwrap_or_default();
        if identity.is_empty() || identity.contains(char::is_control) {
            let message =
                "name the user: `?user=` with an email address or a customer's id (`cus_…`)";
            return Err(ApiError::bad_request("missing_user", message));
        }
        Ok(User::new(identity))
    }
}
