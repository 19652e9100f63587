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
    /// From then on a request has it loaded anew, and does not wait for that.
    pub(super) refresh_at: Instant,
    /// From then on requests wait for a load.
    wait_at: Instant,
    /// From then on it serves nobody. `None` if the last load did not fail.
    serve_until: Option<Instant>,
    pub(super) error: Option<Arc<dyn Error + Send + Sync>>,
    /// Set at `refresh_at`. It stands alone, so relaxed order is enough.
    is_due: AtomicBool,
    /// Set at `wait_at`. It stands alone, so relaxed order is enough.
    must_wait: AtomicBool,
}

impl Answer {
    pub(super) fn none() -> Self {
        let now = Instant::now();
        Self {
            secrets: None,
            loaded_at: None,
            refresh_at: now,
            wait_at: now,
            serve_until: None,
            error: None,
            is_due: AtomicBool::new(true),
            must_wait: AtomicBool::new(true),
        }
    }

    pub(super) fn loaded(secrets: SigningSecrets, now: Instant, options: &CacheOptions) -> Self {
        let refresh_at = after(now, options.refresh_after);
        Self {
            secrets: Some(secrets),
            loaded_at: Some(now),
            refresh_at,
            wait_at: after(refresh_at, options.wait_after()),
            serve_until: None,
            error: None,
            is_due: AtomicBool::new(false),
            must_wait: AtomicBool::new(false),
        }
    }

    /// The same, after a load that failed.
    pub(super) fn failed(&self, error: Arc<dyn Error + Send + Sync>, now: Instant, options: &CacheOptions) -> Self {
        // A load that a forged request has caused may fail long before a refresh is due.
        let refresh_at = self.refresh_at.max(after(now, options.retry_after));
        let serve_until = self.serve_until.unwrap_or(after(now.max(self.refresh_at), options.serve_stale_for));
        let wait_at = after(refresh_at, options.wait_after()).min(serve_until);
        Self {
            secrets: self.secrets.clone(),
            loaded_at: self.loaded_at,
            refresh_at,
            wait_at,
            serve_until: Some(serve_until),
            error: Some(error),
            is_due: AtomicBool::new(false),
            must_wait: AtomicBool::new(wait_at <= now),
        }
    }

    pub(super) fn is_due(&self) -> bool {
        self.is_due.load(Ordering::Relaxed)
    }

    /// For requests that do not wait.
    pub(super) fn fresh(&self) -> Option<&SigningSecrets> {
        self.secrets.as_ref().filter(|_| !self.must_wait.load(Ordering::Relaxed))
    }

    /// For those who have waited for a load.
    pub(super) fn at(&self, now: Instant) -> Option<&SigningSecrets> {
        self.secrets.as_ref().filter(|_| self.serve_until.is_none_or(|end| now < end))
    }

    /// Sets the flags when their times have come. Where that cannot be waited for, because the runtime is gone, they
    /// have.
    pub(super) fn age(self: Arc<Self>) -> impl Future<Output = ()> + Send {
        let answer = AgedWhenDropped(self);
        async move {
            let answer = &answer.0;
            let mut flags = [(answer.refresh_at, &answer.is_due), (answer.wait_at, &answer.must_wait)];
            flags.sort_by_key(|(at, _)| *at);
            for (at, flag) in flags {
                sleep_until(at).await;
                flag.store(true, Ordering::Relaxed);
            }
        }
    }
}

struct AgedWhenDropped(Arc<Answer>);

impl Drop for AgedWhenDropped {
    fn drop(&mut self) {
        self.0.is_due.store(true, Ordering::Relaxed);
        self.0.must_wait.store(true, Ordering::Relaxed);
    }
}

/// `Duration::MAX`, which says "for ever", is more than an `Instant` can hold: then it is thirty years, as for tokio.
fn after(start: Instant, time: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    start.checked_add(time).unwrap_or_else(|| start + FAR)
}
