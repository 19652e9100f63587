//! The signature check of a payload against several secrets, while it arrives.

use std::time::SystemTime;

use super::{SecretId, SigningSecret, SigningSecrets};
use crate::signature::{PayloadMac, Signature, SignatureHeader};

/// One running MAC per secret, for any number of signatures in the header.
pub(crate) struct SignatureCheck<'a, T> {
    header: &'a SignatureHeader<T>,
    running: Vec<(&'a SigningSecret, PayloadMac)>,
}

impl<'a, T: AsRef<[u8]>> SignatureCheck<'a, T> {
    pub(crate) fn start(header: &'a SignatureHeader<T>, secrets: &'a SigningSecrets) -> Self {
        let start =
            |secret: &'a SigningSecret| (secret, secret.key().start(header.timestamp_text()));
        Self { header, running: secrets.iter().map(start).collect() }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        for (_, mac) in &mut self.running {
            mac.update(data);
        }
    }

    /// Returns the secret that signed the payload, if one did.
    pub(crate) fn finish(self, now: SystemTime) -> Option<SecretId> {
        let signed = self.running.into_iter().map(|(secret, mac)| (secret, mac.finish()));
        signer(self.header, signed, now)
    }
}

/// Returns the secret that signed a complete `body`, if one did.
pub(crate) fn check_whole<T: AsRef<[u8]>>(
    header: &SignatureHeader<T>,
    secrets: &SigningSecrets,
    body: &[u8],
    now: SystemTime,
) -> Option<SecretId> {
    let signed = secrets.iter().map(|secret| {
        let mut mac = secret.key().start(header.timestamp_text());
        mac.update(body);
        (secret, mac.finish())
    });
    signer(header, signed, now)
}

/// Returns the first secret whose signature is in the header.
///
/// It records the time on that secret. It compares every secret, also after a match.
fn signer<'a, T: AsRef<[u8]>>(
    header: &SignatureHeader<T>,
    signed: impl Iterator<Item = (&'a SigningSecret, Signature)>,
    now: SystemTime,
) -> Option<SecretId> {
    let signer = signed
        .filter_map(|(secret, signature)| header.contains(&signature).then_some(secret))
        .fold(None, |first, secret| first.or(Some(secret)))?;
    signer.verified_at(now);
    Some(signer.id().clone())
}
