//! Logging in with the admin token, and out.

use std::time::Duration;

use askama::Template;
use axum::{
    Form, Router,
    extract::{
        Query, State,
        rejection::{FormRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::{
    error::PortalError,
    form::{NoFields, SessionForm},
    frame::page,
    origin,
    session::{Session, removal_cookie},
};
use crate::{admin_token::TokenError, app::AppState, time::whole_seconds};

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/login", get(show).post(log_in))
        .route("/admin/logout", post(log_out))
}

#[derive(Default, Template)]
#[template(path = "login.html")]
struct LoginPage {
    notice: Option<&'static str>,
    error: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Notice {
    ended: bool,
    logged_out: bool,
}

impl Notice {
    fn text(&self) -> Option<&'static str> {
        match self {
            Self { ended: true, .. } => Some("Your session has ended. Log in again."),
            Self { logged_out: true, .. } => Some("You are logged out."),
            _ => None,
        }
    }
}

async fn show(notice: Result<Query<Notice>, QueryRejection>) -> Result<Response, PortalError> {
    page(&LoginPage { notice: notice?.text(), error: None })
}

#[derive(Debug, Deserialize)]
struct Login {
    #[serde(default)]
    token: String,
}

async fn log_in(
    State(app): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
    form: Result<Form<Login>, FormRejection>,
) -> Result<Response, PortalError> {
    let Form(login) = form?;
    match app.admin_token.check(login.token.trim()) {
        Ok(()) => {}
        Err(TokenError::Wrong) => return wrong(),
        Err(TokenError::TooManyWrong { retry_after }) => return too_many(retry_after),
    }
    let cookie = Session::open(&app, origin::is_https(&headers)).await?;
    Ok((jar.add(cookie), Redirect::to("/admin")).into_response())
}

fn wrong() -> Result<Response, PortalError> {
    tracing::warn!("login with a wrong admin token");
    let error = Some("This is not the admin token.".into());
    Ok((StatusCode::UNAUTHORIZED, page(&LoginPage { notice: None, error })?).into_response())
}

fn too_many(retry_after: Duration) -> Result<Response, PortalError> {
    let seconds = whole_seconds(retry_after);
    tracing::warn!("too many wrong admin tokens");
    let error = Some(format!("Too many attempts. Try again in {seconds} s."));
    let page = page(&LoginPage { notice: None, error })?;
    Ok((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], page)
        .into_response())
}

async fn log_out(
    State(app): State<AppState>,
    jar: CookieJar,
    SessionForm { session, .. }: SessionForm<NoFields>,
) -> Result<Response, PortalError> {
    session.close(&app).await?;
    Ok((jar.add(removal_cookie()), Redirect::to("/admin/login?logged_out=true")).into_response())
}
