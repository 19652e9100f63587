//! The trait for access to Stripe's API.

use std::{future::Future, sync::Arc};

use super::{ApiError, ApiRequest, ApiResponse};

/// Access to Stripe's API: sends a `GET` request and returns the JSON of the answer.
///
/// [`StripeApi`](super::StripeApi) implements it over a Tower HTTP client. Implement it yourself to
/// add a cache, or to answer from a test's own data. Write the method as an `async fn`. For a trait
/// object use [`SharedApiClient`](super::SharedApiClient), because a trait with `async fn`s has no
/// `dyn` form.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no client of Stripe's API",
    label = "must implement `ApiClient`",
    note = "`StripeApi::new(api_key, http_client)` makes one of any Tower HTTP client; an `Arc` or a `Box` of a client \
            is one, too"
)]
pub trait ApiClient: Send + Sync + 'static {
    /// Sends the request.
    ///
    /// # Errors
    ///
    /// [`ApiError`] for every answer but a `2xx`. A missing object has the kind
    /// [`NotFound`](super::ApiErrorKind::NotFound).
    fn get(
        &self,
        request: &ApiRequest,
    ) -> impl Future<Output = Result<ApiResponse, ApiError>> + Send;
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<C: ApiClient> ApiClient for $pointer {
            async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
                (**self).get(request).await
            }
        }
    )*};
}

forward!(Arc<C>, Box<C>, &'static C);
