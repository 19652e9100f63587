//! Warns of signing secrets that are shorter than Stripe's.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use super::{SecretId, signing_secret::PREFIX};
use crate::trace::{event, warns};

/// What follows `whsec_` in the shortest of Stripe's secrets.
const MIN_LEN: usize = 32;

/// So that secrets which are made without end take up no memory without end. Each of these takes some 60 bytes.
const MAX_WARNINGS: usize = 1000;

/// The ids of the secrets of which this process has warned.
static WARNED: Mutex<BTreeSet<SecretId>> = Mutex::new(BTreeSet::new());

pub(super) fn is_short(secret: &str) -> bool {
    secret.len() < PREFIX.len() + MIN_LEN
}

/// Warns of the secret with this fingerprint, unless it did so before, or of [`MAX_WARNINGS`] others. What nobody logs does not count.
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
