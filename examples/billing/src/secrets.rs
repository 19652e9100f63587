//! The signing secrets in force: the database's for the mode that is served, and the environment's while it has none.

use std::{fmt, time::Duration};

use axum::http::request::Parts;
use sqlx::AnyConnection;
use thiserror::Error;
use tower_stripe_webhook::{
    BoxError, Cached, SecretProvider, SigningSecret, SigningSecrets,
    secret::{CacheOptions, Fallback, SecretId, SigningSecretError},
};

use crate::{
    data::{
        Database, deliveries,
        secrets::{self as table, StoredSecret},
    },
    mode::Mode,
};

/// Each costs an HMAC over the body of every request.
pub const MAX_SECRETS: usize = 10;

/// How soon a secret that was changed on another node works here if nothing asks for it. A delivery that is signed with it asks.
const REFRESH_AFTER: Duration = Duration::from_secs(10);

/// None: a secret that was changed on another node a moment ago works with its first delivery, whatever was sent before. Forged
/// requests may so cause queries, but one at a time.
const MISMATCH_INTERVAL: Duration = Duration::ZERO;

/// Clones share what is in force.
#[derive(Clone)]
pub struct Secrets {
    database: Database,
    mode: Mode,
    environment: SigningSecrets,
    in_force: Cached<Fallback<DatabaseSecrets, SigningSecrets>>,
}

impl Secrets {
    pub fn new(database: Database, mode: Mode, environment: SigningSecrets) -> Self {
        let source = DatabaseSecrets { database: database.clone(), mode };
        let options =
            CacheOptions::default().with_refresh_after(REFRESH_AFTER).with_mismatch_interval(MISMATCH_INTERVAL);
        let in_force = Cached::with_options(Fallback::new(source, environment.clone()), options);
        Self { database, mode, environment, in_force }
    }

    /// For the webhook's layer.
    pub fn provider(&self) -> impl SecretProvider + use<> {
        self.in_force.clone()
    }

    /// Whether a secret that has signed an event is in force still: another node may have taken it out since this one has last asked.
    pub async fn has(&self, connection: &mut AnyConnection, id: &SecretId) -> Result<bool, sqlx::Error> {
        let stored = table::ids(connection, self.mode).await?;
        if stored.is_empty() {
            return Ok(self.environment.ids().any(|known| known == id));
        }
        Ok(stored.iter().any(|known| known == id.as_str()))
    }

    /// Those in force, the newest first, for people to see.
    pub async fn list(&self) -> Result<Vec<SecretInfo>, SecretsError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        let mut secrets: Vec<_> = stored.iter().map(SecretInfo::of_database).collect();
        if secrets.is_empty() {
            secrets = self.environment.iter().map(SecretInfo::of_environment).collect();
        }
        for secret in &mut secrets {
            secret.last_used_at = deliveries::last_signed_by(self.database.reader(), &secret.id).await?;
        }
        Ok(secrets)
    }

    /// Whether the environment has a secret, for the time in which the database has none.
    pub fn environment_is_set(&self) -> bool {
        !self.environment.is_empty()
    }

    /// The newest in force, for an event that this program signs itself.
    pub async fn newest(&self) -> Result<Option<SigningSecret>, SecretsError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        match stored.into_iter().next() {
            Some(newest) => Ok(Some(SigningSecret::new(newest.secret)?)),
            None => Ok(self.environment.iter().next().cloned()),
        }
    }

    /// Puts a secret into the place of all that the database has for the mode. In force when this returns.
    pub async fn replace(&self, secret: &str) -> Result<(), SecretsError> {
        let secret = SigningSecret::new(secret)?;
        table::replace(&self.database, self.mode, &secret).await?;
        self.put_in_force().await
    }

    /// Puts a secret beside those that the database has for the mode. In force when this returns.
    pub async fn add(&self, secret: &str) -> Result<(Added, SecretInfo), SecretsError> {
        let secret = SigningSecret::new(secret)?;
        let added = table::add(&self.database, self.mode, &secret).await?;
        self.put_in_force().await?;
        let listed = self.list().await?.into_iter().find(|info| info.id == secret.id().as_str());
        // Another node may have removed it by now.
        Ok((added, listed.ok_or(SecretsError::Unknown)?))
    }

    /// Removes one from the database. No event that is signed with it is accepted once this returns.
    pub async fn remove(&self, id: &str) -> Result<(), SecretsError> {
        if !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SecretsError::Unknown);
        }
        if table::remove(&self.database, self.mode, id).await? {
            return self.put_in_force().await;
        }
        let is_environments = self.list().await?.iter().any(|secret| secret.id == id);
        Err(if is_environments { SecretsError::OfEnvironment } else { SecretsError::Unknown })
    }

    async fn put_in_force(&self) -> Result<(), SecretsError> {
        self.in_force.refresh().await.map_err(|error| {
            // The change is stored: rather no secret for a moment than one that was removed.
            self.in_force.invalidate();
            SecretsError::NotInForce(error)
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("mode", &self.mode).field("in_force", &self.in_force).finish_non_exhaustive()
    }
}

/// Whether a secret that was added had been there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    New,
    Known,
}

/// A secret as people may see it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct SecretInfo {
    pub id: String,
    pub preview: String,
    pub source: Source,
    pub added_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

/// Where a secret came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Database,
    Environment,
}

impl SecretInfo {
    fn of_database(stored: &StoredSecret) -> Self {
        Self {
            id: stored.id.clone(),
            preview: preview(&stored.secret),
            source: Source::Database,
            added_at: Some(stored.added_at),
            last_used_at: None,
        }
    }

    fn of_environment(secret: &SigningSecret) -> Self {
        Self {
            id: secret.id().as_str().to_owned(),
            preview: preview(secret.expose_secret()),
            source: Source::Environment,
            added_at: None,
            last_used_at: None,
        }
    }
}

/// `whsec_…` and the last two characters, by which an operator tells secrets apart.
fn preview(secret: &str) -> String {
    let hidden = secret.strip_prefix("whsec_").unwrap_or_default();
    let last_two = hidden.len().checked_sub(2).and_then(|start| hidden.get(start..)).unwrap_or_default();
    format!("whsec_…{last_two}")
}

/// Why secrets were not changed or listed.
#[derive(Debug, Error)]
pub enum SecretsError {
    #[error(transparent)]
    NotASigningSecret(#[from] SigningSecretError),
    #[error("there is no secret with this id")]
    Unknown,
    #[error(
        "this secret comes from the environment variable STRIPE_WEBHOOK_SECRET: unset it and start the program again to \
         remove it, or set a secret here, before which it does not count"
    )]
    OfEnvironment,
    #[error(
        "there are {MAX_SECRETS} secrets already, and each makes every request slower: remove one that is not used"
    )]
    TooMany,
    #[error("the secrets are stored, but could not be read back")]
    NotInForce(#[source] BoxError),
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
}

/// What the database has for the mode.
#[derive(Debug)]
struct DatabaseSecrets {
    database: Database,
    mode: Mode,
}

impl SecretProvider for DatabaseSecrets {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        let stored = table::all(self.database.reader(), self.mode).await?;
        Ok(stored.into_iter().map(|stored| SigningSecret::new(stored.secret)).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::preview;

    #[test]
    fn a_preview_shows_the_last_two_characters_and_never_more() {
        assert_eq!(preview("whsec_Bqk2Uj0QZzR1hmYd"), "whsec_…Yd");
        assert_eq!(preview("whsec_ab"), "whsec_…ab");
        assert_eq!(preview("whsec_a"), "whsec_…");
    }
}
