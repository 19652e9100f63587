//! Requests to Stripe's API, over any Tower HTTP client.
//!
//! A thin event links to its object instead of containing it. An [`ApiClient`] gets the object:
//! [`StripeApi`] from Stripe, with an [`ApiKey`] and the HTTP client of your choice.
//! [`ApiRetryPolicy`] retries requests that failed.

mod base_url;
mod bounded;
mod client;
mod deadline;
mod error;
mod fetch;
mod fetch_data;
mod fetch_error;
mod fetch_layer;
mod headers;
mod http_request;
mod http_response;
mod key;
mod paths;
mod request;
mod response;
mod retry;
mod shared;
mod stripe_api;
mod target;
mod version;

pub use self::{
    base_url::{ApiBaseUrl, InvalidApiBaseUrl},
    client::ApiClient,
    error::{ApiError, ApiErrorKind},
    fetch_error::{FetchError, FetchErrorKind},
    fetch_layer::{Fetch, FetchFuture, FetchLayer},
    key::{ApiKey, ApiKeyError},
    request::{ApiRequest, ApiScope, InvalidPath},
    response::ApiResponse,
    retry::ApiRetryPolicy,
    shared::SharedApiClient,
    stripe_api::StripeApi,
    version::{ApiVersion, InvalidApiVersion},
};
