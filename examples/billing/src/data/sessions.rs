//! The table `sessions`: the portal's sessions. It only stores hashes, so reading it does not allow
//! taking over a session.

use sqlx::AnyPool;

#[derive(Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub expires_at: i64,
    /// The message for the next page, as JSON.
    pub flash: Option<String>,
}

pub async fn insert(pool: &AnyPool, token_hash: &str, expires_at: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO sessions (token_hash, expires_at) VALUES ($1, $2)")
        .bind(token_hash)
        .bind(expires_at)
        .execute(pool)
        .await?;
    Ok(())
}

pub async fn find(pool: &AnyPool, token_hash: &str) -> Result<Option<SessionRow>, sqlx::Error> {
    sqlx::query_as("SELECT expires_at, flash FROM sessions WHERE token_hash = $1")
        .bind(token_hash)
        .fetch_optional(pool)
        .await
}

pub async fn set_flash(
    pool: &AnyPool,
    token_hash: &str,
    flash: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE sessions SET flash = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(flash)
        .execute(pool)
        .await?;
    Ok(())
}

pub async fn delete(pool: &AnyPool, token_hash: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
        .bind(token_hash)
        .execute(pool)
        .await?;
    Ok(())
}
