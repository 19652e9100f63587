//! Signatures of the app itself, with which it replays events.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;

use crate::secret::SigningSecret;

/// Returns the `Stripe-Signature` header for `payload`: `t=…,v1=…`.
///
/// It is the header that Stripe sends with a payload. With it, an app sends an event to its own
/// endpoint once more: one that it kept, or one of Stripe's list of events. The event then takes the
/// same path as a delivery: it is verified, checked for duplicates and handled. The module `recovery`
/// does so for all events that were missed.
///
/// - `payload` is the body of the request, byte by byte.
/// - `secret` is the app's own signing secret. To sign with two, as Stripe does during a rotation,
///   append the second header's `v1` to the first header.
/// - `signed_at` is the current time, because the layer rejects a timestamp outside its
///   [`Tolerance`](crate::Tolerance). The fraction of a second is dropped. A time before 1970 counts
///   as 1970.
///
/// Anyone who has a signed request can send it within the tolerance. So sign when the request is
/// sent, and only send it to the app's own endpoint.
///
/// # Example
///
/// ```
/// use std::time::SystemTime;
/// use bytes::Bytes;
/// use http::Request;
/// use http_body_util::Full;
/// use tower_stripe_webhook::{Event, SigningSecret, sign};
///
/// fn delivery(event: &Event, secret: &SigningSecret) -> http::Result<Request<Full<Bytes>>> {
///     Request::post("/webhook")
///         .header("stripe-signature", sign(event.body(), secret, SystemTime::now()))
///         .body(Full::new(event.body().clone()))
/// }
/// # let secret = SigningSecret::new("whsec_test").unwrap();
/// # let event = Event::unverified_from_json(tower_stripe_webhook::test_util::samples::INVOICE_PAID).unwrap();
/// # assert!(delivery(&event, &secret).is_ok());
/// ```
#[must_use]
pub fn sign(payload: impl AsRef<[u8]>, secret: &SigningSecret, signed_at: SystemTime) -> String {
    sign_with_all(payload.as_ref(), [secret], signed_at)
}

/// Returns a header with one signature for each secret.
pub(crate) fn sign_with_all<'a>(
    payload: &[u8],
    secrets: impl IntoIterator<Item = &'a SigningSecret>,
    signed_at: SystemTime,
) -> String {
    let since_1970 = signed_at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let timestamp = since_1970.as_secs().to_string();
    let mut header = format!("t={timestamp}");
    for secret in secrets {
        let mut mac = secret.key().start(timestamp.as_bytes());
        mac.update(payload);
        header.push_str(",v1=");
        header.push_str(const_hex::Buffer::<32>::new().format(&mac.finish()));
    }
    header
}

/// Makes the request of a delivery, with the method and the headers of Stripe's requests.
#[cfg_attr(
    not(any(feature = "recovery", feature = "test-util")),
    expect(dead_code, reason = "only a replay and a test deliver events")
)]
pub(crate) fn delivery(uri: Uri, payload: Bytes, signature: &str) -> Request<Full<Bytes>> {
    let mut headers = HeaderMap::new();
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(payload.len()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("*/*; q=0.5, application/xml"));
    headers.insert(
        header::USER_AGENT,
        HeaderValue::from_static("Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
    );
    headers.insert(
        "stripe-signature",
        HeaderValue::from_str(signature).expect("hexadecimal digits are a header value"),
    );

    let mut request = Request::new(Full::new(payload));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{signature::Tolerance, verify::verify_signature};

    #[test]
    fn a_signature_verifies_within_the_tolerance() {
        let secret = SigningSecret::new("whsec_test").unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_447_015_900);
        let header = sign("{}", &secret, now);
        let verify = |body: &[u8], now| {
            verify_signature(&header, body, &secret.clone().into(), now, Tolerance::default())
        };
        assert!(verify(b"{}", now).is_ok());
        // The fraction of a second is dropped.
        assert!(verify(b"{}", now + Duration::from_millis(299_100)).is_ok());
        assert!(verify(b"{}", now + Duration::from_millis(299_101)).is_err());
        assert!(verify(b"{ }", now).is_err());
    }

    #[test]
    fn a_header_has_a_signature_of_each_secret() {
        let secrets = ["whsec_one", "whsec_two"].map(|text| SigningSecret::new(text).unwrap());
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015);
        let header = sign_with_all(b"{}", &secrets, now);
        for secret in secrets {
            let tolerance = Tolerance::default();
            assert!(verify_signature(&header, b"{}", &secret.into(), now, tolerance).is_ok());
        }
    }

    #[test]
    fn a_time_before_1970_counts_as_1970() {
        let secret = SigningSecret::new("whsec_test").unwrap();
        let header = sign("{}", &secret, SystemTime::UNIX_EPOCH - Duration::from_secs(1));
        assert!(header.starts_with("t=0,v1="), "{header}");
    }
}
