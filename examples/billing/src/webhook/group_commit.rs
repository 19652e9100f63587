//! One commit for all events that wait for one.
//!
//! SQLite writes one transaction at a time, and what a transaction costs is the wait for the disk at its end. So the events that have
//! arrived meanwhile share the next one, each in a savepoint of its own: if one of them fails, the others do not. None is answered before
//! the commit. Postgres commits many transactions at once, and needs none of this.

use std::mem;

use sqlx::Connection;
use tokio::sync::{mpsc, oneshot};
use tower_stripe_webhook::VerifiedEvent;

use super::{Failure, handle};
use crate::{app::AppState, billing::outcome::Verdict};

/// So many share a commit at most, and so many more wait for the next.
const TOGETHER: usize = 64;

/// Clones lead to the same queue.
#[derive(Clone, Debug)]
pub(super) struct GroupCommit(mpsc::Sender<Job>);

#[derive(Debug)]
struct Job {
    event: VerifiedEvent,
    answer: oneshot::Sender<Result<Verdict, Failure>>,
}

impl GroupCommit {
    pub(super) fn start(app: AppState) -> Self {
        let (sender, jobs) = mpsc::channel(TOGETHER);
        tokio::spawn(run(app, jobs));
        Self(sender)
    }

    /// Returns when the event's effect is committed, or why it has none.
    pub(super) async fn handle(&self, event: VerifiedEvent) -> Result<Verdict, Failure> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Job { event, answer }).await.map_err(|_| Failure::NotCommitted)?;
        answered.await.unwrap_or(Err(Failure::NotCommitted))
    }
}

async fn run(app: AppState, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = Vec::new();
    while jobs.recv_many(&mut waiting, TOGETHER).await > 0 {
        // Whoever has given up will come again.
        waiting.retain(|job| !job.answer.is_closed());
        // A task of its own, so that a panic ends these jobs, and not all that come after.
        let _ = tokio::spawn(answer(app.clone(), mem::take(&mut waiting))).await;
    }
}

async fn answer(app: AppState, jobs: Vec<Job>) {
    match commit(&app, &jobs).await {
        Ok(results) => {
            for (job, result) in jobs.into_iter().zip(results) {
                // An error means that nobody waits any more.
                let _ = job.answer.send(result);
            }
        }
        // Dropping the jobs says so.
        Err(error) => tracing::error!(%error, events = jobs.len(), "the events were not committed"),
    }
}

async fn commit(app: &AppState, jobs: &[Job]) -> Result<Vec<Result<Verdict, Failure>>, sqlx::Error> {
    let mut tx = app.database.begin().await?;
    let mut results = Vec::with_capacity(jobs.len());
    for job in jobs {
        let mut savepoint = tx.begin().await?;
        let result = handle(app, &mut savepoint, &job.event, 2).await;
        match result {
            Ok(_) => savepoint.commit().await?,
            Err(_) => savepoint.rollback().await?,
        }
        results.push(result);
    }
    tx.commit().await?;
    Ok(results)
}
