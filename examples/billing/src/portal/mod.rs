//! The admin portal: pages rendered by the server, plain forms, and one small script that nothing depends on.

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
mod login_attempts;
mod moment;
mod number;
mod origin;
mod secret_row;
mod session;
mod settings;
mod test_event;
mod tone;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect},
    routing::any,
};
use tower::ServiceBuilder;
use tower_http::{
    csrf::{CsrfLayer, ProtectionError},
    set_header::SetResponseHeaderLayer,
};

use self::error::PortalError;
use crate::app::AppState;

/// Far more than any form of the portal sends.
const MAX_FORM: usize = 16 * 1024;

/// All that is under `/admin`.
pub fn routes() -> Router<AppState> {
    // Pages show what only an operator may see: no cache keeps them.
    let never_stored =
        SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Beside the token in each form, and for the login, which has no session to take a token from.
    let csrf = CsrfLayer::new().with_rejection_response(|_: ProtectionError| PortalError::OtherSite.into_response());
    Router::new()
        .merge(login::routes())
        .merge(deliveries::routes())
        .merge(customers::routes())
        .merge(settings::routes())
        .merge(assets::routes())
        .route("/admin/", any(async || Redirect::permanent("/admin")))
        .route("/admin/{*rest}", any(async || PortalError::NotFound))
        .layer(ServiceBuilder::new().layer(never_stored).layer(csrf).layer(DefaultBodyLimit::max(MAX_FORM)))
}
