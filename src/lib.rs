//! Tower middleware that verifies Stripe webhook requests.
//!
//! [`StripeWebhookLayer`] goes on the route that Stripe calls. It checks each request against the
//! signing secrets of a [`SecretProvider`] and calls the inner service with a [`VerifiedEvent`] in
//! the request's extensions. All other requests are rejected before they reach the inner service.
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::post};
//! use tower_stripe_webhook::{
//!     DecodeError, EnvSecret, EventData, StripeWebhookLayer, VerifiedEvent,
//! };
//!
//! async fn receive(event: VerifiedEvent) -> Result<StatusCode, DecodeError> {
//!     if let EventData::InvoicePaid(invoice) = event.data()? {
//!         println!("paid: {:?}", invoice.subscription_id());
//!     }
//!     Ok(StatusCode::OK)
//! }
//!
//! let layer = StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"));
//! let app: Router = Router::new().route("/webhook", post(receive).route_layer(layer));
//! ```
//!
//! The module [`docs`] has the guides: getting started, secrets, duplicates and order, thin events,
//! recovery after an outage, testing, deployment, troubleshooting, migration and the threat model.
//!
//! # Request processing
//!
//! The layer first checks the head: the signature header, its timestamp, and `Content-Length`.
//! Then it asks the [`SecretProvider`] for the secrets. A request that fails here is rejected
//! before its body is polled. Then the layer reads the body within its limits, compares the
//! signatures in constant time, and parses the event's envelope. If no signature matches, it asks
//! the provider once for newer secrets and compares again.
//!
//! The inner service gets the same bytes as the body, and its response goes back unchanged. A
//! rejected request gets a status and a small JSON body whose message names the likely cause; the
//! [`Rejection`] is in the response's extensions. [`RejectionKind`] lists the kinds with their
//! statuses, [`StripeWebhookLayer`] the options with their defaults.
//!
//! [`verify`](verify()) does the same without HTTP, for an event that arrives through a queue or
//! in a Lambda's JSON.
//!
//! # Events
//!
//! [`Event::data`] decodes the object by the event's type: [`EventData`] has a variant for each
//! type of events that is about an object. The module [`event::object`] lists the objects, and
//! explains how one Rust type serves every API version. [`Event::object`] decodes into a type of
//! your own.
//!
//! A thin event names its object instead of containing it. The feature `api` fetches the object as
//! it is now, in the handler or in a layer; then the same `match` handles both kinds of events.
//!
//! Stripe delivers each event at least once, and in any order. With the module `idempotency`, your
//! app processes each event once, and exactly once in its own database transaction.
//! [`Event::recency`] compares an event with the one that was stored last.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `tokio` | yes | the timeout for reading a body, `Cached`, `CachedByKey`, and `idempotency` with its store in memory. **Without it, reading a body never times out**, unless the server has a timeout |
//! | `axum` | | for axum 0.8: [`VerifiedEvent`] as an extractor, [`DecodeError`] as a response. Without it, `Extension<VerifiedEvent>` works |
//! | `tracing` | | one `tracing` event for each decision: `DEBUG` for an accepted event, `WARN` for a rejection and for secrets that could not be loaded |
//! | `sqlite`, `postgres` | | `idempotency` in your own transaction, and with a store in the database. sqlx 0.9 is in public signatures; needs Rust 1.94 |
//! | `redis` | | `idempotency` with a store in Redis. redis 1 is in public signatures |
//! | `api` | | `api`: fetch the current object of an event from Stripe's API, over any Tower HTTP client, with a retry policy. tower 0.5 is in public signatures |
//! | `recovery` | | `recovery`: list the events that were missed, and replay them through the app's own service. futures-core 0.3 is in public signatures |
//! | `test-util` | | `test_util`: sign payloads, build signed requests, stop the clock, sample events; with `api`, a fake of Stripe's API |
//!
#![cfg_attr(
    not(all(feature = "axum", feature = "recovery", feature = "sqlite", feature = "test-util")),
    doc = "[`docs`]: https://docs.rs/tower-stripe-webhook/latest/tower_stripe_webhook/docs/"
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub, clippy::unwrap_used)]

// Each module uses those below it only: recovery → api, idempotency, and beside them layer → service, extract →
// admission, verify, trace → sign, response → verified_event, rejection → secret → signature,
// body_memory, body, event, clock, error, printable
mod admission;
#[cfg(feature = "api")]
#[cfg_attr(docsrs, doc(cfg(feature = "api")))]
pub mod api;
mod body;
#[cfg(feature = "tokio")]
mod body_memory;
pub mod clock;
#[cfg(all(
    any(doc, doctest, test),
    feature = "api",
    feature = "axum",
    feature = "recovery",
    feature = "sqlite",
    feature = "test-util"
))]
pub mod docs;
mod error;
pub mod event;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod extract;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod idempotency;
mod layer;
mod printable;
#[cfg(feature = "recovery")]
#[cfg_attr(docsrs, doc(cfg(feature = "recovery")))]
pub mod recovery;
pub mod rejection;
pub mod response;
pub mod secret;
pub mod service;
mod sign;
mod signature;
#[cfg(feature = "test-util")]
#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
pub mod test_util;
mod trace;
mod verified_event;
mod verify;

#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use self::secret::Cached;
pub use self::{
    error::BoxError,
    event::{DecodeError, Event, EventData, EventType, Mode},
    layer::StripeWebhookLayer,
    rejection::{Rejection, RejectionKind},
    secret::{EnvSecret, SecretProvider, SigningSecret, SigningSecrets},
    service::StripeWebhook,
    sign::sign,
    signature::Tolerance,
    verified_event::{Verification, VerifiedEvent},
    verify::{verify, verify_signature},
};

#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
