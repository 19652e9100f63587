//! The clock against which the layer checks the timestamp of a signature.
//!
//! [`with_clock`](crate::StripeWebhookLayer::with_clock) sets another clock than the operating
//! system's, for example in tests.

use std::{fmt::Debug, sync::Arc, time::SystemTime};

/// A source of the current time.
///
/// The layer checks the timestamp of each signature against it. Applications use the default,
/// [`SystemClock`]. Tests use `test_util::FixedClock` (feature `test-util`), so that no test reads
/// the real time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the current time.
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
