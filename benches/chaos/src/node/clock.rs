//! A clock that the program can set.

use std::{
    io::{self, BufRead},
    process,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    thread,
    time::{Duration, SystemTime},
};

use tower_stripe_webhook::clock::Clock;

/// Differs from the operating system's clock by the seconds that were read last.
#[derive(Clone, Debug, Default)]
pub struct NodeClock {
    offset: Arc<AtomicI64>,
}

impl NodeClock {
    /// Reads offsets from lines of stdin. Ends the process at the end of stdin.
    pub fn listen_to_stdin() -> Self {
        let clock = Self::default();
        let offset = Arc::clone(&clock.offset);
        thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let Some(seconds) = line.ok().and_then(|line| line.parse().ok()) else { break };
                offset.store(seconds, Relaxed);
            }
            process::exit(1);
        });
        clock
    }
}

impl Clock for NodeClock {
    fn now(&self) -> SystemTime {
        let offset = self.offset.load(Relaxed);
        let size = Duration::from_secs(offset.unsigned_abs());
        if offset < 0 { SystemTime::now() - size } else { SystemTime::now() + size }
    }
}
