//! Configuration by environment variables, read once at startup. Each error says what to do.

use std::env::{self, VarError};

use thiserror::Error;
use tower_stripe_webhook::{
    EnvSecret, Mode, SigningSecrets,
    api::{ApiBaseUrl, ApiKey, ApiVersion},
};

use crate::{
    admin_token::AdminToken,
    billing::credits::CreditRate,
    connect::ConnectedAccounts,
    data::{DatabaseUrl, DatabaseUrlError},
    stripe_api::ApiSettings,
};

pub const WEBHOOK_SECRET: &str = "STRIPE_WEBHOOK_SECRET";
pub const CONNECTED_ACCOUNTS: &str = "STRIPE_CONNECTED_ACCOUNTS";
pub const API_KEY: &str = "STRIPE_API_KEY";
const API_BASE: &str = "STRIPE_API_BASE";
const API_VERSION: &str = "STRIPE_API_VERSION";

#[derive(Debug)]
pub struct Config {
    pub host: String,
    pub port: u16,
    pub database: DatabaseUrl,
    pub mode: Mode,
    pub connected_accounts: ConnectedAccounts,
    pub environment_secrets: SigningSecrets,
    /// `None` without an API key.
    pub stripe_api: Option<ApiSettings>,
    pub admin_token: AdminToken,
    /// Whether the token was generated because none was set.
    pub admin_token_is_new: bool,
    pub credit_rate: CreditRate,
}

#[derive(Debug, Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    pub fn from_environment() -> Result<Self, ConfigError> {
        let admin_token = parsed(
            "ADMIN_TOKEN",
            AdminToken::new,
            "one word of ASCII characters: make one with `openssl rand -hex 32`",
        )?;
        let database =
            variable("DATABASE_URL")?.unwrap_or_else(|| "sqlite://billing.db".to_owned());
        let mode = parsed("STRIPE_MODE", mode, "`test` or `live`")?.unwrap_or(Mode::Test);
        Ok(Self {
            host: variable("API_HOST")?.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port: parsed(
                "API_PORT",
                |port| port.parse().ok(),
                "a port from 0 to 65535 (0: a free one)",
            )?
            .unwrap_or(3000),
            database: DatabaseUrl::parse(&database)
                .map_err(|DatabaseUrlError(error)| ConfigError(format!("DATABASE_URL {error}")))?,
            mode,
            connected_accounts: parsed(
                CONNECTED_ACCOUNTS,
                ConnectedAccounts::parse,
                "ids of connected accounts by comma, such as `acct_1A,acct_1B`, or `*` for all",
            )?
            .unwrap_or_default(),
            environment_secrets: webhook_secrets()?,
            stripe_api: stripe_api(mode)?,
            admin_token_is_new: admin_token.is_none(),
            admin_token: admin_token.unwrap_or_else(AdminToken::random),
            credit_rate: parsed(
                "CREDITS_PER_USD",
                |rate| CreditRate::new(rate.parse().ok()?),
                &format!("a whole number from 1 to {}", CreditRate::MAX),
            )?
            .unwrap_or_default(),
        })
    }
}

/// Returns a variable's value. An empty one counts as not set, because compose files pass unset
/// variables as empty ones.
fn variable(name: &str) -> Result<Option<String>, ConfigError> {
    match env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(ConfigError(format!("{name} is not valid UTF-8: set it again")))
        }
    }
}

/// Parses a variable. The error does not quote the value, which may be a secret in the wrong
/// variable.
fn parsed<T>(
    name: &str,
    parse: impl FnOnce(&str) -> Option<T>,
    rule: &str,
) -> Result<Option<T>, ConfigError> {
    let Some(value) = variable(name)? else { return Ok(None) };
    let invalid = || ConfigError(format!("{name} must be {rule}. Correct or unset it"));
    parse(&value).map(Some).ok_or_else(invalid)
}

fn mode(text: &str) -> Option<Mode> {
    [Mode::Test, Mode::Live].into_iter().find(|mode| mode.to_string() == text)
}

/// Reads the access to Stripe's API. The base URL and the version are checked without a key, too.
fn stripe_api(mode: Mode) -> Result<Option<ApiSettings>, ConfigError> {
    let base_url = match variable(API_BASE)? {
        Some(url) => ApiBaseUrl::new(&url)
            .map_err(|error| ConfigError(format!("{API_BASE}: {error}. Correct or unset it")))?,
        None => ApiBaseUrl::default(),
    };
    let version = match variable(API_VERSION)? {
        Some(version) => ApiVersion::new(&version)
            .map_err(|error| ConfigError(format!("{API_VERSION}: {error}. Correct or unset it")))?,
        None => ApiVersion::default(),
    };
    let Some(key) = variable(API_KEY)? else { return Ok(None) };
    let key = ApiKey::new(key)
        .map_err(|error| ConfigError(format!("{API_KEY}: {error}. Correct or unset it")))?;
    if let Some(of_key) = key.mode().filter(|of_key| *of_key != mode) {
        return Err(ConfigError(format!(
            "{API_KEY} is a key of {of_key} mode, and STRIPE_MODE is `{mode}`: set a key of {mode} mode"
        )));
    }
    Ok(Some(ApiSettings { key, base_url, version }))
}

fn webhook_secrets() -> Result<SigningSecrets, ConfigError> {
    if variable(WEBHOOK_SECRET)?.is_none() {
        return Ok(SigningSecrets::default());
    }
    let secret = EnvSecret::require(WEBHOOK_SECRET).map_err(|error| {
        ConfigError(format!(
            "{error}. Copy the signing secret from Stripe again, or unset the variable"
        ))
    })?;
    Ok(secret.loaded().cloned().unwrap_or_default())
}
