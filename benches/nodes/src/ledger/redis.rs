//! The ledger in Redis.
//!
//! It has a set of the events that took effect, a list of runs, and the end of each run.

use std::{collections::HashMap, time::Duration};

use redis::{
    AsyncCommands, Client,
    aio::{ConnectionManager, ConnectionManagerConfig},
    pipe,
};
use tower_stripe_webhook::BoxError;

use super::{Audit, HandlerRun};

/// As long as the layer waits for its store.
///
/// The default of 500 ms is soon over on a busy machine.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn open(url: &str) -> Result<ConnectionManager, BoxError> {
    let config = ConnectionManagerConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
    Ok(ConnectionManager::new_with_config(Client::open(url)?, config).await?)
}

pub(super) async fn apply_keyed(
    connection: &ConnectionManager,
    prefix: &str,
    run: &HandlerRun,
) -> Result<(), BoxError> {
    let HandlerRun { id, event_id, node, begun, succeeds, .. } = run;
    let mut both = pipe();
    both.atomic().sadd(effects(prefix), event_id).ignore();
    both.rpush(runs(prefix), format!("{id} {event_id} {node} {begun} {succeeds}")).ignore();
    Ok(both.query_async(&mut connection.clone()).await?)
}

pub(super) async fn end(
    connection: &ConnectionManager,
    prefix: &str,
    run: &str,
    ended: i64,
) -> Result<(), BoxError> {
    Ok(connection.clone().hset(ends(prefix), run, ended).await?)
}

pub(super) async fn audit(connection: &ConnectionManager, prefix: &str) -> Result<Audit, BoxError> {
    let mut connection = connection.clone();
    let effects = connection.smembers(effects(prefix)).await?;
    let runs: Vec<String> = connection.lrange(runs(prefix), 0, -1).await?;
    let ends: HashMap<String, i64> = connection.hgetall(ends(prefix)).await?;
    Ok(Audit { effects, runs: runs.iter().map(|run| parse(run, &ends)).collect::<Result<_, _>>()? })
}

/// Deletes the ledger's keys. The store's own keys expire.
pub(super) async fn delete(
    mut connection: ConnectionManager,
    prefix: &str,
) -> Result<(), BoxError> {
    Ok(connection.del((effects(prefix), runs(prefix), ends(prefix))).await?)
}

fn parse(run: &str, ends: &HashMap<String, i64>) -> Result<HandlerRun, BoxError> {
    let mut words = run.split(' ');
    let mut next = || words.next().ok_or("a run lacks a word");
    let id = next()?;
    Ok(HandlerRun {
        id: id.to_owned(),
        event_id: next()?.to_owned(),
        node: next()?.parse()?,
        begun: next()?.parse()?,
        ended: ends.get(id).copied(),
        succeeds: next()?.parse()?,
    })
}

fn effects(prefix: &str) -> String {
    format!("{prefix}:effects")
}

fn runs(prefix: &str) -> String {
    format!("{prefix}:runs")
}

fn ends(prefix: &str) -> String {
    format!("{prefix}:ends")
}
