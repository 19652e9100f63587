//! Guides, from the first event to troubleshooting.
//!
//! | guide | read it to |
//! |---|---|
//! | [`getting_started`] | receive the first event, without or with a Stripe account |
//! | [`secrets`] | choose where signing secrets come from, rotate them, serve several tenants |
//! | [`duplicates_and_order`] | process each event once, and in any order |
//! | [`thin_events`] | handle thin events, fetch objects, and move from snapshot events to thin events |
//! | [`recovery`] | handle what was missed, from a stopped process to a restored database |
//! | [`testing`] | test a handler without a server and without Stripe |
//! | [`deployment`] | run behind nginx, Caddy, CloudFront, API Gateway or Kubernetes |
//! | [`troubleshooting`] | find out why an event is rejected: one section for each error code |
//! | [`migration`] | replace hand-written verification, or code for async-stripe or Node |
//! | [`threat_model`] | see which attacks and failures are covered, and by which tests |
//!
//! Each Rust snippet is a test that runs, with the features `axum`, `recovery`, `sqlite` and `test-util`.

#[doc = include_str!("getting_started.md")]
pub mod getting_started {}

#[doc = include_str!("secrets.md")]
pub mod secrets {}

#[doc = include_str!("duplicates_and_order.md")]
pub mod duplicates_and_order {}

#[doc = include_str!("thin_events.md")]
pub mod thin_events {}

#[doc = include_str!("recovery.md")]
pub mod recovery {}

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("deployment.md")]
pub mod deployment {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}

#[doc = include_str!("migration.md")]
pub mod migration {}

#[doc = include_str!("threat_model.md")]
pub mod threat_model {}

#[cfg(test)]
mod tests;
