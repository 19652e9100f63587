//! The table `refusals`: how many requests were turned away, by kind and minute.

use sqlx::AnyPool;

use crate::refusals::Refused;

/// Adds to a count.
pub async fn add(pool: &AnyPool, kind: &str, minute: i64, refused: &Refused) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refusals (kind, minute, count, last_message, last_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, minute) DO UPDATE SET count = refusals.count + excluded.count,
             last_message = excluded.last_message, last_at = excluded.last_at",
    )
    .bind(kind)
    .bind(minute)
    .bind(refused.count)
    .bind(&*refused.last_message)
    .bind(refused.last_at)
    .execute(pool)
    .await?;
    Ok(())
}
