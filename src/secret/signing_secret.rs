//! One signing secret: validated, redacted, wiped from memory, with a prepared key.

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use thiserror::Error;
use zeroize::Zeroizing;

use super::placeholder::is_placeholder;
use crate::signature::PreparedKey;

/// The prefix of all Stripe signing secrets. It is part of the HMAC key.
pub(super) const PREFIX: &str = "whsec_";

/// The `whsec_…` text with which Stripe signs the events of one endpoint.
///
/// Stripe's dashboard shows it as the endpoint's *Signing secret*. For events that the Stripe CLI
/// forwards, `stripe listen --print-secret` prints it. Each endpoint has its own, in test mode and
/// in live mode.
///
/// Anyone who knows the secret can forge events, so the type protects it:
///
/// - [`new`](Self::new) rejects text that cannot be a signing secret.
/// - `Debug` shows only its [id](Self::id). There is no `Display` and no `PartialEq`.
/// - Only [`expose_secret`](Self::expose_secret) returns the text.
/// - The memory is wiped when the last clone is dropped.
///
/// Clones are cheap: they share the HMAC key schedule, which is computed once.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::SigningSecret;
///
/// let secret = SigningSecret::new("whsec_Bqk2Uj0QZzR1hmYd")?;
/// assert!(!format!("{secret:?}").contains("Bqk2"));
///
/// let mistake = SigningSecret::new("sk_test_51Habc").unwrap_err();
/// assert_eq!(
///     mistake.to_string(),
///     "this is an API secret key (`sk_`), not a signing secret: a signing secret starts with `whsec_`",
/// );
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[derive(Clone)]
pub struct SigningSecret {
    id: SecretId,
    source: Option<Arc<str>>,
    prepared: Arc<Prepared>,
}

struct Prepared {
    text: Zeroizing<String>,
    key: PreparedKey,
    /// In Unix seconds, 0 for never. Publishes no other data, so `Relaxed` suffices.
    last_verified: AtomicU64,
}

impl SigningSecret {
    /// Makes a signing secret from the text that Stripe shows, including `whsec_`.
    ///
    /// Its [id](Self::id) is a short fingerprint, unless [`with_id`](Self::with_id) sets one.
    ///
    /// Stripe's secrets have at least 32 characters after `whsec_`. A shorter one is accepted, for
    /// tests, but can be guessed: with the feature `tracing`, a warning is logged once per process
    /// for each short secret.
    ///
    /// # Errors
    ///
    /// [`SigningSecretError`] if the text cannot be a signing secret:
    ///
    /// - it is empty, or has white space (usually a newline at the end) or characters that no
    ///   secret has;
    /// - it is a placeholder (`whsec_...`, `whsec_xxx`, `whsec_<secret>`, `whsec_your_secret`);
    /// - it is an API key (`sk_`, `rk_`, `pk_`), an endpoint's id (`we_`) or other text without
    ///   `whsec_`.
    ///
    /// The error names the likely mistake and never contains the text.
    pub fn new(secret: impl Into<String>) -> Result<Self, SigningSecretError> {
        let text = Zeroizing::new(secret.into());
        validate(&text)?;
        let key = PreparedKey::new(&text);
        let id = SecretId::from_fingerprint(key.fingerprint());
        if super::short::is_short(&text) {
            super::short::warn_once(&id);
        }
        Ok(Self {
            id,
            source: None,
            prepared: Arc::new(Prepared { text, key, last_verified: AtomicU64::new(0) }),
        })
    }

