//! Forms that only the portal's own pages can send: each carries the CSRF token of the session.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request, rejection::FormRejection},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{error::PortalError, session::Session};
use crate::app::AppState;

/// A form, and the session whose page has sent it.
///
/// The fields of `T` need defaults: a form without the CSRF token is refused for that, and not for another field.
#[derive(Debug)]
pub struct SessionForm<T> {
    pub session: Session,
    pub fields: T,
}

/// The form of a button that needs no field.
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
            // Whatever was sent, it is no form with a token.
            FormRejection::InvalidFormContentType(_) => PortalError::WrongCsrfToken,
            other => other.into(),
        })?;
        if session.sent(&form.csrf_token) {
            Ok(Self { session, fields: form.fields })
        } else {
            Err(PortalError::WrongCsrfToken)
        }
    }
}
