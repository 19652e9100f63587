//! Signing secrets from a channel that the app feeds.

use http::request::Parts;
use tokio::sync::watch::Receiver;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// Provides the secrets that the app sent last.
///
/// Use it for an app that knows when its secrets change, for example through its own admin page.
///
/// # Example
///
/// ```
/// use tokio::sync::watch;
/// use tower_stripe_webhook::{SigningSecret, SigningSecrets, StripeWebhookLayer};
///
/// let (sender, receiver) = watch::channel(SigningSecrets::default());
/// let layer = StripeWebhookLayer::new(receiver);
///
/// // Later. The next request uses the new secret.
/// sender.send_replace(SigningSecret::new("whsec_new")?.into());
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl SecretProvider for Receiver<SigningSecrets> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.borrow().clone())
    }

    async fn newer_secrets(
        &self,
        _: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        let current = self.borrow().clone();
        Ok(current.contains_other_than(tried).then_some(current))
    }
}
