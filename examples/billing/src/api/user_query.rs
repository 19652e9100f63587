//! `?user=`, which two routes have.

use serde::Deserialize;

use super::ApiError;
use crate::{app::AppState, data::users::User};

#[derive(Debug, Deserialize)]
pub struct UserQuery {
    user: Option<String>,
}

impl UserQuery {
    /// Who is meant.
    pub async fn find(&self, app: &AppState) -> Result<User, ApiError> {
        let asked = self.user.as_deref().map(str::trim).filter(|user| !user.is_empty());
        let Some(asked) = asked else {
            let message = "say who: `?user=` with an email address or the id of a customer (`cus_…`)";
            return Err(ApiError::bad_request("missing_user", message));
        };
        Ok(User::find(app.database.reader(), app.mode, asked).await?)
    }
}
