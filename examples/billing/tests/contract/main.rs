//! Tests of the contract in README.md with the built program: each on SQLite, and on the Postgres
//! server in `TEST_POSTGRES_URL`, which `.ci/run` starts.

mod harness;

mod access;
mod crash;
mod credits;
mod customers;
mod deliveries;
mod full_disk;
mod nodes;
mod outage;
mod portal;
#[path = "../../../../tests/support/proxy.rs"]
#[allow(dead_code, reason = "the tests of the library's stores use the rest")]
mod proxy;
mod removed_secrets;
mod reversals;
mod scope;
mod secrets;
mod sequences;
mod slow_senders;
mod startup;
mod stripe_cli;
mod subscriptions;
mod thin;

/// Declares two tests for each function: one on SQLite and one on Postgres.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::harness::Store::sqlite()).await;
            })*
        }

        mod on_postgres {
            $(#[tokio::test]
            #[ignore = "needs Postgres: .ci/run starts one"]
            async fn $test() {
                super::$test(crate::harness::Store::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both;
