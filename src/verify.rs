//! The layer's checks without HTTP.

use std::time::SystemTime;

use bytes::Bytes;

use crate::{
    admission::{check_timestamp, parse_signature},
    event::Event,
    rejection::{ErrorKind, Mismatch, Rejection},
    secret::{SigningSecrets, check_whole},
    signature::Tolerance,
    verified_event::{Verification, VerifiedEvent},
};

/// Verifies and parses an event that did not arrive over HTTP.
///
/// Use it for an event from a queue, a Lambda function's JSON or a file. It makes the same checks
/// as the layer, with the same result for the same input, but does not limit the size of the body.
///
/// - `header` is the value of the `Stripe-Signature` header, or empty if there is none.
/// - `body` is the unchanged body: `Bytes`, a `Vec<u8>` or a `String`; for a slice, pass
///   `slice.to_vec()`. If an API gateway encoded it in base64, decode it first.
/// - `now` is the time at which the request was *received*, so an event may wait in a queue for any
///   time.
///
/// # Errors
///
/// Returns the layer's [`Rejection`]s for the header, the timestamp, the signature and the event.
///
/// # Example
///
/// ```
/// use std::{collections::HashMap, time::SystemTime};
/// use tower_stripe_webhook::{Rejection, SigningSecrets, Tolerance, VerifiedEvent, verify};
///
/// struct LambdaRequest {
///     headers: HashMap<String, String>,
///     body: String,
/// }
///
/// fn receive(request: LambdaRequest, secrets: &SigningSecrets) -> Result<VerifiedEvent, Rejection> {
///     let header = request.headers.get("stripe-signature").map_or("", String::as_str);
///     verify(header, request.body, secrets, SystemTime::now(), Tolerance::default())
/// }
/// # use tower_stripe_webhook::{SigningSecret, test_util::{samples, sign}};
/// # let secret = SigningSecret::new("whsec_example").unwrap();
/// # let header = sign(samples::INVOICE_PAID, &secret, SystemTime::now());
/// # let headers = HashMap::from([("stripe-signature".to_owned(), header)]);
/// # assert!(receive(LambdaRequest { headers, body: samples::INVOICE_PAID.to_owned() }, &secret.into()).is_ok());
/// ```
pub fn verify(
    header: impl AsRef<[u8]>,
    body: impl Into<Bytes>,
    secrets: &SigningSecrets,
    now: SystemTime,
    tolerance: impl Into<Tolerance>,
) -> Result<VerifiedEvent, Rejection> {
    let body = body.into();
    let verification = verify_signature(header, &body, secrets, now, tolerance)?;
    let event = Event::parse(body)?;
    Ok(VerifiedEvent::new(event, verification))
}

/// Verifies only the signature, of any body.
///
/// It works as [`verify`], but does not parse the body.
///
/// # Errors
///
/// Returns the layer's [`Rejection`]s for the header, the timestamp and the signature.
pub fn verify_signature(
    header: impl AsRef<[u8]>,
    body: &[u8],
    secrets: &SigningSecrets,
    now: SystemTime,
    tolerance: impl Into<Tolerance>,
) -> Result<Verification, Rejection> {
    let signature = parse_signature(header)?;
    check_timestamp(&signature, now, tolerance.into())?;
    if secrets.is_empty() {
        return Err(Rejection::new(ErrorKind::NoSigningSecret));
    }
    let verified_by = check_whole(&signature, secrets, body, now).ok_or_else(|| {
        let tried: Vec<_> = secrets.iter().collect();
        Rejection::new(ErrorKind::SignatureMismatch(Mismatch::new(&tried, body)))
    })?;
    Ok(Verification { signed_at: signature.signed_at(), verified_by })
}
