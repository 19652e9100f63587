//! Middleware around the webhook's layer, for requests that do not reach the handler: it counts
//! rejections and records events of the other mode.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_stripe_webhook::{Rejection, response::OtherModeEvent};

use crate::{
    api::ApiError,
    app::AppState,
    billing::outcome::{Outcome, Verdict},
    data::deliveries,
};

/// Reads the response's extensions, in which the webhook's layer leaves the rejection or the event.
pub async fn observe(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if let Some(rejection) = response.extensions().get::<Rejection>() {
        app.rejections.count(rejection.kind().code(), rejection.to_string());
    }
    if let Some(OtherModeEvent(event)) = response.extensions().get() {
        let served = app.mode;
        let verdict =
            Verdict::new(Outcome::OtherMode, format!("this endpoint serves {served} mode"));
        if let Err(error) = deliveries::add(app.database.writer(), event, &verdict, false).await {
            return ApiError::from(error).into_response();
        }
    }
    response
}
