//! What the pages load. It is all inside the program.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::app::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/admin/assets/style.css", get(async || asset("text/css", include_str!("../../assets/style.css"))))
        .route(
            "/admin/assets/portal.js",
            get(async || asset("text/javascript", include_str!("../../assets/portal.js"))),
        )
        .route(
            "/admin/assets/favicon.svg",
            get(async || asset("image/svg+xml", include_str!("../../assets/favicon.svg"))),
        )
}

fn asset(media_type: &str, text: &'static str) -> Response {
    // Short, because the names stay the same when a new version brings other content.
    (
        [
            (header::CONTENT_TYPE, format!("{media_type}; charset=utf-8").as_str()),
            (header::CACHE_CONTROL, "max-age=300"),
        ],
        text,
    )
        .into_response()
}
