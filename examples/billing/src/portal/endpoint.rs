//! The webhook's URL and event types, to be entered at Stripe.

use axum::http::HeaderMap;
use tower_stripe_webhook::{EventType, event::SUBSCRIPTION_EVENT_TYPES};

use super::origin;
use crate::{
    app::AppState,
    optional_events::{OPTIONAL_EVENTS, OptionalEvents},
    webhook,
};

#[derive(Debug)]
pub struct Endpoint {
    /// The URL with the host that the browser uses, which is usually also Stripe's.
    pub url: String,
    pub event_types: Vec<&'static str>,
    /// The names of the same types in thin events.
    pub thin_types: Vec<&'static str>,
    /// The types that only some businesses need.
    pub optional: &'static [OptionalEvents],
    /// For `stripe listen --forward-to`.
    pub forward_to: String,
}

impl Endpoint {
    pub fn new(app: &AppState, headers: &HeaderMap) -> Self {
        let authority = origin::authority(headers, app.local_address);
        let scheme = if origin::is_https(headers) { "https" } else { "http" };
        let url = format!("{scheme}://{authority}{}", webhook::PATH);
        Self {
            // The tool assumes `http://`.
            forward_to: url.strip_prefix("http://").unwrap_or(&url).to_owned(),
            url,
            event_types: SUBSCRIPTION_EVENT_TYPES
                .iter()
                .map(|event_type| event_type.as_str())
                .collect(),
            thin_types: SUBSCRIPTION_EVENT_TYPES.iter().filter_map(EventType::thin_name).collect(),
            optional: &OPTIONAL_EVENTS,
        }
    }
}
