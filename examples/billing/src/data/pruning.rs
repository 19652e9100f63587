//! Deletes rows that are too old to matter.

use std::time::Duration;

use sqlx::{Any, AnyPool, Encode, Type};
use tower_stripe_webhook::idempotency;

use crate::time;

/// Longer than Stripe can deliver an event again.
const RETENTION: Duration = idempotency::RETENTION;

/// The rows that one statement deletes: few, so that no event waits for long.
const BATCH_SIZE: i64 = 500;

/// Deletes deliveries, event records, counts of rejections, and reversals of unknown payments that
/// are older than 35 days, and sessions that have expired.
///
/// Returns what was not deleted: an error in one table does not stop the others.
pub async fn prune(pool: &AnyPool) -> Vec<(&'static str, sqlx::Error)> {
    let now = time::now();
    let oldest = now - i64::try_from(RETENTION.as_secs()).unwrap_or(i64::MAX);
    let sessions = "DELETE FROM sessions WHERE expires_at <= $1";
    let refusals = "DELETE FROM refusals WHERE minute < $1";
    let deliveries = "DELETE FROM deliveries WHERE id IN (SELECT id FROM deliveries WHERE id < $1 ORDER BY id LIMIT $2)";
    // The outer condition is checked again for a row that an event has locked in the meantime.
    let payments =
        "DELETE FROM credit_payments WHERE unmatched_at < $1 AND (livemode, payment_id) IN
            (SELECT livemode, payment_id FROM credit_payments WHERE unmatched_at < $1 LIMIT $2)";
    [
        ("sessions", sqlx::query(sessions).bind(now).execute(pool).await.map(drop)),
        ("event records", idempotency::prune_events(pool, RETENTION).await.map(drop)),
        ("deliveries", delete_in_batches(pool, deliveries, time::row_id_at(oldest)).await),
        ("counts of rejections", sqlx::query(refusals).bind(oldest).execute(pool).await.map(drop)),
        ("reversals of unknown payments", delete_in_batches(pool, payments, oldest).await),
    ]
    .into_iter()
    .filter_map(|(rows, pruned)| Some((rows, pruned.err()?)))
    .collect()
}

/// Runs a statement that deletes at most [`BATCH_SIZE`] rows before `oldest`, until a batch is not
/// full.
async fn delete_in_batches<T>(
    pool: &AnyPool,
    sql: &'static str,
    oldest: T,
) -> Result<(), sqlx::Error>
where
    T: Clone + Send + Type<Any> + for<'q> Encode<'q, Any> + 'static,
{
    loop {
        let deleted = sqlx::query(sql).bind(oldest.clone()).bind(BATCH_SIZE).execute(pool).await?;
        if deleted.rows_affected() < BATCH_SIZE.unsigned_abs() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::Executor;

    use super::*;
    use crate::data::{Database, DatabaseUrl};

    const MINUTE: Duration = Duration::from_secs(60);

    async fn add_rows_of_age(pool: &AnyPool, age: Duration) {
        let then = time::now() - i64::try_from(age.as_secs()).unwrap();
        sqlx::query(
            "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, secret_id)
             VALUES ($1, 'evt_1', 'invoice.paid', 0, $2, 'applied', '0a1b2c3d')",
        )
        .bind(time::row_id_at(then))
        .bind(then)
        .execute(pool)
        .await
        .unwrap();
        sqlx::query("INSERT INTO stripe_webhook_events (event_key, recorded_at) VALUES ($1, $2)")
            .bind(format!("event//{then}"))
            .bind(then)
            .execute(pool)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO refusals (kind, minute, count, last_message, last_at) VALUES ('invalid_json', $1, 1, '', $1)",
        )
        .bind(then)
        .execute(pool)
        .await
        .unwrap();
        for (payment, unmatched_at) in [("unknown", Some(then)), ("bought", None)] {
            sqlx::query("INSERT INTO credit_payments (livemode, payment_id, unmatched_at) VALUES (0, $1, $2)")
                .bind(format!("pi_{payment}_{then}"))
                .bind(unmatched_at)
                .execute(pool)
                .await
                .unwrap();
        }
    }

    async fn counts(pool: &AnyPool) -> [i64; 5] {
        let mut counts = [0; 5];
        let tables = [
            "SELECT COUNT(*) FROM deliveries",
            "SELECT COUNT(*) FROM stripe_webhook_events",
            "SELECT COUNT(*) FROM refusals",
            "SELECT COUNT(*) FROM credit_payments WHERE payment_id LIKE 'pi_unknown%'",
            "SELECT COUNT(*) FROM credit_payments WHERE payment_id LIKE 'pi_bought%'",
        ];
        for (count, sql) in counts.iter_mut().zip(tables) {
            *count = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
        }
        counts
    }

    #[tokio::test]
    async fn only_rows_older_than_35_days_are_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::open(&DatabaseUrl::in_folder(folder.path())).await.unwrap();
        let pool = database.writer();
        // More than one batch.
        for minutes in 1..=600 {
            add_rows_of_age(pool, RETENTION + minutes * MINUTE).await;
        }
        for age in [RETENTION - MINUTE, MINUTE] {
            add_rows_of_age(pool, age).await;
        }
        assert_eq!(counts(pool).await, [602; 5]);
        // An error in one table does not stop the others.
        pool.execute("DROP TABLE sessions").await.unwrap();
        let failed: Vec<_> = prune(pool).await.into_iter().map(|(rows, _)| rows).collect();
        assert_eq!(failed, ["sessions"]);
        assert_eq!(counts(pool).await, [2, 2, 2, 2, 602]);
        database.close().await;
    }
}
