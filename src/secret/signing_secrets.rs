//! The active signing secrets of an endpoint.

use std::sync::Arc;

use super::{SecretId, SigningSecret};

/// The active signing secrets of an endpoint.
///
/// There is one, two during a rotation, and none before the endpoint is set up. Each secret costs
/// one HMAC over the body of every request, for any number of signatures, so remove secrets that
/// are no longer used. Clones share one allocation.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{SigningSecret, SigningSecrets};
///
/// let rotating = SigningSecrets::from([
///     SigningSecret::new("whsec_the_new_one")?,
///     SigningSecret::new("whsec_the_old_one")?,
/// ]);
/// assert_eq!(rotating.len(), 2);
/// # Ok::<(), tower_stripe_webhook::secret::SigningSecretError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SigningSecrets(Arc<[SigningSecret]>);

impl SigningSecrets {
    /// Returns the number of secrets.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is no secret. Then every request is rejected with `503`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the secrets in their original order.
    pub fn iter(&self) -> std::slice::Iter<'_, SigningSecret> {
        self.0.iter()
    }

    /// Returns whether there is a secret that `tried` does not contain.
    pub(super) fn contains_other_than(&self, tried: &Self) -> bool {
        self.iter().any(|secret| !tried.contains(secret))
    }

    pub(crate) fn contains(&self, secret: &SigningSecret) -> bool {
        self.iter().any(|other| secret.is_same_as(other))
    }

    /// Returns these secrets and up to `max_earlier` other ones of `earlier`.
    #[cfg(feature = "tokio")]
    pub(super) fn union_with(&self, earlier: &Self, max_earlier: usize) -> Self {
        self.iter()
            .chain(earlier.iter().filter(|secret| !self.contains(secret)).take(max_earlier))
            .cloned()
            .collect()
    }

    /// Returns these secrets with the usage of the same secrets in `earlier`.
    pub(super) fn with_usage_of(self, earlier: &Self) -> Self {
        self.iter()
            .map(|secret| match earlier.iter().find(|other| secret.is_same_as(other)) {
                Some(other) => secret.with_usage_of(other),
                None => secret.clone(),
            })
            .collect()
    }

    /// Returns the ids of the secrets.
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
