//! The table `stripe_webhook_events` of the library: the events that have had their effect.

use tower_stripe_webhook::idempotency::EventKey;

use super::Database;

/// What is known of an event before anything is fetched for it.
#[derive(Clone, Copy, Debug)]
pub struct LookedUp {
    /// Whether the event has had its effect.
    pub is_recorded: bool,
    /// The database's time, in Unix microseconds. It is one clock for all nodes.
    pub now: i64,
}

/// Looks an event up without locking anything.
///
/// Another delivery may record the event in the meantime, so `record` decides.
pub async fn look_up(database: &Database, key: &EventKey) -> Result<LookedUp, sqlx::Error> {
    let (recorded, now): (i64, i64) = sqlx::query_as(database.look_up_event())
        .bind(key.as_str())
        .fetch_one(database.reader())
        .await?;
    Ok(LookedUp { is_recorded: recorded > 0, now })
}
