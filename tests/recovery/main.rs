//! Listing the events that were missed, and replaying them through an app.

mod listing;
mod options;
mod outage;
mod replay;
mod sockets;
mod support;
