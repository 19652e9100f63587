//! The time against which a signature's timestamp is held.

use std::{fmt::Debug, sync::Arc, time::SystemTime};

/// Tells the time at which a request arrived.
///
/// The layer holds the timestamp of each signature against it. Applications use [`SystemClock`], the
/// default; tests inject a clock that stands still (`test_util::FixedClock`, with the feature `test-util`),
/// so that no test reads the real time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time.
    fn now(&self) -> SystemTime;
}

/// The operating system's clock, [`SystemTime::now`].
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
