//! What is known of one subscription: read and written while its row is locked.

use sqlx::{AnyConnection, Row, any::AnyRow};
use tower_stripe_webhook::event::object::SubscriptionStatus;

use super::{super::as_number, invoices, prices_as_json, snapshots};
use crate::billing::subscription::{Known, Moment, Newest, Subscription};

/// Locks a subscription until the transaction ends, and returns what is known of it. A row is made if there is none yet.
///
/// The rows of its snapshots and invoices are only read and written under this lock.
pub async fn lock(connection: &mut AnyConnection, id: &str, livemode: bool) -> Result<Known, sqlx::Error> {
    // The update changes nothing, but it locks the row and returns it as it is now, in one statement.
    let row = sqlx::query(
        "INSERT INTO subscriptions (id, livemode) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET id = excluded.id
         RETURNING *",
    )
    .bind(id)
    .bind(as_number(livemode))
    .fetch_one(&mut *connection)
    .await?;
    complete(connection, id, &row).await
}

/// Returns what is known of a subscription, without a lock. `None` if it is not known.
pub async fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<Known>, sqlx::Error> {
    let row =
        sqlx::query("SELECT * FROM subscriptions WHERE id = $1").bind(id).fetch_optional(&mut *connection).await?;
    match row {
        Some(row) => complete(connection, id, &row).await.map(Some),
        None => Ok(None),
    }
}

async fn complete(connection: &mut AnyConnection, id: &str, row: &AnyRow) -> Result<Known, sqlx::Error> {
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

/// Stores what has become known of a subscription that is locked, and what follows from it.
pub async fn store(connection: &mut AnyConnection, id: &str, before: &Known, known: &Known) -> Result<(), sqlx::Error> {
    if known == before {
        return Ok(());
    }
    snapshots::store(connection, id, &before.snapshots, &known.snapshots).await?;
    invoices::store(connection, id, &before.invoices, &known.invoices).await?;
    let Subscription { customer_id, email, status, facts, changed_at } = known.subscription();
    let customer_told = known.customer_id.as_ref().map(|newest| &newest.moment);
    let email_told = known.email.as_ref().map(|newest| &newest.moment);
    let checkout = known.checkout.as_ref().map(|newest| &newest.moment);
    sqlx::query(
        "UPDATE subscriptions SET customer_id = $1, customer_told_at = $2, customer_told_by = $3, email = $4,
             email_told_at = $5, email_told_by = $6, checkout_at = $7, checkout_event_id = $8, status = $9,
             changed_at = $10, price_id = $11, prices = $12, current_period_end = $13, cancel_at_period_end = $14,
             cancel_at = $15, canceled_at = $16, created = $17
         WHERE id = $18",
    )
    .bind(customer_id)
    .bind(customer_told.map(|moment| moment.at))
    .bind(customer_told.map(|moment| &*moment.event_id))
    .bind(email)
    .bind(email_told.map(|moment| moment.at))
    .bind(email_told.map(|moment| &*moment.event_id))
    .bind(checkout.map(|moment| moment.at))
    .bind(checkout.map(|moment| &*moment.event_id))
    .bind(status.as_ref().map(SubscriptionStatus::as_str))
    .bind(changed_at)
    .bind(facts.price_id.as_deref())
    .bind(prices_as_json(&facts.prices)?)
    .bind(facts.current_period_end)
    .bind(facts.cancel_at_period_end.map(as_number))
    .bind(facts.cancel_at)
    .bind(facts.canceled_at)
    .bind(facts.created)
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
