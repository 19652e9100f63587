//! The worker: takes stored events out of the queue.

use std::{pin::pin, time::Duration};

use apalis::prelude::{AbortError, Task, WorkerContext};
use tokio::time::{interval, sleep, timeout};
use tower_stripe_webhook::{BoxError, idempotency::RETENTION};
use uuid::Uuid;

use crate::{
    fulfilment::Fulfilment,
    queue::{Job, Queue},
    server,
    settings::Settings,
};

/// The time limit of the work on one event.
const WORK_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);

/// The pause before the worker starts again after the database has failed.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// The time between two deletions of old finished jobs.
///
/// Stripe cannot deliver the events of these jobs again.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);

/// Works until SIGTERM, then finishes the jobs that have started.
///
/// A job that does not end within the grace period is started again by the next worker.
pub async fn work(queue: Queue, settings: &Settings) -> Result<(), BoxError> {
    let (shutdown, grace_period_over) = server::shutdown()?;
    let fulfilment = Fulfilment::new(settings.fulfilment_url.clone());
    let worker = Worker { queue: queue.clone(), fulfilment, backoff: settings.backoff };
    tokio::select! {
        stopped = worker.run_until(shutdown, settings.heartbeat) => stopped,
        () = forget_done(&queue) => Ok(()),
        () = grace_period_over => Ok(()),
    }
}

async fn forget_done(queue: &Queue) {
    let mut hours = interval(FORGET_EVERY);
    loop {
        hours.tick().await;
        if let Err(error) = queue.forget_done(RETENTION).await {
            eprintln!("old work is not deleted for now: {error}");
        }
    }
}

#[derive(Clone, Debug)]
struct Worker {
    queue: Queue,
    fulfilment: Fulfilment,
    backoff: Duration,
}

impl Worker {
    async fn run_until(
        &self,
        shutdown: impl Future<Output = ()>,
        heartbeat: Duration,
    ) -> Result<(), BoxError> {
        let mut shutdown = pin!(shutdown);
        loop {
            // A unique name: apalis would assign the jobs of a dead worker with the same name to
            // this one.
            let context = WorkerContext::new(&Uuid::now_v7().to_string());
            let worker = self.clone();
            let service = tower::service_fn(move |task| worker.clone().attempt(task));
            let mut running = pin!(self.queue.run(&context, heartbeat, service));
            tokio::select! {
                ended = &mut running => match ended {
                    Ok(()) => println!("the worker starts again"),
                    Err(error) => println!("the worker starts again: {error}"),
                },
                () = &mut shutdown => {
                    context.stop()?;
                    return Ok(running.await?);
                }
            }
            tokio::select! {
                () = sleep(RESTART_PAUSE) => {}
                () = &mut shutdown => return Ok(()),
            }
        }
    }

    async fn attempt(self, task: Task<Job>) -> Result<(), BoxError> {
        // Only verified events are stored, so what is in the queue is trusted.
        let event = &task.args;
        let (attempt, attempts) = (task.attempt(), task.max_attempts().unwrap_or(1));
        if attempt > attempts {
            println!("dead {} {}", event.id(), event.event_type());
            return Err(AbortError::new("each attempt ended with its worker").into());
        }

        let key = task.idempotency_key().unwrap_or(event.id()).to_owned();
        let (fulfilment, fulfilled) = (self.fulfilment.clone(), event.clone());
        let Err(error) =
            carry_out(async move { fulfilment.fulfil(&fulfilled, &key).await }, WORK_TIMEOUT).await
        else {
            println!("done {} {}", event.id(), event.event_type());
            return Ok(());
        };

        if attempt == attempts {
            println!("dead {} {}: {error}", event.id(), event.event_type());
            return Err(error);
        }
        let pause = pause_after(attempt, self.backoff);
        let job = task.task_id().ok_or("the job has no id")?.to_string();
        self.queue.put_off(&job, pause).await?;
        println!("failed {} {}, again in {pause:?}: {error}", event.id(), event.event_type());
        Err(error)
    }
}

/// Runs the work in its own task, so that a panic only fails this event.
async fn carry_out<W>(work: W, limit: Duration) -> Result<(), BoxError>
where
    W: Future<Output = Result<(), BoxError>> + Send + 'static,
{
    tokio::spawn(timeout(limit, work)).await??
}

fn pause_after(attempt: usize, backoff: Duration) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    backoff.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn work_beyond_its_time_limit_fails() {
        let error = carry_out(pending(), Duration::from_millis(1)).await.unwrap_err();
        assert_eq!(error.to_string(), "deadline has elapsed");
        assert!(carry_out(async { Ok(()) }, WORK_TIMEOUT).await.is_ok());
    }

    #[tokio::test]
    async fn panicking_work_fails() {
        let error = carry_out(async { panic!("out of stock") }, WORK_TIMEOUT)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("out of stock"), "{error}");
    }

    #[test]
    fn pauses_double_up_to_an_hour() {
        let pauses = [1, 2, 3, 9, 10, 100, usize::MAX]
            .map(|attempt| pause_after(attempt, Duration::from_secs(10)).as_secs());
        assert_eq!(pauses, [10, 20, 40, 2560, 3600, 3600, 3600]);
        assert_eq!(pause_after(usize::MAX, Duration::ZERO), Duration::ZERO);
    }
}
