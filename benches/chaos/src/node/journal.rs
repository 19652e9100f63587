//! The lines that a node prints about the runs of its handler.
//!
//! A line that was printed stays in the pipe if the node is killed, and needs no disk.

use std::{
    process,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{extract::Request, middleware::Next, response::Response};
use tower_stripe_webhook::idempotency::Outcome;

use crate::history::micros;

static RUNS: AtomicU64 = AtomicU64::new(0);

/// A run of the handler.
#[derive(Clone, Debug)]
pub struct Run(Arc<str>);

impl Run {
    pub fn begin(event: usize, of_request: &RunOfRequest) -> Self {
        let run = Self(format!("{}.{}", process::id(), RUNS.fetch_add(1, Relaxed)).as_str().into());
        println!("begun {} {event} {}", run.0, micros());
        // A request has one run.
        let _ = of_request.0.set(run.clone());
        run
    }

    pub fn print(&self, what: &str) {
        println!("{what} {} {}", self.0, micros());
    }
}

/// The run of a request's handler, once it has begun.
#[derive(Clone, Debug, Default)]
pub struct RunOfRequest(Arc<OnceLock<Run>>);

/// Prints the outcome of a request's run, or that the request was dropped.
pub async fn print_outcome(mut request: Request, next: Next) -> Response {
    let run = RunOfRequest::default();
    request.extensions_mut().insert(run.clone());
    let mut guard = Guard { run, has_answered: false };
    let response = next.run(request).await;
    guard.has_answered = true;
    if let Some(run) = guard.run.0.get() {
        let code = response.extensions().get::<Outcome>().map_or("none", |outcome| outcome.code());
        println!("outcome {} {code} {}", run.0, micros());
    }
    response
}

struct Guard {
    run: RunOfRequest,
    has_answered: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let (false, Some(run)) = (self.has_answered, self.run.0.get()) {
            run.print("dropped");
        }
    }
}
