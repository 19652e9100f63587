//! `GET /api/v1/credits?user=`: a user's credits.

use axum::{Json, extract::State};
use serde::Serialize;

use super::ApiError;
use crate::{
    app::AppState,
    data::{
        credits::{self, Account, Transaction},
        users::User,
    },
};

#[derive(Debug, Serialize)]
pub struct Answer {
    user_identity: String,
    balance: i64,
    transactions: Vec<Transaction>,
}

pub async fn show(State(app): State<AppState>, user: User) -> Result<Json<Answer>, ApiError> {
    let Account { balance, transactions } =
        credits::account(app.database.reader(), app.mode, &user).await?;
    Ok(Json(Answer { user_identity: user.into_identity(), balance, transactions }))
}
