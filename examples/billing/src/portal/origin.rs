//! The origin of this server in the browser.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};

/// Returns whether the browser uses TLS, as the proxy in front says.
pub fn is_https(headers: &HeaderMap) -> bool {
    let scheme =
        headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Each proxy of a chain may append a value: the first is the browser's.
    scheme.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
}

/// Returns the `Host` header, or the address at which this server listens.
pub fn authority(headers: &HeaderMap, local: SocketAddr) -> String {
    headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .map_or_else(|| local.to_string(), ToOwned::to_owned)
}
