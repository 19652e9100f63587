//! A type-erased secret provider.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::request::Parts;

use super::{SecretProvider, SigningSecrets};
use crate::error::BoxError;

pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send + 'a>>;

/// A type-erased [`SecretProvider`].
///
/// Use it for a provider that is chosen at run time, or for a struct that is not generic over its
/// provider. Clones share the provider. It costs one allocation per call.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EnvSecret, SigningSecret, secret::SharedSecretProvider};
///
/// # let local = true;
/// let provider = if local {
///     SharedSecretProvider::new(SigningSecret::new("whsec_local")?)
/// } else {
///     SharedSecretProvider::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"))
/// };
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[derive(Clone)]
pub struct SharedSecretProvider(Arc<dyn DynSecretProvider>);

impl SharedSecretProvider {
    /// Erases the provider's type.
    pub fn new(provider: impl SecretProvider) -> Self {
        Self(Arc::new(provider))
    }
}

impl SecretProvider for SharedSecretProvider {
    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
        self.0.secrets(head).await
    }

    async fn newer_secrets(
        &self,
        head: &Parts,
        tried: &SigningSecrets,
    ) -> Result<Option<SigningSecrets>, BoxError> {
        self.0.newer_secrets(head, tried).await
    }
}

impl fmt::Debug for SharedSecretProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecretProvider").finish_non_exhaustive()
    }
}

/// [`SecretProvider`] with boxed futures, so that it can be a trait object.
trait DynSecretProvider: Send + Sync {
    fn secrets<'a>(&'a self, head: &'a Parts) -> BoxFuture<'a, SigningSecrets>;
    fn newer_secrets<'a>(
        &'a self,
        head: &'a Parts,
        tried: &'a SigningSecrets,
    ) -> BoxFuture<'a, Option<SigningSecrets>>;
}

impl<P: SecretProvider> DynSecretProvider for P {
    fn secrets<'a>(&'a self, head: &'a Parts) -> BoxFuture<'a, SigningSecrets> {
        Box::pin(SecretProvider::secrets(self, head))
    }

    fn newer_secrets<'a>(
        &'a self,
        head: &'a Parts,
        tried: &'a SigningSecrets,
    ) -> BoxFuture<'a, Option<SigningSecrets>> {
        Box::pin(SecretProvider::newer_secrets(self, head, tried))
    }
}
