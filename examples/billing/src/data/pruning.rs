//! Forgets what is too old to matter.

use std::time::Duration;

use sqlx::AnyPool;
use tower_stripe_webhook::idempotency;

use crate::time;

/// Stripe cannot deliver an event again that is older.
const KEPT: Duration = idempotency::RETENTION;

/// So few that no event has to wait for long.
const PRUNED_AT_ONCE: i64 = 500;

/// Deletes deliveries, event records and counts of refusals that are older than 35 days.
pub async fn prune(pool: &AnyPool) -> Result<(), sqlx::Error> {
    idempotency::prune(pool, KEPT).await?;
    prune_deliveries(pool).await?;
    let minute = time::now() - i64::try_from(KEPT.as_secs()).unwrap_or(i64::MAX);
    sqlx::query("DELETE FROM refusals WHERE minute < $1").bind(minute).execute(pool).await?;
    Ok(())
}

async fn prune_deliveries(pool: &AnyPool) -> Result<(), sqlx::Error> {
    let before = time::row_id_before(KEPT);
    loop {
        let deleted = sqlx::query(
            "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1 ORDER BY id LIMIT $2)",
        )
        .bind(&*before)
        .bind(PRUNED_AT_ONCE)
        .execute(pool)
        .await?;
        if deleted.rows_affected() < PRUNED_AT_ONCE.unsigned_abs() {
            return Ok(());
        }
    }
}
