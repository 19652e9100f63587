//! Versions of Stripe's API.

use std::{fmt, str::FromStr};

use http::HeaderValue;
use thiserror::Error;

/// A version of Stripe's API, such as `2026-10-28.endive`: the header `Stripe-Version`.
///
/// It decides the form of the objects of API v1. The default is the version for which the objects
/// of [`event::object`](crate::event::object) are made. They read older versions as well.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::api::ApiVersion;
///
/// let version: ApiVersion = "2025-03-31.basil".parse()?;
/// assert_eq!(version.as_str(), "2025-03-31.basil");
/// # Ok::<(), tower_stripe_webhook::api::InvalidApiVersion>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ApiVersion(Box<str>);

/// The version of the published schema from which the objects are taken.
const DEFAULT: &str = "2026-10-28.endive";

impl ApiVersion {
    /// Makes a version from its text: a date, since 2024-09-30 a dot and a name, and for previews
    /// of features `; name=v1` for each.
    ///
    /// # Errors
    ///
    /// [`InvalidApiVersion`] if the text has another form.
    pub fn new(version: &str) -> Result<Self, InvalidApiVersion> {
        let mut parts = version.split("; ");
        let base = parts.next().unwrap_or_default();
        let (date, name) = match base.split_once('.') {
            Some((date, name)) => (date, Some(name)),
            None => (base, None),
        };
        let is_short = version.len() <= MAX_LEN;
        if is_short && is_date(date) && name.is_none_or(is_name) && parts.all(is_preview) {
            Ok(Self(version.into()))
        } else {
            Err(InvalidApiVersion(()))
        }
    }

    /// Returns the version as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).expect("a version is visible ASCII")
    }
}

impl Default for ApiVersion {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ApiVersion {
    type Err = InvalidApiVersion;

    fn from_str(version: &str) -> Result<Self, Self::Err> {
        Self::new(version)
    }
}

fn is_date(date: &str) -> bool {
    date.len() == "2026-10-28".len()
        && date.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Longer than any version, in bytes.
const MAX_LEN: usize = 512;

/// Whether a text is the preview of a feature, such as `checkout_beta=v1`.
fn is_preview(text: &str) -> bool {
    let is_word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    text.split_once('=').is_some_and(|(name, version)| is_word(name) && is_word(version))
}

/// Longer than any name, in bytes.
const MAX_NAME: usize = 32;

fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The error for a text that is no version of Stripe's API.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("this is not a version of Stripe's API, which is a date with a name, such as `{DEFAULT}`")]
pub struct InvalidApiVersion(());
