//! `?user=`, which two routes have: who is meant.

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
        let asked = user.as_deref().map(str::trim).unwrap_or_default();
        if asked.is_empty() || asked.contains(char::is_control) {
            let message = "say who: `?user=` with an email address or the id of a customer (`cus_…`)";
            return Err(ApiError::bad_request("missing_user", message));
        }
        Ok(User::new(asked))
    }
}
