//! Requests to Stripe's API, over any Tower HTTP client.
//!
//! A thin event links to its object instead of containing it. An [`ApiClient`] gets the object.

mod client;
mod error;
mod request;
mod response;

pub use self::{
    client::ApiClient,
    error::{ApiError, ApiErrorKind},
    request::{ApiRequest, ApiScope, InvalidPath},
    response::ApiResponse,
};
