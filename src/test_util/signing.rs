//! Signatures and requests with Stripe's signature scheme.

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;

use crate::secret::SigningSecret;

/// Returns the `Stripe-Signature` header for `payload`: `t=…,v1=…`.
///
/// The fraction of a second of `signed_at` is dropped. To sign with two secrets, as Stripe does
/// during a rotation, append the second header's `v1` to the first header.
///
/// # Panics
///
/// If `signed_at` is before 1970.
///
/// # Example
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_stripe_webhook::{SigningSecret, test_util::sign};
///
/// let secret = SigningSecret::new("whsec_test")?;
/// let header = sign("{}", &secret, SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015));
/// assert!(header.starts_with("t=1795447015,v1="));
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[must_use]
pub fn sign(payload: impl AsRef<[u8]>, secret: &SigningSecret, signed_at: SystemTime) -> String {
    let timestamp = signed_at
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("signed_at must not be before 1970")
        .as_secs()
        .to_string();
    let mut mac = secret.key().start(timestamp.as_bytes());
    mac.update(payload.as_ref());
    format!("t={timestamp},v1={}", const_hex::Buffer::<32>::new().format(&mac.finish()))
}

/// Makes a request that delivers `payload` to `uri`, signed with [`sign`].
///
/// It has the method and headers of Stripe's requests.
///
/// # Panics
///
/// If `uri` is not a URI, or `signed_at` is before 1970.
#[must_use]
pub fn signed_request<U>(
    uri: U,
    payload: impl Into<Bytes>,
    secret: &SigningSecret,
    signed_at: SystemTime,
) -> Request<Full<Bytes>>
where
    U: TryInto<Uri>,
    U::Error: std::fmt::Debug,
{
    let payload = payload.into();
    let signature = sign(&payload, secret, signed_at);

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
        signature.try_into().expect("hexadecimal digits are a header value"),
    );

    let mut request = Request::new(Full::new(payload));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.try_into().expect("`uri` must be a URI");
    *request.headers_mut() = headers;
    request
}
