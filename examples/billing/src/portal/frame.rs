//! The frame around all pages of a session.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

use super::{error::PortalError, flash::Flash, session::Session};
use crate::app::AppState;

/// An entry of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Deliveries,
    Customers,
    StripeSettings,
    ThinEvents,
}

#[derive(Debug)]
pub struct Frame {
    pub title: &'static str,
    pub section: Section,
    pub live: bool,
    pub csrf_token: String,
    pub flash: Option<Flash>,
}

impl Frame {
    pub async fn new(
        app: &AppState,
        mut session: Session,
        section: Section,
        title: &'static str,
    ) -> Result<Self, PortalError> {
        Ok(Self {
            title,
            section,
            live: app.mode.is_live(),
            csrf_token: session.csrf_token().to_owned(),
            flash: session.take_flash(app).await?,
        })
    }
}

pub fn page(template: &impl Template) -> Result<Response, PortalError> {
    Ok(Html(template.render()?).into_response())
}
