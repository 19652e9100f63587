//! Signing secrets from a channel that the app feeds.

use http::request::Parts;
use tokio::sync::watch::Receiver;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// The secrets that were sent last: for an app that learns of changes by itself, as from its own admin page.
///
/// ```
/// use tokio::sync::watch;
/// use tower_stripe_webhook::{SigningSecret, SigningSecrets, StripeWebhookLayer};
///
/// let (sender, receiver) = watch::channel(SigningSecrets::default());
/// let layer = StripeWebhookLayer::new(receiver);
///
/// // Later: in force with the next request.
/// sender.send_replace(SigningSecret::new("whsec_new")?.into());
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
impl SecretProvider for Receiver<SigningSecrets> {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.borrow().clone())
    }

    async fn newer_secrets(&self, _: &Parts, tried: &SigningSecrets) -> Result<Option<SigningSecrets>, BoxError> {
        let current = self.borrow().clone();
        Ok(current.contains_other_than(tried).then_some(current))
    }
}
