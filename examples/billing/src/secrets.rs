//! The active signing secrets: those in the database for this mode, or those of the environment
//! while the database has none.

use std::{fmt, time::Duration};

use axum::http::{StatusCode, request::Parts};
use sqlx::AnyConnection;
use thiserror::Error;
use tower_stripe_webhook::{
    BoxError, Cached, Mode, SecretProvider, SigningSecret, SigningSecrets,
    secret::{CacheOptions, Fallback, SecretId, SigningSecretError},
};

use crate::data::{Database, deliveries, secrets as table};

/// Each secret costs an HMAC over the body of every request.
pub const MAX_SECRETS: usize = 10;

/// After this time the secrets are reloaded in the background, for changes by other nodes.
const REFRESH_AFTER: Duration = Duration::from_secs(10);

/// No pause between reloads after a signature mismatch: a secret that another node has just added
/// works with its first delivery. A forged request also causes a reload, but only one runs at a
/// time.
const MISMATCH_INTERVAL: Duration = Duration::ZERO;

/// The active secrets. Clones share the cache.
#[derive(Clone)]
pub struct Secrets {
    database: Database,
    mode: Mode,
    environment: SigningSecrets,
    cache: Cached<Fallback<DatabaseSecrets, SigningSecrets>>,
}

impl Secrets {
    pub fn new(database: Database, mode: Mode, environment: SigningSecrets) -> Self {
        let source = DatabaseSecrets { database: database.clone(), mode };
        let options = CacheOptions::default()
            .with_refresh_after(REFRESH_AFTER)
            .with_mismatch_interval(MISMATCH_INTERVAL);
        let cache = Cached::with_options(Fallback::new(source, environment.clone()), options);
        Self { database, mode, environment, cache }
    }

    /// Returns the provider for the webhook's layer.
    pub fn provider(&self) -> impl SecretProvider + use<> {
        self.cache.clone()
    }

    /// Returns whether the secret that signed an event is still active. It stays active until the
    /// transaction ends: removing it waits for that.
    ///
    /// The cache cannot tell: another node may have removed the secret since the last reload.
    pub async fn is_active(
        &self,
        transaction: &mut AnyConnection,
        id: &SecretId,
    ) -> Result<bool, sqlx::Error> {
        let stored = table::locked_ids(&self.database, transaction, self.mode).await?;
        if stored.is_empty() {
            return Ok(self.environment.ids().any(|known| known == id));
        }
        Ok(stored.iter().any(|known| known == id.as_str()))
    }

