//! A store that fails or hangs on demand.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};
use tower_stripe_webhook::{
    BoxError,
    idempotency::{Claim, ClaimToken, EventKey, IdempotencyStore, MemoryStore},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Claim,
    Renew,
    Commit,
    Release,
}

#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing happens, and there is an error.
    Fails,
    /// Nothing ever happens.
    Hangs,
    /// The call waits until [`go_on`](FaultyStore::go_on).
    Stalls,
    /// It happens, and there is an error.
    LosesTheAnswer,
    /// It happens at once, and is answered after this time.
    AnswersAfter(Duration),
}

/// A store in memory behind a bad line. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct FaultyStore {
    store: Arc<MemoryStore>,
    faults: Arc<Mutex<HashMap<Step, Fault>>>,
    goes_on: Arc<Notify>,
    reached: Arc<Mutex<HashMap<Step, usize>>>,
}

impl FaultyStore {
    pub fn with(step: Step, fault: Fault) -> Self {
        let store = Self::default();
        store.set(step, fault);
        store
    }

    pub fn set(&self, step: Step, fault: Fault) {
        self.faults.lock().unwrap().insert(step, fault);
    }

    pub fn mend(&self) {
        self.faults.lock().unwrap().clear();
    }

    pub fn go_on(&self) {
        self.mend();
        self.goes_on.notify_waiters();
    }

    /// How often a step was asked for.
    pub fn count(&self, step: Step) -> usize {
        self.reached.lock().unwrap().get(&step).copied().unwrap_or(0)
    }

    async fn reach(&self, step: Step) -> Result<(), BoxError> {
        let goes_on = self.goes_on.notified();
        *self.reached.lock().unwrap().entry(step).or_default() += 1;
        let fault = self.faults.lock().unwrap().get(&step).copied();
        match fault {
            None | Some(Fault::LosesTheAnswer | Fault::AnswersAfter(_)) => {}
            Some(Fault::Fails) => return Err(format!("the line is down ({step:?})").into()),
            Some(Fault::Hangs) => pending().await,
            Some(Fault::Stalls) => goes_on.await,
        }
        Ok(())
    }

    async fn answer<T>(&self, step: Step, answer: Result<T, BoxError>) -> Result<T, BoxError> {
        let fault = self.faults.lock().unwrap().get(&step).copied();
        match fault {
            Some(Fault::LosesTheAnswer) => {
                return Err(format!("the line is down ({step:?})").into());
            }
            Some(Fault::AnswersAfter(time)) => sleep(time).await,
            _ => {}
        }
        answer
    }
}

impl IdempotencyStore for FaultyStore {
    async fn claim(&self, key: &EventKey, lease: Duration) -> Result<Claim, BoxError> {
        self.reach(Step::Claim).await?;
        self.answer(Step::Claim, self.store.claim(key, lease).await).await
    }

    async fn renew(
        &self,
        key: &EventKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, BoxError> {
        self.reach(Step::Renew).await?;
        self.answer(Step::Renew, self.store.renew(key, token, lease).await).await
    }

    async fn commit(&self, key: &EventKey, token: ClaimToken) -> Result<bool, BoxError> {
        self.reach(Step::Commit).await?;
        self.answer(Step::Commit, self.store.commit(key, token).await).await
    }

    async fn release(&self, key: &EventKey, token: ClaimToken) -> Result<(), BoxError> {
        self.reach(Step::Release).await?;
        self.answer(Step::Release, self.store.release(key, token).await).await
    }
}
