//! Headers of Stripe's API.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
pub(super) const STRIPE_ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
pub(super) const STRIPE_CONTEXT: HeaderName = HeaderName::from_static("stripe-context");
pub(super) const STRIPE_REQUEST_TRIGGER: HeaderName =
    HeaderName::from_static("stripe-request-trigger");
pub(super) const STRIPE_SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");
pub(super) const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");

/// Returns the header `Retry-After` in whole seconds. A date, which Stripe does not send, is none.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u32 = if is_number { text.parse().ok()? } else { return None };
    Some(Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(header::RETRY_AFTER, value.parse().unwrap())]);
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn retry_after_is_a_number_of_seconds() {
        assert_eq!(parsed("0"), Some(0));
        assert_eq!(parsed("60"), Some(60));
        assert_eq!(parsed("4294967295"), Some(u32::MAX.into()));
        for other in ["4294967296", "", "-1", "+1", "1.5", "1 s", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(parsed(other), None, "{other:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
