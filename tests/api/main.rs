//! Requests to Stripe's API: the key, the client, its retries, fetching the objects of events, and the
//! fake of `test_util`.

mod app;
mod base_url;
mod coalescing;
mod deadlines;
mod events;
mod fake_api;
mod fake_client;
mod fake_lists;
mod fetch;
mod fetch_data;
mod fetch_layer;
mod key;
#[path = "../support/log.rs"]
mod log;
mod lying;
mod no_key_in_text;
mod paths;
mod requests;
mod responses;
mod retries;
mod server;
mod sockets;
mod support;
mod version;
mod whole;
