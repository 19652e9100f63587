//! The signed payload and its HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::header::{Signature, SignatureHeader};

/// The HMAC key schedule of a signing secret.
///
/// It is computed once per secret instead of once per request. `hmac` wipes it from memory when it
/// is dropped.
#[derive(Clone)]
pub(crate) struct PreparedKey(Hmac<Sha256>);

impl PreparedKey {
    /// Prepares the key from the secret's whole text, including `whsec_`.
    pub(crate) fn new(secret: &str) -> Self {
        Self(
            Hmac::new_from_slice(secret.as_bytes())
                .expect("HMAC takes a key of any length (RFC 2104)"),
        )
    }

    /// Returns four bytes that identify the secret.
    ///
    /// They are part of a MAC over a text that no signed payload can equal, so they do not help to
    /// forge a signature.
    pub(crate) fn fingerprint(&self) -> [u8; 4] {
        let mut mac = self.0.clone();
        mac.update(b"tower-stripe-webhook: id of a signing secret");
        let [a, b, c, d, ..]: Signature = mac.finalize().into_bytes().into();
        [a, b, c, d]
    }

    /// Starts the MAC over `{timestamp}.{body}`, the signed payload.
    pub(crate) fn start(&self, timestamp: &[u8]) -> PayloadMac {
        let mut mac = self.0.clone();
        mac.update(timestamp);
        mac.update(b".");
        PayloadMac(mac)
    }
}

/// A running MAC over a signed payload.
#[derive(Clone)]
pub(crate) struct PayloadMac(Hmac<Sha256>);

impl PayloadMac {
    pub(crate) fn update(&mut self, body: &[u8]) {
        self.0.update(body);
    }

    pub(crate) fn finish(self) -> Signature {
        self.0.finalize().into_bytes().into()
    }
}

impl<T: AsRef<[u8]>> SignatureHeader<T> {
    /// Returns whether one of the header's signatures equals `expected`.
    ///
    /// It compares all signatures in constant time, so the duration does not show how many bytes of
    /// a signature matched.
    pub(crate) fn contains(&self, expected: &Signature) -> bool {
        self.signatures()
            .fold(Choice::from(0), |found, signature| found | ct_eq(&signature, expected))
            .into()
    }
}

/// Compares two signatures in constant time.
///
/// It compares words, because `subtle` compares slices byte by byte, which takes eight times as
/// long.
fn ct_eq(a: &Signature, b: &Signature) -> Choice {
    let words = |signature: &Signature| {
        let (words, _) = signature.as_chunks::<8>();
        [words[0], words[1], words[2], words[3]].map(u64::from_ne_bytes)
    };
    words(a).iter().zip(&words(b)).fold(Choice::from(1), |equal, (a, b)| equal & a.ct_eq(b))
}
