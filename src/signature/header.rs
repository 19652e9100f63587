//! The `Stripe-Signature` header.
//!
//! Its form is `t=<unix seconds>,v1=<64 hex digits>[,v1=…][,v0=…]`.

use std::{
    iter,
    ops::Range,
    time::{Duration, SystemTime},
};

use thiserror::Error;

/// The maximum length of a header. Stripe's have about 80 bytes per signature.
const MAX_HEADER_BYTES: usize = 4096;

/// The maximum number of `v1` signatures.
///
/// Stripe sends one for each active secret of the endpoint.
const MAX_SIGNATURES: usize = 16;

/// The maximum number of digits of a timestamp.
///
/// 12 digits of seconds are 31,000 years.
const MAX_TIMESTAMP_DIGITS: usize = 12;

/// An HMAC-SHA256.
pub(crate) type Signature = [u8; 32];

/// A parsed `Stripe-Signature` header.
///
/// It keeps the text and does not allocate, so a request that is rejected because of its head costs
/// no memory.
#[derive(Clone, Debug)]
pub(crate) struct SignatureHeader<T> {
    text: T,
    timestamp: Range<usize>,
    signed_at: SystemTime,
    /// The first well-formed `v1`.
    ///
    /// Usually there is only one. The others are parsed again for the comparison.
    first: Signature,
    count: usize,
}

/// The reason why a `Stripe-Signature` header is malformed.
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

impl<T: AsRef<[u8]>> SignatureHeader<T> {
    pub(crate) fn parse(text: T) -> Result<Self, HeaderError> {
        let header = text.as_ref();
        if header.len() > MAX_HEADER_BYTES {
            return Err(HeaderError::TooLong(header.len()));
        }

        let mut timestamp = None;
        let mut first = None;
        let mut count = 0;
        let mut without_signature = HeaderError::NoSignature;

        for element in elements(header) {
            match element {
                Element::Timestamp(digits) => {
                    let signed_at = parse_timestamp(digits)?;
                    if timestamp.replace((range_within(header, digits), signed_at)).is_some() {
                        return Err(HeaderError::RepeatedTimestamp);
                    }
                }
                Element::V1(Some(_)) if count == MAX_SIGNATURES => {
                    return Err(HeaderError::TooManySignatures);
                }
                Element::V1(Some(signature)) => {
                    first.get_or_insert(signature);
                    count += 1;
                }
                Element::V1(None) => without_signature = HeaderError::MalformedSignatures,
                Element::V0 if without_signature == HeaderError::NoSignature => {
                    without_signature = HeaderError::OnlyV0;
                }
                Element::V0 | Element::Unknown => {}
            }
        }

        let (timestamp, signed_at) = timestamp.ok_or(HeaderError::NoTimestamp)?;
        let first = first.ok_or(without_signature)?;
        Ok(Self { text, timestamp, signed_at, first, count })
    }

    /// Returns the time at which Stripe signed.
    pub(crate) fn signed_at(&self) -> SystemTime {
        self.signed_at
    }

    /// Returns the timestamp as it was sent, with leading zeros.
    ///
    /// The MAC covers this text.
    pub(crate) fn timestamp_text(&self) -> &[u8] {
        &self.text.as_ref()[self.timestamp.clone()]
    }

    /// Returns the well-formed `v1` signatures, at least one.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = Signature> {
        let others = (self.count > 1).then(|| {
            let all = elements(self.text.as_ref()).filter_map(|element| match element {
                Element::V1(signature) => signature,
                _ => None,
            });
            all.skip(1)
        });
        iter::once(self.first).chain(others.into_iter().flatten())
    }
}

enum Element<'a> {
    Timestamp(&'a [u8]),
    /// `None` if the value is not 64 hexadecimal digits.
    V1(Option<Signature>),
    V0,
    Unknown,
}

fn elements(header: &[u8]) -> impl Iterator<Item = Element<'_>> {
    header.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).map(|element| {
        if let Some(digits) = element.strip_prefix(b"t=") {
            Element::Timestamp(digits)
        } else if let Some(hex) = element.strip_prefix(b"v1=") {
            Element::V1(decode_hex(hex))
        } else if element.starts_with(b"v0=") {
            Element::V0
        } else {
            Element::Unknown
        }
    })
}

/// Returns the range of `part`, which is a slice of `whole`, within `whole`.
fn range_within(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

fn parse_timestamp(digits: &[u8]) -> Result<SystemTime, HeaderError> {
    if !(1..=MAX_TIMESTAMP_DIGITS).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit)
    {
        return Err(HeaderError::MalformedTimestamp);
    }
    let seconds = digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    // On some platforms `SystemTime` cannot hold a time of 12 digits.
    SystemTime::UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .ok_or(HeaderError::MalformedTimestamp)
}

fn decode_hex(hex: &[u8]) -> Option<Signature> {
    let mut signature = [0; 32];
    // The decoder also accepts a `0x` prefix, which no signature of Stripe has.
    const_hex::decode_to_slice(hex, &mut signature).ok()?;
    (hex.len() == 2 * signature.len()).then_some(signature)
}
