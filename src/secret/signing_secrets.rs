//! The signing secrets that are alive at one time.

use std::sync::Arc;

use super::{SecretId, SigningSecret};

/// The signing secrets that are alive for an endpoint: one, two while it is rolled, none before it is set up.
///
/// Clones share one allocation. Each secret costs one HMAC over the body of every request, however many signatures
/// the request carries, so remove those which are not used any more.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{SigningSecret, SigningSecrets};
///
/// let rolling = SigningSecrets::from([
///     SigningSecret::new("whsec_the_new_one")?,
///     SigningSecret::new("whsec_the_old_one")?,
/// ]);
/// assert_eq!(rolling.len(), 2);
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SigningSecrets(Arc<[SigningSecret]>);

impl SigningSecrets {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none: then every request is answered `503`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The secrets, in the order in which they were given.
    pub fn iter(&self) -> std::slice::Iter<'_, SigningSecret> {
        self.0.iter()
    }

    /// Whether there is a secret that `tried` has not.
    pub(super) fn contains_other_than(&self, tried: &Self) -> bool {
        self.iter().any(|secret| !tried.has(secret))
    }

    pub(crate) fn has(&self, secret: &SigningSecret) -> bool {
        self.iter().any(|other| secret.is_same_as(other))
    }

    /// These, and up to so many of `before` that are not among them.
    #[cfg(feature = "tokio")]
    pub(super) fn union_with(&self, before: &Self, at_most: usize) -> Self {
        self.iter().chain(before.iter().filter(|secret| !self.has(secret)).take(at_most)).cloned().collect()
    }

    /// The same secrets, with what `before` knows of their use.
    pub(super) fn with_usage_of(self, before: &Self) -> Self {
        self.iter()
            .map(|secret| match before.iter().find(|other| secret.is_same_as(other)) {
                Some(other) => secret.with_usage_of(other),
                None => secret.clone(),
            })
            .collect()
    }

    /// What the secrets are called where they may not be shown.
    pub fn ids(&self) -> impl Iterator<Item = &SecretId> {
        self.iter().map(SigningSecret::id)
    }
}

impl From<SigningSecret> for SigningSecrets {
    fn from(secret: SigningSecret) -> Self {
        Self::from([secret])
    }
}

impl<const N: usize> From<[SigningSecret; N]> for SigningSecrets {
    fn from(secrets: [SigningSecret; N]) -> Self {
        Self(secrets.into())
    }
}

impl From<Vec<SigningSecret>> for SigningSecrets {
    fn from(secrets: Vec<SigningSecret>) -> Self {
        Self(secrets.into())
    }
}

impl FromIterator<SigningSecret> for SigningSecrets {
    fn from_iter<I: IntoIterator<Item = SigningSecret>>(secrets: I) -> Self {
        Self(secrets.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a SigningSecrets {
    type Item = &'a SigningSecret;
    type IntoIter = std::slice::Iter<'a, SigningSecret>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
