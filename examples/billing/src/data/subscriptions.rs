//! The table `subscriptions`.

use sqlx::{AnyConnection, AnyPool, Row, any::AnyRow};
use tower_stripe_webhook::object::SubscriptionStatus;

use super::{as_number, containing, users::User};
use crate::{
    billing::subscription::{Facts, Subscription},
    mode::Mode,
};

/// What is known of a subscription, which is locked until the transaction ends. It is made if it is not there yet.
pub async fn lock(connection: &mut AnyConnection, id: &str, livemode: bool) -> Result<Subscription, sqlx::Error> {
    // The update changes nothing, but it locks the row and gives it as it is now, in one statement.
    let row = sqlx::query(
        "INSERT INTO subscriptions (id, livemode) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id
         RETURNING *",
    )
    .bind(id)
    .bind(as_number(livemode))
    .fetch_one(connection)
    .await?;
    from_row(&row)
}

/// Stores what is known of a subscription that is locked.
pub async fn store(connection: &mut AnyConnection, id: &str, subscription: &Subscription) -> Result<(), sqlx::Error> {
    let Subscription { customer_id, email, status, facts, snapshot_at, changed_at } = subscription;
    sqlx::query(
        "UPDATE subscriptions SET customer_id = $1, email = $2, status = $3, price_id = $4, current_period_end = $5,
             cancel_at_period_end = $6, canceled_at = $7, created = $8, snapshot_at = $9, changed_at = $10
         WHERE id = $11",
    )
    .bind(customer_id.as_deref())
    .bind(email.as_deref())
    .bind(status.as_ref().map(SubscriptionStatus::as_str))
    .bind(facts.price_id.as_deref())
    .bind(facts.current_period_end)
    .bind(facts.cancel_at_period_end.map(as_number))
    .bind(facts.canceled_at)
    .bind(facts.created)
    .bind(*snapshot_at)
    .bind(*changed_at)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

/// The subscription that counts for a user, with its id: one that is live before one that may become so, before one that has
/// ended, and of these the newest.
pub async fn newest_live(
    pool: &AnyPool,
    mode: Mode,
    user: &User,
) -> Result<Option<(String, Subscription)>, sqlx::Error> {
    // Each part of the `UNION` has an index, which Postgres does not use for an `OR`.
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
    .bind(as_number(mode.livemode()))
    .bind(user.customer_id())
    .bind(user.email())
    .fetch_optional(pool)
    .await?;
    row.map(|row| Ok((row.try_get("id")?, from_row(&row)?))).transpose()
}

fn from_row(row: &AnyRow) -> Result<Subscription, sqlx::Error> {
    let status: Option<&str> = row.try_get("status")?;
    let cancel_at_period_end: Option<i64> = row.try_get("cancel_at_period_end")?;
    Ok(Subscription {
        customer_id: row.try_get("customer_id")?,
        email: row.try_get("email")?,
        status: status.map(SubscriptionStatus::from),
        facts: Facts {
            price_id: row.try_get("price_id")?,
            current_period_end: row.try_get("current_period_end")?,
            cancel_at_period_end: cancel_at_period_end.map(|number| number != 0),
            canceled_at: row.try_get("canceled_at")?,
            created: row.try_get("created")?,
        },
        snapshot_at: row.try_get("snapshot_at")?,
        changed_at: row.try_get("changed_at")?,
    })
}

/// A subscription that was searched for.
#[derive(Debug)]
pub struct Found {
    pub id: String,
    /// Whose it is: an email address if one is known, else the customer's id.
    pub user: Option<String>,
    pub subscription: Subscription,
}

/// Those whose id, customer's id or email address has `part` in it, in any case; what changed last comes first.
pub async fn search(pool: &AnyPool, mode: Mode, part: &str, limit: i64) -> Result<Vec<Found>, sqlx::Error> {
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
    .bind(as_number(mode.livemode()))
    .bind(containing(part))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Found { id: row.try_get("id")?, user: row.try_get("user_identity")?, subscription: from_row(row)? })
        })
        .collect()
}
