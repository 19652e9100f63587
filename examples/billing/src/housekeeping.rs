//! What is done beside the requests.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{app::AppState, data::pruning};

const FLUSH_EVERY: Duration = Duration::from_secs(1);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Writes down the counts of refused requests, and forgets what is old, until it is dropped.
pub async fn run(app: AppState) {
    tokio::join!(every(FLUSH_EVERY, || flush_refusals(&app)), every(PRUNE_EVERY, || prune(&app)));
}

/// Beside each other, so that neither waits for the other.
async fn every<F: Future<Output = ()>>(period: Duration, work: impl Fn() -> F) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        work().await;
    }
}

async fn prune(app: &AppState) {
    for (rows, error) in pruning::prune(app.database.writer()).await {
        tracing::warn!(%error, "old {rows} were not deleted: the next try is in an hour");
    }
}

pub async fn flush_refusals(app: &AppState) {
    if let Err(error) = app.refusals.flush(&app.database).await {
        tracing::warn!(%error, "the counts of refused requests were not stored: they are kept for the next try");
    }
}
