//! Configuration by environment variables, read once at startup. Each error says what to do.

use std::env::{self, VarError};

use thiserror::Error;
use tower_stripe_webhook::{EnvSecret, Mode, SigningSecrets};

use crate::{
    admin_token::AdminToken,
    billing::credits::CreditRate,
    connect::ConnectedAccounts,
    data::{DatabaseUrl, DatabaseUrlError},
};

pub const WEBHOOK_SECRET: &str = "STRIPE_WEBHOOK_SECRET";
pub const CONNECTED_ACCOUNTS: &str = "STRIPE_CONNECTED_ACCOUNTS";

#[derive(Debug)]
pub struct Config {
    pub host: String,
    pub port: u16,
    pub database: DatabaseUrl,
    pub mode: Mode,
    pub connected_accounts: ConnectedAccounts,
    pub environment_secrets: SigningSecrets,
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
        let admin_token = admin_token()?;
        Ok(Self {
            host: variable("API_HOST")?.unwrap_or_else(|| "127.0.0.1".into()),
            port: port()?,
            database: database()?,
            mode: mode()?,
            connected_accounts: connected_accounts()?,
            environment_secrets: webhook_secrets()?,
            admin_token_is_new: admin_token.is_none(),
            admin_token: admin_token.unwrap_or_else(AdminToken::random),
            credit_rate: credit_rate()?,
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

fn port() -> Result<u16, ConfigError> {
    let Some(port) = variable("API_PORT")? else { return Ok(3000) };
    port.parse().map_err(|_| {
        ConfigError(format!(
            "API_PORT must be a port from 0 to 65535 (0: a free one), not {port:?}: set it to one"
        ))
    })
}

fn database() -> Result<DatabaseUrl, ConfigError> {
    let url = variable("DATABASE_URL")?.unwrap_or_else(|| "sqlite://billing.db".into());
    DatabaseUrl::parse(&url)
        .map_err(|DatabaseUrlError(problem)| ConfigError(format!("DATABASE_URL {problem}")))
}

fn mode() -> Result<Mode, ConfigError> {
    match variable("STRIPE_MODE")?.as_deref() {
        None | Some("test") => Ok(Mode::Test),
        Some("live") => Ok(Mode::Live),
        Some(other) => Err(ConfigError(format!(
            "STRIPE_MODE must be `test` or `live`, not {other:?}: set it to one of them"
        ))),
    }
}

fn connected_accounts() -> Result<ConnectedAccounts, ConfigError> {
    let Some(accounts) = variable(CONNECTED_ACCOUNTS)? else {
        return Ok(ConnectedAccounts::default());
    };
    // The value is not quoted, because it may be an API key in the wrong variable.
    ConnectedAccounts::parse(&accounts).ok_or_else(|| {
        ConfigError(format!(
            "{CONNECTED_ACCOUNTS} must be ids of connected accounts by comma, such as `acct_1A,acct_1B`, or `*` for all: \
             set it to these, or unset it to ignore their events"
        ))
    })
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

fn admin_token() -> Result<Option<AdminToken>, ConfigError> {
    let Some(token) = variable("ADMIN_TOKEN")? else { return Ok(None) };
    AdminToken::new(token).map(Some).map_err(|_| {
        ConfigError("ADMIN_TOKEN must be one word of ASCII characters: make one with `openssl rand -hex 32`".into())
    })
}

fn credit_rate() -> Result<CreditRate, ConfigError> {
    let Some(rate) = variable("CREDITS_PER_USD")? else { return Ok(CreditRate::default()) };
    rate.parse().ok().and_then(CreditRate::new).ok_or_else(|| {
        ConfigError(format!(
            "CREDITS_PER_USD must be a whole number from 1 to {}, not {rate:?}: set it to one",
            CreditRate::MAX
        ))
    })
}
