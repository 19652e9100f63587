//! Replaying one event.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::Body;
use http_body_util::Full;
use tokio::time::sleep;
use tower_service::Service;

use super::{
    RecoveryError, ReplayOutcome,
    answer::{self, Verdict},
    outcome::Answer,
};
use crate::{
    clock::Clock,
    error::BoxError,
    event::Event,
    secret::{SecretProvider, SigningSecrets},
    sign::{delivery, sign_with_all},
};

/// More secrets than any endpoint has, and no more than the layer accepts signatures.
const MAX_SECRETS: usize = 16;

const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait for another attempt. A claim's lease is 60 s by default.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// Attempts for an event that another delivery is handling, which does not count as a failure.
const MAX_ATTEMPTS_IN_FLIGHT: u32 = 10;

/// Sends events to the app.
pub(super) struct Replay<S, P> {
    pub(super) service: S,
    pub(super) secrets: Arc<P>,
    pub(super) uri: Uri,
    pub(super) max_attempts: u32,
    pub(super) clock: Arc<dyn Clock>,
}

impl<S: Clone, P> Clone for Replay<S, P> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            secrets: Arc::clone(&self.secrets),
            uri: self.uri.clone(),
            max_attempts: self.max_attempts,
            clock: Arc::clone(&self.clock),
        }
    }
}

impl<S, P, B> Replay<S, P>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone,
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
    P: SecretProvider,
{
    /// Replays an event until it is settled, or the attempts are used up.
    ///
    /// # Errors
    ///
    /// An error that each event would have.
    pub(super) async fn event(&self, event: &Event) -> Result<Answer, RecoveryError> {
        let (mut attempts, mut attempts_in_flight) = (0, 0);
        loop {
            let (answer, wait) = match self.attempt(event).await? {
                Ok(Verdict::Final(answer)) => return Ok(answer),
                Ok(Verdict::TryAgain { answer, wait }) => (answer, wait),
                Ok(Verdict::OtherMode) => return Err(RecoveryError::wrong_mode()),
                Ok(Verdict::SignatureMismatch) => return Err(RecoveryError::secret_rejected()),
                Err(reason) => (Answer::failed(reason), None),
            };
            let (count, max) = match answer.outcome {
                ReplayOutcome::InFlight => (&mut attempts_in_flight, MAX_ATTEMPTS_IN_FLIGHT),
                _ => (&mut attempts, self.max_attempts),
            };
            *count += 1;
            if *count >= max {
                return Ok(answer);
            }
            let own = FIRST_WAIT * (1 << (*count - 1).min(5));
            sleep(match answer.outcome {
                // `Retry-After` is the rest of the claim's lease, and most handlers end earlier.
                ReplayOutcome::InFlight => wait.unwrap_or(own).min(own),
                _ => wait.unwrap_or(own).min(MAX_WAIT),
            })
            .await;
        }
    }

    /// Sends an event, and once more with newer secrets if the app does not know those.
    async fn attempt(&self, event: &Event) -> Result<Result<Verdict, &'static str>, RecoveryError> {
        let (head, ()) = self.head().into_parts();
        let Some(secrets) = usable(self.secrets.secrets(&head).await) else {
            return Ok(Err(SECRETS_FAILED));
        };
        let verdict = self.send(event, &secrets).await;
        if !matches!(verdict, Ok(Verdict::SignatureMismatch)) {
            return Ok(verdict);
        }
        let newer = match self.secrets.newer_secrets(&head, &secrets).await {
            Ok(Some(newer)) => Some(newer),
            // The secrets may have changed since they were asked for.
            Ok(None) => usable(self.secrets.secrets(&head).await)
                .filter(|newer| newer.iter().any(|secret| !secrets.contains(secret))),
            Err(_) => return Ok(Err(SECRETS_FAILED)),
        };
        match newer {
            Some(newer) => Ok(self.send(event, &newer).await),
            None => Err(RecoveryError::secret_rejected()),
        }
    }

    fn head(&self) -> Request<()> {
        delivery(self.uri.clone(), Bytes::new(), "").map(|_| ())
    }

    async fn send(&self, event: &Event, secrets: &SigningSecrets) -> Result<Verdict, &'static str> {
        let body = event.body();
        let signature = sign_with_all(body, secrets.iter().take(MAX_SECRETS), self.clock.now());
        let request = delivery(self.uri.clone(), body.clone(), &signature);
        let mut service = self.service.clone();
        let response = caught(async move {
            poll_fn(|cx| service.poll_ready(cx)).await?;
            let response = service.call(request).await?;
            Ok::<_, S::Error>(answer::read(response).await)
        });
        match response.await {
            Some(Ok(verdict)) => Ok(verdict),
            Some(Err(_)) => Err("service_failed"),
            None => Err("panicked"),
        }
    }
}

const SECRETS_FAILED: &str = "secrets_failed";

fn usable(secrets: Result<SigningSecrets, BoxError>) -> Option<SigningSecrets> {
    secrets.ok().filter(|secrets| !secrets.is_empty())
}

/// Runs a future. `None` if it panics.
///
/// A handler that panics fails its event and not the run, as a server's task would.
pub(super) async fn caught<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Some(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(_) => Poll::Ready(None),
    })
    .await
}
