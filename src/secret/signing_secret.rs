//! One signing secret: validated, redacted, wiped from memory, its key prepared.

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

/// What every signing secret of Stripe starts with. It is part of the HMAC key.
pub(super) const PREFIX: &str = "whsec_";

/// The `whsec_…` text with which Stripe signs the events of one endpoint.
///
/// It is found in Stripe's dashboard under the endpoint's *Signing secret*, or printed by
/// `stripe listen --print-secret` for the events which the CLI forwards. Test and live mode, and each endpoint,
/// have their own.
///
/// Whoever knows it can forge events, so the type takes care: it is refused where it cannot be one, `Debug` shows
/// its [id](Self::id) alone, there is no `Display` and no `PartialEq`, the memory is wiped when the last clone is
/// dropped, and [`expose_secret`](Self::expose_secret) is the only way out. Clones are cheap and share the HMAC
/// key schedule, which is computed once.
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
    /// In Unix seconds, 0 for never. It stands alone, so relaxed order is enough.
    last_verified: AtomicU64,
}

impl SigningSecret {
    /// Takes a signing secret as Stripe shows it, `whsec_` included.
    ///
    /// Its [id](Self::id) is a short fingerprint until [`with_id`](Self::with_id) gives it a name.
    ///
    /// A secret may be shorter than Stripe's own, which have at least 32 characters after `whsec_`, as `whsec_test` in a test is. With the
    /// feature `tracing`, the first time that the process makes such a secret is logged as a warning, because a short secret can be guessed.
    ///
    /// # Errors
    ///
    /// [`SigningSecretError`] if the text cannot be a signing secret: it is empty, has white space (a newline at the
    /// end, most often) or characters that no secret has, is a placeholder (`whsec_...`, `whsec_xxx`, `whsec_<secret>`,
    /// `whsec_your_secret`), or is an API key (`sk_`, `rk_`, `pk_`), an endpoint's id (`we_`) or anything else that does
    /// not start with `whsec_`. The error names the mistake and never holds the text.
    pub fn new(secret: impl Into<String>) -> Result<Self, SigningSecretError> {
        let text = Zeroizing::new(secret.into());
        validate(&text)?;
        let key = PreparedKey::new(&text);
        let id = SecretId::from_fingerprint(key.fingerprint());
        if super::short::is_short(&text) {
            super::short::warn_once(&id);
        }
        Ok(Self { id, source: None, prepared: Arc::new(Prepared { text, key, last_verified: AtomicU64::new(0) }) })
    }

    /// Gives the secret a name to be shown instead of its fingerprint: the row's id in your database, or `"dashboard"`
    /// and `"cli"`. It appears in [`VerifiedEvent::verified_by`](crate::VerifiedEvent::verified_by), in logs and in the `Display` of a
    /// [`Rejection`](crate::Rejection). No response of this crate has it.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = SecretId(id.into());
        self
    }

    /// Says where the secret came from, such as `"database"`: for a status page.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Arc<str>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Where the secret came from, if its provider said so. [`EnvSecret`](crate::EnvSecret) gives the variable's name.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// When it last verified an event, to the second: an old secret can go once a rolled one has verified for a while
    /// and the old one has not. `None` if it never did in this process.
    ///
    /// All clones know of it, and `Cached` keeps it across refreshes.
    #[must_use]
    pub fn last_verified_at(&self) -> Option<SystemTime> {
        match self.prepared.last_verified.load(Ordering::Relaxed) {
            0 => None,
            seconds => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)),
        }
    }

    pub(crate) fn verified_at(&self, now: SystemTime) {
        let seconds = now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        // A store would take the line of memory away from the other processors each time.
        if self.prepared.last_verified.load(Ordering::Relaxed) != seconds {
            self.prepared.last_verified.store(seconds, Ordering::Relaxed);
        }
    }

    /// Whether the text is the same. Secrets are compared with secrets alone, never with what a request brings.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        *self.prepared.text == *other.prepared.text
    }

    /// Whether it looks as those of `stripe listen` do, which the dashboard's do not: 64 hexadecimal digits.
    pub(crate) fn looks_like_cli_secret(&self) -> bool {
        let digits = self.prepared.text.strip_prefix(PREFIX).unwrap_or_default();
        digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// This secret, with what `other`, which is the same, knows of its use.
    pub(super) fn with_usage_of(&self, other: &Self) -> Self {
        Self { prepared: Arc::clone(&other.prepared), ..self.clone() }
    }

    /// What the secret is called where it may not be shown.
    #[must_use]
    pub fn id(&self) -> &SecretId {
        &self.id
    }

    /// The secret itself, for storing it or for signing.
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
    use Mistake::*;

    let mistake = if text.trim().is_empty() {
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
    Err(SigningSecretError(mistake))
}

/// Why a text cannot be a [`SigningSecret`]. Its message names the likely mistake, and never the text.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
pub struct SigningSecretError(Mistake);

#[derive(Clone, Debug, Error)]
enum Mistake {
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
    #[error("the signing secret has a character that Stripe's never have: copy it again, without quotes")]
    ForeignCharacter,
    #[error("the signing secret is in quotes: remove them")]
    Quoted,
    #[error("this is an API secret key (`sk_`), not a signing secret: a signing secret starts with `whsec_`")]
    SecretKey,
    #[error("this is a restricted API key (`rk_`), not a signing secret: a signing secret starts with `whsec_`")]
    RestrictedKey,
    #[error("this is a publishable API key (`pk_`), not a signing secret: a signing secret starts with `whsec_`")]
    PublishableKey,
    #[error("this is the id of a webhook endpoint (`we_`), not its signing secret, which starts with `whsec_`")]
    EndpointId,
    #[error("this is not a signing secret: a signing secret starts with `whsec_`")]
    OtherPrefix,
}

/// What a [`SigningSecret`] is called where the secret itself may not be shown: a label of yours, or a fingerprint of
/// eight hexadecimal digits that is the same on every node.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SecretId(Arc<str>);

impl SecretId {
    fn from_fingerprint(fingerprint: [u8; 4]) -> Self {
        Self(format!("{:08x}", u32::from_be_bytes(fingerprint)).into())
    }

    /// The id as text.
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
