//! `GET /api/v1/subscription/verify?user=`: a user's subscription.

use axum::{Json, extract::State};
use serde::Serialize;

use super::ApiError;
use crate::{
    app::AppState,
    billing::subscription::Subscription,
    data::{subscriptions, users::User},
};

/// Times are in Unix seconds.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    user_identity: String,
    state: String,
    subscription_id: Option<String>,
    price_id: Option<String>,
    prices: Vec<String>,
    current_period_end: Option<i64>,
    cancel_at_period_end: Option<bool>,
    cancel_at: Option<i64>,
    canceled_at: Option<i64>,
    updated_at: Option<i64>,
    message: String,
}

pub async fn verify(State(app): State<AppState>, user: User) -> Result<Json<Answer>, ApiError> {
    let answer = match subscriptions::current(app.database.reader(), app.mode, &user).await? {
        Some((id, known)) => found(user.into_identity(), id, known.subscription()),
        None => Answer {
            user_identity: user.into_identity(),
            state: "inactive".into(),
            message: "No subscription found".into(),
            ..Answer::default()
        },
    };
    Ok(Json(answer))
}

fn found(user_identity: String, id: String, subscription: Subscription) -> Answer {
    let state = subscription.state().to_owned();
    let Subscription { facts, changed_at, .. } = subscription;
    Answer {
        user_identity,
        subscription_id: Some(id),
        // `false` unless an event says that it ends.
        cancel_at_period_end: Some(facts.ends_with_period()),
        price_id: facts.price_id,
        prices: facts.prices,
        current_period_end: facts.current_period_end,
        cancel_at: facts.cancel_at,
        canceled_at: facts.canceled_at,
        updated_at: changed_at,
        message: format!("Subscription is {}", state.replace('_', " ")),
        state,
    }
}
