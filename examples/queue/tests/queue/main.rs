//! Tests of the built program, with real sockets and a real database.
//!
//! The test plays Stripe and the fulfilment service.

mod answers;
mod crashes;
mod database;
#[path = "../../../../tests/support/disk.rs"]
mod disk;
mod failures;
mod file_modes;
mod full_disk;
mod program;
mod server;
mod settings;
mod shop;
mod slow_clients;
mod stripe;

use std::time::Duration;

use tokio::time::timeout;

/// Each test on each database.
///
/// Those on Postgres are run by `.ci/run`, which starts one.
macro_rules! on_each_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(crate::database::Database::sqlite().await).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test]
                #[ignore = "needs Postgres: .ci/run starts one"]
                async fn $test() {
                    super::$test(crate::database::Database::postgres().await).await;
                }
            )+
        }
    };
}
use on_each_database;

/// Fails after a deadline, so that a test never hangs.
///
/// The deadline is longer than anything takes on a busy machine.
async fn in_time<F: Future>(what: &str, future: F) -> F::Output {
    const DEADLINE: Duration = Duration::from_secs(90);
    timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} took longer than {DEADLINE:?}"))
}
