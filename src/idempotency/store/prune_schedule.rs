//! The schedule on which a store prunes its table.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::Error;
use tokio::time::Instant;

use super::super::trace;

/// Rare enough to cost nothing, frequent enough that there is never much to delete.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Prunes once an hour in the background. Clones share the schedule.
#[derive(Clone, Debug, Default)]
pub(super) struct PruneSchedule {
    next: Arc<Mutex<Option<Instant>>>,
}

impl PruneSchedule {
    /// Spawns what `prune` returns on the first call, and then if an hour has passed.
    pub(super) fn spawn_if_due<F>(&self, prune: impl FnOnce() -> F)
    where
        F: Future<Output = Result<u64, Error>> + Send + 'static,
    {
        if self.is_due() {
            let prune = prune();
            tokio::spawn(async move { trace::pruned(&prune.await) });
        }
    }

    fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_some_and(|next| next > now) {
            return false;
        }
        *next = Some(now + INTERVAL);
        true
    }
}
