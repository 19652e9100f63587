//! Tower middleware that hands your handler verified, typed Stripe webhook events.
//!
//! Add [`StripeWebhookLayer`] to the route that Stripe calls. It reads the body, checks the `Stripe-Signature` header against
//! the secrets of a [`SecretProvider`], and puts a [`VerifiedEvent`] into the request's extensions. Everything that Stripe did
//! not sign is turned away before your handler sees it.
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::post};
//! use tower_stripe_webhook::{
//!     DecodeError, EnvSecret, EventData, StripeWebhookLayer, VerifiedEvent,
//! };
//!
//! async fn receive(event: VerifiedEvent) -> Result<StatusCode, DecodeError> {
//!     match event.data()? {
//!         EventData::CheckoutSessionCompleted(session) if session.is_paid() => {
//!             println!("{:?} has paid {:?}", session.email(), session.amount_total);
//!         }
//!         EventData::InvoicePaid(invoice) => println!("{:?} is paid for", invoice.subscription_id()),
//!         _ => {}
//!     }
//!     Ok(StatusCode::OK)
//! }
//!
//! let layer = StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET"));
//! let app: Router = Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layer));
//! ```
//!
//! # The way of a request
//!
//! | step | turned away with |
//! |---|---|
//! | 1. read the one `Stripe-Signature` header: its timestamp and its `v1` signatures | `400` |
//! | 2. hold the timestamp against the clock, to the past and to the future (300 s) | `400` |
//! | 3. hold `Content-Length` against the limit (2 MiB) | `413` |
//! | 4. ask the [`SecretProvider`] for the signing secrets | `503` and `Retry-After` |
//! | 5. read the body, at most the limit, within the deadline (10 s) | `413`, `408`, `400`; `503` if a bound for the memory of bodies is set and used up |
//! | 6. compare the signatures in constant time; if none matches, ask the provider once for newer secrets | `400`; `503` if that fails |
//! | 7. read the event's envelope: `id`, `type`, `data.object` | `400` |
//! | 8. call the inner service: [`VerifiedEvent`] in the extensions, the same bytes as the body | |
//!
//! The head decides first: a request with a wrong head is answered before a byte of its body is asked for, and costs next to
//! nothing. From step 8 on everything is the app's, and its status goes back to Stripe unchanged.
//!
//! A request that is turned away gets a small JSON body whose message names the likely mistake, because Stripe's dashboard shows
//! it; the [`Rejection`] is also in the response's extensions.
//!
//! # Events
//!
//! [`Event::data`] types the object by the event's type: [`EventData`] has a variant for each type of the families
//! `checkout.session.*`, `customer.*`, `invoice.*`, `payment_intent.*`, `charge.*` and `refund.*`, and [`event::object`] says how the same Rust
//! type serves every API version. [`Event::object`] decodes into a type of yours.
//!
//! **Events come more than once and in any order.** Stripe delivers at least once, now and then tells one fact by two events, and events
//! that happen together arrive in parallel. `idempotency` makes your handler do the same thing once, exactly once in your own database
//! transaction; and [`Event::recency`] keeps you from taking what arrives last for what happened last.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `tokio` | yes | the deadline for reading a body, `Cached`, `CachedByKey`, and `idempotency` with its store in memory. **Without it a body may take for ever**, unless the server has a deadline |
//! | `axum` | | for axum 0.8: [`VerifiedEvent`] as an extractor, [`DecodeError`] as a response; `Extension<VerifiedEvent>` works without |
//! | `tracing` | | one `tracing` event for each decision: `DEBUG` for an accepted event, `WARN` for a request turned away and for a load of secrets that failed |
//! | `sqlite`, `postgres` | | `idempotency` in your own transaction, and with a store in the database; sqlx 0.9 is in public signatures; they need Rust 1.94 |
//! | `redis` | | `idempotency` with a store in Redis; redis 1 is in public signatures |
//! | `test-util` | | `test_util`: sign payloads, build signed requests, stop the clock, sample events |
//!
//! # Without HTTP
//!
//! [`verify`] is the same path without the layer, for an event that came through a queue or in a Lambda's JSON.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(unreachable_pub, clippy::unwrap_used)]

// Each module uses those below it only:
// idempotency, and beside it layer → service, extract → admission, verify, trace → response → verified_event, rejection →
// secret → signature, body, event, clock, error, printable
mod admission;
mod body;
#[cfg(feature = "tokio")]
mod body_memory;
pub mod clock;
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
pub mod rejection;
pub mod response;
pub mod secret;
pub mod service;
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
    signature::Tolerance,
    verified_event::{Verification, VerifiedEvent},
    verify::{verify, verify_signature},
};

// Its examples use every feature that brings one.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct ReadmeDoctests;
