//! A database that does not answer: events are answered 503, and nothing is lost.

use std::time::Duration;

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tokio::time::timeout;

use crate::{
    harness::{Answer, Billing, SECRET, Setup, Store, events::*},
    proxy::Proxy,
};

const EMAIL: &str = "zoe@example.com";

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, &*answer.error_code()), (503, "database_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("30"));
}

#[tokio::test]
async fn events_are_answered_503_while_the_sqlite_file_is_locked() {
    let store = Store::sqlite();
    let billing = Billing::start(&store);
    let event = top_up(EMAIL, 100);
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    assert_unavailable(&billing.deliver(&event).await);
    // Reading works, but the program is not healthy.
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    assert_unavailable(&billing.get("/healthz").await);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_are_answered_503_while_postgres_is_down() {
    let store = Store::postgres().await;
    let billing = Billing::start(&store);
    let event = top_up(EMAIL, 100);
    assert_eq!(billing.deliver(&of_type(top_up(EMAIL, 1), "customer.created")).await.status, 200);

    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    let mut admin = PgConnection::connect(&server).await.unwrap();
    let name = store.url().rsplit('/').next().unwrap().split('?').next().unwrap();
    let shut = format!(
        "ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false;
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    sqlx::raw_sql(AssertSqlSafe(shut)).execute(&mut admin).await.unwrap();
    assert_unavailable(&billing.deliver(&event).await);
    assert_unavailable(&billing.get("/healthz").await);
    assert_unavailable(&billing.get("/api/v1/credits?user=cus_1").await);

    let open = format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true");
    sqlx::raw_sql(AssertSqlSafe(open)).execute(&mut admin).await.unwrap();
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

/// Multi-threaded, because starting the program blocks a thread, and the proxy needs another one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn a_commit_with_an_unknown_outcome_is_settled_by_the_next_delivery() {
    let store = Store::postgres().await;
    let (proxy, url) = Proxy::before(store.url()).await;
    let billing =
        Setup::new(&store).with("STRIPE_WEBHOOK_SECRET", SECRET).with("DATABASE_URL", url).start();
    let event = top_up(EMAIL, 100);
    proxy.lose_answers_to("COMMIT");
    assert_unavailable(&billing.deliver(&event).await);
    proxy.work();
    assert_eq!(billing.outcome_of(&event).await, "duplicate");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

#[tokio::test]
async fn a_database_error_of_one_event_does_not_fail_concurrent_ones() {
    let store = Store::sqlite();
    let billing = Billing::start(&store);
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    let fails =
        "CREATE TRIGGER fails BEFORE INSERT ON credit_transactions WHEN NEW.email LIKE 'unlucky%'
                 BEGIN SELECT RAISE(ABORT, 'it fails'); END";
    sqlx::raw_sql(fails).execute(&mut other).await.unwrap();

    let events: Vec<_> = (0..48)
        .map(|nth| top_up(if nth % 6 == 0 { "unlucky@example.com" } else { EMAIL }, 1))
        .collect();
    let answers =
        futures_util::future::join_all(events.iter().map(|event| billing.deliver(event))).await;
    for (nth, answer) in answers.iter().enumerate() {
        if nth % 6 == 0 {
            assert_unavailable(answer);
        } else {
            assert_eq!(answer.status, 200, "{}", answer.text);
        }
    }
    assert_eq!(billing.balance_of(EMAIL).await, 400);

    sqlx::raw_sql("DROP TRIGGER fails").execute(&mut other).await.unwrap();
    assert_eq!(billing.outcome_of(&events[0]).await, "applied");
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn events_are_answered_503_in_time_while_a_lock_is_held() {
    let store = Store::postgres().await;
    let billing = Billing::start(&store);
    let mut other = PgConnection::connect(store.url()).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE credit_transactions").execute(&mut other).await.unwrap();
    let event = top_up(EMAIL, 100);
    // Less than the request timeout of 20 s.
    let answer =
        timeout(Duration::from_secs(15), billing.deliver(&event)).await.expect("an answer in time");
    assert_unavailable(&answer);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}
