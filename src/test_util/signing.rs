//! Signatures and requests with Stripe's signature scheme.

use std::time::SystemTime;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;

use crate::{secret::SigningSecret, sign::delivery};

/// Returns the `Stripe-Signature` header for `payload`, as [`sign`](crate::sign()) does.
///
/// # Panics
///
/// If `signed_at` is before 1970, which is a mistake of the test.
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
    assert!(signed_at >= SystemTime::UNIX_EPOCH, "signed_at must not be before 1970");
    crate::sign::sign(payload, secret, signed_at)
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
    delivery(uri.try_into().expect("`uri` must be a URI"), payload, &signature)
}
