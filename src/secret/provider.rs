//! Where the layer asks for signing secrets.

use std::{future::Future, sync::Arc};

use http::request::Parts;

use super::{SigningSecret, SigningSecrets};
use crate::error::BoxError;

/// Gives the layer the signing secrets for a request.
///
/// The layer asks after the request's head was found in order and before a byte of its body is read, so a slow answer
/// delays the request and nothing else. There is no deadline: one that belongs to the source, such as a pool's acquire
/// timeout, is the provider's to keep.
///
/// | answer | means | Stripe gets |
/// |---|---|---|
/// | `Ok` with secrets | check the request against each of them | as the check goes |
/// | `Ok` with none | no secret is set (yet) | `503` with `Retry-After` |
/// | `Err` | the source failed; the error is the [source](std::error::Error::source) of the [`Rejection`](crate::Rejection), and not shown to the sender | `503` with `Retry-After` |
///
/// Stripe repeats what it could not deliver, for up to three days in live mode, so an event waits until the secret is
/// there.
///
/// Write the methods as `async fn`. There is a list of promises that every provider of this crate keeps, in
/// `tests/providers.rs`.
///
/// The trait has `async fn`s, so there is no `dyn SecretProvider`:
/// [`SharedSecretProvider`](crate::secret::SharedSecretProvider) erases the type, and
/// [`secret_provider_fn`](crate::secret::secret_provider_fn) makes a provider from a closure. Under axum's `Router::nest` the
/// head has the path below the nest, as everything there has.
///
/// # Examples
///
/// From a database, with sqlx 0.9. `Cached` spares it a query for each request. (`ignore`, because
/// sqlx is no dependency of this crate's tests.)
///
/// ```ignore
/// use http::request::Parts;
/// use tower_stripe_webhook::{
///     BoxError, Cached, SecretProvider, SigningSecret, SigningSecrets, StripeWebhookLayer,
/// };
///
/// struct SqlSecrets(sqlx::PgPool);
///
/// impl SecretProvider for SqlSecrets {
///     async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
///         let rows: Vec<(String, String)> =
///             sqlx::query_as("SELECT id, secret FROM stripe_webhook_secret ORDER BY created_at DESC")
///                 .fetch_all(&self.0)
///                 .await?;
///         rows.into_iter()
///             .map(|(id, secret)| Ok(SigningSecret::new(secret)?.with_id(id).with_source("database")))
///             .collect()
///     }
/// }
///
/// let layer = StripeWebhookLayer::new(Cached::new(SqlSecrets(pool)));
/// ```
///
/// The request's head tells tenants apart, by path, host or header; `CachedByKey` does so and
/// keeps the answers:
///
/// ```
/// use http::request::Parts;
/// use tower_stripe_webhook::{BoxError, SecretProvider, SigningSecret, SigningSecrets};
/// # struct Database;
/// # impl Database {
/// #     async fn webhook_secrets(&self, tenant: &str) -> std::io::Result<Vec<String>> { Ok(vec![]) }
/// # }
///
/// struct TenantSecrets {
///     database: Database,
/// }
///
/// impl SecretProvider for TenantSecrets {
///     async fn secrets(
///         &self,
///         head: &Parts,
///     ) -> Result<SigningSecrets, BoxError> {
///         let tenant = head.uri.path().rsplit('/').next().unwrap_or_default();
///         let secrets = self.database.webhook_secrets(tenant).await?;
///         Ok(secrets.into_iter().map(SigningSecret::new).collect::<Result<_, _>>()?)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not provide signing secrets",
    label = "must implement `SecretProvider`",
    note = "a `SigningSecret`, `SigningSecrets`, an `EnvSecret`, `secret_provider_fn(closure)` and an `Arc` or a `Box` \
            of a provider do"
)]
pub trait SecretProvider: Send + Sync + 'static {
    /// The secrets that may have signed the request with this `head`.
    ///
    /// # Errors
    ///
    /// Whatever went wrong while they were fetched. Do not answer with no secrets instead: that means that none is set.
    fn secrets(&self, head: &Parts) -> impl Future<Output = Result<SigningSecrets, BoxError>> + Send;

    /// The secrets that have come since `tried`, if the provider keeps a copy that may be behind its source.
    ///
    /// The layer asks once for each request that none of `tried` has signed, and checks the request again if there is
    /// an answer: so a secret that was set a moment ago, on another node or in Stripe's dashboard, works with its first
    /// delivery. Forged requests lead here too, so an implementation limits how often it asks its source.
    ///
    /// The default is `None`, which is right for every provider that has no copy.
    ///
    /// # Errors
    ///
    /// Whatever went wrong while they were fetched: the request is then answered `503`, because it may be genuine.
    fn newer_secrets(
        &self,
        head: &Parts,
        tried: &SigningSecrets,
    ) -> impl Future<Output = Result<Option<SigningSecrets>, BoxError>> + Send {
        let _ = (head, tried);
        async { Ok(None) }
    }
}

impl SecretProvider for SigningSecrets {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.clone())
    }
}

impl SecretProvider for SigningSecret {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.clone().into())
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<P: SecretProvider> SecretProvider for $pointer {
            async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, BoxError> {
                (**self).secrets(head).await
            }

            async fn newer_secrets(
                &self,
                head: &Parts,
                tried: &SigningSecrets,
            ) -> Result<Option<SigningSecrets>, BoxError> {
                (**self).newer_secrets(head, tried).await
            }
        }
    )*};
}

forward!(Arc<P>, Box<P>, &'static P);
