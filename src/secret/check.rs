//! A payload held against several secrets at once, while it arrives.

use std::time::SystemTime;

use super::{SecretId, SigningSecret, SigningSecrets};
use crate::signature::{PayloadMac, SignatureHeader};

/// One running MAC for each secret: never one for each signature in the header.
pub(crate) struct SignatureCheck<'a, T> {
    header: &'a SignatureHeader<T>,
    running: Vec<(&'a SigningSecret, PayloadMac)>,
}

impl<'a, T: AsRef<[u8]>> SignatureCheck<'a, T> {
    pub(crate) fn start(header: &'a SignatureHeader<T>, secrets: &'a SigningSecrets) -> Self {
        let start = |secret: &'a SigningSecret| (secret, secret.key().start(header.timestamp_text()));
        Self { header, running: secrets.iter().map(start).collect() }
    }

    pub(crate) fn update(&mut self, data: &[u8]) {
        for (_, mac) in &mut self.running {
            mac.update(data);
        }
    }

    /// The secret that signed the payload, if one did, which is noted on it. Every secret is compared, whether one has matched
    /// or not.
    pub(crate) fn finish(self, now: SystemTime) -> Option<SecretId> {
        let header = self.header;
        let signer = self
            .running
            .into_iter()
            .filter_map(|(secret, mac)| header.contains(&mac.finish()).then_some(secret))
            .fold(None, |first, secret| first.or(Some(secret)))?;
        signer.verified_at(now);
        Some(signer.id().clone())
    }
}
