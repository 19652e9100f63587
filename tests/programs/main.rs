//! The example programs, and Stripe's official libraries and CLI.

#[path = "../support/example_server.rs"]
mod example_server;
mod examples;
mod official_api;
mod official_libraries;
mod server_limits;
