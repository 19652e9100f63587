//! A type-erased client of Stripe's API.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{ApiClient, ApiError, ApiRequest, ApiResponse};

/// A type-erased [`ApiClient`].
///
/// Use it for a client that is chosen at run time, or for a struct that is not generic over its
/// client. Clones share the client. It costs one allocation per call.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::api::{ApiClient, SharedApiClient};
///
/// struct AppState {
///     stripe: Option<SharedApiClient>,
/// }
///
/// fn state(stripe: impl ApiClient) -> AppState {
///     AppState { stripe: Some(SharedApiClient::new(stripe)) }
/// }
/// ```
#[derive(Clone)]
pub struct SharedApiClient(Arc<dyn DynApiClient>);

impl SharedApiClient {
    /// Erases the client's type.
    pub fn new(client: impl ApiClient) -> Self {
        Self(Arc::new(client))
    }
}

impl ApiClient for SharedApiClient {
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        self.0.get(request).await
    }
}

impl fmt::Debug for SharedApiClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedApiClient").finish_non_exhaustive()
    }
}

type BoxFuture<'a> = Pin<Box<dyn Future<Output = Result<ApiResponse, ApiError>> + Send + 'a>>;

/// [`ApiClient`] with boxed futures, so that it can be a trait object.
trait DynApiClient: Send + Sync {
    fn get<'a>(&'a self, request: &'a ApiRequest) -> BoxFuture<'a>;
}

impl<C: ApiClient> DynApiClient for C {
    fn get<'a>(&'a self, request: &'a ApiRequest) -> BoxFuture<'a> {
        Box::pin(ApiClient::get(self, request))
    }
}
