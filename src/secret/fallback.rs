//! A provider with a fallback.

use http::request::Parts;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// A provider that asks a second one if the first has no secret.
///
/// For example, it asks the database first, then the environment.
///
/// | first provider | result |
/// |---|---|
/// | secrets | these secrets |
/// | no secrets | the second provider's answer |
/// | error | the error, because the first provider may have secrets |
/// | error, with [`with_fallback_on_error`](Self::with_fallback_on_error) | the second provider's secrets, or the first one's error if the second has none |
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{
///     EnvSecret, SigningSecrets, StripeWebhookLayer,
///     secret::{Fallback, secret_provider_fn},
/// };
///
/// # async fn secrets_in_the_database() -> Result<SigningSecrets, tower_stripe_webhook::BoxError> { Ok(SigningSecrets::default()) }
/// let database = secret_provider_fn(|_| secrets_in_the_database());
/// let layer = StripeWebhookLayer::new(Fallback::new(database, EnvSecret::new("STRIPE_WEBHOOK_SECRET")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fallback<A, B> {
    first: A,
    second: B,
    with_fallback_on_error: bool,
}

impl<A: SecretProvider, B: SecretProvider> Fallback<A, B> {
    /// Makes a provider that asks `first`, and `second` if `first` has no secret.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second, with_fallback_on_error: false }
    }

    /// Asks the second provider also if the first one fails.
    ///
    /// While the first provider is down, a secret that was removed from it is accepted again if the
    /// second one has it.
    #[must_use]
    pub fn with_fallback_on_error(mut self) -> Self {
        self.with_fallback_on_error = true;
        self
    }
}

impl<A: SecretProvider, B: SecretProvider> SecretProvider for Fallback<A, B> {
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        match self.first.secrets(head).await {
            Ok(secrets) if secrets.is_empty() => self.second.secrets(head).await,
            Err(error) if self.with_fallback_on_error => {
                let secrets = self.second.secrets(head).await?;
                if secrets.is_empty() { Err(error) } else { Ok(secrets) }
            }
            answer => answer,
        }
    }

    async fn newer_secrets(
        &self,
        head: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        let mut error = match self.first.newer_secrets(head, tried).await {
            Ok(Some(secrets)) if !secrets.is_empty() => return Ok(Some(secrets)),
            Ok(_) => None,
            Err(error) if self.with_fallback_on_error => Some(error),
            Err(error) => return Err(error),
        };
        // The second provider's secrets only count while the first has none.
        let second_counts = match self.first.secrets(head).await {
            Ok(secrets) => secrets.is_empty(),
            Err(latest) if self.with_fallback_on_error => {
                error = Some(latest);
                true
            }
            Err(error) => return Err(error),
        };
        let newer = if second_counts { self.newer_of_second(head, tried).await? } else { None };
        match (newer, error) {
            // The failing provider may have a secret that matches, so the request may be genuine.
            (None, Some(error)) => Err(error),
            (newer, _) => Ok(newer),
        }
    }
}

impl<A: SecretProvider, B: SecretProvider> Fallback<A, B> {
    async fn newer_of_second(
        &self,
        head: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        if let Some(secrets) = self.second.newer_secrets(head, tried).await? {
            return Ok(Some(secrets));
        }
        // The secrets that were tried may be the first provider's, which has none by now.
        let secrets = self.second.secrets(head).await?;
        Ok(secrets.contains_other_than(tried).then_some(secrets))
    }
}
