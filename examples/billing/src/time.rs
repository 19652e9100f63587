//! Times as Stripe and the database have them: whole seconds since 1970.

use std::time::{Duration, SystemTime};

use uuid::{Builder, Uuid};

/// A time in Unix seconds. One before 1970 is 0.
pub fn unix_seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

pub fn now() -> i64 {
    unix_seconds(SystemTime::now())
}

/// An id for a row that sorts after those of before.
pub fn new_row_id() -> String {
    Uuid::now_v7().to_string()
}

/// What sorts before every row id of the last `age`, and after those of before.
pub fn row_id_before(age: Duration) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let millis = now.saturating_sub(age).as_millis();
    Builder::from_unix_timestamp_millis(u64::try_from(millis).unwrap_or(u64::MAX), &[0; 10]).into_uuid().to_string()
}

/// What sorts before every row id of this second and later ones, and after those of before.
pub fn row_id_at(unix_seconds: i64) -> String {
    let millis = u64::try_from(unix_seconds).unwrap_or(0).saturating_mul(1_000);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid().to_string()
}
