//! Settings from the environment.

use std::{env, fmt::Display, ops::RangeInclusive, str::FromStr, time::Duration};

use axum::http::Uri;
use tower_stripe_webhook::BoxError;

#[derive(Clone, Debug)]
pub struct Settings {
    /// `DATABASE_URL`: `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// `FULFILMENT_URL`: the service that gets each event.
    ///
    /// Without it, the worker only prints.
    pub fulfilment_url: Option<Uri>,
    /// `QUEUE_MAX_ATTEMPTS`: the number of attempts before an event is a dead letter.
    pub max_attempts: u32,
    /// `QUEUE_BACKOFF_SECONDS`: the pause after the first failure.
    ///
    /// It doubles with each.
    pub backoff: Duration,
    /// `QUEUE_HEARTBEAT_SECONDS`: the interval of a worker's heartbeat.
    ///
    /// After two missed heartbeats, another worker starts its work.
    pub heartbeat: Duration,
}

impl Settings {
    pub fn from_env() -> Result<Self, BoxError> {
        let url = env::var("FULFILMENT_URL").ok();
        let url = url.map(|url| {
            let uri = url.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("http"));
            uri.ok_or_else(|| format!("FULFILMENT_URL must be an http:// URL, not {url:?}"))
        });
        Ok(Self {
            database_url: env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:queue.db".into()),
            fulfilment_url: url.transpose()?,
            max_attempts: number("QUEUE_MAX_ATTEMPTS", 1..=100, 10)?,
            backoff: Duration::from_secs(number("QUEUE_BACKOFF_SECONDS", 0..=3600, 10)?),
            heartbeat: Duration::from_secs(number("QUEUE_HEARTBEAT_SECONDS", 1..=3600, 30)?),
        })
    }
}

fn number<N: FromStr + Display + PartialOrd>(
    name: &str,
    range: RangeInclusive<N>,
    default: N,
) -> Result<N, BoxError> {
    let Ok(text) = env::var(name) else { return Ok(default) };
    match text.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "{name} must be a number from {} to {}, not {text:?}",
            range.start(),
            range.end()
        )
        .into()),
    }
}
