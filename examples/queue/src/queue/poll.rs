//! When an idle worker looks for work.

use std::{
    task::{Context, Poll},
    time::Duration,
};

use apalis::prelude::{PollSnapshot, PollStrategy};
use tokio::time::{Interval, interval};

/// Wakes the worker once an interval. apalis's own `IntervalStrategy` makes a new timer when the old one has fired, and does not poll
/// it: if the look for work is over at the same moment, nothing wakes the worker until its next heartbeat.
#[derive(Debug)]
pub struct Every(Interval);

impl Every {
    pub fn new(period: Duration) -> Self {
        Self(interval(period))
    }
}

impl PollStrategy for Every {
    fn poll_drive(&mut self, context: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        // Until it is pending: only then will it wake the worker.
        while self.0.poll_tick(context).is_ready() {}
        Poll::Pending
    }
}
