//! Requests to Stripe's API: the key, the client, its retries, and the fake of `test_util`.

mod base_url;
mod deadlines;
mod fake_api;
mod fake_lists;
mod key;
mod lying;
mod no_key_in_text;
mod requests;
mod responses;
mod retries;
mod server;
mod sockets;
mod support;
mod version;
