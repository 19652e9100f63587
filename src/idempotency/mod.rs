//! Each event handled once.

mod delivery;
mod key;
mod layer;
mod lease;
mod memory;
#[cfg(any(feature = "postgres", feature = "redis", feature = "sqlite"))]
mod millis;
mod outcome;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
mod response;
mod service;
mod settings;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod sql_store;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod store_call;
mod store_error;
#[cfg(feature = "tracing")]
mod trace;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod transaction;

use std::time::Duration;

#[cfg(feature = "postgres")]
#[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
pub use self::postgres::PostgresStore;
#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use self::redis::RedisStore;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "sqlite"))))]
pub use self::sql_store::{CLAIMS_TABLE, SqlStore, StoringDatabase};
#[cfg(feature = "sqlite")]
#[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
pub use self::sqlite::SqliteStore;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "sqlite"))))]
pub use self::transaction::{EVENTS_TABLE, RecordingDatabase, create_table, prune, record};
pub use self::{
    delivery::Delivery,
    key::EventKey,
    layer::IdempotencyLayer,
    memory::MemoryStore,
    outcome::Outcome,
    service::{Idempotency, ResponseFuture},
    settings::StoreFailure,
    store::{Claim, EventStore, FencingToken},
    store_error::StoreError,
};

/// For how long an event may come again: 35 days. Stripe repeats its deliveries for 3 days, and lets people send an event again for 30
/// (<https://docs.stripe.com/webhooks#manual-retries>).
pub const RETENTION: Duration = Duration::from_secs(35 * 24 * 60 * 60);
