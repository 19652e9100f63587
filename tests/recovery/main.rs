//! Listing the events that were missed, and replaying them through an app.

mod listing;
#[path = "../support/log.rs"]
mod log;
mod options;
mod outage;
mod replay;
mod sockets;
mod support;
mod trace;
