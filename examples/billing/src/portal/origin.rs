//! Under which address the browser sees this server.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};

/// Whether the browser speaks TLS to the proxy in front.
pub fn is_https(headers: &HeaderMap) -> bool {
    let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()).unwrap_or_default();
    // Each proxy of a chain may have added its own; the first is the browser's.
    scheme.split(',').next().is_some_and(|first| first.trim().eq_ignore_ascii_case("https"))
}

/// `host:port`, as the browser has it in its address bar; without a `Host` header, where this server listens.
pub fn authority(headers: &HeaderMap, local: SocketAddr) -> String {
    headers.get(header::HOST).and_then(|host| host.to_str().ok()).map_or_else(|| local.to_string(), ToOwned::to_owned)
}
