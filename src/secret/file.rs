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

/// Signing secrets from a file, which is read again when it changes: a Kubernetes or Docker secret, or one that systemd
/// or Vault writes.
///
/// The file holds one secret a line, the newest first; white space at the ends of lines and empty lines do not count. A
/// file that is missing or empty means that no secret is set; one that holds anything else is an error, which names the line.
///
/// Each request looks at the file's time and size, which takes a few microseconds and may block for longer on a
/// network's file system: put `Cached` around it there.
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

/// What tells one content of a file from another.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    /// A file that was put in another's place may have its time and size.
    #[cfg(unix)]
    inode: u64,
}

impl FileSecret {
    /// Reads the file at `path`, for the first time with the first request.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), read: Mutex::new(None) }
    }

    fn current(&self) -> Result<SigningSecrets, FileSecretError> {
        let Some(stamp) = self.stamp()? else { return Ok(SigningSecrets::default()) };
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, secrets)) = &*read
            && *of == stamp
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

    /// `None` if there is no file.
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
                Err(source) => Err(FileSecretError::NotASigningSecret { path: self.path.clone(), line, source }),
            })
            .collect()
    }

    /// Where the file is.
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
