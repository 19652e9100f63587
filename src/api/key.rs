//! One API key: validated, redacted, wiped from memory.

use std::{
    env::{self, VarError},
    fmt,
    str::FromStr,
    sync::Arc,
};

use bytes::Bytes;
use http::HeaderValue;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    event::Mode,
    secret::{SecretId, placeholder::is_placeholder},
    signature::PreparedKey,
};

/// The key with which an app asks Stripe's API: `sk_…`, `rk_…` or `sk_org_…`.
///
/// A restricted key (`rk_…`) with read permission for the objects that the app fetches is enough,
/// and is the better choice. An organization's key (`sk_org_…`) works for requests that name an
/// account, which the requests for thin events of an organization do.
///
/// Anyone who knows the key can use the account, so the type protects it:
///
/// - [`new`](Self::new) rejects text that cannot be an API key.
/// - `Debug` shows only its [id](Self::id). There is no `Display` and no `PartialEq`.
/// - Only [`expose_secret`](Self::expose_secret) returns the text.
/// - The memory is wiped when the last clone is dropped. The buffers of an HTTP client are not.
///
/// Clones are cheap: they share the text.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{Mode, api::ApiKey};
///
/// let key = ApiKey::new("rk_test_Bqk2Uj0QZzR1hmYd")?;
/// assert_eq!(key.mode(), Some(Mode::Test));
/// assert!(!format!("{key:?}").contains("Bqk2"));
///
/// let mistake = ApiKey::new("pk_test_51Habc").unwrap_err();
/// assert_eq!(
///     mistake.to_string(),
///     "this is a publishable API key (`pk_`), which cannot read objects: use a restricted key (`rk_`) or a secret key (`sk_`)",
/// );
/// # Ok::<(), tower_stripe_webhook::api::ApiKeyError>(())
/// ```
#[derive(Clone)]
pub struct ApiKey {
    id: SecretId,
    bearer: Arc<Zeroizing<String>>,
    /// Shares the memory of `bearer`.
    header: HeaderValue,
}

/// The scheme in the header `Authorization`.
const SCHEME: &str = "Bearer ";

/// Longer than any of Stripe's keys, which have about 110 characters, in bytes.
const MAX_LEN: usize = 512;

impl ApiKey {
    /// Makes an API key from the text that Stripe shows, including its prefix.
    ///
    /// # Errors
    ///
    /// [`ApiKeyError`] if the text cannot be an API key:
    ///
    /// - it is empty, or has white space (usually a newline at the end) or characters that no key
    ///   has, or is longer than 512 bytes;
    /// - it is a placeholder (`sk_test_...`, `rk_live_xxx`, `sk_test_your_key_here`);
    /// - it is a publishable key (`pk_`), a signing secret (`whsec_`), the id of an endpoint
    ///   (`we_`) or of an account (`acct_`), or other text without the prefix of a key.
    ///
    /// The error names the likely mistake and never contains the text.
    pub fn new(key: impl Into<String>) -> Result<Self, ApiKeyError> {
        let text = Zeroizing::new(key.into());
        validate(&text)?;

        let id = SecretId::from_fingerprint(PreparedKey::new(&text).fingerprint());
        let mut bearer = Zeroizing::new(String::with_capacity(SCHEME.len() + text.len()));
        bearer.push_str(SCHEME);
        bearer.push_str(&text);
        let bearer = Arc::new(bearer);
        let shared = Bytes::from_owner(SharedText(Arc::clone(&bearer)));
        // Validated text has no character that a header must not have.
        let mut header = HeaderValue::from_maybe_shared(shared)
            .map_err(|_| ApiKeyError::from(ErrorKind::ForeignCharacter))?;
        header.set_sensitive(true);
        Ok(Self { id, bearer, header })
    }

