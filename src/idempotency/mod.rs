//! Each event handled once, though Stripe delivers some more often.
//!
//! Stripe delivers *at least* once: again if it had no `2xx` in time, for up to three days; again if somebody asks for it; and now and then
//! twice at the same moment. So a handler that adds credits or ships goods has to know what it has done. There are three ways, and
//! they can be combined.
//!
//! # Which one
//!
//! | | a layer with a store | in your own transaction | store, then answer |
//! |---|---|---|---|
//! | what | [`IdempotencyLayer`] with an [`IdempotencyStore`] | [`record`] in the handler | a job queue in the handler, a worker behind it |
//! | choose it if | the effect is elsewhere: mails, other APIs, files | the effect is in your SQL database | the work takes longer than some seconds, or must be tried again on its own |
//! | the handler runs | once, and again only after a failure | each time; it asks | once, to enqueue |
//! | the effect happens | once, **or again** if the process dies, or the store fails, between effect and commit | **exactly once** | at least once: the worker has to know what it has done, too |
//! | a delivery while another is at work | `409`, and Stripe comes back | waits, and is then repeated | each is stored; the job's key makes them one |
//! | the store is down | `503`, and Stripe comes back (or passed through, as configured) | `5xx` of yours, and Stripe comes back | `5xx` of yours, and Stripe comes back |
//! | your handler has to change | no | one line | it becomes a job |
//!
//! No layer can do better than its row says: an effect outside of the store and the store's record are two writes, and a process can die
//! between them. Where the effect's own API takes an idempotency key, as Stripe's does, give it the event's id, and a repeated effect is
//! none.
//!
//! `examples/billing` does it in its own transaction, `examples/queue` stores and then answers.
//!
//! # With a layer
//!
//! [`IdempotencyLayer`] belongs inside of a [`StripeWebhookLayer`](crate::StripeWebhookLayer). It claims the event, calls the handler, and
//! commits if the answer is `2xx`; on anything else, a panic or a connection that is gone, the next delivery is handled again.
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
//!     println!("{} is here for the first time", event.id());
//!     StatusCode::OK
//! }
//!
//! let layers = ServiceBuilder::new()
//!     .layer(StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET")))
//!     .layer(IdempotencyLayer::new(MemoryStore::new()));
//! let app: Router = Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layers));
//! ```
//!
//! | store | for | what it remembers is lost | feature |
//! |---|---|---|---|
//! | [`MemoryStore`] | one process | when the process ends | |
//! | `SqliteStore` | one machine | with the file | `sqlite` |
//! | `PostgresStore` | any number of nodes | with the database | `postgres` |
//! | `RedisStore` | any number of nodes | as Redis is set up to lose it | `redis` |
//! | your own [`IdempotencyStore`] | | `test_util::check_idempotency_store` checks it | |
//!
//! # Exactly once, in your own transaction
//!
//! [`record`] writes the event into the transaction that has the effect, and tells whether it is the first time:
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
//! Answer `2xx` after the commit, for a repeated event as well, and a `5xx` if the commit fails or its outcome is unknown. On SQLite, open
//! the pool with [`pool_options`]: after a commit that failed, for example on a full disk, any other pool goes on with a connection whose
//! commits store nothing, and [`record`] rejects every event on it. The features `sqlite` and `postgres` need Rust 1.94, as sqlx does.
//!
//! # Events out of order
//!
//! That an event is handled once does not say when. Deliveries overtake each other: `customer.subscription.updated` may come before
//! `customer.subscription.created`, and the second-last update after the last one.
//!
//! - What an event makes you **do** (ship, credit, send a mail) is done once, however old the event is.
//! - What an event tells an object to **be** is taken over from the newest event: keep the `created` of the one that was taken over last
//!   with the object, and ask [`Event::recency`](crate::Event::recency).
//! - [`created`](crate::Event::created) has seconds, and several events fall into one. Never drop an event because its `created` equals the
//!   last one: fetch the object from Stripe instead, or order by what can only go one way.
//! - Fetching the object on each event needs no order at all, at the price of a request: what is fetched is newer than any event that has
//!   come. It is what a thin event is made for.
//! - Do not wait for an event that ought to have come before: insert or update, whichever comes first.
//!
//! # One scope per endpoint
//!
//! Stripe sends one event, with one id, to each of your endpoints that wants its type. Endpoints that share a store or a table of
//! [`record`] need a scope each, or the second takes the first one's event for a duplicate and never handles it:
//! [`IdempotencyLayer::with_scope`], [`EventKey::in_scope`].
//!
//! # Two events for one fact
//!
//! Stripe says that it may make two events of one fact. For types that an object has once in its life, [`EventKey::of_object`] makes them one:
//! give it to [`record`] or to [`IdempotencyLayer::with_key`].
//!
//! # Test webhooks of the dashboard
//!
//! The test webhooks that Stripe's dashboard sends all have the id `evt_00000000000000`. [`EventKey`] gives each of them a key of its own, so
//! that you can send as many as you like, and each is handled. Code that compares [`Event::id`](crate::Event::id) itself has to use
//! [`Event::idempotency_key`](crate::Event::idempotency_key) instead.
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
    record::{Delivery, EVENTS_TABLE, RecordingDatabase, create_events_table, prune_events, record, record_nested},
    store::CLAIMS_TABLE,
};

/// For how long an event may come again: 35 days. Stripe repeats its deliveries for 3 days, and keeps events for 30, in which they can be
/// processed again by hand (<https://docs.stripe.com/webhooks/process-undelivered-events>).
pub const RETENTION: Duration = Duration::from_secs(35 * 24 * 60 * 60);
