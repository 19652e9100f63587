//! A store whose calls fail at random.

use std::{sync::Arc, time::Duration};

use tower_stripe_webhook::{
    BoxError,
    idempotency::{Claim, ClaimToken, EventKey, IdempotencyStore},
};

use super::Failures;

/// A store behind a bad line. Clones are the same.
#[derive(Clone, Debug)]
pub struct FlakyStore<S> {
    store: S,
    /// A call does not reach the store.
    pub lost_calls: Arc<Failures>,
    /// A claim or a release happens, but its answer is lost: the event stays claimed until the
    /// lease expires.
    pub lost_answers: Option<Arc<Failures>>,
}

impl<S> FlakyStore<S> {
    pub fn new(store: S) -> Self {
        Self { store, lost_calls: Arc::new(Failures::one_of(8)), lost_answers: None }
    }

    pub fn with_lost_answers(self) -> Self {
        Self { lost_answers: Some(Arc::new(Failures::one_of(16))), ..self }
    }

    fn reach(&self) -> Result<(), BoxError> {
        if self.lost_calls.occurs() { Err("the call is lost".into()) } else { Ok(()) }
    }

    fn answer<T>(&self, answer: Result<T, BoxError>) -> Result<T, BoxError> {
        match &self.lost_answers {
            Some(failures) if failures.occurs() => Err("the answer is lost".into()),
            _ => answer,
        }
    }
}

impl<S: IdempotencyStore> IdempotencyStore for FlakyStore<S> {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        self.reach()?;
        self.answer(self.store.claim(key, lease).await)
    }

    async fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, BoxError> {
        self.store.renew(key, token, lease).await
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        self.reach()?;
        self.answer(self.store.commit(key, token).await)
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        if self.lost_answers.is_some() {
            self.reach()?;
        }
        self.answer(self.store.release(key, token).await)
    }
}
