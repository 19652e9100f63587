//! The `Stripe-Signature` header: `t=<unix seconds>,v1=<64 hex digits>[,v1=…][,v0=…]`.

use std::time::{Duration, SystemTime};

use thiserror::Error;

/// The longest header that is read. Stripe's own are about 80 bytes a signature.
const MAX_HEADER_BYTES: usize = 4096;

/// The most `v1` signatures that are compared. Stripe sends one for each live secret of the endpoint.
const MAX_SIGNATURES: usize = 16;

/// 12 digits of seconds last for 31,000 years.
const MAX_TIMESTAMP_DIGITS: usize = 12;

/// An HMAC-SHA256, as the sender claims it.
pub(crate) type Signature = [u8; 32];

/// What a `Stripe-Signature` header says. It owns its parts without allocating, so that a request that is
/// turned away from its head costs no memory.
#[derive(Clone, Debug)]
pub(crate) struct SignatureHeader {
    timestamp: Timestamp,
    signatures: [Signature; MAX_SIGNATURES],
    count: usize,
}

/// Why a `Stripe-Signature` header cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum HeaderError {
    #[error("it is {0} bytes long, over the limit of {MAX_HEADER_BYTES} bytes")]
    TooLong(usize),
    #[error("it has no timestamp (`t=`)")]
    NoTimestamp,
    #[error("its timestamp (`t=`) is not 1 to {MAX_TIMESTAMP_DIGITS} digits of unix seconds")]
    MalformedTimestamp,
    #[error("it has more than one timestamp (`t=`)")]
    RepeatedTimestamp,
    #[error("it has no `v1` signature")]
    NoSignature,
    #[error("it has a `v0` signature only; live events carry a `v1`, and `v0` is never checked")]
    OnlyV0,
    #[error("none of its `v1` signatures is 64 hexadecimal digits")]
    MalformedSignatures,
    #[error("it has more than {MAX_SIGNATURES} `v1` signatures")]
    TooManySignatures,
}

impl SignatureHeader {
    pub(crate) fn parse(header: &[u8]) -> Result<Self, HeaderError> {
        if header.len() > MAX_HEADER_BYTES {
            return Err(HeaderError::TooLong(header.len()));
        }

        let mut timestamp = None;
        let mut signatures = [[0; 32]; MAX_SIGNATURES];
        let mut count = 0;
        let mut without_signature = HeaderError::NoSignature;

        for element in header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii) {
            if let Some(digits) = element.strip_prefix(b"t=") {
                if timestamp.replace(Timestamp::parse(digits)?).is_some() {
                    return Err(HeaderError::RepeatedTimestamp);
                }
            } else if let Some(hex) = element.strip_prefix(b"v1=") {
                let Some(signature) = decode_hex(hex) else {
                    without_signature = HeaderError::MalformedSignatures;
                    continue;
                };
                *signatures.get_mut(count).ok_or(HeaderError::TooManySignatures)? = signature;
                count += 1;
            } else if element.starts_with(b"v0=") && without_signature == HeaderError::NoSignature {
                without_signature = HeaderError::OnlyV0;
            }
        }

        let timestamp = timestamp.ok_or(HeaderError::NoTimestamp)?;
        if count == 0 {
            return Err(without_signature);
        }
        Ok(Self { timestamp, signatures, count })
    }

    /// When Stripe signed.
    pub(crate) fn signed_at(&self) -> SystemTime {
        self.timestamp.time
    }

    /// The timestamp as it was sent, leading zeros included: the MAC covers this text.
    pub(crate) fn timestamp_text(&self) -> &[u8] {
        &self.timestamp.digits[..self.timestamp.len]
    }

    /// The well-formed `v1` signatures, at least one.
    pub(crate) fn signatures(&self) -> &[Signature] {
        &self.signatures[..self.count]
    }
}

#[derive(Clone, Debug)]
struct Timestamp {
    digits: [u8; MAX_TIMESTAMP_DIGITS],
    len: usize,
    time: SystemTime,
}

impl Timestamp {
    fn parse(text: &[u8]) -> Result<Self, HeaderError> {
        let mut digits = [0; MAX_TIMESTAMP_DIGITS];
        let len = text.len();
        if len == 0 || !text.iter().all(u8::is_ascii_digit) {
            return Err(HeaderError::MalformedTimestamp);
        }
        digits.get_mut(..len).ok_or(HeaderError::MalformedTimestamp)?.copy_from_slice(text);

        let seconds = text.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
        // Some platforms' `SystemTime` ends before 12 digits do.
        let time =
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or(HeaderError::MalformedTimestamp)?;
        Ok(Self { digits, len, time })
    }
}

fn decode_hex(hex: &[u8]) -> Option<Signature> {
    let mut signature = [0; 32];
    // The decoder would also take `0x` before the digits, and then miss one byte of the 32.
    const_hex::decode_to_slice(hex, &mut signature).ok()?;
    (hex.len() == 2 * signature.len()).then_some(signature)
}
