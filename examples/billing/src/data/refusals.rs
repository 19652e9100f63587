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

/// The refusals of one kind in one minute.
#[derive(Debug, sqlx::FromRow)]
pub struct Refusal {
    pub kind: String,
    pub minute: i64,
    pub count: i64,
    pub last_message: String,
    pub last_at: i64,
}

/// The last ones, the newest first.
pub async fn last(pool: &AnyPool, limit: i64) -> Result<Vec<Refusal>, sqlx::Error> {
    sqlx::query_as(
        "SELECT kind, minute, count, last_message, last_at FROM refusals ORDER BY minute DESC, last_at DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// How many were refused since `since`, by periods of so many seconds: the period's number since 1970, and the count.
pub async fn counts(pool: &AnyPool, since: i64, seconds: i64) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT minute / $1 AS period, CAST(SUM(count) AS BIGINT) AS count
         FROM refusals WHERE minute >= $2 GROUP BY period",
    )
    .bind(seconds)
    .bind(since)
    .fetch_all(pool)
    .await
}
