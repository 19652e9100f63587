//! The known facts of one subscription.

use sqlx::{AnyConnection, Row, any::AnyRow};
use tower_stripe_webhook::event::object::SubscriptionStatus;

use super::{super::bool_to_int, invoices, prices_as_json, snapshots};
use crate::billing::subscription::{Known, Moment, Newest, Subscription};

/// Reads the facts of a subscription and locks its row until the transaction ends. Creates the row
/// if there is none.
///
/// The rows of its snapshots and invoices are only written under this lock.
pub async fn lock(
    connection: &mut AnyConnection,
    id: &str,
    livemode: bool,
) -> Result<Known, sqlx::Error> {
    // The update changes nothing, but it locks the row and returns its current values.
    let row = sqlx::query(
        "INSERT INTO subscriptions (id, livemode) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id
         RETURNING *",
    )
    .bind(id)
    .bind(bool_to_int(livemode))
    .fetch_one(&mut *connection)
    .await?;
    complete(connection, id, &row).await
}

/// Reads the facts of a subscription without a lock. Returns `None` if there is no such
/// subscription.
pub async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM subscriptions WHERE id = $1")
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    match row {
        Some(row) => complete(connection, id, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn complete(
    connection: &mut AnyConnection,
    id: &str,
    row: &AnyRow,
) -> Result<Known, sqlx::Error> {
    let customer_id: Option<String> = row.try_get("customer_id")?;
    let email: Option<String> = row.try_get("email")?;
    Ok(Known {
        customer_id: newest(customer_id, moment(row, "customer_told_at", "customer_told_by")?),
        email: newest(email, moment(row, "email_told_at", "email_told_by")?),
        checkout: newest(Some(()), moment(row, "checkout_at", "checkout_event_id")?),
        snapshots: snapshots::of(connection, id).await?,
        invoices: invoices::of(connection, id).await?,
    })
}

fn moment(row: &AnyRow, at: &str, event_id: &str) -> Result<Option<Moment>, sqlx::Error> {
    let at: Option<i64> = row.try_get(at)?;
    let event_id: Option<String> = row.try_get(event_id)?;
    Ok(at.zip(event_id).map(|(at, event_id)| Moment { at, event_id }))
}

fn newest<T>(value: Option<T>, moment: Option<Moment>) -> Option<Newest<T>> {
    value.zip(moment).map(|(value, moment)| Newest { moment, value })
}

/// Stores the new facts of a locked subscription, and the state that is derived from all facts.
pub async fn store(
    connection: &mut AnyConnection,
    id: &str,
    before: &Known,
    known: &Known,
) -> Result<(), sqlx::Error> {
    if known == before {
        return Ok(());
    }
    snapshots::store(connection, id, &before.snapshots, &known.snapshots).await?;
    invoices::store(connection, id, &before.invoices, &known.invoices).await?;
    let Subscription { customer_id, email, status, facts, changed_at } = known.subscription();
    let customer_moment = known.customer_id.as_ref().map(|newest| &newest.moment);
    let email_moment = known.email.as_ref().map(|newest| &newest.moment);
    let checkout = known.checkout.as_ref().map(|newest| &newest.moment);
    sqlx::query(
        "UPDATE subscriptions SET customer_id = $1, customer_told_at = $2, customer_told_by = $3, email = $4,
             email_told_at = $5, email_told_by = $6, checkout_at = $7, checkout_event_id = $8, status = $9,
             changed_at = $10, price_id = $11, prices = $12, current_period_end = $13, cancel_at_period_end = $14,
             cancel_at = $15, canceled_at = $16, created = $17
         WHERE id = $18",
    )
    .bind(customer_id)
    .bind(customer_moment.map(|moment| moment.at))
    .bind(customer_moment.map(|moment| &*moment.event_id))
    .bind(email)
    .bind(email_moment.map(|moment| moment.at))
    .bind(email_moment.map(|moment| &*moment.event_id))
    .bind(checkout.map(|moment| moment.at))
    .bind(checkout.map(|moment| &*moment.event_id))
    .bind(status.as_ref().map(SubscriptionStatus::as_str))
    .bind(changed_at)
    .bind(facts.price_id.as_deref())
    .bind(prices_as_json(&facts.prices)?)
    .bind(facts.current_period_end)
    .bind(facts.cancel_at_period_end.map(bool_to_int))
    .bind(facts.cancel_at)
    .bind(facts.canceled_at)
    .bind(facts.created)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
