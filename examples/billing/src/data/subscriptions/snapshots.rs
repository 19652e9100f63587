//! The table `subscription_snapshots`.

use sqlx::{AnyConnection, Row, any::AnyRow};
use tower_stripe_webhook::event::object::SubscriptionStatus;

use super::{
    super::{bool_to_int, get_bool},
    facts_from_row, prices_as_json,
};
use crate::billing::subscription::{Snapshot, SnapshotKind, Snapshots};

pub(super) async fn of(
    connection: &mut AnyConnection,
    subscription_id: &str,
) -> Result<Snapshots, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM subscription_snapshots WHERE subscription_id = $1")
        .bind(subscription_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<Snapshot, sqlx::Error> {
    let status: &str = row.try_get("status")?;
    let previous: &str = row.try_get("previous")?;
    Ok(Snapshot {
        event_id: row.try_get("event_id")?,
        at: row.try_get("event_at")?,
        kind: kind_of(row.try_get("kind")?),
        status: SubscriptionStatus::from(status),
        latest_invoice_id: row.try_get("latest_invoice_id")?,
        has_pending_update: get_bool(row, "has_pending_update")?.unwrap_or_default(),
        facts: facts_from_row(row)?,
        previous: serde_json::from_str(previous)
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
    })
}

/// Deletes replaced snapshots and inserts new ones.
pub(super) async fn store(
    connection: &mut AnyConnection,
    subscription_id: &str,
    before: &Snapshots,
    known: &Snapshots,
) -> Result<(), sqlx::Error> {
    for replaced in before.iter().filter(|snapshot| !known.contains(snapshot)) {
        sqlx::query(
            "DELETE FROM subscription_snapshots WHERE subscription_id = $1 AND event_id = $2",
        )
        .bind(subscription_id)
        .bind(&*replaced.event_id)
        .execute(&mut *connection)
        .await?;
    }
    for new in known.iter().filter(|snapshot| !before.contains(snapshot)) {
        insert(connection, subscription_id, new).await?;
    }
    Ok(())
}

async fn insert(
    connection: &mut AnyConnection,
    subscription_id: &str,
    snapshot: &Snapshot,
) -> Result<(), sqlx::Error> {
    let facts = &snapshot.facts;
    let previous = serde_json::to_string(&snapshot.previous)
        .map_err(|error| sqlx::Error::Encode(error.into()))?;
    sqlx::query(
        "INSERT INTO subscription_snapshots (subscription_id, event_id, event_at, kind, status, latest_invoice_id,
             has_pending_update, price_id, prices, current_period_end, cancel_at_period_end, cancel_at, canceled_at,
             created, previous)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(subscription_id)
    .bind(&*snapshot.event_id)
    .bind(snapshot.at)
    .bind(name_of(snapshot.kind))
    .bind(snapshot.status.as_str())
    .bind(snapshot.latest_invoice_id.as_deref())
    .bind(bool_to_int(snapshot.has_pending_update))
    .bind(facts.price_id.as_deref())
    .bind(prices_as_json(&facts.prices)?)
    .bind(facts.current_period_end)
    .bind(facts.cancel_at_period_end.map(bool_to_int))
    .bind(facts.cancel_at)
    .bind(facts.canceled_at)
    .bind(facts.created)
    .bind(previous)
    .execute(connection)
    .await?;
    Ok(())
}

fn name_of(kind: SnapshotKind) -> &'static str {
    match kind {
        SnapshotKind::Created => "created",
        SnapshotKind::Updated => "updated",
        SnapshotKind::Deleted => "deleted",
    }
}

/// The table's constraint allows no other name.
fn kind_of(name: &str) -> SnapshotKind {
    match name {
        "created" => SnapshotKind::Created,
        "deleted" => SnapshotKind::Deleted,
        _ => SnapshotKind::Updated,
    }
}
