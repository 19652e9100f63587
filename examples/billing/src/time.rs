//! Unix seconds, and row ids that sort by time.

use std::time::{Duration, SystemTime};

use uuid::{Builder, Uuid};

/// Converts a time to Unix seconds. A time before 1970 becomes 0.
pub fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub fn now() -> i64 {
    unix_seconds(SystemTime::now())
}

/// Returns the first whole number of seconds that is longer, for `Retry-After`.
pub fn whole_seconds(time: Duration) -> u64 {
    time.as_secs().saturating_add(1)
}

/// Generates a row id that sorts after all earlier ones.
pub fn new_row_id() -> String {
    Uuid::now_v7().to_string()
}

/// Returns the smallest row id of a second: rows with a smaller id are older.
pub fn row_id_at(unix_seconds: i64) -> String {
    let millis = u64::try_from(unix_seconds).unwrap_or(0).saturating_mul(1_000);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().to_string()
}
