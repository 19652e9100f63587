//! Periodic background work.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{app::AppState, data::pruning};

const FLUSH_EVERY: Duration = Duration::from_secs(1);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Writes the counts of rejections and deletes old rows, until the future is dropped.
pub async fn run(app: AppState) {
    tokio::join!(every(FLUSH_EVERY, || flush_rejections(&app)), every(PRUNE_EVERY, || prune(&app)));
}

/// Runs `work` once per period. The two jobs run concurrently, so neither delays the other.
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
        tracing::warn!(%error, "old {rows} were not deleted: trying again in an hour");
    }
}

pub async fn flush_rejections(app: &AppState) {
    if let Err(error) = app.rejections.flush(&app.database).await {
        tracing::warn!(%error, "the counts of rejections were not written: trying again in a second");
    }
}
