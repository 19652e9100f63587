//! The JSON API for apps and operators.

mod auth;
mod credits;
mod error;
mod events;
mod health;
mod settings;
mod subscription;
mod user;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::from_fn_with_state,
    routing::{delete, get, post},
};

pub use self::{error::ApiError, health::Health};
use crate::app::AppState;

/// The largest body, in bytes: bodies contain one secret.
const MAX_BODY: usize = 16 * 1024;

pub fn routes(app: &AppState) -> Router<AppState> {
    let authenticated = Router::new()
        .route("/api/v1/subscription/verify", get(subscription::verify))
        .route("/api/v1/credits", get(credits::show))
        .route("/api/v1/admin/settings/stripe", get(settings::show).put(settings::replace))
        .route("/api/v1/admin/settings/stripe/secrets", post(settings::add))
        .route("/api/v1/admin/settings/stripe/secrets/{id}", delete(settings::remove))
        .route("/api/v1/admin/events", get(events::list))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .route_layer(from_fn_with_state(app.clone(), auth::require_admin_token));
    Router::new().route("/healthz", get(health::show)).merge(authenticated)
}
