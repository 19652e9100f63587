//! Process each event once, even if Stripe delivers it repeatedly.
//!
//! Stripe delivers each event *at least* once. It delivers an event again if it gets no `2xx`
//! answer in time, for up to three days, and if an operator resends it. Occasionally it delivers
//! an event twice at the same time. So a handler that adds credits or ships goods has
//! to detect duplicates. This module supports three approaches, which can be combined.
//!
//! # Which approach
//!
//! | | a layer with a store | your own transaction | store, then answer |
//! |---|---|---|---|
//! | how | [`IdempotencyLayer`] with an [`IdempotencyStore`] | [`record`] in the handler | the handler writes to a job queue that a worker reads |
//! | choose it if | the effect is outside your database: mails, other APIs, files | the effect is in your SQL database | the work takes longer than a few seconds, or needs its own retries |
//! | the handler runs | once, and again only after a failure | for each delivery, and asks `record` | once, to enqueue the job |
//! | the effect happens | once, **or again** if the process dies, or the store fails, between effect and commit | **exactly once** | at least once: the worker must detect duplicates too |
//! | a second delivery at the same time | `409`, and Stripe delivers it again | waits, and is then a duplicate | both are stored; the job's key makes them one job |
//! | the store is down | `503`, and Stripe delivers it again (or passed through, as configured) | your `5xx`, and Stripe delivers it again | your `5xx`, and Stripe delivers it again |
//! | change to your handler | none | one line | the work becomes a job |
//!
//! No layer can guarantee more than its column says. An effect outside the store and the
//! store's record are two writes, and a process can die between them. If the API that causes
//! the effect takes an idempotency key, as Stripe's does, pass the event's id as the key. Then a
//! repeated call has no further effect.
//!
//! `examples/billing` uses its own transaction. `examples/queue` stores, then answers.
//!
//! # With a layer
//!
//! Put [`IdempotencyLayer`] inside a [`StripeWebhookLayer`](crate::StripeWebhookLayer). It
//! claims the event, calls the handler, and commits the claim if the answer is `2xx`. After
//! any other answer, a panic or a lost connection, the next delivery is handled again.
//!
//! ```
//! use axum::{Router, http::StatusCode, routing::post};
//! use tower::ServiceBuilder;
//! use tower_stripe_webhook::{
//!     EnvSecret, StripeWebhookLayer, VerifiedEvent,
//!     idempotency::{IdempotencyLayer, MemoryStore},
//! };
//!
//! async fn receive(event: VerifiedEvent) -> StatusCode {
//!     println!("{} is handled for the first time", event.id());
//!     StatusCode::OK
//! }
//!
//! let layers = ServiceBuilder::new()
//!     .layer(StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET")))
//!     .layer(IdempotencyLayer::new(MemoryStore::new()));
//! let app: Router = Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layers));
//! ```
//!
//! | store | for | its data is lost | feature |
//! |---|---|---|---|
//! | [`MemoryStore`] | one process | when the process ends | |
//! | `SqliteStore` | one machine | with the file | `sqlite` |
//! | `PostgresStore` | any number of nodes | with the database | `postgres` |
//! | `RedisStore` | any number of nodes | as Redis's persistence settings allow | `redis` |
//! | your own [`IdempotencyStore`] | | check it with `test_util::check_idempotency_store` | |
//!
//! ## The clock of leases
//!
//! The store's clock measures leases, so the clocks of the nodes do not matter. If the clock of
//! a database or of Redis is set back while a claim is open, the claim lasts longer by that
//! time. To limit this, a claim also expires if its remaining time is at least twice its lease.
//! This only happens if the clock was set back by a lease or more. A smaller correction does not
//! end a claim.
//!
//! ## Connections of the SQL stores
//!
//! Each step is a transaction of its own. If another transaction is open on a connection of the
//! pool, the step might never be committed. So the store closes such a connection instead of using
//! it. It also closes the connection of a call that failed, or that was dropped before the
//! database had answered.
//!
//! # Exactly once, in your own transaction
//!
//! [`record`] writes the event in the transaction that contains the effect, and returns
//! whether this is the event's first delivery:
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # mod example {
//! use sqlx::{Sqlite, SqlitePool};
//! use tower_stripe_webhook::{VerifiedEvent, idempotency::{self, EventKey}};
//!
//! async fn open() -> sqlx::Result<SqlitePool> {
//!     let pool = idempotency::pool_options::<Sqlite>().connect("sqlite://shop.db?mode=rwc").await?;
//!     idempotency::create_events_table(&pool).await?;
//!     Ok(pool)
//! }
//!
//! async fn add_credits(event: &VerifiedEvent, pool: &SqlitePool) -> sqlx::Result<()> {
//!     let mut transaction = pool.begin().await?;
//!     if idempotency::record(&mut transaction, &EventKey::of(event)).await?.is_first() {
//!         sqlx::query("UPDATE accounts SET credits = credits + 1").execute(&mut *transaction).await?;
//!     }
//!     transaction.commit().await
//! }
//! # }
//! ```
//!
//! Answer `2xx` after the commit, for a duplicate too. Answer `5xx` if the commit fails or its
//! outcome is unknown.
//!
//! On SQLite, open the pool with [`pool_options`]. In any other pool, a connection whose commit
//! failed, for example on a full disk, stays in use: its later commits store nothing, and
//! [`record`] rejects every event on it. The features `sqlite` and `postgres` need Rust 1.94,
//! as sqlx does.
//!
//! # Events out of order
//!
//! Handling each event once does not handle them in order. `customer.subscription.updated` may
//! be delivered before `customer.subscription.created`, and an older update after a newer one.
//!
//! - **Actions** (ship, credit, send a mail): perform them once, no matter how old the event is.
//! - **State** of an object: take it from the newest event. Store the `created` of the last
//!   event that you applied with the object, and compare it with
//!   [`Event::recency`](crate::Event::recency).
//! - [`created`](crate::Event::created) has a resolution of one second, so several events can
//!   have the same value. Do not drop an event because its `created` equals the last one:
//!   fetch the object from Stripe instead, or order by a property that only changes in one
//!   direction.
//! - Fetching the object for each event makes the order irrelevant and costs one request: the
//!   fetched object is at least as new as any event delivered so far. Thin events are made
//!   for this.
//! - Do not wait for an event that should have been delivered earlier. Insert the object if it does
//!   not exist, and update it otherwise, with any of its events.
//!
//! # One scope per endpoint
//!
//! Stripe sends an event, with the same id, to each of your endpoints that subscribes to its
//! type. If endpoints share a store or a table of [`record`], give each a scope, with
//! [`IdempotencyLayer::with_scope`] or [`EventKey::in_scope`]. Otherwise the event is a duplicate
//! for the second endpoint, which never handles it.
//!
//! # Two events for one fact
//!
//! A snapshot event and the thin event of the same fact have one key: see [`EventKey`]. Endpoints
//! that receive one kind each, as in Stripe's migration to thin events, share a scope.
//!
//! Stripe may also create two events of one kind for one fact. For event types that occur once per object,
//! [`EventKey::of_object`] gives both the same key: pass it to [`record`] or to
//! [`IdempotencyLayer::with_key`].
//!
//! # Test webhooks of the dashboard
//!
//! All test webhooks that Stripe's dashboard sends have the id `evt_00000000000000`.
//! [`EventKey`] gives each its own key, so each is handled. If your code compares ids itself,
//! use [`Event::idempotency_key`](crate::Event::idempotency_key) instead of
//! [`Event::id`](crate::Event::id).
//!
#![cfg_attr(
    not(any(feature = "postgres", feature = "sqlite")),
    doc = "[`record`]: #exactly-once-in-your-own-transaction\n[`pool_options`]: #exactly-once-in-your-own-transaction"
)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod connection;
mod key;
mod layer;
mod lease;
mod outcome;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod pool;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod record;
mod response;
mod service;
mod settings;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
mod store;
mod store_call;
mod store_error;
mod trace;

use std::time::Duration;

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::store::PostgresStore;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use self::store::RedisStore;
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::store::SqliteStore;
pub use self::{
    key::EventKey,
    layer::IdempotencyLayer,
    outcome::Outcome,
    service::{Idempotency, ResponseFuture},
    settings::OnStoreFailure,
    store::{Claim, ClaimToken, IdempotencyStore, MemoryStore},
    store_error::StoreError,
};
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "sqlite"))))]
pub use self::{
    pool::pool_options,
    record::{
        Delivery, EVENTS_TABLE, RecordingDatabase, create_events_table, prune_events, record,
        record_nested,
    },
    store::CLAIMS_TABLE,
};

/// The time in which an event can be delivered again: 35 days.
///
/// Stripe retries a delivery for 3 days. It keeps events for 30 days, in which they can be
/// processed by hand (<https://docs.stripe.com/webhooks/process-undelivered-events>).
pub const RETENTION: Duration = Duration::from_secs(35 * 24 * 60 * 60);
