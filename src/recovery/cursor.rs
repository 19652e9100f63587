//! The place at which the next run begins.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use thiserror::Error as ThisError;

/// The place in the list of events at which the next run begins.
///
/// Every event before it is settled. It is a time, so it stays valid when Stripe removes an event,
/// and it serves both lists and all accounts. The next run lists the events of the same time again,
/// whose idempotency records answer them as duplicates.
///
/// Store it as text or with serde, which both use RFC 3339:
///
/// ```
/// use tower_stripe_webhook::recovery::Cursor;
///
/// let cursor: Cursor = "2026-11-20T10:11:12.345Z".parse()?;
/// assert_eq!(serde_json::to_string(&cursor)?, r#""2026-11-20T10:11:12.345Z""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(SystemTime);

impl Cursor {
    /// Makes a cursor for the events from this time on. A time before 1970 counts as 1970, and one
    /// after 9999 as the end of 9999.
    #[must_use]
    pub fn at(time: SystemTime) -> Self {
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self(SystemTime::UNIX_EPOCH + since_1970.min(LAST_RFC_3339))
    }

    /// Returns the time from which events are listed.
    #[must_use]
    pub fn time(self) -> SystemTime {
        self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_rfc3339_millis(self.0).fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        humantime::parse_rfc3339(text).map(Self::at).map_err(|_| InvalidCursor(()))
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The last second of the year 9999, after 1970.
const LAST_RFC_3339: Duration = Duration::from_secs(253_402_300_799);

/// The error for a text that is no [`Cursor`].
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("this is not a cursor, which is a time such as `2026-11-20T10:11:12.345Z`")]
pub struct InvalidCursor(());