    /// Reads the environment variable `name`, such as `STRIPE_API_KEY`.
    ///
    /// # Errors
    ///
    /// [`ApiKeyError`] if the variable is not set, or holds something other than an API key. The
    /// error names the variable.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::api::ApiKey;
    ///
    /// let error = ApiKey::from_env("UNSET_API_KEY").unwrap_err();
    /// assert!(error.to_string().starts_with("UNSET_API_KEY is not set"));
    /// ```
    pub fn from_env(name: &str) -> Result<Self, ApiKeyError> {
        parse(env::var(name)).map_err(|error| error.of_variable(name))
    }

    /// Returns the mode whose objects the key can read, by its prefix.
    ///
    /// `None` if the prefix does not tell, as for some organizations' keys. A key of a sandbox is
    /// of [`Mode::Test`].
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        let (prefix, _) = split_prefix(self.expose_secret())?;
        if prefix.contains("_live_") {
            Some(Mode::Live)
        } else if prefix.contains("_test_") {
            Some(Mode::Test)
        } else {
            None
        }
    }

    /// Returns whether it is a restricted key (`rk_…`).
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.expose_secret().starts_with("rk_")
    }

    /// Returns the id, a short fingerprint that identifies the key without exposing it.
    #[must_use]
    pub fn id(&self) -> &SecretId {
        &self.id
    }

    /// Returns the text of the key, to store it or to send it.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.bearer[SCHEME.len()..]
    }

    /// Returns the value of the header `Authorization`, marked as sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        self.header.clone()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id.as_str()).finish_non_exhaustive()
    }
}

impl FromStr for ApiKey {
    type Err = ApiKeyError;

    fn from_str(key: &str) -> Result<Self, Self::Err> {
        Self::new(key)
    }
}

/// The text as the owner of a header's bytes, so that the header is wiped, too.
struct SharedText(Arc<Zeroizing<String>>);

impl AsRef<[u8]> for SharedText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

fn parse(value: Result<String, VarError>) -> Result<ApiKey, ApiKeyError> {
    match value {
        Ok(value) if value.is_empty() => Err(ErrorKind::Unset.into()),
        Ok(value) => ApiKey::new(value),
        Err(VarError::NotPresent) => Err(ErrorKind::Unset.into()),
        Err(VarError::NotUnicode(_)) => Err(ErrorKind::NotUnicode.into()),
    }
}

/// Longer prefixes first.
const PREFIXES: [&str; 7] =
    ["sk_org_live_", "sk_org_test_", "sk_org_", "sk_live_", "sk_test_", "rk_live_", "rk_test_"];

/// Splits a key into its prefix and the rest.
fn split_prefix(text: &str) -> Option<(&'static str, &str)> {
    PREFIXES.into_iter().find_map(|prefix| Some((prefix, text.strip_prefix(prefix)?)))
}

fn validate(text: &str) -> Result<(), ApiKeyError> {
    use ErrorKind::*;

    let kind = if text.trim().is_empty() {
        Empty
    } else if text.contains(char::is_whitespace) {
        if text.trim().contains(char::is_whitespace) { WhiteSpaceInside } else { WhiteSpaceAround }
    } else if let Some((_, rest)) = split_prefix(text) {
        if rest.is_empty() {
            PrefixOnly
        } else if is_placeholder(rest) {
            Placeholder
        } else if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            ForeignCharacter
        } else if text.len() > MAX_LEN {
            TooLong
        } else {
            return Ok(());
        }
    } else if text.starts_with(['"', '\'', '`']) {
        Quoted
    } else if text.starts_with("pk_") {
        PublishableKey
    } else if text.starts_with("whsec_") {
        SigningSecret
    } else if text.starts_with("we_") || text.starts_with("ed_") {
        EndpointId
    } else if text.starts_with("acct_") {
        AccountId
    } else if let Some(rest) = text.strip_prefix("sk_").or_else(|| text.strip_prefix("rk_")) {
        if is_placeholder(rest) { Placeholder } else { NoMode }
    } else {
        OtherPrefix
    };
    Err(kind.into())
}

/// The error if a text cannot be an [`ApiKey`].
///
/// The message names the likely mistake, and the variable if the text comes from the environment.
/// It never contains the text.
#[derive(Clone, Debug)]
pub struct ApiKeyError {
    variable: Option<Box<str>>,
    kind: ErrorKind,
}

