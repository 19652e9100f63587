//! The idempotency layer, its stores, and `record` in the caller's transaction.
#![cfg(feature = "tokio")]

mod app;
mod blocked;
mod deliveries;
mod endings;
mod faults;
mod faulty_store;
mod keys;
mod leases;
#[path = "../support/log.rs"]
mod log;
mod migration;
#[cfg(feature = "postgres")]
mod postgres_faults;
#[cfg(feature = "postgres")]
#[path = "../support/postgres.rs"]
mod postgres_server;
#[cfg(any(feature = "postgres", feature = "redis"))]
#[cfg_attr(
    not(all(feature = "postgres", feature = "sqlite")),
    allow(
        dead_code,
        reason = "the tests of Redis use less of it, and `transaction` needs both databases"
    )
)]
#[path = "../support/proxy.rs"]
mod proxy;
mod readiness;
#[cfg(feature = "redis")]
mod redis_faults;
#[cfg(feature = "redis")]
#[path = "../support/redis.rs"]
mod redis_server;
mod served;
#[cfg(feature = "sqlite")]
mod sqlite_faults;
mod stores;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
#[path = "../support/tmpfs.rs"]
mod tmpfs;
mod traced;
#[cfg(all(feature = "postgres", feature = "sqlite"))]
mod transaction;
#[cfg(any(feature = "postgres", feature = "redis"))]
#[path = "../support/unique.rs"]
mod unique;
