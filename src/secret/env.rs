//! Signing secrets from an environment variable.

use std::{
    env::{self, VarError},
    fmt,
};

use http::request::Parts;
use thiserror::Error;

use super::{SecretProvider, SigningSecret, SigningSecretError, SigningSecrets};
use crate::{error::BoxError, trace::event};

/// Signing secrets from an environment variable, which is read once.
///
/// The variable holds one secret, or several separated by commas (`whsec_new,whsec_old`) while one
/// is rotated.
///
/// [`new`](Self::new) is for an app that starts without its secret: every request is rejected with
/// `503`, so that Stripe delivers the events again after the secret is set and the app restarted.
/// [`require`](Self::require) is for an app that must not start without it.
///
/// If the variable is not set or empty, there is no secret. If one of its values is not a signing
/// secret, the error names the wrong one and none of the secrets is used.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EnvSecret, StripeWebhookLayer};
///
/// let secret = EnvSecret::new("STRIPE_WEBHOOK_SECRET");
/// if let Err(error) = secret.loaded() {
///     eprintln!("{error}");
/// }
/// let layer = StripeWebhookLayer::new(secret);
/// ```
#[derive(Clone, Debug)]
pub struct EnvSecret {
    secrets: Result<SigningSecrets, EnvSecretError>,
}

impl EnvSecret {
    /// Reads the variable `name`.
    ///
    /// With the feature `tracing`, an error is logged as a warning.
    #[cfg_attr(
        not(feature = "tracing"),
        expect(unused_variables, reason = "the error is only logged")
    )]
    pub fn new(name: impl Into<String>) -> Self {
        let secret = Self::read(name.into());
        if let Err(error) = &secret.secrets {
            event!(WARN, %error, "webhooks are answered with 503 Service Unavailable");
        }
        secret
    }

    /// Reads the variable `name`, which must hold signing secrets.
    ///
    /// # Errors
    ///
    /// [`EnvSecretError`] if the variable is not set, or holds something other than signing
    /// secrets.
    ///
    /// # Example
    ///
    /// ```
    /// use tower_stripe_webhook::EnvSecret;
    ///
    /// let error = EnvSecret::require("UNSET_WEBHOOK_SECRET").unwrap_err();
    /// assert!(error.to_string().starts_with("UNSET_WEBHOOK_SECRET is not set"));
    /// ```
    pub fn require(name: impl Into<String>) -> Result<Self, EnvSecretError> {
        let secret = Self::read(name.into());
        match secret.secrets {
            Ok(_) => Ok(secret),
            Err(error) => Err(error),
        }
    }

    fn read(name: String) -> Self {
        let value = env::var(&name);
        Self { secrets: parse(name, value) }
    }

    /// Returns the secrets that were read, for a startup log or a status page.
    ///
    /// # Errors
    ///
    /// [`EnvSecretError`] if the variable is not set, or holds something other than signing
    /// secrets.
    pub fn loaded(&self) -> Result<&SigningSecrets, &EnvSecretError> {
        self.secrets.as_ref()
    }
}

impl SecretProvider for EnvSecret {
    async fn secrets(&self, _: &Parts) -> Result<SigningSecrets, BoxError> {
        match &self.secrets {
            Ok(secrets) => Ok(secrets.clone()),
            Err(EnvSecretError(ErrorKind::Unset { .. })) => Ok(SigningSecrets::default()),
            Err(error) => Err(error.clone().into()),
        }
    }
}

fn parse(name: String, value: Result<String, VarError>) -> Result<SigningSecrets, EnvSecretError> {
    let value = match value {
        Ok(value) => zeroize::Zeroizing::new(value),
        Err(VarError::NotPresent) => return Err(EnvSecretError(ErrorKind::Unset { name })),
        Err(VarError::NotUnicode(_)) => return Err(EnvSecretError(ErrorKind::NotUnicode { name })),
    };
    let texts = || value.split(',').filter(|text| !text.is_empty());
    let secrets = texts()
        .enumerate()
        .map(|(index, text)| match SigningSecret::new(text) {
            Ok(secret) => Ok(secret.with_source(&*name)),
            Err(source) => Err((index, source)),
        })
        .collect::<Result<SigningSecrets, _>>();
    match secrets {
        Ok(secrets) if secrets.is_empty() => Err(EnvSecretError(ErrorKind::Unset { name })),
        Ok(secrets) => Ok(secrets),
        Err((index, source)) => {
            let position = Position { index, count: texts().count() };
            Err(EnvSecretError(ErrorKind::NotASigningSecret { name, position, source }))
        }
    }
}

