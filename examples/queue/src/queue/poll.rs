//! The times at which an idle worker polls the database.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::{PollSnapshot, PollStrategy};
use tokio::time::{Interval, interval};

/// Wakes the worker once per interval.
///
/// apalis's own `IntervalStrategy` creates a new timer after the old one has fired, but does not
/// poll it. If a poll of the database ends at the same moment, nothing wakes the worker until its
/// next heartbeat.
#[derive(Debug)]
pub struct Every(Interval);

impl Every {
    pub fn new(period: Duration) -> Self {
        Self(interval(period))
    }
}

impl PollStrategy for Every {
    fn poll_drive(&mut self, context: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        // Polls until it is pending: only then is the waker registered.
        while self.0.poll_tick(context).is_ready() {}
        Poll::Pending
    }
}
