//! The table `subscriptions`.

use sqlx::{AnyConnection, AnyPool};
use tower_stripe_webhook::{Mode, event::object::SubscriptionStatus};

use super::{from_json, like_pattern, to_json, users::User};
use crate::billing::subscription::{Known, Subscription};

/// Reads the facts of a subscription and locks its row until the transaction ends. Creates the row
/// if there is none.
pub async fn lock(
    connection: &mut AnyConnection,
    id: &str,
    livemode: bool,
) -> Result<Known, sqlx::Error> {
    // The update changes nothing, but it locks the row and returns its current values.
    let facts: String = sqlx::query_scalar(
        "INSERT INTO subscriptions (id, livemode) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id
         RETURNING facts",
    )
    .bind(id)
    .bind(i64::from(livemode))
    .fetch_one(connection)
    .await?;
    from_json(&facts)
}

/// Stores the facts of a locked subscription, and what is derived from them for searches.
pub async fn store(
    connection: &mut AnyConnection,
    id: &str,
    known: &Known,
) -> Result<(), sqlx::Error> {
    let subscription = known.subscription();
    sqlx::query(
        "UPDATE subscriptions SET customer_id = $1, email = $2, status = $3, created = $4, changed_at = $5, facts = $6
         WHERE id = $7",
    )
    .bind(subscription.customer_id)
    .bind(subscription.email)
    .bind(subscription.status.as_ref().map(SubscriptionStatus::as_str))
    .bind(subscription.facts.created)
    .bind(subscription.changed_at)
    .bind(to_json(known)?)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns a user's current subscription with its id: a live one before one that may become live,
/// before one that has ended, and of these the newest.
pub async fn current(
    pool: &AnyPool,
    mode: Mode,
    user: &User,
) -> Result<Option<(String, Known)>, sqlx::Error> {
    // Each part of the `UNION` uses an index, which Postgres does not for an `OR`.
    let row: Option<(String, String)> = sqlx::query_as(
        "SELECT id, facts FROM (
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
    .bind(i64::from(mode.is_live()))
    .bind(user.customer_id())
    .bind(user.email())
    .fetch_optional(pool)
    .await?;
    row.map(|(id, facts)| Ok((id, from_json(&facts)?))).transpose()
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
    let rows: Vec<(String, Option<String>, String)> = sqlx::query_as(
        "SELECT subscriptions.id, COALESCE(customers.email, subscriptions.email, subscriptions.customer_id),
             subscriptions.facts
         FROM subscriptions LEFT JOIN customers
             ON customers.customer_id = subscriptions.customer_id AND customers.livemode = subscriptions.livemode
         WHERE subscriptions.livemode = $1 AND status IS NOT NULL AND (
             LOWER(subscriptions.id) LIKE $2 ESCAPE '!' OR LOWER(subscriptions.customer_id) LIKE $2 ESCAPE '!'
             OR customers.email LIKE $2 ESCAPE '!' OR subscriptions.email LIKE $2 ESCAPE '!')
         ORDER BY COALESCE(changed_at, 0) DESC, subscriptions.id
         LIMIT $3",
    )
    .bind(i64::from(mode.is_live()))
    .bind(like_pattern(part))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let found = |(id, user, facts): (_, _, String)| {
        let known: Known = from_json(&facts)?;
        Ok(FoundSubscription { id, user, subscription: known.subscription() })
    };
    rows.into_iter().map(found).collect()
}

#[cfg(test)]
mod tests;
