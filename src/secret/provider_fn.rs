//! A secret provider made from a closure.

use std::{fmt, future::Future};

use http::request::Parts;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

/// Makes a [`SecretProvider`] from a closure.
///
/// It works like `tower::service_fn`. The future cannot borrow from the head: copy what it needs
/// before the `async` block.
///
/// # Example
///
/// ```
/// use http::request::Parts;
/// use tower_stripe_webhook::{
///     SigningSecret, SigningSecrets, StripeWebhookLayer, secret::secret_provider_fn,
/// };
///
/// let layer = StripeWebhookLayer::new(secret_provider_fn(|head: &Parts| {
///     let live = head.uri.path().ends_with("/live");
///     async move {
///         let file = if live { "/etc/stripe/live" } else { "/etc/stripe/test" };
///         let secret = std::fs::read_to_string(file)?;
///         Ok(SigningSecrets::from(SigningSecret::new(secret.trim_end())?))
///     }
/// }));
/// ```
pub fn secret_provider_fn<F, Fut>(f: F) -> SecretProviderFn<F>
where
    F: Fn(&Parts) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<SigningSecrets, BoxError>> + Send,
{
    SecretProviderFn(f)
}

/// A [`SecretProvider`] made from a closure by [`secret_provider_fn`].
#[derive(Clone, Copy)]
pub struct SecretProviderFn<F>(F);

impl<F, Fut> SecretProvider for SecretProviderFn<F>
where
    F: Fn(&Parts) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<SigningSecrets, BoxError>> + Send,
{
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        (self.0)(head).await
    }
}

impl<F> fmt::Debug for SecretProviderFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SecretProviderFn")
            .field(&format_args!("{}", std::any::type_name::<F>()))
            .finish()
    }
}
