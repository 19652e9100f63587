//! Fetch the objects of events from Stripe's API, over any Tower HTTP client.
//!
//! A thin event links to its object instead of containing it. A snapshot event contains the object
//! as it was when the event occurred, and events arrive in any order. In both cases the handler
//! often needs the object as it is now. An [`ApiClient`] gets it: [`StripeApi`] from Stripe, with an
//! [`ApiKey`] and the HTTP client of your choice. [`ApiRetryPolicy`] retries requests that failed.
//!
//! # In the handler
//!
//! [`Event::fetch`](crate::Event::fetch) takes the place of [`Event::data`](crate::Event::data). It
//! serves both kinds of events:
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Router, extract::State, http::StatusCode, routing::post};
//! use tower_stripe_webhook::{
//!     EnvSecret, EventData, StripeWebhookLayer, VerifiedEvent,
//!     api::{ApiClient, FetchError},
//! };
//!
//! async fn receive<A: ApiClient>(
//!     State(api): State<Arc<A>>,
//!     event: VerifiedEvent,
//! ) -> Result<StatusCode, FetchError> {
//!     match event.fetch(&api).await? {
//!         EventData::InvoicePaid(invoice) => println!("renew {:?}", invoice.subscription_id()),
//!         EventData::Deleted(object) => println!("remove {} {}", object.object_type(), object.id()),
//!         _ => {}
//!     }
//!     Ok(StatusCode::OK)
//! }
//!
//! fn app<A: ApiClient>(api: A) -> Router {
//!     let layer = StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"));
//!     Router::new().route("/webhook", post(receive::<A>).route_layer(layer)).with_state(Arc::new(api))
//! }
//! ```
//!
//! | method of [`Event`](crate::Event) | fetches |
//! |---|---|
//! | [`fetch`](crate::Event::fetch) | the object, typed by the event's type |
//! | [`fetch_object`](crate::Event::fetch_object) | the object, into a type of the app's |
//! | [`fetch_current`](crate::Event::fetch_current) | the object, as an event that carries it, and its JSON |
//! | [`fetch_linked`](crate::Event::fetch_linked) | an object that the object links to |
//! | [`fetch_data`](crate::Event::fetch_data) | the `data` of a thin event, which 14 types have |
//!
//! # As a layer
//!
//! [`FetchLayer`] fetches the object before it calls the handler. Then
//! [`Event::data`](crate::Event::data) is typed for both kinds of events, and the handler does not
//! depend on the kind. The order of the layers, from the outside, is:
//!
//! 1. [`StripeWebhookLayer`](crate::StripeWebhookLayer) verifies the request.
//! 2. [`IdempotencyLayer`](crate::idempotency::IdempotencyLayer) answers duplicates, for which
//!    nothing has to be fetched. If the fetch fails, it releases its claim, and Stripe delivers the
//!    event again.
//! 3. [`FetchLayer`] fetches the object.
//! 4. The handler is called.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use axum::{Router, body::to_bytes, routing::post};
//! use tower::{ServiceBuilder, ServiceExt};
//! use tower_stripe_webhook::{
//!     DecodeError, EventData, SigningSecret, StripeWebhookLayer, VerifiedEvent,
//!     api::{ApiKey, FetchLayer, StripeApi},
//!     idempotency::{IdempotencyLayer, MemoryStore},
//!     test_util::{FakeApi, signed_request},
//! };
//!
//! async fn receive(event: VerifiedEvent) -> Result<String, DecodeError> {
//!     Ok(match event.data()? {
//!         EventData::CustomerUpdated(customer) => format!("write to {:?}", customer.email()),
//!         EventData::Deleted(object) => format!("remove {}", object.id()),
//!         _ => String::new(),
//!     })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Instead of the HTTP client of the app.
//! let http_client = FakeApi::new();
//! http_client.insert("/v1/customers/cus_1", r#"{"id":"cus_1","object":"customer","email":"new@example.com"}"#);
//!
//! let secret = SigningSecret::new("whsec_test")?;
//! let api = StripeApi::new(ApiKey::new("rk_test_123")?, http_client);
//! let layers = ServiceBuilder::new()
//!     .layer(StripeWebhookLayer::new(secret.clone()))
//!     .layer(IdempotencyLayer::new(MemoryStore::new()))
//!     .layer(FetchLayer::new(api).with_snapshot_events(true));
//! let app: Router = Router::new().route("/webhook", post(receive).route_layer(layers));
//!
//! let event = r#"{"id":"evt_1","object":"event","type":"customer.updated","created":1795447000,
//!     "data":{"object":{"id":"cus_1","object":"customer","email":"old@example.com"}}}"#;
//! let response = app.oneshot(signed_request("/webhook", event, &secret, SystemTime::now())).await?;
//! let body = to_bytes(response.into_body(), 1024).await?;
//! assert_eq!(body, r#"write to Some("new@example.com")"#);
//! # Ok(())
//! # }
//! ```
//!
//! # What is checked
//!
//! - The path comes from a signed event but is checked as any input: see [`ApiRequest::new`].
//! - The request is scoped to the account of the event ([`ApiScope`]), so that an event of one
//!   account is never fetched with another's.
//! - An API key of the other mode than the event's is an error ([`ApiErrorKind::WrongMode`]). Stripe
//!   would answer that the object does not exist.
//! - The answer must be the object that was asked for: its id, its type and its mode are those that
//!   the event states. Anything else is [`ApiErrorKind::UnexpectedResponse`].
//! - An object that no longer exists is not an error but
//!   [`EventData::Deleted`](crate::EventData::Deleted): Stripe answers `404` with its code
//!   `resource_missing` (`not_found` in API v2), or an object with `"deleted": true`. Any other
//!   `404`, such as a proxy's, is an error.

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
mod list_query;
mod paths;
pub(crate) mod percent;
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
    list_query::ListQuery,
    request::{ApiRequest, ApiScope, InvalidPath},
    response::ApiResponse,
    retry::ApiRetryPolicy,
    shared::SharedApiClient,
    stripe_api::StripeApi,
    version::{ApiVersion, InvalidApiVersion},
};
