//! The layer that handles each event once: what the handler sees of deliveries, and what Stripe sees of the handler.
#![cfg(feature = "tokio")]

mod app;
mod blocked;
mod deliveries;
mod endings;
mod faults;
mod faulty_store;
mod keys;
mod leases;
#[cfg(feature = "postgres")]
mod postgres_faults;
#[cfg(feature = "postgres")]
#[path = "../common/postgres.rs"]
mod postgres_server;
#[cfg(any(feature = "postgres", feature = "redis"))]
#[path = "../common/proxy.rs"]
mod proxy;
mod readiness;
#[cfg(feature = "redis")]
mod redis_faults;
#[cfg(feature = "redis")]
#[path = "../common/redis.rs"]
mod redis_server;
mod served;
#[cfg(feature = "sqlite")]
mod sqlite_faults;
mod traced;
#[cfg(any(feature = "postgres", feature = "redis"))]
#[path = "../common/unique.rs"]
mod unique;
