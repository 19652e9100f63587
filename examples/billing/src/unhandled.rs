//! Requests that never reach the handler: events of the other mode, which are recorded, and what was turned away, which is counted.

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

/// Outside the webhook's layer, which tells by the response's extensions what never reached the handler.
pub async fn record(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if let Some(rejection) = response.extensions().get::<Rejection>() {
        app.refusals.count(rejection.kind().code(), rejection.to_string());
    }
    if let Some(OtherModeEvent(event)) = response.extensions().get() {
        let served = app.mode;
        let verdict = Verdict::new(Outcome::OtherMode, format!("this endpoint serves {served} mode"));
        if let Err(error) = deliveries::add(app.database.writer(), event, &verdict).await {
            return ApiError::from(error).into_response();
        }
    }
    response
}
