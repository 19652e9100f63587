//! The table `deliveries`: verified deliveries with their outcomes.

use sqlx::{Any, AnyPool, Executor, Row};
use tower_stripe_webhook::VerifiedEvent;

use crate::{billing::outcome::Verdict, time};

/// The longest text that is stored, in bytes. Longer ones are cut: Stripe's ids and types are
/// shorter.
const MAX_TEXT: usize = 1_000;

/// Stores a delivery, in the transaction of its effect if there is one. Replaces NULs
/// and cuts long texts, so that every event can be stored.
pub async fn add<'e, E>(
    executor: E,
    event: &VerifiedEvent,
    verdict: &Verdict,
) -> Result<(), sqlx::Error>
where
    E: Executor<'e, Database = Any>,
{
    sqlx::query(
        "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, reason, secret_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(time::new_row_id())
    .bind(storable(event.id()))
    .bind(storable(event.event_type().as_str()))
    .bind(i64::from(event.livemode()))
    .bind(time::now())
    .bind(verdict.outcome.as_str())
    .bind(storable(&verdict.reason))
    .bind(event.verified_by().as_str())
    .execute(executor)
    .await?;
    Ok(())
}

fn storable(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT)].replace('\0', "\u{FFFD}")
}

#[derive(Debug, serde::Serialize)]
pub struct Delivery {
    /// The event's id.
    pub id: String,
    #[serde(rename = "type")]
    pub event_type: String,
    pub livemode: bool,
    pub received_at: i64,
    pub outcome: String,
    pub reason: Option<String>,
    pub secret_id: String,
}

/// Returns the last deliveries, the newest first.
pub async fn last(pool: &AnyPool, limit: i64) -> Result<Vec<Delivery>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT event_id, event_type, livemode, received_at, outcome, reason, secret_id
         FROM deliveries ORDER BY id DESC LIMIT $1",
    )
    .bind(limit)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Delivery {
                id: row.try_get("event_id")?,
                event_type: row.try_get("event_type")?,
                livemode: row.try_get::<i64, _>("livemode")? != 0,
                received_at: row.try_get("received_at")?,
                outcome: row.try_get("outcome")?,
                reason: row.try_get("reason")?,
                secret_id: row.try_get("secret_id")?,
            })
        })
        .collect()
}

/// The prefix of the ids of test events, which the portal signs. Stripe's ids have another one.
pub const TEST_EVENT_PREFIX: &str = "evt_portal_";

/// Returns when Stripe last signed a delivery with a secret, on any node, within the last 35 days.
///
/// Test events of the portal do not count, because the portal always signs with the newest secret.
pub async fn last_signed_by(pool: &AnyPool, secret_id: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT MAX(received_at) FROM deliveries WHERE secret_id = $1 AND event_id NOT LIKE $2 ESCAPE '!'",
    )
    .bind(secret_id)
    .bind(TEST_EVENT_PREFIX.replace('_', "!_") + "%")
    .fetch_one(pool)
    .await
}

/// The deliveries with one outcome in one period.
#[derive(Debug, sqlx::FromRow)]
pub struct Count {
    /// The number of the period, counted from 1970.
    pub period: i64,
    pub outcome: String,
    pub count: i64,
}

/// Counts the deliveries since `since` by outcome and by periods of `seconds` seconds.
pub async fn counts(pool: &AnyPool, since: i64, seconds: i64) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as(
        "SELECT received_at / $1 AS period, outcome, COUNT(*) AS count
         FROM deliveries WHERE id >= $2 AND received_at >= $3 GROUP BY period, outcome",
    )
    .bind(seconds)
    // Ids sort by time, and only they have an index.
    .bind(time::row_id_at(since))
    .bind(since)
    .fetch_all(pool)
    .await
}
