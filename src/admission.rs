//! The way of a request: eight steps, each of which turns the request away or gives the next one what it needs.
//!
//! | step | from | turned away with |
//! |---|---|---|
//! | 1 read the one `Stripe-Signature` header | the head | 400 |
//! | 2 hold its timestamp against the clock | the head | 400 |
//! | 3 hold `Content-Length` against the limit | the head | 413 |
//! | 4 ask the provider for the signing secrets | the head | 503 |
//! | 5 read the body, within limit and deadline, and feed the MACs | the body | 413, 408, 400 |
//! | 6 compare; if nothing matches, ask the provider for newer secrets, once | the MACs | 400, 503 |
//! | 7 read the envelope | the body | 400 |
//! | 8 hand on: the event in the extensions, the same bytes as the body; or acknowledge an event of the other mode | | |
//!
//! So a request with a wrong head is answered before a byte of its body is asked for.

use std::{fmt, num::IntErrorKind, sync::Arc, time::SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, header::CONTENT_LENGTH, request::Parts};
use http_body::Body;
use http_body_util::Full;

#[cfg(feature = "tokio")]
use crate::body_memory::{BodyMemory, MIN_PROGRESS, PROGRESS_TIMEOUT};
use crate::{
    body::{self, BodyError},
    clock::Clock,
    error::BoxError,
    event::{Event, Mode},
    rejection::{Mismatch, Reason, Rejection, SkewMessage},
    secret::{
        SecretId, SecretProvider, SignatureCheck, SigningSecret, SigningSecrets, check_whole,
        diagnosis::{DiagnosisLimit, diagnose},
    },
    signature::{SignatureHeader, Tolerance},
    verified_event::{Verification, VerifiedEvent},
};

const STRIPE_SIGNATURE: &str = "stripe-signature";

/// What a request has to satisfy, and who is asked for what.
pub(crate) struct Admission<P> {
    pub(crate) provider: Arc<P>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tolerance: Tolerance,
    pub(crate) max_body_size: usize,
    pub(crate) mode: Option<Mode>,
    /// `None` if mismatches are not diagnosed. Clones of the layer share it.
    pub(crate) diagnosis: Option<Arc<DiagnosisLimit>>,
    #[cfg(feature = "tokio")]
    pub(crate) body_timeout: Option<std::time::Duration>,
    /// Clones of the layer share it.
    #[cfg(feature = "tokio")]
    pub(crate) body_memory: Option<BodyMemory>,
}

/// A verified event, and where it goes.
#[expect(clippy::large_enum_variant, reason = "it is made once and taken apart at once")]
pub(crate) enum Admitted {
    /// To the handler.
    ForHandler(Request<Full<Bytes>>),
    /// Nowhere: it is acknowledged, because its mode is not the one that is served.
    OfOtherMode(VerifiedEvent),
}

impl<P: SecretProvider> Admission<P> {
    /// Steps 1 to 3: what the head alone decides.
    pub(crate) fn admit_head(&self, head: &mut Parts) -> Result<SignatureHeader<HeaderValue>, Rejection> {
        let signature = read_signature_header(&mut head.headers)?; // 1
        check_timestamp(&signature, self.clock.now(), self.tolerance)?; // 2
        check_declared_length(&head.headers, self.max_body_size)?; // 3
        Ok(signature)
    }