impl ApiKeyError {
    fn of_variable(self, name: &str) -> Self {
        Self { variable: Some(name.into()), ..self }
    }
}

impl From<ErrorKind> for ApiKeyError {
    fn from(kind: ErrorKind) -> Self {
        Self { variable: None, kind }
    }
}

impl fmt::Display for ApiKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.variable, &self.kind) {
            (Some(name), kind @ (ErrorKind::Unset | ErrorKind::NotUnicode)) => {
                write!(f, "{name} {kind}")
            }
            (Some(name), kind) => write!(f, "{name}: {kind}"),
            (None, kind) => kind.fmt(f),
        }
    }
}

impl std::error::Error for ApiKeyError {}

#[derive(Clone, Debug, Error)]
enum ErrorKind {
    #[error(
        "is not set: set it to an API key of Stripe, best a restricted one (`rk_…`) with read permission for the objects \
         that the events are about"
    )]
    Unset,
    #[error("is not valid UTF-8")]
    NotUnicode,
    #[error("the API key is empty")]
    Empty,
    #[error("the API key has white space (a newline?) at its start or end: remove it")]
    WhiteSpaceAround,
    #[error("the API key has white space inside: copy it again, as one word and without `Bearer`")]
    WhiteSpaceInside,
    #[error("the API key ends after its prefix: copy all of it")]
    PrefixOnly,
    #[error(
        "the API key is a placeholder (such as `sk_test_...`): set the one that Stripe's dashboard shows"
    )]
    Placeholder,
    #[error("the API key has a character that Stripe's never have: copy it again, without quotes")]
    ForeignCharacter,
    #[error("the API key is longer than any of Stripe's: copy it again, once")]
    TooLong,
    #[error("the API key is in quotes: remove them")]
    Quoted,
    #[error(
        "this is a publishable API key (`pk_`), which cannot read objects: use a restricted key (`rk_`) or a secret key (`sk_`)"
    )]
    PublishableKey,
    #[error(
        "this is a signing secret (`whsec_`), not an API key: an API key starts with `rk_` or `sk_`"
    )]
    SigningSecret,
    #[error(
        "this is the id of a webhook endpoint (`we_`, `ed_`), not an API key, which starts with `rk_` or `sk_`"
    )]
    EndpointId,
    #[error(
        "this is the id of an account (`acct_`), not an API key, which starts with `rk_` or `sk_`"
    )]
    AccountId,
    #[error(
        "this is not a whole API key: after `rk_` or `sk_`, one has `test_`, `live_` or `org_`"
    )]
    NoMode,
    #[error("this is not an API key: an API key starts with `rk_` or `sk_`")]
    OtherPrefix,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unset_or_empty_variable_is_named() {
        for value in [Err(VarError::NotPresent), Ok(String::new())] {
            let error = parse(value).unwrap_err().of_variable("STRIPE_API_KEY");
            assert!(error.to_string().starts_with("STRIPE_API_KEY is not set: "), "{error}");
        }
        let error = parse(Err(VarError::NotUnicode("x".into()))).unwrap_err();
        assert_eq!(error.of_variable("KEY").to_string(), "KEY is not valid UTF-8");
    }

    #[test]
    fn a_variable_with_another_text_is_named_without_the_text() {
        let error = parse(Ok("whsec_hidden".into())).unwrap_err().of_variable("KEY").to_string();
        assert!(error.starts_with("KEY: this is a signing secret (`whsec_`)"), "{error}");
        assert!(!error.contains("hidden"));
        assert_eq!(parse(Ok("sk_test_abc".into())).unwrap().expose_secret(), "sk_test_abc");
    }

    #[test]
    fn the_header_shares_the_wiped_memory() {
        let key = ApiKey::new("sk_test_abc").unwrap();
        let header = key.authorization();
        assert!(header.is_sensitive());
        assert_eq!(header.as_bytes(), b"Bearer sk_test_abc");
        assert_eq!(header.as_bytes().as_ptr(), key.bearer.as_ptr());
    }
}
