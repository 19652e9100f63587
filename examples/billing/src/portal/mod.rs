//! The admin portal: pages rendered by the server, plain forms, and one optional script.

mod advice;
mod assets;
mod chart;
mod customers;
mod deliveries;
mod endpoint;
mod error;
mod flash;
mod form;
mod frame;
mod login;
mod moment;
mod number;
mod origin;
mod session;
mod settings;
mod test_event;
mod thin_events;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
    routing::{any, get},
};
use tower::ServiceBuilder;
use tower_http::{
    csrf::{CsrfLayer, ProtectionError},
    set_header::SetResponseHeaderLayer,
};

use self::error::PortalError;
use crate::app::AppState;

/// The largest form, in bytes.
const MAX_FORM: usize = 16 * 1024;

/// Returns the routes under `/admin`, and a redirect from the root.
pub fn routes() -> Router<AppState> {
    // Pages are for operators only, so no cache may store them.
    let no_store = SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-store"),
    );
    // In addition to the token in each form. The login form has no session, and so no token.
    let csrf = CsrfLayer::new()
        .with_rejection_response(|_: ProtectionError| PortalError::OtherSite.into_response());
    Router::new()
        .merge(login::routes())
        .merge(deliveries::routes())
        .merge(customers::routes())
        .merge(settings::routes())
        .merge(thin_events::routes())
        .merge(assets::routes())
        .route("/", get(async || Redirect::to("/admin")))
        .route("/admin/", any(async || Redirect::permanent("/admin")))
        .route("/admin/{*rest}", any(async || PortalError::NotFound))
        .layer(
            ServiceBuilder::new()
                .layer(no_store)
                .layer(csrf)
                .layer(DefaultBodyLimit::max(MAX_FORM)),
        )
}
