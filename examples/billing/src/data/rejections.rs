//! The table `refusals`: counts of rejected requests by kind and minute.

use sqlx::AnyPool;

/// The rejections of one kind in one minute.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Rejections {
    /// The error code in the responses.
    pub kind: String,
    /// In Unix seconds.
    pub minute: i64,
    pub count: i64,
    pub last_message: String,
    pub last_at: i64,
}

/// Adds to the count of a kind and minute.
pub async fn add(pool: &AnyPool, added: &Rejections) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refusals (kind, minute, count, last_message, last_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (kind, minute) DO UPDATE SET count = refusals.count + excluded.count,
             last_message = excluded.last_message, last_at = excluded.last_at",
    )
    .bind(&added.kind)
    .bind(added.minute)
    .bind(added.count)
    .bind(&added.last_message)
    .bind(added.last_at)
    .execute(pool)
    .await?;
    Ok(())
}

/// Returns the newest counts first.
pub async fn last(pool: &AnyPool, limit: i64) -> Result<Vec<Rejections>, sqlx::Error> {
    sqlx::query_as(
        "SELECT kind, minute, count, last_message, last_at FROM refusals ORDER BY minute DESC, last_at DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await
}

/// Counts the rejections since `since` by periods of `seconds` seconds. A period is numbered from
/// 1970.
pub async fn counts(
    pool: &AnyPool,
    since: i64,
    seconds: i64,
) -> Result<Vec<(i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT minute / $1 AS period, CAST(SUM(count) AS BIGINT) AS count
         FROM refusals WHERE minute >= $2 GROUP BY period",
    )
    .bind(seconds)
    .bind(since)
    .fetch_all(pool)
    .await
}
