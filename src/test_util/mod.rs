//! Helpers for tests: signed requests, samples, a fixed clock and a fake API.
//!
//! Use them to test your own handler. Enable the feature `test-util` in `[dev-dependencies]`.
//!
//! - [`samples`] has an event of each type, whose values can be changed, and the life of a
//!   subscription as a list of events.
//! - [`signed_request`] makes a request as Stripe sends it, and [`sign`] only its signature header.
//!   The signed time is in whole seconds.
//! - [`thin_twin`] makes the thin event of a snapshot event.
//! - `FakeApi`, with the feature `api`, is a fake of Stripe's API.
//! - [`FixedClock`] makes the check of the timestamp independent of the real time.
//! - [`verified_event`] makes a [`VerifiedEvent`](crate::VerifiedEvent), for a function that takes
//!   one. Objects such as [`Invoice`](crate::event::object::Invoice) implement `Deserialize`.
//!
//! `check_secret_provider` and `check_idempotency_store` check your own implementation of a trait
//! against the trait's contract. They also need the feature `tokio`, which is on by default.
//!
//! # Example
//!
//! This tests an axum app without a server and without Stripe:
//!
//! ```
//! use std::time::{Duration, SystemTime};
//!
//! use axum::{Router, http::StatusCode, routing::post};
//! use tower::ServiceExt;
//! use tower_stripe_webhook::{
//!     SigningSecret, StripeWebhookLayer, VerifiedEvent,
//!     test_util::{FixedClock, samples},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = SigningSecret::new("whsec_test")?;
//! let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
//! let app: Router = Router::new()
//!     .route("/webhook", post(|event: VerifiedEvent| async move { event.id().to_owned() }))
//!     .route_layer(StripeWebhookLayer::new(secret.clone()).with_clock(FixedClock::new(now)));
//!
//! let event = samples::invoice_paid().customer("cus_1");
//! let response = app.oneshot(event.signed_request("/webhook", &secret, now)).await?;
//! assert_eq!(response.status(), StatusCode::OK);
//! # Ok(())
//! # }
//! ```

mod clock;
#[cfg(feature = "api")]
mod fake_api;
#[cfg(feature = "tokio")]
mod idempotency_store;
pub mod samples;
#[cfg(feature = "tokio")]
mod secret_provider;
mod signing;
mod thin_twin;
mod verified_event;

#[cfg(feature = "api")]
#[cfg_attr(docsrs, doc(cfg(feature = "api")))]
pub use self::fake_api::{
    FakeApi, FakeApiFailure, FakeApiGate, FakeApiRequest, FakeConnectionError,
};
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use self::idempotency_store::check_idempotency_store;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use self::secret_provider::{SecretProviderFixture, check_secret_provider};
pub use self::{
    clock::FixedClock,
    signing::{sign, signed_request},
    thin_twin::thin_twin,
    verified_event::verified_event,
};
