//! Warnings about signing secrets that are shorter than Stripe's.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::{SecretId, signing_secret::PREFIX};
use crate::trace::{event, warns};

/// The minimum number of characters after `whsec_` in Stripe's secrets.
const MIN_LEN: usize = 32;

/// Limits the memory of [`WARNED`].
///
/// An app may make secrets without end. Each entry takes about 60 bytes.
const MAX_WARNINGS: usize = 1000;

/// The ids of the secrets about which this process has logged a warning.
static WARNED: Mutex<BTreeSet<SecretId>> = Mutex::new(BTreeSet::new());

pub(super) fn is_short(secret: &str) -> bool {
    secret.len() < PREFIX.len() + MIN_LEN
}

/// Logs a warning about the secret with this fingerprint, once per process.
///
/// It warns about at most [`MAX_WARNINGS`] secrets. While warnings are not logged, the secret is
/// not recorded.
pub(super) fn warn_once(fingerprint: &SecretId) {
    if !warns!() {
        return;
    }
    let is_first = {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        warned.len() < MAX_WARNINGS && warned.insert(fingerprint.clone())
    };
    if is_first {
        event!(
            WARN,
            secret.id = fingerprint.as_str(),
            "a signing secret is shorter than Stripe's own, so that it may be guessed: it has less than {MIN_LEN} characters after \
             `{PREFIX}`. Use the one that Stripe's dashboard or `stripe listen --print-secret` shows, unless this is a test"
        );
    }
}
