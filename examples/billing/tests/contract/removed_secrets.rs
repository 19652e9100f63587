//! Secrets that are removed or replaced while an event that they signed is in its transaction.

use std::sync::Arc;

use serde_json::Value;
use sqlx::{Connection, PgConnection};
use tokio::task::{JoinHandle, yield_now};

use crate::harness::{Answer, Billing, SECRET, Setup, Store, events::*};

const EMAIL: &str = "zoe@example.com";
const OLD: &str = "whsec_the_old_one";
const NEW: &str = "whsec_the_new_one";

/// Holds up transactions of the program, and sees which ones wait.
struct Holder {
    holding: PgConnection,
    seeing: PgConnection,
}

impl Holder {
    async fn connect(store: &Store) -> Self {
        let connect = async || PgConnection::connect(store.url()).await.expect("it answers");
        Self { holding: connect().await, seeing: connect().await }
    }

    async fn execute(&mut self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.holding).await.expect("the statement is right");
    }

    /// Holds up each event at its last statement.
    async fn hold_events(&mut self) {
        self.execute("BEGIN; LOCK TABLE deliveries IN EXCLUSIVE MODE").await;
    }

    async fn release(&mut self) {
        self.execute("ROLLBACK").await;
    }

    /// Waits until a statement that begins so waits for a lock. Fails if `task` ends before.
    async fn until_it_waits(&mut self, task: &JoinHandle<Answer>, statement: &str) {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND query LIKE $1 || '%')";
        let mut is_waiting = false;
        while !is_waiting {
            assert!(!task.is_finished(), "{statement} does not wait");
            let query = sqlx::query_scalar(waiting).bind(statement);
            is_waiting = query.fetch_one(&mut self.seeing).await.expect("an answer");
            yield_now().await;
        }
    }
}

fn deliver(billing: &Arc<Billing>, event: Value, secret: &'static str) -> JoinHandle<Answer> {
    let billing = Arc::clone(billing);
    tokio::spawn(async move { billing.deliver_signed(&event, secret).await })
}

fn change<F: Future<Output = Answer> + Send + 'static>(
    billing: &Arc<Billing>,
    change: impl FnOnce(Arc<Billing>) -> F,
) -> JoinHandle<Answer> {
    tokio::spawn(change(Arc::clone(billing)))
}

async fn assert_change_waits<F: Future<Output = Answer> + Send + 'static>(
    billing: &Arc<Billing>,
    store: &Store,
    secret: &'static str,
    statement: &str,
    make_change: impl FnOnce(Arc<Billing>) -> F,
) {
    let mut holder = Holder::connect(store).await;
    holder.hold_events().await;
    let event = deliver(billing, top_up(EMAIL, 100), secret);
    holder.until_it_waits(&event, "INSERT INTO deliveries").await;
    let changed = change(billing, make_change);
    holder.until_it_waits(&changed, statement).await;
    holder.release().await;
    let changed = changed.await.expect("an answer");
    assert!((200..300).contains(&changed.status), "{changed:?}");
    // The event was committed before the change returned.
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
    assert_eq!(event.await.expect("an answer").status, 200);
    let rejected = billing.deliver_signed(&top_up(EMAIL, 100), secret).await;
    assert_eq!(rejected.status, 400, "{rejected:?}");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn removing_a_secret_waits_for_the_events_that_it_signed() {
    let store = Store::postgres().await;
    let billing = Arc::new(Billing::start(&store));
    let id = billing.add_secret(OLD).await.json()["id"].as_str().unwrap().to_owned();
    billing.add_secret(NEW).await;
    let remove = |billing: Arc<Billing>| async move { billing.remove_secret(&id).await };
    assert_change_waits(&billing, &store, OLD, "DELETE FROM signing_secrets", remove).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn replacing_secrets_waits_for_the_events_that_they_signed() {
    let store = Store::postgres().await;
    let billing = Arc::new(Billing::start(&store));
    billing.add_secret(OLD).await;
    let replace = |billing: Arc<Billing>| async move { billing.set_secret(NEW).await };
    assert_change_waits(&billing, &store, OLD, "DELETE FROM signing_secrets", replace).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn the_first_secret_waits_for_events_of_the_environments_secret() {
    let store = Store::postgres().await;
    let billing = Arc::new(Billing::start(&store));
    let add = |billing: Arc<Billing>| async move { billing.add_secret(NEW).await };
    assert_change_waits(&billing, &store, SECRET, "INSERT INTO signing_secrets", add).await;
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn an_event_in_its_transaction_does_not_delay_other_events() {
    let store = Store::postgres().await;
    let setup = Setup::new(&store).with("STRIPE_WEBHOOK_SECRET", SECRET);
    let [billing, other_node] = [0, 1].map(|_| Arc::new(setup.start()));
    billing.outcome_of(&checkout(EMAIL, "cus_1", "sub_1")).await;
    let mut holder = Holder::connect(&store).await;
    holder.execute("BEGIN; SELECT 1 FROM subscriptions FOR UPDATE").await;
    let held = deliver(&billing, subscription("updated", "sub_1", "cus_1", "active"), SECRET);
    holder.until_it_waits(&held, "").await;
    for node in [&billing, &other_node] {
        assert_eq!(node.outcome_of(&top_up(EMAIL, 100)).await, "applied");
    }
    assert!(!held.is_finished());
    holder.release().await;
    assert_eq!(held.await.expect("an answer").status, 200);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_during_changes_of_secrets_end_without_deadlock() {
    let store = Store::postgres().await;
    let billing = Arc::new(Billing::start(&store));
    billing.add_secret(NEW).await;
    let events: Vec<_> = (0..100)
        .map(|nth| {
            let payment = format!("pi_{}", nth % 5);
            deliver(&billing, top_up_paid_by(&payment, EMAIL, 100), NEW)
        })
        .collect();
    for _ in 0..10 {
        let added = billing.add_secret(OLD).await;
        assert_eq!(added.status, 201, "{added:?}");
        let id = added.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(billing.remove_secret(&id).await.status, 204);
    }
    for event in events {
        let answer = event.await.expect("an answer");
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}
