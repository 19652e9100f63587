//! What the pages load. It is all inside the program.

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
        .route("/admin/assets/portal.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/admin/assets/favicon.svg", get(async || asset("image/svg+xml", ICON)))
        // These alone: a page with a CSRF token in it must not tell by its length what else it has (BREACH).
        .layer(CompressionLayer::new())
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    // Short, because the names stay the same when a new version brings other content.
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}