    /// Steps 4 to 8: what needs the secrets and the body.
    pub(crate) async fn admit<B>(
        &self,
        signature: SignatureHeader<HeaderValue>,
        head: Parts,
        body: B,
    ) -> Result<Admitted, Rejection>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let secrets = self.secrets(&head).await?; // 4
        let mut check = SignatureCheck::start(&signature, &secrets);
        let body = self.read_body(body, |data| check.update(data)).await?; // 5
        let verified_by = self.signer(check, &signature, &secrets, &head, &body).await?; // 6
        let event = Event::parse(body.clone())?; // 7
        let event = VerifiedEvent::new(event, Verification { signed_at: signature.signed_at(), verified_by });
        Ok(self.hand_on(head, body, event)) // 8
    }

    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, Rejection> {
        let secrets = self.provider.secrets(head).await.map_err(provider_failed)?;
        if secrets.is_empty() {
            return Err(Rejection::new(Reason::NoSigningSecret));
        }
        Ok(secrets)
    }

    async fn read_body<B>(&self, body: B, on_data: impl FnMut(&[u8])) -> Result<Bytes, Rejection>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        let limit = self.max_body_size;
        #[cfg(not(feature = "tokio"))]
        let read = body::read(body, limit, on_data);
        #[cfg(feature = "tokio")]
        let read = async {
            match &self.body_memory {
                None => body::read(body, limit, on_data).await,
                Some(memory) => memory.read(body, limit, on_data).await,
            }
        };
        #[cfg(feature = "tokio")]
        let read = async {
            match self.body_timeout {
                None => Ok(read.await),
                Some(timeout) => {
                    tokio::time::timeout(timeout, read).await.map_err(|_| Rejection::new(Reason::BodyTimeout(timeout)))
                }
            }
        };
        #[cfg(not(feature = "tokio"))]
        let read = async { Ok::<_, Rejection>(read.await) };

        read.await?.map_err(|error| match error {
            BodyError::TooLarge => Rejection::new(Reason::BodyTooLarge { limit }),
            BodyError::Broken(source) => Rejection::caused(Reason::BodyIncomplete, source),
            #[cfg(feature = "tokio")]
            BodyError::NotBegun => Rejection::new(Reason::BodyNotBegun(PROGRESS_TIMEOUT)),
            #[cfg(feature = "tokio")]
            BodyError::TooSlow => Rejection::new(Reason::BodyTooSlow { bytes: MIN_PROGRESS, within: PROGRESS_TIMEOUT }),
            #[cfg(feature = "tokio")]
            BodyError::NoMemory => Rejection::new(Reason::BodyMemoryUsedUp),
        })
    }

    async fn signer(
        &self,
        check: SignatureCheck<'_, HeaderValue>,
        signature: &SignatureHeader<HeaderValue>,
        tried: &SigningSecrets,
        head: &Parts,
        body: &[u8],
    ) -> Result<SecretId, Rejection> {
        if let Some(signer) = check.finish(self.clock.now()) {
            return Ok(signer);
        }
        // The provider's copy may be behind its source.
        let newer = self.provider.newer_secrets(head, tried).await.map_err(provider_failed)?.unwrap_or_default();
        let newer: SigningSecrets = newer.iter().filter(|secret| !tried.has(secret)).cloned().collect();
        check_whole(signature, &newer, body, self.clock.now())
            .ok_or_else(|| self.mismatch(signature, &tried.iter().chain(&newer).collect::<Vec<_>>(), body))
    }

    fn mismatch(&self, signature: &SignatureHeader<HeaderValue>, tried: &[&SigningSecret], body: &[u8]) -> Rejection {
        let may_diagnose = self.diagnosis.as_ref().is_some_and(|limit| limit.allows(self.clock.now()));
        let diagnosis = if may_diagnose { diagnose(signature, tried, body) } else { None };
        let mismatch = Mismatch::new(tried, body).serving(self.mode).diagnosed(diagnosis);
        Rejection::new(Reason::SignatureMismatch(mismatch))
    }

    fn hand_on(&self, mut head: Parts, body: Bytes, event: VerifiedEvent) -> Admitted {
        // Acknowledging an event drops it. An event that does not state its mode may be of this one, so it is not dropped.
        if let (Some(served), Some(stated)) = (self.mode, event.mode())
            && served != stated
        {
            return Admitted::OfOtherMode(event);
        }
        head.extensions.insert(event);
        Admitted::ForHandler(Request::from_parts(head, Full::new(body)))
    }
}

// By hand, because a provider need not be `Clone` or `Debug`.
impl<P> Clone for Admission<P> {
    fn clone(&self) -> Self {
        Self {
            provider: Arc::clone(&self.provider),
            clock: Arc::clone(&self.clock),
            tolerance: self.tolerance,
            max_body_size: self.max_body_size,
            mode: self.mode,
            diagnosis: self.diagnosis.clone(),
            #[cfg(feature = "tokio")]
            body_timeout: self.body_timeout,
            #[cfg(feature = "tokio")]
            body_memory: self.body_memory.clone(),
        }
    }
}

impl<P> fmt::Debug for Admission<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Admission");
        debug
            .field("clock", &self.clock)
            .field("tolerance", &self.tolerance)
            .field("max_body_size", &self.max_body_size)
            .field("mode", &self.mode)
            .field("diagnoses_mismatches", &self.diagnosis.is_some());
        #[cfg(feature = "tokio")]
        debug.field("body_timeout", &self.body_timeout).field("body_memory", &self.body_memory);
        debug.finish_non_exhaustive()
    }
}

fn read_signature_header(headers: &mut HeaderMap) -> Result<SignatureHeader<HeaderValue>, Rejection> {
    let count = headers.get_all(STRIPE_SIGNATURE).iter().count();
    let header = match headers.get_mut(STRIPE_SIGNATURE) {
        Some(_) if count > 1 => return Err(Rejection::new(Reason::RepeatedSignatureHeader(count))),
        Some(header) => header,
        None => return Err(Rejection::new(Reason::MissingSignatureHeader)),
    };
    // Until the timestamp is too old, whoever sees the value can replay the request: keep it out of logs.
    header.set_sensitive(true);
    parse_signature(header.clone())
}

pub(crate) fn parse_signature<T: AsRef<[u8]>>(header: T) -> Result<SignatureHeader<T>, Rejection> {
    if header.as_ref().trim_ascii().is_empty() {
        return Err(Rejection::new(Reason::MissingSignatureHeader));
    }
    SignatureHeader::parse(header).map_err(|error| Rejection::new(Reason::MalformedSignatureHeader(error)))
}

pub(crate) fn check_timestamp<T: AsRef<[u8]>>(
    signature: &SignatureHeader<T>,
    now: SystemTime,
    tolerance: Tolerance,
) -> Result<(), Rejection> {
    tolerance
        .check(signature.signed_at(), now)
        .map_err(|skew| Rejection::new(Reason::TimestampOutsideTolerance(SkewMessage(skew))))
}

/// `Content-Length` is believed where it refuses, and never to allocate. What is not a number is the server's to refuse.
fn check_declared_length(headers: &HeaderMap, limit: usize) -> Result<(), Rejection> {
    let Some(length) = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()) else { return Ok(()) };
    match length.parse::<u64>() {
        Ok(declared) if declared > limit as u64 => {
            Err(Rejection::new(Reason::DeclaredBodyTooLarge { declared, limit }))
        }
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(Rejection::new(Reason::BodyTooLarge { limit })),
        _ => Ok(()),
    }
}

fn provider_failed(error: BoxError) -> Rejection {
    Rejection::caused(Reason::SecretProviderFailed, error)
}
