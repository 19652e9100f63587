//! Request processing in eight steps.
//!
//! Each step rejects the request or continues with the next one.
//!
//! | step | looks at | rejected with |
//! |---|---|---|
//! | 1 parse the one `Stripe-Signature` header | head | 400 |
//! | 2 check its timestamp against the clock, in both directions | head | 400 |
//! | 3 check `Content-Length` against the limit | head | 413 |
//! | 4 ask the `SecretProvider` for the signing secrets | head | 503 |
//! | 5 read the body within limit and deadline, feeding the MACs | body | 413, 408, 400, 503 |
//! | 6 compare in constant time; on a mismatch ask the provider once for newer secrets | MACs | 400, 503 |
//! | 7 parse the envelope | body | 400 |
//! | 8 call the inner service, or acknowledge an event of the other mode | | |
//!
//! Steps 1 to 4 only look at the head, so a request that fails one of them is rejected before its
//! body is polled.

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
    rejection::{ErrorKind, Mismatch, Rejection, SkewMessage},
    secret::{
        SecretId, SecretProvider, SignatureCheck, SigningSecret, SigningSecrets, check_whole,
        diagnosis::{DiagnosisLimit, diagnose},
    },
    signature::{SignatureHeader, Tolerance},
    verified_event::{Verification, VerifiedEvent},
};

const STRIPE_SIGNATURE: &str = "stripe-signature";

/// The checks of a request, and what they need: secrets, clock and limits.
pub(crate) struct Admission<P> {
    pub(crate) provider: Arc<P>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) tolerance: Tolerance,
    pub(crate) max_body_size: usize,
    pub(crate) mode: Option<Mode>,
    /// `None` if the layer does not diagnose mismatches. Clones of the layer share it.
    pub(crate) diagnosis: Option<Arc<DiagnosisLimit>>,
    #[cfg(feature = "tokio")]
    pub(crate) body_timeout: Option<std::time::Duration>,
    /// `None` if the memory of all bodies is not bounded. Clones of the layer share it.
    #[cfg(feature = "tokio")]
    pub(crate) body_memory: Option<BodyMemory>,
}

/// A verified event, and what the service does with it.
#[expect(clippy::large_enum_variant, reason = "it is built and matched once, and never stored")]
pub(crate) enum Admitted {
    /// Call the inner service with this request.
    ForHandler(Request<Full<Bytes>>),
    /// Acknowledge the event, because the layer only serves the other mode.
    OtherMode(VerifiedEvent),
}

impl<P: SecretProvider> Admission<P> {
    /// Runs steps 1 to 3, which need only the head.
    pub(crate) fn admit_head(
        &self,
        head: &mut Parts,
    ) -> Result<SignatureHeader<HeaderValue>, Rejection> {
        let signature = parse_signature_header(&mut head.headers)?; // 1
        check_timestamp(&signature, self.clock.now(), self.tolerance)?; // 2
        check_declared_length(&head.headers, self.max_body_size)?; // 3
        Ok(signature)
    }

