//! The migration with [`record`](idempotency::record) in the transaction of the effect.

use std::sync::Arc;

use axum::{http::StatusCode, routing::post};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use tempfile::TempDir;
use tokio::task::yield_now;
use tower_stripe_webhook::{VerifiedEvent, event::EventKind, idempotency};

use super::{Accounts, FACTS, Failures, migrate, paid_invoice, routes};

const EFFECTS: &str = "CREATE TABLE effects (invoice TEXT NOT NULL, thin BOOLEAN NOT NULL)";
const ADD_EFFECT: &str = "INSERT INTO effects VALUES ($1, $2)";
const COUNTS: &str =
    "SELECT count(*), count(DISTINCT invoice), count(CASE WHEN thin THEN 1 END) FROM effects";

macro_rules! migration {
    ($each_effect_happens_once:ident, $pool:ty) => {
        async fn $each_effect_happens_once(pool: $pool, accounts: Accounts) {
            idempotency::create_events_table(&pool).await.unwrap();
            sqlx::query(EFFECTS).execute(&pool).await.unwrap();
            // A transaction with its effect is rolled back; a commit succeeds, but is taken for
            // a failure.
            let rollbacks = Arc::new(Failures::one_of(5));
            let lost_answers = Arc::new(Failures::one_of(6));
            let (rolls_back, loses_answer) = (Arc::clone(&rollbacks), Arc::clone(&lost_answers));
            let effects = pool.clone();
            let handler = async move |event: VerifiedEvent| {
                let key = accounts.key(&event).in_scope("billing");
                let is_thin = event.kind() == EventKind::Thin;
                let mut transaction = pool.begin().await.unwrap();
                if idempotency::record(&mut transaction, &key).await.unwrap().is_first() {
                    let add = sqlx::query(ADD_EFFECT).bind(paid_invoice(&event)).bind(is_thin);
                    add.execute(&mut *transaction).await.unwrap();
                    if rolls_back.occurs() {
                        transaction.rollback().await.unwrap();
                        return StatusCode::INTERNAL_SERVER_ERROR;
                    }
                }
                transaction.commit().await.unwrap();
                if loses_answer.occurs() {
                    return StatusCode::SERVICE_UNAVAILABLE;
                }
                StatusCode::OK
            };
            migrate(&routes(&post(handler)), accounts, yield_now).await;

            let (effects, invoices, thin): (i64, i64, i64) =
                sqlx::query_as(COUNTS).fetch_one(&effects).await.unwrap();
            let facts = i64::try_from(FACTS).unwrap();
            assert_eq!((effects, invoices), (facts, facts));
            assert!(thin > facts / 4 && thin < facts * 3 / 4, "{thin} effects are of thin events");
            assert!(rollbacks.count() > 100, "{rollbacks:?}");
            assert!(lost_answers.count() > 100, "{lost_answers:?}");
        }
    };
}

migration!(in_sqlite, SqlitePool);

async fn each_effect_happens_once(accounts: Accounts) {
    let folder = TempDir::new().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("app.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Off);
    let pool = idempotency::pool_options().max_connections(4).connect_with(options).await.unwrap();
    in_sqlite(pool, accounts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_effect_of_the_own_account_happens_once() {
    each_effect_happens_once(Accounts::Own).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_effect_of_connected_accounts_happens_once() {
    each_effect_happens_once(Accounts::Connected).await;
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::{PgPool, postgres::PgPoolOptions};

    use super::*;
    use crate::postgres_server::schema;

    migration!(in_postgres, PgPool);

    async fn each_effect_happens_once(accounts: Accounts) {
        let options = PgPoolOptions::new().max_connections(10);
        in_postgres(options.connect(&schema().await).await.unwrap(), accounts).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Postgres: .ci/run starts one"]
    async fn each_effect_of_the_own_account_happens_once() {
        each_effect_happens_once(Accounts::Own).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs Postgres: .ci/run starts one"]
    async fn each_effect_of_connected_accounts_happens_once() {
        each_effect_happens_once(Accounts::Connected).await;
    }
}
