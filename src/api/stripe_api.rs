//! The client of Stripe's API over any Tower HTTP client.

use std::{fmt, future::poll_fn, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use tokio::time::timeout;
use tower_service::Service;

use super::{
    ApiBaseUrl, ApiClient, ApiError, ApiErrorKind, ApiKey, ApiRequest, ApiResponse, ApiVersion,
    deadline::Deadline,
    http_request::http_request,
    http_response::{self, without_key},
};
use crate::error::BoxError;

/// An [`ApiClient`] that sends its requests with a Tower HTTP client.
///
/// The HTTP client is a `Service<Request<Full<Bytes>>>` that can be cloned: the client of
/// hyper-util, or reqwest's as shown below. Put the layers of your choice around it, such as a
/// concurrency limit, a rate limit, traces, and [`ApiRetryPolicy`](super::ApiRetryPolicy).
///
/// | option | default |
/// |---|---|
/// | [`with_version`](Self::with_version) | `2026-10-28.endive`, for which this crate's objects are made |
/// | [`with_timeout`](Self::with_timeout) | 10 s, with all retries |
/// | [`with_max_response_size`](Self::with_max_response_size) | 8 MiB |
/// | [`with_base_url`](Self::with_base_url) | `https://api.stripe.com` |
///
/// # Safety of the key
///
/// The key is only sent to the base URL. A redirect is never followed; it is an
/// [`UnexpectedResponse`](ApiErrorKind::UnexpectedResponse). So the HTTP client must not follow
/// redirects either: hyper-util's does not, reqwest's needs `Policy::none()`. The header
/// `Authorization` is marked as sensitive, so that layers that log headers do not show it. No
/// `Debug` text and no error has the key.
///
/// # Requests
///
/// A request has the headers of Stripe's own libraries: `Authorization: Bearer …`,
/// `Stripe-Version`, `Accept: application/json`, `User-Agent`, and depending on the
/// [`ApiRequest`] `Stripe-Account` or `Stripe-Context`, and `Stripe-Request-Trigger`.
///
/// # Answers
///
/// | answer | result |
/// |---|---|
/// | `2xx` with a JSON object | [`ApiResponse`] |
/// | `401` | [`Authentication`](ApiErrorKind::Authentication) |
/// | `403` | [`Permission`](ApiErrorKind::Permission) |
/// | `404` with the code `resource_missing` or `not_found` | [`NotFound`](ApiErrorKind::NotFound) |
/// | `404` because a key of the other mode was used | [`WrongMode`](ApiErrorKind::WrongMode) |
/// | `429`, `400` with the code `rate_limit` | [`RateLimited`](ApiErrorKind::RateLimited) |
/// | any other `4xx` | [`InvalidRequest`](ApiErrorKind::InvalidRequest) |
/// | `5xx` | [`Stripe`](ApiErrorKind::Stripe) |
/// | `1xx`, `3xx`; a `2xx` that is too long, no JSON object, or an error | [`UnexpectedResponse`](ApiErrorKind::UnexpectedResponse) |
/// | none, or a body that breaks off | [`Transport`](ApiErrorKind::Transport) |
/// | none in time | [`Timeout`](ApiErrorKind::Timeout) |
///
/// # Examples
///
/// With hyper-util's client and retries. For `https`, use the connector of the crate hyper-rustls
/// or hyper-tls instead of `HttpConnector`.
///
/// ```
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use hyper_util::{
///     client::legacy::{Client, connect::HttpConnector},
///     rt::TokioExecutor,
/// };
/// use tower::{ServiceBuilder, retry::RetryLayer};
/// use tower_stripe_webhook::api::{ApiKey, ApiRetryPolicy, StripeApi};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client: Client<HttpConnector, Full<Bytes>> =
///     Client::builder(TokioExecutor::new()).build(HttpConnector::new());
/// let client = ServiceBuilder::new()
///     .layer(RetryLayer::new(ApiRetryPolicy::new()))
///     .concurrency_limit(20)
///     .service(client);
/// let api = StripeApi::new(ApiKey::new("rk_test_Bqk2Uj0QZzR1hmYd")?, client);
/// # let _ = api;
/// # Ok(())
/// # }
/// ```
///
/// With reqwest 0.13. The example is not compiled, because this crate does not depend on reqwest.
/// Each request is a `GET` without a body.
///
/// ```ignore
/// use bytes::Bytes;
/// use http_body_util::Full;
/// use tower::{ServiceBuilder, ServiceExt, retry::RetryLayer};
/// use tower_stripe_webhook::api::{ApiKey, ApiRetryPolicy, StripeApi};
///
/// let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
/// let client = ServiceBuilder::new()
///     .layer(RetryLayer::new(ApiRetryPolicy::new()))
///     .map_request(|request: http::Request<Full<Bytes>>| {
///         reqwest::Request::try_from(request.map(|_| "")).expect("StripeApi makes valid URLs")
///     })
///     .map_response(http::Response::<reqwest::Body>::from)
///     .service(client);
/// let api = StripeApi::new(ApiKey::from_env("STRIPE_API_KEY")?, client);
/// ```
#[derive(Clone)]
pub struct StripeApi<C> {
    key: ApiKey,
    http_client: C,
    version: ApiVersion,
    base_url: ApiBaseUrl,
    timeout: Duration,
    max_response_size: usize,
}

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

const DEFAULT_MAX_RESPONSE_SIZE: usize = 8 * 1024 * 1024;

impl<C> StripeApi<C> {
    /// Makes a client of an API key and an HTTP client.
    pub fn new(key: ApiKey, http_client: C) -> Self {
        Self {
            key,
            http_client,
            version: ApiVersion::default(),
            base_url: ApiBaseUrl::default(),
            timeout: DEFAULT_TIMEOUT,
            max_response_size: DEFAULT_MAX_RESPONSE_SIZE,
        }
    }

    /// Sets the version of Stripe's API, which decides the form of the objects of API v1.
    #[must_use]
    pub fn with_version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// Sets the server that gets the requests, for a fake in tests or for a proxy.
    #[must_use]
    pub fn with_base_url(mut self, base_url: ApiBaseUrl) -> Self {
        self.base_url = base_url;
        self
    }

    /// Sets the time in which a request has to be answered, with its body and with all retries.
    ///
    /// Stripe waits only some seconds for the response to a webhook, names no limit, and delivers an
    /// event again whose response is late. The time for a request is part of it. So use a shorter
    /// timeout if the handler itself takes long, and a longer one only for work outside of a
    /// webhook's response, such as in a queue.
    ///
    /// With `Duration::MAX`, a request may take any time.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the maximal size of an answer's body, in bytes.
    ///
    /// A longer one is an [`UnexpectedResponse`](ApiErrorKind::UnexpectedResponse). Stripe's
    /// objects have some kB.
    #[must_use]
    pub fn with_max_response_size(mut self, bytes: usize) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Returns the API key.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Returns the version of Stripe's API.
    pub fn version(&self) -> &ApiVersion {
        &self.version
    }

    /// Returns the server that gets the requests.
    pub fn base_url(&self) -> &ApiBaseUrl {
        &self.base_url
    }
}

impl<C, B> ApiClient for StripeApi<C>
where
    C: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
    B: Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
{
    async fn get(&self, request: &ApiRequest) -> Result<ApiResponse, ApiError> {
        let mut http_request = http_request(request, &self.base_url, &self.key, &self.version)?;
        if let Some(deadline) = Deadline::after(self.timeout) {
            http_request.extensions_mut().insert(deadline);
        }
        let answer = async {
            let response =
                oneshot(self.http_client.clone(), http_request).await.map_err(|error| {
                    let transport = ApiError::new(ApiErrorKind::Transport);
                    match without_key(error.into(), &self.key) {
                        Some(source) => transport.with_source(source),
                        None => transport,
                    }
                })?;
            http_response::read(response, self.max_response_size, &self.key).await
        };
        timeout(self.timeout, answer)
            .await
            .unwrap_or_else(|_| Err(ApiError::new(ApiErrorKind::Timeout)))
    }
}

/// Waits until the service is ready, and calls it.
async fn oneshot<S, R>(mut service: S, request: R) -> Result<S::Response, S::Error>
where
    S: Service<R>,
{
    poll_fn(|cx| service.poll_ready(cx)).await?;
    service.call(request).await
}

/// The HTTP client is not shown, because it may hold anything.
impl<C> fmt::Debug for StripeApi<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeApi")
            .field("key", &self.key)
            .field("version", &self.version.as_str())
            .field("base_url", &self.base_url)
            .field("timeout", &self.timeout)
            .field("max_response_size", &self.max_response_size)
            .finish_non_exhaustive()
    }
}
