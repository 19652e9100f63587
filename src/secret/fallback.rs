//! One provider, and another for when it has no secret.

use http::request::Parts;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// Asks one provider, and another if the first has no secret: the database first, then the environment.
///
/// | the first says | then |
/// |---|---|
/// | secrets | these count, and the second's do not |
/// | none | the second's count |
/// | an error | it is the answer, because nobody knows whether the first has secrets. With [`with_fallback_on_error`](Self::with_fallback_on_error) the second's count, and if it has none the error is the answer |
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
    /// Asks `first`, and `second` if it has no secret.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second, with_fallback_on_error: false }
    }

    /// Asks the second provider also if the first fails.
    ///
    /// A secret that was taken out of the first then counts again while the first is down, if the second has it still.
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

    async fn newer_secrets(&self, head: &Parts, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        let mut error = match self.first.newer_secrets(head, tried).await {
            Ok(Some(secrets)) if !secrets.is_empty() => return Ok(Some(secrets)),
            Ok(_) => None,
            Err(error) if self.with_fallback_on_error => Some(error),
            Err(error) => return Err(error),
        };
        // The second's count only while the first has none.
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
            // The request may be genuine, as far as anybody can tell.
            (None, Some(error)) => Err(error),
            (newer, _) => Ok(newer),
        }
    }
}

impl<A: SecretProvider, B: SecretProvider> Fallback<A, B> {
    async fn newer_of_second(&self, head: &Parts, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        if let Some(secrets) = self.second.newer_secrets(head, tried).await? {
            return Ok(Some(secrets));
        }
        // What was tried may be what the first had until a moment ago.
        let secrets = self.second.secrets(head).await?;
        Ok(secrets.contains_other_than(tried).then_some(secrets))
    }
}
