//! The Redis at `TEST_REDIS_URL`.

use std::env;

use redis::{Client, aio::ConnectionManager};
use tower_stripe_webhook::idempotency::RedisStore;

use crate::unique::unique;

/// A prefix that no other test has.
pub fn prefix() -> String {
    unique("test-")
}

pub async fn connection() -> ConnectionManager {
    let url = env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set");
    let client = Client::open(url).expect("TEST_REDIS_URL is a URL");
    ConnectionManager::new(client).await.expect("Redis answers")
}

/// Under a prefix of its own.
pub async fn store() -> RedisStore {
    RedisStore::new(connection().await).with_prefix(prefix())
}
