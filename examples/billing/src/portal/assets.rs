//! The style sheet, script and icon, which are embedded in the program.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::compression::CompressionLayer;

use crate::app::AppState;

const STYLE: &str = include_str!("../../assets/style.css");
const SCRIPT: &str = include_str!("../../assets/portal.js");
const ICON: &str = include_str!("../../assets/favicon.svg");

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/assets/style.css", get(async || asset("text/css; charset=utf-8", STYLE)))
        .route(
            "/admin/assets/portal.js",
            get(async || asset("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route("/admin/assets/favicon.svg", get(async || asset("image/svg+xml", ICON)))
        // Pages are not compressed: with a CSRF token in them, their length could leak it (BREACH).
        .layer(CompressionLayer::new())
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    // Short, because a new version has other content under the same name.
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "max-age=300")], text)
        .into_response()
}
