//! Error pages and redirects to the login.

use askama::Template;
use axum::{
    extract::rejection::{FormRejection, QueryRejection},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
};
use axum_extra::extract::CookieJar;
use thiserror::Error;

use super::session;
use crate::secrets::SecretsError;

#[derive(Debug, Error)]
pub enum PortalError {
    #[error("not logged in")]
    NotLoggedIn,
    #[error("the session has ended")]
    SessionEnded,
    #[error("a form without the CSRF token of its session")]
    WrongCsrfToken,
    #[error("a form from another site")]
    OtherSite,
    #[error("no such page")]
    NotFound,
    #[error(transparent)]
    Query(#[from] QueryRejection),
    #[error("invalid search")]
    InvalidSearch,
    #[error(transparent)]
    Form(#[from] FormRejection),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("a page cannot be rendered")]
    Template(#[from] askama::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    title: &'a str,
    text: &'a str,
}

impl IntoResponse for PortalError {
    fn into_response(self) -> Response {
        let (status, title, text) = match &self {
            Self::NotLoggedIn => return Redirect::to("/admin/login").into_response(),
            Self::SessionEnded => {
                let jar = CookieJar::new().add(session::removal_cookie());
                return (jar, Redirect::to("/admin/login?ended=true")).into_response();
            }
            Self::WrongCsrfToken | Self::OtherSite => (
                StatusCode::FORBIDDEN,
                "This form was rejected",
                "It did not come from a page of this session. Nothing was changed. Go back to the portal, reload the \
                 page and send the form again.",
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "There is no such page",
                "The link is old, or the address has a mistake.",
            ),
            Self::Query(rejection) => (
                rejection.status(),
                "This address cannot be read",
                "It is incomplete, or it has a mistake. Start from the portal.",
            ),
            Self::InvalidSearch => (
                StatusCode::BAD_REQUEST,
                "This cannot be searched for",
                "It is longer than any email address or id, or it contains control characters.",
            ),
            Self::Form(rejection) => (
                rejection.status(),
                "This form cannot be read",
                "Go back to the portal and send the form from there.",
            ),
            Self::Database(_) | Self::Secrets(_) => {
                tracing::error!(
                    error = &self as &dyn std::error::Error,
                    "the portal cannot use the database"
                );
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The database does not answer",
                    "The server’s log says why. Try again in a moment. If you sent a form, first check whether it \
                     took effect.",
                )
            }
            Self::Template(_) | Self::Json(_) => {
                tracing::error!(error = &self as &dyn std::error::Error, "the portal failed");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "Something went wrong",
                    "The server’s log says what.",
                )
            }
        };
        match (ErrorPage { title, text }).render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => (status, title).into_response(),
        }
    }
}
