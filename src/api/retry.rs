//! The policy for retries of requests to Stripe's API.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use http::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::time::{Instant, Sleep, sleep};
use tower::retry::{
    Policy,
    budget::{Budget, TpsBudget},
};

use super::{
    deadline::Deadline,
    headers::{STRIPE_SHOULD_RETRY, retry_after},
};

/// A policy for [`tower::retry`] that retries requests to Stripe's API as Stripe asks for.
///
/// | answer | retried |
/// |---|---|
/// | none, because the connection failed | yes |
/// | an error with `Stripe-Should-Retry: true` or `false` | as it says |
/// | `409`, `429`, `5xx` | yes |
/// | any other | no |
///
/// The wait before a retry doubles from one to the next: 0.5 to 1 s, 1 to 2 s, 2 to 4 s, and then
/// 2.5 to 5 s. It is random within these bounds, so that nodes that failed at once do not come back
/// at once. It is at least as long as the header `Retry-After` says.
///
/// No retry begins after the deadline, which is the one of [`StripeApi`](super::StripeApi) or the
/// policy's own, whichever comes first. A `Retry-After` that is longer than the time that is left
/// ends the retries at once: the error goes back, and Stripe delivers the event again later.
///
/// | option | default |
/// |---|---|
/// | [`with_max_retries`](Self::with_max_retries) | 3 |
/// | [`with_deadline`](Self::with_deadline) | 10 s |
/// | [`with_budget`](Self::with_budget) | retries for 20 % of the requests, and 2 more per second |
///
/// The budget keeps an outage from multiplying the requests. All clones of a policy share it.
///
/// Only `GET` and `HEAD` requests are retried. An answer whose body breaks off is not retried,
/// because the policy only sees the head.
///
/// # Example
///
/// [`StripeApi`](super::StripeApi) has one with a client.
///
/// ```
/// use std::time::Duration;
///
/// use tower::retry::RetryLayer;
/// use tower_stripe_webhook::api::ApiRetryPolicy;
///
/// let policy = ApiRetryPolicy::new().with_max_retries(2).with_deadline(Duration::from_secs(5));
/// let layer = RetryLayer::new(policy);
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct ApiRetryPolicy {
    max_retries: u32,
    deadline: Duration,
    budget: Arc<TpsBudget>,
    /// The state of one request. [`Policy::clone_request`] sets it, then tower clones the policy.
    retries: u32,
    ends: Option<Instant>,
}

const DEFAULT_MAX_RETRIES: u32 = 3;

const DEFAULT_DEADLINE: Duration = Duration::from_secs(10);

const BUDGET_WINDOW: Duration = Duration::from_secs(10);

impl ApiRetryPolicy {
    /// Makes a policy with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            max_retries: DEFAULT_MAX_RETRIES,
            deadline: DEFAULT_DEADLINE,
            budget: Arc::new(TpsBudget::new(BUDGET_WINDOW, 2, 0.2)),
            retries: 0,
            ends: None,
        }
    }

    /// Sets the maximal number of retries of one request.
    #[must_use]
    pub fn with_max_retries(mut self, retries: u32) -> Self {
        self.max_retries = retries;
        self
    }

    /// Sets the time after the first attempt in which a retry may begin.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets the budget for the retries of all requests.
    #[must_use]
    pub fn with_budget(mut self, budget: TpsBudget) -> Self {
        self.budget = Arc::new(budget);
        self
    }

    /// Returns when the next attempt begins, or `None` if there is none.
    fn next_wait(&self, asked: Option<Duration>) -> Option<Duration> {
        let wait = backoff(self.retries).max(asked.unwrap_or_default());
        let begins = Instant::now().checked_add(wait)?;
        let is_in_time = self.ends.is_none_or(|ends| begins < ends);
        (self.retries < self.max_retries && is_in_time).then_some(wait)
    }
}

impl Default for ApiRetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl<Q: Clone, B, E> Policy<Request<Q>, Response<B>, E> for ApiRetryPolicy {
    type Future = Sleep;

    fn retry(&mut self, _: &mut Request<Q>, result: &mut Result<Response<B>, E>) -> Option<Sleep> {
        let asked = match result {
            Ok(response) if !is_retryable(response.status(), response.headers()) => {
                self.budget.deposit();
                return None;
            }
            Ok(response) => retry_after(response.headers()),
            Err(_) => None,
        };
        let wait = self.next_wait(asked)?;
        if !self.budget.withdraw() {
            return None;
        }
        self.retries += 1;
        Some(sleep(wait))
    }

    fn clone_request(&mut self, request: &Request<Q>) -> Option<Request<Q>> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return None;
        }
        if self.retries == 0 {
            let own = Instant::now().checked_add(self.deadline);
            let of_client = request.extensions().get().map(|&Deadline(ends)| ends);
            self.ends = [own, of_client].into_iter().flatten().min();
        }
        Some(request.clone())
    }
}

fn is_retryable(status: StatusCode, headers: &HeaderMap) -> bool {
    if !status.is_client_error() && !status.is_server_error() {
        return false;
    }
    match headers.get(STRIPE_SHOULD_RETRY).map(http::HeaderValue::as_bytes) {
        Some(b"true") => true,
        Some(b"false") => false,
        _ => {
            [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
                || status.is_server_error()
        }
    }
}

/// The longest wait before the first retry.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// The longest wait before any retry.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Returns a random wait between one half of the longest one for this retry and all of it.
fn backoff(retries: u32) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(1 << retries.min(8)).min(MAX_WAIT);
    let millis = longest.as_millis() as u64 / 2;
    // Each `RandomState` has other keys.
    let random = RandomState::new().hash_one(retries) % (millis + 1);
    Duration::from_millis(millis + random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_5_s_and_are_random() {
        for (retries, longest) in [(0, 1000), (1, 2000), (2, 4000), (3, 5000), (u32::MAX, 5000)] {
            let waits: Vec<u128> = (0..200).map(|_| backoff(retries).as_millis()).collect();
            assert!(waits.iter().all(|wait| (longest / 2..=longest).contains(wait)), "{waits:?}");
            let low = waits.iter().filter(|wait| **wait < longest * 3 / 4).count();
            assert!((40..160).contains(&low), "{waits:?}");
        }
    }
}
