//! The checks of the layer without HTTP.

use std::time::SystemTime;

use bytes::Bytes;

use crate::{
    admission::{check_timestamp, parse_signature},
    event::Event,
    rejection::{Mismatch, Reason, Rejection},
    secret::{SigningSecrets, check_whole},
    signature::Tolerance,
    verified_event::{Verification, VerifiedEvent},
};

/// Verifies an event that came by another way than HTTP: through a queue, in a Lambda's JSON, from a file.
///
/// It takes the same steps as the layer (1, 2, 6 and 7) and gives the same result for the same input. There is no limit of
/// the body's size, which is in memory already.
///
/// `header` is the value of the `Stripe-Signature` header, or empty if there is none. `body` is the body exactly as it came: `Bytes`, a
/// `Vec<u8>` or a `String`, and for a slice `slice.to_vec()`. An API gateway may have encoded it in base64: decode that first. `now` is
/// the time at which the request was *received*, so that an event may wait in a queue for as long as it wants.
///
/// # Errors
///
/// The same [`Rejection`]s as the layer's, those of the head, the signature and the event.
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

/// Verifies the signature alone, of a body that may be anything: [`verify`] without its last step.
///
/// # Errors
///
/// The same [`Rejection`]s as the layer's, those of the head and the signature.
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
        return Err(Rejection::new(Reason::NoSigningSecret));
    }
    let verified_by = check_whole(&signature, secrets, body, now).ok_or_else(|| {
        let tried: Vec<_> = secrets.iter().collect();
        Rejection::new(Reason::SignatureMismatch(Mismatch::new(&tried, body)))
    })?;
    Ok(Verification { signed_at: signature.signed_at(), verified_by })
}
