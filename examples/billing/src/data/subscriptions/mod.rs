//! The tables `subscriptions`, `subscription_snapshots` and `subscription_invoices`.

mod invoices;
mod known;
mod snapshots;

use sqlx::{AnyPool, Row, any::AnyRow};
use tower_stripe_webhook::event::object::SubscriptionStatus;

pub use self::known::{find, lock, store};
use super::{bool_to_int, get_bool, like_pattern, users::User};
use crate::{
    billing::subscription::{Facts, Subscription},
    mode::Mode,
};

/// Returns a user's current subscription with its id: a live one before one that may become live,
/// before one that has ended, and of these the newest.
pub async fn current(
    pool: &AnyPool,
    mode: Mode,
    user: &User,
) -> Result<Option<(String, Subscription)>, sqlx::Error> {
    // Each part of the `UNION` uses an index, which Postgres does not for an `OR`.
    let row = sqlx::query(
        "SELECT * FROM (
             SELECT * FROM subscriptions WHERE customer_id = $2
             UNION SELECT * FROM subscriptions WHERE email = $3
             UNION SELECT * FROM subscriptions
                 WHERE customer_id IN (SELECT customer_id FROM customers WHERE email = $3 AND livemode = $1)) AS of_user
         WHERE livemode = $1 AND status IS NOT NULL
         ORDER BY CASE
                 WHEN status IN ('active', 'trialing', 'past_due') THEN 0
                 WHEN status IN ('canceled', 'incomplete_expired') THEN 2
                 ELSE 1
             END,
             COALESCE(created, changed_at) DESC, id DESC
         LIMIT 1",
    )
    .bind(bool_to_int(mode.livemode()))
    .bind(user.customer_id())
    .bind(user.email())
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok((row.try_get("id")?, from_row(&row)?))).transpose()
}

fn from_row(row: &AnyRow) -> Result<Subscription, sqlx::Error> {
    let status: Option<&str> = row.try_get("status")?;
    Ok(Subscription {
        customer_id: row.try_get("customer_id")?,
        email: row.try_get("email")?,
        status: status.map(SubscriptionStatus::from),
        facts: facts_from_row(row)?,
        changed_at: row.try_get("changed_at")?,
    })
}

/// Reads the columns that `subscriptions` and `subscription_snapshots` share.
fn facts_from_row(row: &AnyRow) -> Result<Facts, sqlx::Error> {
    let price_id: Option<String> = row.try_get("price_id")?;
    let prices: Option<&str> = row.try_get("prices")?;
    Ok(Facts {
        prices: match prices {
            Some(json) => {
                serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))?
            }
            None => price_id.iter().cloned().collect(),
        },
        price_id,
        current_period_end: row.try_get("current_period_end")?,
        cancel_at_period_end: get_bool(row, "cancel_at_period_end")?,
        cancel_at: row.try_get("cancel_at")?,
        canceled_at: row.try_get("canceled_at")?,
        created: row.try_get("created")?,
    })
}

/// Encodes the column `prices`.
fn prices_as_json(prices: &[String]) -> Result<String, sqlx::Error> {
    serde_json::to_string(prices).map_err(|error| sqlx::Error::Encode(error.into()))
}

/// A subscription that was found by a search.
#[derive(Debug)]
pub struct FoundSubscription {
    pub id: String,
    /// An email address if one is known, else the customer's id.
    pub user: Option<String>,
    pub subscription: Subscription,
}

/// Returns the subscriptions whose id, customer id or email address contains `part` in any case,
/// the last changed first.
pub async fn search(
    pool: &AnyPool,
    mode: Mode,
    part: &str,
    limit: i64,
) -> Result<Vec<FoundSubscription>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT subscriptions.*,
             COALESCE(customers.email, subscriptions.email, subscriptions.customer_id) AS user_identity
         FROM subscriptions LEFT JOIN customers
             ON customers.customer_id = subscriptions.customer_id AND customers.livemode = subscriptions.livemode
         WHERE subscriptions.livemode = $1 AND status IS NOT NULL AND (
             LOWER(subscriptions.id) LIKE $2 ESCAPE '!' OR LOWER(subscriptions.customer_id) LIKE $2 ESCAPE '!'
             OR customers.email LIKE $2 ESCAPE '!' OR subscriptions.email LIKE $2 ESCAPE '!')
         ORDER BY COALESCE(changed_at, 0) DESC, subscriptions.id
         LIMIT $3",
    )
    .bind(bool_to_int(mode.livemode()))
    .bind(like_pattern(part))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(FoundSubscription {
                id: row.try_get("id")?,
                user: row.try_get("user_identity")?,
                subscription: from_row(row)?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
