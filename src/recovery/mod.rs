//! Replay the events that were missed through the app's own service.
//!
//! Stripe retries a delivery for three days, then gives up, and it disables an endpoint that fails
//! for long. After a longer outage, a wrong secret over a weekend or a database restored from a
//! backup, the app has to fetch what it missed. [`Recovery`] does: it lists the events that Stripe
//! has, oldest first, and sends each to the app as a request that is signed with the app's own
//! secret. So the event takes the same path as a delivery: verification, idempotency, tracing, the
//! handler. What was handled before costs one look-up.
//!
//! The guide `docs::recovery` has the steps after an outage.
//!
//! # Example
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::post};
//! use tower::ServiceBuilder;
//! use tower_stripe_webhook::{
//!     SigningSecret, StripeWebhookLayer, VerifiedEvent,
//!     api::{ApiKey, StripeApi},
//!     idempotency::{IdempotencyLayer, MemoryStore},
//!     recovery::{EventFilter, Recovery, ReplayOutcome},
//!     test_util::FakeApi,
//! };
//!
//! async fn receive(event: VerifiedEvent) -> StatusCode {
//!     println!("{} {}", event.id(), event.event_type());
//!     StatusCode::OK
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = SigningSecret::new("whsec_test")?;
//! let layers = ServiceBuilder::new()
//!     .layer(StripeWebhookLayer::new(secret.clone()))
//!     .layer(IdempotencyLayer::new(MemoryStore::new()));
//! let app: Router = Router::new().route("/webhook", post(receive).route_layer(layers));
//!
//! // Instead of the HTTP client of the app.
//! let http_client = FakeApi::new();
//! # let created = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_secs() - 60;
//! http_client.insert_event(format!(
//!     r#"{{"id":"evt_1","object":"event","type":"invoice.paid","created":{created},"data":{{"object":{{}}}}}}"#,
//! ));
//!
//! let api = StripeApi::new(ApiKey::new("rk_test_123")?, http_client);
//! let recovery = Recovery::new(api, app, secret)
//!     .with_uri("/webhook".parse()?)
//!     .with_events(EventFilter::new());
//!
//! let report = recovery
//!     .run_with(|progress| println!("{}", progress.report().counts().listed()))
//!     .await;
//! assert_eq!(report.counts().of(ReplayOutcome::Applied), 1);
//! for event in report.failures() {
//!     println!("{}: {:?} {:?}", event.id(), event.status(), event.reason());
//! }
//!
//! // The next run begins where this one ended.
//! let recovery = recovery.with_events(EventFilter::new().with_cursor(report.cursor()));
//! let report = recovery.run().await;
//! assert_eq!(report.counts().of(ReplayOutcome::Duplicate), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Listing
//!
//! [`EventFilter`] says which events are listed, and [`EventStream`] lists them without a replay.
//!
//! | kind | list | undelivered only | types in a request |
//! |---|---|---|---|
//! | snapshot events | `GET /v1/events` | yes, by default | 20; more are listed in several requests |
//! | thin events | `GET /v2/core/events` | no | the same |
//!
//! - Both lists have the events of the last 30 days. The API key needs the read permission for
//!   events.
//! - Stripe's lists are newest first. The stream is oldest first, by [`created`]. It asks for spans of
//!   time that fit into one page, so it holds one page of each list, whatever the number of events.
//! - An event that is created while the stream is read is listed at its end. Events that arrive
//!   faster than the app handles them are left to the next run.
//! - The object in a listed snapshot event has the API version of
//!   [`StripeApi`](crate::api::StripeApi), and not that of the endpoint. The objects of this crate
//!   read both.
//! - A request that fails with `429`, `5xx` or no answer is retried for about a minute, with the
//!   delay in `Retry-After`. Use [`ApiRetryPolicy`](crate::api::ApiRetryPolicy) as well.
//! - A page of 100 events takes longer than an object, and no delivery waits for it. So give the
//!   client of a recovery a longer [timeout](crate::api::StripeApi::with_timeout), such as 30 s. If a
//!   page is longer than the client's limit, the stream asks for fewer events.
//! - If Stripe no longer knows the event at which a page begins, because it was delivered or removed
//!   meanwhile, the stream continues by the time of the last event.
//!
//! # Replay
//!
//! - Each request has the current time as its timestamp, and the bytes of the event as they are in
//!   the list.
//! - If the app rejects a signature, the recovery asks the provider once for newer secrets and signs
//!   again. If the app rejects that one, too, the run ends, because every event would be rejected.
//! - By default, four events are handled at a time, and 20 in a second. A handler does not depend on
//!   the order of events, as they arrive in any order from Stripe, too.
//! - An event that Stripe delivers at the same time is claimed by one of the two deliveries. The other
//!   one gets `409`, and the recovery waits until the event is done.
//! - To replay to a URL, pass a Tower HTTP client as the service, and the URL as
//!   [`with_uri`](Recovery::with_uri).
//!
//! # Nothing is lost
//!
//! A run may end early: the process dies, Stripe's API fails, or the app does. Run again. Every event
//! before the [cursor](Report::cursor) is settled; what is listed again is a duplicate. A run without a
//! cursor begins 30 days back, which is correct as well and takes one look-up for each event.
//!
//! This needs an idempotency record: an [`IdempotencyLayer`] with a store, or `idempotency::record`
//! in the handler. **Without one, a replay handles events again that were handled before.** Keep the
//! records for longer than the 30 days that Stripe lists. This crate's database stores and `record` keep them
//! for [35 days](crate::idempotency::RETENTION). `MemoryStore` loses them when the process ends: for
//! it, or for a store of your own that keeps them for less time, set
//! [`with_retention`](Recovery::with_retention). If the database is restored from a backup, its records
//! are those of the backup, as its data are, so both fit together.
//!
//! [`created`]: crate::Event::created
//! [`IdempotencyLayer`]: crate::idempotency::IdempotencyLayer

mod answer;
mod cursor;
mod error;
mod filter;
mod list;
mod listed;
mod lister;
mod outcome;
mod page;
mod replay;
mod report;
mod run;
mod runner;
mod source;
mod stream;
mod trace;

pub use self::{
    cursor::{Cursor, InvalidCursor},
    error::{RecoveryError, RecoveryErrorKind},
    filter::EventFilter,
    outcome::{ReplayOutcome, ReplayedEvent},
    report::{Counts, Progress, Report},
    runner::Recovery,
    stream::EventStream,
};
