//! Forms with the CSRF token of their session.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request, rejection::FormRejection},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{error::PortalError, session::Session};
use crate::app::AppState;

/// A form with a valid CSRF token, and its session.
///
/// The fields of `T` need defaults, so that a form without the token is rejected for that reason.
#[derive(Debug)]
pub struct SessionForm<T> {
    pub session: Session,
    pub fields: T,
}

/// A form without fields.
#[derive(Debug, Default, Deserialize)]
pub struct NoFields {}

#[derive(Deserialize)]
struct WithToken<T> {
    #[serde(default)]
    csrf_token: String,
    #[serde(flatten)]
    fields: T,
}

impl<T: DeserializeOwned> FromRequest<AppState> for SessionForm<T> {
    type Rejection = PortalError;

    async fn from_request(request: Request, app: &AppState) -> Result<Self, PortalError> {
        let (mut parts, body) = request.into_parts();
        let session = Session::from_request_parts(&mut parts, app).await?;
        let form = Form::<WithToken<T>>::from_request(Request::from_parts(parts, body), app).await;
        let Form(form) = form.map_err(|rejection| match rejection {
            // Another content type has no CSRF token.
            FormRejection::InvalidFormContentType(_) => PortalError::WrongCsrfToken,
            other => other.into(),
        })?;
        if session.has_csrf_token(&form.csrf_token) {
            Ok(Self { session, fields: form.fields })
        } else {
            Err(PortalError::WrongCsrfToken)
        }
    }
}
