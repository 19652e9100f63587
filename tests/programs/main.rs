//! The example programs, and Stripe's official libraries and CLI.

#[path = "../support/example_server.rs"]
mod example_server;
mod examples;
mod hyper_limits;
mod official_api;
mod official_libraries;
