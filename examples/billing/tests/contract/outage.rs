//! A database that does not answer: Stripe is told to come again, and nothing is lost.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

use crate::harness::{Answer, Billing, Store, events::*};

const EMAIL: &str = "zoe@example.com";

fn assert_unavailable(answer: &Answer) {
    assert_eq!((answer.status, &*answer.error_code()), (503, "database_unavailable"));
    assert_eq!(answer.header("retry-after"), Some("30"));
}

#[tokio::test]
async fn while_the_sqlite_file_is_locked_events_are_answered_503_and_later_applied() {
    let store = Store::sqlite();
    let billing = Billing::start(&store);
    let event = top_up(EMAIL, 100);
    let mut other = SqliteConnection::connect(store.url()).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    assert_unavailable(&billing.deliver(&event).await);
    // Reading goes on.
    assert_eq!(billing.balance_of(EMAIL).await, 0);
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    assert_eq!(billing.outcome_of(&event).await, "applied");
    assert_eq!(billing.balance_of(EMAIL).await, 1_000);
}

#[tokio::test]
#[ignore = "needs Postgres: .ci/run starts one"]
async fn while_postgres_is_gone_events_are_answered_503_and_later_applied() {
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
