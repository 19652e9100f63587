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
/// | an error | it is the answer, because nobody knows whether the first has secrets. With [`past_errors`](Self::past_errors) the second's count, and if it has none the error is the answer |
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EnvSecret, Fallback, SigningSecrets, StripeWebhookLayer, secret_provider_fn};
///
/// # async fn secrets_in_the_database() -> Result<SigningSecrets, tower_stripe_webhook::BoxError> { Ok(SigningSecrets::default()) }
/// let database = secret_provider_fn(|_| secrets_in_the_database());
/// let layer = StripeWebhookLayer::new(Fallback::new(database, EnvSecret::new("STRIPE_WEBHOOK_SECRET")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Fallback<A, B> {
    first: A,
    second: B,
    past_errors: bool,
}

impl<A: SecretProvider, B: SecretProvider> Fallback<A, B> {
    /// Asks `first`, and `second` if it has no secret.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second, past_errors: false }
    }

    /// Asks the second provider also if the first fails.
    ///
    /// A secret that was taken out of the first then counts again while the first is down, if the second has it still.
    #[must_use]
    pub fn past_errors(mut self) -> Self {
        self.past_errors = true;
        self
    }
}

impl<A: SecretProvider, B: SecretProvider> SecretProvider for Fallback<A, B> {
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        match self.first.secrets(head).await {
            Ok(secrets) if secrets.is_empty() => self.second.secrets(head).await,
            Err(error) if self.past_errors => {
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
            Err(error) if self.past_errors => Some(error),
            Err(error) => return Err(error),
        };
        // The second's count only while the first has none.
        let second_counts = match self.first.secrets(head).await {
            Ok(secrets) => secrets.is_empty(),
            Err(latest) if self.past_errors => {
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
        Ok(secrets.has_more_than(tried).then_some(secrets))
    }
}