    /// Lists the active secrets, the newest first, without their values.
    pub async fn list(&self) -> Result<Vec<SecretInfo>, SecretsError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        let mut secrets: Vec<_> = match stored.is_empty() {
            false => stored.iter().map(|(secret, at)| SecretInfo::new(secret, Some(*at))).collect(),
            true => self.environment.iter().map(|secret| SecretInfo::new(secret, None)).collect(),
        };
        for secret in &mut secrets {
            let last = deliveries::last_signed_by(self.database.reader(), &secret.id).await?;
            (secret.last_used_at, secret.kind) = last.map(|last| (last.at, last.kind)).unzip();
        }
        Ok(secrets)
    }

    /// Returns whether the environment has a secret to fall back to.
    pub fn has_environment_secret(&self) -> bool {
        !self.environment.is_empty()
    }

    /// Returns the newest active secret, for test events that this program signs.
    pub async fn newest(&self) -> Result<Option<SigningSecret>, SecretsError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        let newest = stored.into_iter().next().map(|(secret, _)| secret);
        Ok(newest.or_else(|| self.environment.iter().next().cloned()))
    }

    /// Replaces all secrets of the mode in the database. Takes effect before this returns.
    pub async fn replace(&self, secret: &str) -> Result<(), SecretsError> {
        let secret = SigningSecret::new(secret)?;
        table::replace(&self.database, self.mode, &secret).await?;
        self.reload().await
    }

    /// Adds a secret to the mode's in the database. Takes effect before this returns.
    pub async fn add(&self, secret: &str) -> Result<(Added, SecretInfo), SecretsError> {
        let secret = SigningSecret::new(secret)?;
        let added = table::add(&self.database, self.mode, &secret).await?;
        self.reload().await?;
        let listed = self.list().await?.into_iter().find(|info| info.id == secret.id().as_str());
        // Another node may have removed it in the meantime.
        Ok((added, listed.ok_or(SecretsError::Unknown)?))
    }

    /// Removes a secret from the database. Once this returns, no event that only it has signed is
    /// applied.
    pub async fn remove(&self, id: &str) -> Result<(), SecretsError> {
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SecretsError::Unknown);
        }
        if table::remove(&self.database, self.mode, id).await? {
            return self.reload().await;
        }
        let is_in_environment = self.list().await?.iter().any(|secret| secret.id == id);
        Err(if is_in_environment { SecretsError::OfEnvironment } else { SecretsError::Unknown })
    }

    async fn reload(&self) -> Result<(), SecretsError> {
        self.cache.refresh().await.map_err(|error| {
            // The change is stored, so a removed secret must not stay in the cache.
            self.cache.invalidate();
            SecretsError::NotReloaded(error)
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets")
            .field("mode", &self.mode)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// Whether an added secret is new or was there before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    Known,
}

/// A secret without its value.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SecretInfo {
    pub id: String,
    pub preview: String,
    /// `database` or `environment`.
    pub source: &'static str,
    pub added_at: Option<i64>,
    pub last_used_at: Option<i64>,
    /// The kind of the events that it signs: `snapshot` or `thin`. `None` if it was never used.
    #[serde(skip)]
    pub kind: Option<String>,
}

impl SecretInfo {
    /// Describes a secret of the environment if it has no time of addition.
    fn new(secret: &SigningSecret, added_at: Option<i64>) -> Self {
        Self {
            id: secret.id().as_str().to_owned(),
            preview: preview(secret.expose_secret()),
            source: if added_at.is_some() { "database" } else { "environment" },
            added_at,
            last_used_at: None,
            kind: None,
        }
    }

    pub fn is_in_database(&self) -> bool {
        self.added_at.is_some()
    }
}

/// Returns `whsec_…` and the last two characters, by which an operator tells secrets apart.
fn preview(secret: &str) -> String {
    let hidden = secret.strip_prefix("whsec_").unwrap_or_default();
    let last_two =
        hidden.len().checked_sub(2).and_then(|start| hidden.get(start..)).unwrap_or_default();
    format!("whsec_…{last_two}")
}

/// An error while secrets are changed or listed.
#[derive(Debug, Error)]
pub enum SecretsError {
    #[error(transparent)]
    NotASigningSecret(#[from] SigningSecretError),
    #[error("there is no secret with this id")]
    Unknown,
    #[error(
        "this secret comes from the environment variable STRIPE_WEBHOOK_SECRET: unset it and start the program again to \
         remove it, or add a secret here, which replaces it"
    )]
    OfEnvironment,
    #[error(
        "there are {MAX_SECRETS} secrets already, and each makes every request slower: remove an unused one"
    )]
    TooMany,
    #[error("the change is stored, but the secrets could not be reloaded")]
    NotReloaded(#[source] BoxError),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

impl SecretsError {
    /// Returns the status of the response, and the error code in the API.
    pub fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotASigningSecret(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "not_a_signing_secret")
            }
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown_secret"),
            Self::OfEnvironment => (StatusCode::CONFLICT, "secret_of_environment"),
            Self::TooMany => (StatusCode::CONFLICT, "too_many_secrets"),
            Self::NotReloaded(_) | Self::Database(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "database_unavailable")
            }
        }
    }
}

/// The mode's secrets in the database.
#[derive(Debug)]
struct DatabaseSecrets {
    database: Database,
    mode: Mode,
}

impl SecretProvider for DatabaseSecrets {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        Ok(stored.into_iter().map(|(secret, _)| secret).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::preview;

    #[test]
    fn a_preview_shows_at_most_the_last_two_characters() {
        assert_eq!(preview("whsec_Bqk2Uj0QZzR1hmYd"), "whsec_…Yd");
        assert_eq!(preview("whsec_ab"), "whsec_…ab");
        assert_eq!(preview("whsec_a"), "whsec_…");
    }
}