    /// Runs steps 4 to 8, which need the secrets and the body.
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
        let verified_by = self.find_signer(check, &signature, &secrets, &head, &body).await?; // 6
        let event = Event::parse(body.clone())?; // 7
        let event = VerifiedEvent::new(
            event,
            Verification { signed_at: signature.signed_at(), verified_by },
        );
        Ok(self.admit_event(head, body, event)) // 8
    }

    async fn secrets(&self, head: &Parts) -> Result<SigningSecrets, Rejection> {
        let secrets = self.provider.secrets(head).await.map_err(provider_failed)?;
        if secrets.is_empty() {
            return Err(Rejection::new(ErrorKind::NoSigningSecret));
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
                Some(timeout) => tokio::time::timeout(timeout, read)
                    .await
                    .map_err(|_| Rejection::new(ErrorKind::BodyTimeout(timeout))),
            }
        };
        #[cfg(not(feature = "tokio"))]
        let read = async { Ok::<_, Rejection>(read.await) };

        read.await?.map_err(|error| match error {
            BodyError::TooLarge => Rejection::new(ErrorKind::BodyTooLarge { limit }),
            BodyError::Broken(source) => Rejection::with_source(ErrorKind::BodyIncomplete, source),
            #[cfg(feature = "tokio")]
            BodyError::NotStarted => Rejection::new(ErrorKind::BodyNotStarted(PROGRESS_TIMEOUT)),
            #[cfg(feature = "tokio")]
            BodyError::TooSlow => Rejection::new(ErrorKind::BodyTooSlow {
                bytes: MIN_PROGRESS,
                within: PROGRESS_TIMEOUT,
            }),
            #[cfg(feature = "tokio")]
            BodyError::NoMemory => Rejection::new(ErrorKind::BodyMemoryUsedUp),
        })
    }

    async fn find_signer(
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
        // A provider that caches may hold fewer secrets than its source, for example just after a
        // rotation.
        let newer = self
            .provider
            .newer_secrets(head, tried)
            .await
            .map_err(provider_failed)?
            .unwrap_or_default();
        let newer: SigningSecrets =
            newer.iter().filter(|secret| !tried.contains(secret)).cloned().collect();
        check_whole(signature, &newer, body, self.clock.now()).ok_or_else(|| {
            self.mismatch(signature, &tried.iter().chain(&newer).collect::<Vec<_>>(), body)
        })
    }

    fn mismatch(
        &self,
        signature: &SignatureHeader<HeaderValue>,
        tried: &[&SigningSecret],
        body: &[u8],
    ) -> Rejection {
        let may_diagnose =
            self.diagnosis.as_ref().is_some_and(|limit| limit.allows(self.clock.now()));
        let diagnosis = if may_diagnose { diagnose(signature, tried, body) } else { None };
        let mismatch = Mismatch::new(tried, body).serving(self.mode).diagnosed(diagnosis);
        Rejection::new(ErrorKind::SignatureMismatch(mismatch))
    }

    fn admit_event(&self, mut head: Parts, body: Bytes, event: VerifiedEvent) -> Admitted {
        // An acknowledged event is lost for the handler. An event without `livemode` may be of the
        // served mode, so it goes to the handler.
        if let (Some(served), Some(stated)) = (self.mode, event.mode())
            && served != stated
        {
            return Admitted::OtherMode(event);
        }
        head.extensions.insert(event);
        Admitted::ForHandler(Request::from_parts(head, Full::new(body)))
    }
}

// A derive would require `P: Clone` and `P: Debug`.
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

fn parse_signature_header(
    headers: &mut HeaderMap,
) -> Result<SignatureHeader<HeaderValue>, Rejection> {
    let count = headers.get_all(STRIPE_SIGNATURE).iter().count();
    let header = match headers.get_mut(STRIPE_SIGNATURE) {
        Some(_) if count > 1 => {
            return Err(Rejection::new(ErrorKind::RepeatedSignatureHeader(count)));
        }
        Some(header) => header,
        None => return Err(Rejection::new(ErrorKind::MissingSignatureHeader)),
    };
    // The value lets its reader replay the request until the timestamp is too old, so it must stay
    // out of logs.
    header.set_sensitive(true);
    parse_signature(header.clone())
}

pub(crate) fn parse_signature<T: AsRef<[u8]>>(header: T) -> Result<SignatureHeader<T>, Rejection> {
    if header.as_ref().trim_ascii().is_empty() {
        return Err(Rejection::new(ErrorKind::MissingSignatureHeader));
    }
    SignatureHeader::parse(header)
        .map_err(|error| Rejection::new(ErrorKind::MalformedSignatureHeader(error)))
}

pub(crate) fn check_timestamp<T: AsRef<[u8]>>(
    signature: &SignatureHeader<T>,
    now: SystemTime,
    tolerance: Tolerance,
) -> Result<(), Rejection> {
    tolerance
        .check(signature.signed_at(), now)
        .map_err(|skew| Rejection::new(ErrorKind::TimestampOutsideTolerance(SkewMessage(skew))))
}

/// Rejects a request whose `Content-Length` is over the limit.
///
/// The value is only used to reject, never to allocate. A value that is not a number is left to the
/// HTTP server.
fn check_declared_length(headers: &HeaderMap, limit: usize) -> Result<(), Rejection> {
    let Some(length) = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()) else {
        return Ok(());
    };
    match length.parse::<u64>() {
        Ok(declared) if declared > limit as u64 => {
            Err(Rejection::new(ErrorKind::DeclaredBodyTooLarge { declared, limit }))
        }
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => {
            Err(Rejection::new(ErrorKind::BodyTooLarge { limit }))
        }
        _ => Ok(()),
    }
}

fn provider_failed(error: BoxError) -> Rejection {
    Rejection::with_source(ErrorKind::SecretProviderFailed, error)
}
