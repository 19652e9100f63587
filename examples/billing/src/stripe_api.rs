//! Stripe's API, from which the objects of events are fetched.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use rustls::crypto::ring;
use tower::{ServiceBuilder, retry::RetryLayer};
use tower_stripe_webhook::api::{
    ApiBaseUrl, ApiKey, ApiRetryPolicy, ApiVersion, SharedApiClient, StripeApi,
};

/// The timeout of all requests for one event. Includes their retries, and the time in which they
/// wait because of `MAX_CONCURRENT`. Leaves time for the body and the transaction within the
/// timeout of the webhook request.
pub const FETCH_TIMEOUT: Duration = Duration::from_secs(8);

/// The timeout of all requests for a snapshot event, which can be handled without a fetch.
pub const SNAPSHOT_FETCH_TIMEOUT: Duration = Duration::from_secs(3);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The limit of concurrent requests. At 100 ms per request these are 100 per second, which is
/// Stripe's limit in live mode.
const MAX_CONCURRENT: usize = 10;

/// The maximum size of a response, in bytes. Stripe's objects have some kB.
const MAX_ANSWER: usize = 1024 * 1024;

/// The access to Stripe's API, from the environment.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    pub key: ApiKey,
    pub base_url: ApiBaseUrl,
    pub version: ApiVersion,
}

impl ApiSettings {
    /// Makes a client. It does not follow redirects.
    pub fn client(self) -> Result<SharedApiClient, rustls::Error> {
        let client: Client<_, Full<Bytes>> =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector()?);
        let client = ServiceBuilder::new()
            .layer(RetryLayer::new(ApiRetryPolicy::new().with_deadline(FETCH_TIMEOUT)))
            // Inside the retries, so that a request that waits to be retried does not count.
            .concurrency_limit(MAX_CONCURRENT)
            .service(client);
        let api = StripeApi::new(self.key, client)
            .with_base_url(self.base_url)
            .with_version(self.version)
            .with_timeout(FETCH_TIMEOUT)
            .with_max_response_size(MAX_ANSWER);
        Ok(SharedApiClient::new(api))
    }
}

/// Trusts Mozilla's root certificates. Accepts plain http, because [`ApiBaseUrl`] only allows it for
/// a loopback address.
fn connector() -> Result<HttpsConnector<HttpConnector>, rustls::Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
    tcp.set_nodelay(true);
    // Named, because another dependency may add a second provider to rustls.
    let https =
        HttpsConnectorBuilder::new().with_provider_and_webpki_roots(ring::default_provider())?;
    Ok(https.https_or_http().enable_http1().wrap_connector(tcp))
}
