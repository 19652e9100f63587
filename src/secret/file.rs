//! Signing secrets from a file.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use http::request::Parts;
use thiserror::Error;
use zeroize::Zeroizing;

use super::{SecretProvider, SigningSecret, SigningSecretError, SigningSecrets};
use crate::error::BoxError;

/// Signing secrets from a file, which is read again when it changes.
///
/// Use it for a Kubernetes or Docker secret, or for a file that systemd or Vault writes.
///
/// The file holds one secret per line, the newest first. White space around a line and empty lines
/// are ignored. If the file is missing or empty, there is no secret. If a line is not a signing
/// secret, the error names the line.
///
/// Each request reads the file's metadata, which takes a few microseconds but may block for longer
/// on a network file system: wrap the provider in `Cached` there.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{StripeWebhookLayer, secret::FileSecret};
///
/// let layer = StripeWebhookLayer::new(FileSecret::new("/run/secrets/stripe-webhook"));
/// ```
#[derive(Debug)]
pub struct FileSecret {
    path: PathBuf,
    read: Mutex<Option<(Stamp, SigningSecrets)>>,
}

/// The metadata by which a change of the file is detected.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    /// A file that replaces another one may have the same time and size.
    #[cfg(unix)]
    inode: u64,
}

impl FileSecret {
    /// Makes a provider for the file at `path`, which the first request reads.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), read: Mutex::new(None) }
    }

    fn current(&self) -> Result<SigningSecrets, FileSecretError> {
        let Some(stamp) = self.stamp()? else { return Ok(SigningSecrets::default()) };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((last, secrets)) = &*read
            && *last == stamp
        {
            return Ok(secrets.clone());
        }
        let secrets = self.parse()?;
        let secrets = match &*read {
            Some((_, before)) => secrets.with_usage_of(before),
            None => secrets,
        };
        *read = Some((stamp, secrets.clone()));
        Ok(secrets)
    }

    /// Returns the metadata, or `None` if there is no file.
    fn stamp(&self) -> Result<Option<Stamp>, FileSecretError> {
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some(Stamp {
                modified: metadata.modified().ok(),
                len: metadata.len(),
                #[cfg(unix)]
                inode: std::os::unix::fs::MetadataExt::ino(&metadata),
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(FileSecretError::Unreadable { path: self.path.clone(), source }),
        }
    }

    fn parse(&self) -> Result<SigningSecrets, FileSecretError> {
        let text = fs::read_to_string(&self.path)
            .map(Zeroizing::new)
            .map_err(|source| FileSecretError::Unreadable { path: self.path.clone(), source })?;
        (1..)
            .zip(text.lines().map(str::trim))
            .filter(|(_, text)| !text.is_empty())
            .map(|(line, text)| match SigningSecret::new(text) {
                Ok(secret) => Ok(secret.with_source(self.path.display().to_string())),
                Err(source) => Err(FileSecretError::NotASigningSecret {
                    path: self.path.clone(),
                    line,
                    source,
                }),
            })
            .collect()
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl SecretProvider for FileSecret {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        Ok(self.current()?)
    }
}

#[derive(Debug, Error)]
enum FileSecretError {
    #[error("cannot read the signing secrets in {}", path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}, line {line}: {source}", path.display())]
    NotASigningSecret { path: PathBuf, line: usize, source: SigningSecretError },
}
