//! What a cache holds, and its ageing.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use super::CacheOptions;
use crate::secret::SigningSecrets;

/// What the last loads brought.
pub(super) struct Answer {
    pub(super) secrets: Option<SigningSecrets>,
    pub(super) loaded_at: Option<Instant>,
    pub(super) refresh_at: Instant,
    serve_until: Instant,
    pub(super) error: Option<Arc<dyn Error + Send + Sync>>,
    /// Set at `refresh_at`. It stands alone, so relaxed order is enough.
    is_due: AtomicBool,
    /// Set at `serve_until`. It stands alone, so relaxed order is enough.
    is_over: AtomicBool,
}

impl Answer {
    pub(super) fn none() -> Self {
        let now = Instant::now();
        Self {
            secrets: None,
            loaded_at: None,
            refresh_at: now,
            serve_until: now,
            error: None,
            is_due: AtomicBool::new(true),
            is_over: AtomicBool::new(true),
        }
    }

    pub(super) fn loaded(secrets: SigningSecrets, now: Instant, options: &CacheOptions) -> Self {
        let refresh_at = after(now, options.refresh_after);
        Self {
            secrets: Some(secrets),
            loaded_at: Some(now),
            refresh_at,
            serve_until: after(refresh_at, options.serve_stale_for),
            error: None,
            is_due: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    /// The same, after a load that failed.
    pub(super) fn failed(&self, error: Arc<dyn Error + Send + Sync>, now: Instant, options: &CacheOptions) -> Self {
        Self {
            secrets: self.secrets.clone(),
            loaded_at: self.loaded_at,
            refresh_at: after(now, options.retry_after),
            serve_until: self.serve_until,
            error: Some(error),
            is_due: AtomicBool::new(false),
            is_over: AtomicBool::new(self.is_over.load(Ordering::Relaxed)),
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_due.load(Ordering::Relaxed)
    }

    pub(super) fn usable(&self) -> Option<&SigningSecrets> {
        self.secrets.as_ref().filter(|_| !self.is_over.load(Ordering::Relaxed))
    }

    /// Sets the flags when their times have come. Where that cannot be waited for, because the runtime is gone, the answer is due.
    pub(super) fn age(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        let answer = DueWhenDropped(self);
        async move {
            let answer = &answer.0;
            let mut flags = [(answer.refresh_at, &answer.is_due), (answer.serve_until, &answer.is_over)];
            flags.sort_by_key(|(at, _)| *at);
            for (at, flag) in flags {
                sleep_until(at).await;
                flag.store(true, Ordering::Relaxed);
            }
        }
    }
}

struct DueWhenDropped(Arc<Answer>);

impl Drop for DueWhenDropped {
    fn drop(&mut self) {
        self.0.is_due.store(true, Ordering::Relaxed);
    }
}

/// `Duration::MAX`, which says "for ever", is more than an `Instant` can hold: then it is thirty years, as for tokio.
fn after(start: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(time).unwrap_or_else(|| start + FAR)
}
