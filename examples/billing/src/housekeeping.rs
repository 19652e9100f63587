//! What is done beside the requests.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::{app::AppState, data::pruning};

const FLUSH_EVERY: Duration = Duration::from_secs(1);
const PRUNE_EVERY: Duration = Duration::from_secs(60 * 60);

/// Writes down the counts of refused requests, and forgets what is old, until it is dropped.
pub async fn run(app: AppState) {
    let mut flush = interval(FLUSH_EVERY);
    flush.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut prune = interval(PRUNE_EVERY);
    loop {
        tokio::select! {
            _ = flush.tick() => flush_refusals(&app).await,
            _ = prune.tick() => {
                if let Err(error) = pruning::prune(app.database.writer()).await {
                    tracing::warn!(%error, "old rows were not deleted: the next try is in an hour");
                }
            }
        }
    }
}

pub async fn flush_refusals(app: &AppState) {
    if let Err(error) = app.refusals.flush(&app.database).await {
        tracing::warn!(%error, "the counts of refused requests were not stored: they are kept for the next try");
    }
}
