//! Counts of rejected requests.
//!
//! A request that is rejected need not come from Stripe, so it must not cost a database write.
//! Rejections are counted in memory by kind and minute, and written once a second.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    data::{Database, rejections},
    time,
};

/// The most counts that are kept while the database is down. With 13 kinds this is over an hour of
/// all of them.
const MAX_PENDING: usize = 1_000;

/// The counts that are not written yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RejectionCounts(Arc<Mutex<Pending>>);

/// Keyed by minute, in Unix seconds, and kind.
type Pending = BTreeMap<(i64, &'static str), RejectionCount>;

#[derive(Clone, Debug)]
pub struct RejectionCount {
    pub count: i64,
    pub last_message: String,
    pub last_at: i64,
}

impl RejectionCounts {
    /// Counts one rejection. `kind` is the error code in the response.
    pub fn count(&self, kind: &'static str, message: String) {
        self.count_at(time::now(), kind, message);
    }

    fn count_at(&self, now: i64, kind: &'static str, message: String) {
        let count = RejectionCount { count: 1, last_message: message, last_at: now };
        add(&mut self.pending(), (now / 60 * 60, kind), count);
    }

    /// Adds the counts to the database. Counts that cannot be written are kept for the next call.
    pub async fn flush(&self, database: &Database) -> Result<(), sqlx::Error> {
        let pending = std::mem::take(&mut *self.pending());
        let mut written = Ok(());
        for ((minute, kind), count) in pending {
            if written.is_ok() {
                written = rejections::add(database.writer(), kind, minute, &count).await;
            }
            if written.is_err() {
                add(&mut self.pending(), (minute, kind), count);
            }
        }
        written
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(pending: &mut Pending, key: (i64, &'static str), count: RejectionCount) {
    match pending.get_mut(&key) {
        Some(known) => {
            known.count += count.count;
            if count.last_at >= known.last_at {
                known.last_at = count.last_at;
                known.last_message = count.last_message;
            }
        }
        None => {
            if pending.len() >= MAX_PENDING {
                pending.pop_first();
            }
            pending.insert(key, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejections_of_one_kind_and_minute_are_one_count() {
        let rejections = RejectionCounts::default();
        for (now, message) in [(60, "first"), (119, "last"), (120, "next minute")] {
            rejections.count_at(now, "invalid_json", message.into());
        }
        let pending = rejections.pending();
        let counts: Vec<_> =
            pending.iter().map(|(key, count)| (*key, count.count, &*count.last_message)).collect();
        assert_eq!(
            counts,
            [((60, "invalid_json"), 2, "last"), ((120, "invalid_json"), 1, "next minute")]
        );
    }

    #[test]
    fn pending_counts_are_limited_while_the_database_is_down() {
        let rejections = RejectionCounts::default();
        for minute in 0..=1_000 {
            rejections.count_at(minute * 60, "invalid_json", String::new());
        }
        let pending = rejections.pending();
        assert_eq!(pending.len(), 1_000);
        assert_eq!(pending.first_key_value().unwrap().0.0, 60);
    }
}