    /// Sets the id, which is a fingerprint of the secret by default.
    ///
    /// Use the id of a database row, or a name such as `"dashboard"` or `"cli"`. The id appears in
    /// [`VerifiedEvent::verified_by`](crate::VerifiedEvent::verified_by), in logs and in the
    /// `Display` text of a [`Rejection`](crate::Rejection), but in no response of this crate.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = SecretId(id.into());
        self
    }

    /// Sets the source of the secret, such as `"database"`, for a status page.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Arc<str>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Returns the source of the secret, if its provider set one.
    ///
    /// [`EnvSecret`](crate::EnvSecret) sets the name of the variable.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// Returns the time at which the secret last verified an event, to the second.
    ///
    /// `None` if it verified none in this process. During a rotation, remove the old secret after
    /// it has verified nothing for a while and the new one has. Clones share the time, and `Cached`
    /// keeps it across reloads.
    #[must_use]
    pub fn last_verified_at(&self) -> Option<SystemTime> {
        match self.prepared.last_verified.load(Ordering::Relaxed) {
            0 => None,
            seconds => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)),
        }
    }

    pub(crate) fn verified_at(&self, now: SystemTime) {
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // A store on each request would invalidate the cache line of the other cores.
        if self.prepared.last_verified.load(Ordering::Relaxed) != seconds {
            self.prepared.last_verified.store(seconds, Ordering::Relaxed);
        }
    }

    /// Returns whether both secrets have the same text.
    ///
    /// The comparison is not in constant time. It is only used between configured secrets, never
    /// with request data.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        *self.prepared.text == *other.prepared.text
    }

    /// Returns whether it looks like a secret of `stripe listen`.
    ///
    /// That has 64 hexadecimal digits; a secret of the dashboard has 32 letters and digits.
    pub(crate) fn looks_like_cli_secret(&self) -> bool {
        let digits = self.prepared.text.strip_prefix(PREFIX).unwrap_or_default();
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Returns this secret with the usage of `other`, which has the same text.
    pub(super) fn with_usage_of(&self, other: &Self) -> Self {
        Self { prepared: Arc::clone(&other.prepared), ..self.clone() }
    }

    /// Returns the id, which identifies the secret without exposing it.
    #[must_use]
    pub fn id(&self) -> &SecretId {
        &self.id
    }

    /// Returns the text of the secret, to store it or to sign.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.prepared.text
    }

    pub(crate) fn key(&self) -> &PreparedKey {
        &self.prepared.key
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningSecret").field("id", &self.id.as_str()).finish_non_exhaustive()
    }
}

impl FromStr for SigningSecret {
    type Err = SigningSecretError;

    fn from_str(secret: &str) -> Result<Self, Self::Err> {
        Self::new(secret)
    }
}

fn validate(text: &str) -> Result<(), SigningSecretError> {
    use ErrorKind::*;

    let kind = if text.trim().is_empty() {
        Empty
    } else if text.contains(char::is_whitespace) {
        if text.trim().contains(char::is_whitespace) { WhiteSpaceInside } else { WhiteSpaceAround }
    } else if let Some(rest) = text.strip_prefix(PREFIX) {
        if rest.is_empty() {
            PrefixOnly
        } else if is_placeholder(rest) {
            Placeholder
        } else if !rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'`".contains(&byte)) {
            ForeignCharacter
        } else {
            return Ok(());
        }
    } else if text.starts_with(['"', '\'', '`']) {
        Quoted
    } else {
        match text.get(..3) {
            Some("sk_") => SecretKey,
            Some("rk_") => RestrictedKey,
            Some("pk_") => PublishableKey,
            Some("we_") => EndpointId,
            _ => OtherPrefix,
        }
    };
    Err(SigningSecretError(kind))
}

/// The error if a text cannot be a [`SigningSecret`].
///
/// The message names the likely mistake and never contains the text.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
pub struct SigningSecretError(ErrorKind);

#[derive(Clone, Debug, Error)]
enum ErrorKind {
    #[error("the signing secret is empty")]
    Empty,
    #[error("the signing secret has white space (a newline?) at its start or end: remove it")]
    WhiteSpaceAround,
    #[error("the signing secret has white space inside: copy it again, as one word")]
    WhiteSpaceInside,
    #[error("the signing secret ends after `whsec_`: copy all of it")]
    PrefixOnly,
    #[error(
        "the signing secret is a placeholder (such as `whsec_...`): set the one that Stripe's dashboard shows for the \
         endpoint, or that `stripe listen --print-secret` prints"
    )]
    Placeholder,
    #[error(
        "the signing secret has a character that Stripe's never have: copy it again, without quotes"
    )]
    ForeignCharacter,
    #[error("the signing secret is in quotes: remove them")]
    Quoted,
    #[error(
        "this is an API secret key (`sk_`), not a signing secret: a signing secret starts with `whsec_`"
    )]
    SecretKey,
    #[error(
        "this is a restricted API key (`rk_`), not a signing secret: a signing secret starts with `whsec_`"
    )]
    RestrictedKey,
    #[error(
        "this is a publishable API key (`pk_`), not a signing secret: a signing secret starts with `whsec_`"
    )]
    PublishableKey,
    #[error(
        "this is the id of a webhook endpoint (`we_`), not its signing secret, which starts with `whsec_`"
    )]
    EndpointId,
    #[error("this is not a signing secret: a signing secret starts with `whsec_`")]
    OtherPrefix,
}

/// The id of a [`SigningSecret`] or of an API key, which identifies it without exposing it.
///
/// By default it is a fingerprint of eight hexadecimal digits, the same on every node.
/// [`SigningSecret::with_id`] sets another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretId(Arc<str>);

impl SecretId {
    pub(crate) fn from_fingerprint(fingerprint: [u8; 4]) -> Self {
        Self(format!("{:08x}", u32::from_be_bytes(fingerprint)).into())
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for SecretId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
