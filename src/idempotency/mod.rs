//! Each event handled once.

mod delivery;
mod key;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod migration;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod transaction;

use std::time::Duration;

#[cfg(any(feature = "postgres", feature = "sqlite"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "postgres", feature = "sqlite"))))]
pub use self::transaction::{EVENTS_TABLE, RecordingDatabase, create_table, prune, record};
pub use self::{delivery::Delivery, key::EventKey};

/// For how long an event may come again: 35 days. Stripe repeats its deliveries for 3 days, and lets people send an event again for 30
/// (<https://docs.stripe.com/webhooks#manual-retries>).
pub const RETENTION: Duration = Duration::from_secs(35 * 24 * 60 * 60);
