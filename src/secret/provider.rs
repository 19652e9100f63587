//! The source from which the layer gets signing secrets.

use std::{future::Future, sync::Arc};

use http::request::Parts;

use super::{SigningSecret, SigningSecrets};
use crate::error::BoxError;

/// A source of signing secrets.
///
/// The layer asks it once per request, after it has checked the head and before it reads the body.
/// The layer applies no timeout: set one in the provider, for example the pool's acquire timeout.
///
/// | answer | meaning | response |
/// |---|---|---|
/// | `Ok` with secrets | the layer checks the request against each of them | depends on the check |
/// | `Ok` without secrets | no secret is set yet | `503` with `Retry-After` |
/// | `Err` | the source failed; the error is the [source](std::error::Error::source) of the [`Rejection`](crate::Rejection) and not shown to the sender | `503` with `Retry-After` |
///
/// In live mode, Stripe retries a failed delivery for up to three days, so an event is not lost
/// while the secret is missing.
///
/// Write the methods as `async fn`. `test_util::check_secret_provider` checks your provider against
/// this contract. For a trait object use
/// [`SharedSecretProvider`](crate::secret::SharedSecretProvider), because a trait with `async fn`s
/// has no `dyn` form. [`secret_provider_fn`](crate::secret::secret_provider_fn) makes a provider
/// from a closure. Under axum's `Router::nest`, the path in the head does not contain the prefix of
/// the nest.
///
/// # Examples
///
/// From a database, with sqlx 0.9. `Cached` saves a query for each request. The example is not
/// compiled, because sqlx is an optional dependency.
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
/// By tenant, which the path, host or a header of the request's head names. `CachedByKey` does this
/// with a cache:
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
    /// Returns the secrets against which the request with this `head` is checked.
    ///
    /// # Errors
    ///
    /// Any error of the source. Do not return empty secrets instead, which mean that no secret is
    /// set.
    fn secrets(
        &self,
        head: &Parts,
    ) -> impl Future<Output = Result<SigningSecrets, BoxError>> + Send;

    /// Returns newer secrets than `tried`, for a provider that caches.
    ///
    /// The layer calls it once for each request that matches none of `tried`, and checks the
    /// request again if there are newer secrets. So a secret that was set a moment ago, on another
    /// node or in Stripe's dashboard, works with its first delivery. Forged requests also cause
    /// calls, so an implementation has to limit how often it asks its source.
    ///
    /// The default returns `None`, which is right for a provider without a cache.
    ///
    /// # Errors
    ///
    /// Any error of the source. The request is then rejected with `503`, because it may be genuine.
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
