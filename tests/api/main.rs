//! Requests to Stripe's API.

mod base_url;
mod key;
mod version;