/// The position of a secret among several, for a message.
///
/// Empty if there is only one.
#[derive(Clone, Debug)]
struct Position {
    /// Counted from 0.
    index: usize,
    count: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

        let Self { index, count } = *self;
        match ORDINALS.get(index) {
            _ if count == 1 => Ok(()),
            Some(ordinal) => write!(f, " (the {ordinal} of {count} secrets)"),
            None => write!(f, " (secret {} of {count})", index + 1),
        }
    }
}

/// The error if an environment variable holds no signing secret.
///
/// The message names the variable, and which of several secrets is wrong. It never contains the
/// value.
#[derive(Clone, Debug, Error)]
#[error(transparent)]
pub struct EnvSecretError(ErrorKind);

#[derive(Clone, Debug, Error)]
enum ErrorKind {
    #[error(
        "{name} is not set: set it to the endpoint's signing secret (`whsec_…`), from Stripe's dashboard or from \
         `stripe listen --print-secret`"
    )]
    Unset { name: String },
    #[error("{name} is not valid UTF-8")]
    NotUnicode { name: String },
    #[error("{name}: {source}{position}")]
    NotASigningSecret { name: String, position: Position, source: SigningSecretError },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Result<Vec<String>, String> {
        parse("SECRET".into(), Ok(value.into()))
            .map(|secrets| secrets.iter().map(|secret| secret.expose_secret().to_owned()).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn commas_separate_several_secrets() {
        assert_eq!(parsed("whsec_a"), Ok(vec!["whsec_a".into()]));
        assert_eq!(parsed("whsec_a,whsec_b"), Ok(vec!["whsec_a".into(), "whsec_b".into()]));
        assert_eq!(parsed("whsec_a,"), Ok(vec!["whsec_a".into()]));
    }

    #[test]
    fn a_secrets_source_is_the_variables_name() {
        let secrets = parse("SECRET".into(), Ok("whsec_a,whsec_b".into())).unwrap();
        assert!(secrets.iter().all(|secret| secret.source() == Some("SECRET")));
    }

    #[test]
    fn unset_and_empty_mean_not_set() {
        for value in [Err(VarError::NotPresent), Ok(String::new()), Ok(",".into())] {
            let error = parse("SECRET".into(), value).unwrap_err();
            assert!(matches!(error.0, ErrorKind::Unset { .. }));
            assert!(error.to_string().starts_with("SECRET is not set: "));
        }
    }

    #[test]
    fn one_wrong_secret_is_an_error_without_its_value() {
        let error = parsed("sk_test_b").unwrap_err();
        assert!(error.starts_with("SECRET: this is an API secret key (`sk_`)"), "{error}");
        let error = parsed("whsec_hidden\n").unwrap_err();
        assert!(error.contains("newline"), "{error}");
        assert!(!error.contains("hidden"));
    }

    #[test]
    fn the_message_gives_the_position_of_the_wrong_secret() {
        for (value, position) in [
            ("sk_b,whsec_a", "the first of 2 secrets"),
            ("whsec_a,sk_b", "the second of 2 secrets"),
            ("whsec_a,sk_b,sk_c", "the second of 3 secrets"),
            ("whsec_a, whsec_b,whsec_c", "the second of 3 secrets"),
            (",whsec_a,,whsec_...,", "the second of 2 secrets"),
            ("whsec_a,whsec_b,whsec_c,whsec_d,sk_e", "the fifth of 5 secrets"),
            ("whsec_a,whsec_b,whsec_c,whsec_d,whsec_e,sk_f", "secret 6 of 6"),
        ] {
            let error = parsed(value).unwrap_err();
            assert!(error.starts_with("SECRET: th"), "{value} {error}");
            assert!(error.ends_with(&format!(" ({position})")), "{value} {error}");
        }
    }

    #[test]
    fn a_placeholder_is_named_as_such() {
        let error = parsed("whsec_...").unwrap_err();
        assert!(error.starts_with("SECRET: the signing secret is a placeholder"), "{error}");
    }

    #[test]
    fn a_non_unicode_variable_is_an_error() {
        let error = parse("SECRET".into(), Err(VarError::NotUnicode("x".into()))).unwrap_err();
        assert_eq!(error.to_string(), "SECRET is not valid UTF-8");
    }
}
