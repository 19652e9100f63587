//! The table `deliveries`: verified deliveries with their outcomes.

use sqlx::{Any, AnyPool, Executor, Row};
use tower_stripe_webhook::{Mode, VerifiedEvent, event::EventKind};

use crate::{billing::outcome::Verdict, time};

/// The longest text that is stored, in bytes. Longer ones are cut: Stripe's ids and types are
/// shorter.
const MAX_TEXT: usize = 1_000;

/// Stores a delivery, in the transaction of its effect if there is one. Replaces NULs
/// and cuts long texts, so that every event can be stored.
///
/// `is_fetched` is whether the event was handled with what was fetched for it.
pub async fn add<'e, E>(
    executor: E,
    event: &VerifiedEvent,
    verdict: &Verdict,
    is_fetched: bool,
) -> Result<(), sqlx::Error>
where
    E: Executor<'e, Database = Any>,
{
    sqlx::query(
        "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, reason, secret_id, kind,
             snapshot_event, fetched)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(time::new_row_id())
    .bind(storable(event.id()))
    .bind(storable(event.raw_type()))
    .bind(i64::from(event.livemode()))
    .bind(time::now())
    .bind(verdict.outcome.as_str())
    .bind(storable(&verdict.reason))
    .bind(event.verified_by().as_str())
    .bind(kind_name(event.kind()))
    .bind(event.snapshot_event().map(storable))
    .bind(i64::from(is_fetched))
    .execute(executor)
    .await?;
    Ok(())
}

/// Returns the name of a kind in the database and the API.
fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Thin => "thin",
        _ => "snapshot",
    }
}

fn storable(text: &str) -> String {
    text[..text.floor_char_boundary(MAX_TEXT)].replace('\0', "\u{FFFD}")
}

#[derive(Debug, serde::Serialize)]
pub struct Delivery {
    /// The event's id.
    pub id: String,
    /// As it was sent.
    #[serde(rename = "type")]
    pub event_type: String,
    /// `snapshot` or `thin`.
    pub kind: String,
    /// For a thin event, the id of the snapshot event of the same fact, if there is one.
    pub snapshot_event: Option<String>,
    pub livemode: bool,
    pub received_at: i64,
    pub outcome: String,
    pub reason: Option<String>,
    pub secret_id: String,
}

/// Returns the last deliveries, the newest first.
pub async fn last(pool: &AnyPool, limit: i64) -> Result<Vec<Delivery>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT event_id, event_type, livemode, received_at, outcome, reason, secret_id, kind, snapshot_event
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
                kind: row.try_get("kind")?,
                snapshot_event: row.try_get("snapshot_event")?,
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

/// Stripe's last delivery that a secret signed.
#[derive(Debug, sqlx::FromRow)]
pub struct LastUse {
    #[sqlx(rename = "received_at")]
    pub at: i64,
    /// `snapshot` or `thin`. An event destination sends either kind.
    pub kind: String,
}

/// Returns Stripe's last delivery that a secret signed, on any node, within the last 35 days.
///
/// Test events of the portal do not count, because the portal always signs with the newest secret.
pub async fn last_signed_by(
    pool: &AnyPool,
    secret_id: &str,
) -> Result<Option<LastUse>, sqlx::Error> {
    sqlx::query_as(
        "SELECT received_at, kind FROM deliveries WHERE secret_id = $1 AND event_id NOT LIKE $2 ESCAPE '!'
         ORDER BY received_at DESC LIMIT 1",
    )
    .bind(secret_id)
    .bind(TEST_EVENT_PREFIX.replace('_', "!_") + "%")
    .fetch_optional(pool)
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

/// Returns whether a thin event has failed since `since`, usually because its object was not fetched.
pub async fn has_failed_thin(pool: &AnyPool, mode: Mode, since: i64) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT livemode FROM deliveries
         WHERE kind = 'thin' AND outcome = 'failed' AND id >= $1 AND livemode = $2 LIMIT 1",
    )
    .bind(time::row_id_at(since))
    .bind(i64::from(mode.is_live()))
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// How many facts arrived as which kind of event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Kinds {
    pub only_snapshot: i64,
    pub only_thin: i64,
    #[sqlx(rename = "both_kinds")]
    pub both: i64,
    /// Facts of which a thin event has failed, and no thin event was handled later. Whether the
    /// snapshot event took effect does not matter, because there is none after the migration.
    pub failed_thin: i64,
    /// Facts of which a thin event was handled with its object, which was fetched.
    pub fetched_thin: i64,
}

/// Counts the facts since `since` by the kinds of events in which they arrived.
///
/// Facts whose only events were ignored do not count, because there is nothing to migrate. Test
/// events of the portal do not count, either.
pub async fn kinds(pool: &AnyPool, mode: Mode, since: i64) -> Result<Kinds, sqlx::Error> {
    sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(snapshot * (1 - thin)), 0) AS BIGINT) AS only_snapshot,
             CAST(COALESCE(SUM(thin * (1 - snapshot)), 0) AS BIGINT) AS only_thin,
             CAST(COALESCE(SUM(thin * snapshot), 0) AS BIGINT) AS both_kinds,
             CAST(COALESCE(SUM(failed * (1 - handled)), 0) AS BIGINT) AS failed_thin,
             CAST(COALESCE(SUM(fetched_thin), 0) AS BIGINT) AS fetched_thin
         FROM (SELECT MAX(CASE WHEN kind = 'thin' THEN 0 ELSE 1 END) AS snapshot,
                   MAX(CASE WHEN kind = 'thin' THEN 1 ELSE 0 END) AS thin,
                   MAX(CASE WHEN kind = 'thin' AND outcome = 'failed' THEN 1 ELSE 0 END) AS failed,
                   MAX(CASE WHEN kind = 'thin' AND (fetched = 1 OR outcome NOT IN ('failed', 'duplicate'))
                       THEN 1 ELSE 0 END) AS handled,
                   MAX(CASE WHEN kind = 'thin' THEN fetched ELSE 0 END) AS fetched_thin
               FROM deliveries
               WHERE id >= $1 AND livemode = $2 AND event_id NOT LIKE $3 ESCAPE '!'
               GROUP BY COALESCE(snapshot_event, event_id)
               HAVING MAX(CASE WHEN outcome IN ('ignored', 'other_mode') THEN 0 ELSE 1 END) = 1) AS facts",
    )
    .bind(time::row_id_at(since))
    .bind(i64::from(mode.is_live()))
    .bind(TEST_EVENT_PREFIX.replace('_', "!_") + "%")
    .fetch_one(pool)
    .await
}
