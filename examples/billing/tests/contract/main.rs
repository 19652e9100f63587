//! The contract in README.md, over a real socket with the built program: each test on SQLite, and again on Postgres, which `.ci/run`
//! starts and names in `TEST_POSTGRES_URL`.

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
#[path = "../../../../tests/common/proxy.rs"]
#[allow(dead_code, reason = "the tests of the library's stores use the rest")]
mod proxy;
mod reversals;
mod scope;
mod secrets;
mod sequences;
mod startup;
mod stripe_cli;
mod subscriptions;

/// Makes two tests of each function: one on a SQLite file, and one on a Postgres database, of its own.
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
