//! The table `signing_secrets`.

use sqlx::{AnyConnection, AnyPool, Executor};
use tower_stripe_webhook::{Mode, SigningSecret};

use super::Database;
use crate::{
    secrets::{Added, MAX_SECRETS, SecretsError},
    time,
};

/// Returns a mode's secrets with the times of their addition, the newest first.
pub async fn all(pool: &AnyPool, mode: Mode) -> Result<Vec<(SigningSecret, i64)>, SecretsError> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT secret, added_at FROM signing_secrets WHERE livemode = $1 ORDER BY ordinal DESC",
    )
    .bind(i64::from(mode.is_live()))
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(|(secret, added_at)| Ok((SigningSecret::new(secret)?, added_at))).collect()
}

/// Returns the ids of a mode's secrets. They do not change until the transaction ends.
pub async fn locked_ids(
    database: &Database,
    transaction: &mut AnyConnection,
    mode: Mode,
) -> Result<Vec<String>, sqlx::Error> {
    if let Some(lock) = database.lock_secrets {
        transaction.execute(lock).await?;
    }
    sqlx::query_scalar("SELECT id FROM signing_secrets WHERE livemode = $1")
        .bind(i64::from(mode.is_live()))
        .fetch_all(transaction)
        .await
}

/// Adds a secret, unless it is already stored or there are [`MAX_SECRETS`].
pub async fn add(
    database: &Database,
    mode: Mode,
    secret: &SigningSecret,
) -> Result<Added, SecretsError> {
    let mut tx = database.begin().await?;
    lock(&mut tx, mode).await?;
    if !insert(&mut tx, mode, secret).await? {
        return Ok(Added::Known);
    }
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM signing_secrets WHERE livemode = $1")
        .bind(i64::from(mode.is_live()))
        .fetch_one(&mut *tx)
        .await?;
    if usize::try_from(count).is_ok_and(|count| count > MAX_SECRETS) {
        return Err(SecretsError::TooMany);
    }
    tx.commit().await?;
    Ok(Added::New)
}

/// Replaces all secrets of a mode. A secret that is already stored keeps its time of addition.
pub async fn replace(
    database: &Database,
    mode: Mode,
    secret: &SigningSecret,
) -> Result<(), sqlx::Error> {
    let mut tx = database.begin().await?;
    lock(&mut tx, mode).await?;
    sqlx::query("DELETE FROM signing_secrets WHERE livemode = $1 AND id <> $2")
        .bind(i64::from(mode.is_live()))
        .bind(secret.id().as_str())
        .execute(&mut *tx)
        .await?;
    insert(&mut tx, mode, secret).await?;
    tx.commit().await
}

/// Returns `false` if there is no such secret.
pub async fn remove(database: &Database, mode: Mode, id: &str) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query("DELETE FROM signing_secrets WHERE livemode = $1 AND id = $2")
        .bind(i64::from(mode.is_live()))
        .bind(id)
        .execute(database.writer())
        .await?;
    Ok(removed.rows_affected() == 1)
}

/// Locks the mode's secrets against other changes until the transaction ends.
async fn lock(connection: &mut AnyConnection, mode: Mode) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO signing_secret_locks (livemode) VALUES ($1)
         ON CONFLICT (livemode) DO UPDATE SET livemode = excluded.livemode",
    )
    .bind(i64::from(mode.is_live()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns `false` if the secret is already stored.
async fn insert(
    connection: &mut AnyConnection,
    mode: Mode,
    secret: &SigningSecret,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO signing_secrets (livemode, id, secret, added_at, ordinal) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (livemode, id) DO NOTHING",
    )
    .bind(i64::from(mode.is_live()))
    .bind(secret.id().as_str())
    .bind(secret.expose_secret())
    .bind(time::now())
    .bind(time::new_row_id())
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}
