//! The Redis at `TEST_REDIS_URL`.

use std::env;

use redis::{Client, aio::ConnectionManager};
use tokio::sync::Mutex;

use crate::unique::unique;

/// A lock for tests that count round trips or flush the scripts.
///
/// After a flush, scripts are sent again.
pub static SCRIPTS: Mutex<()> = Mutex::const_new(());

pub fn url() -> String {
    env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set")
}

pub async fn connection() -> ConnectionManager {
    let client = Client::open(url()).expect("TEST_REDIS_URL is a URL");
    ConnectionManager::new(client).await.expect("Redis answers")
}

/// A prefix that no other test has.
pub fn prefix() -> String {
    unique("test-")
}
