//! Counts of rejected requests.
//!
//! A request that is rejected need not come from Stripe, so it must not cost a database write.
//! Rejections are counted in memory by kind and minute, and written once a second.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    data::{
        Database,
        rejections::{self, Rejections},
    },
    time,
};

/// The most counts that are kept while the database is down. With 13 kinds this is over an hour of
/// all of them.
const MAX_PENDING: usize = 1_000;

/// The counts that are not written yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct RejectionCounts(Arc<Mutex<Pending>>);

/// Keyed by minute and kind.
type Pending = BTreeMap<(i64, String), Rejections>;

impl RejectionCounts {
    /// Counts one rejection. `kind` is the error code in the response.
    pub fn count(&self, kind: &str, message: String) {
        self.count_at(time::now(), kind, message);
    }

    fn count_at(&self, now: i64, kind: &str, last_message: String) {
        let (kind, minute) = (kind.to_owned(), now / 60 * 60);
        self.add(Rejections { kind, minute, count: 1, last_message, last_at: now });
    }

    /// Adds the counts to the database. Counts that cannot be written are kept for the next call.
    pub async fn flush(&self, database: &Database) -> Result<(), sqlx::Error> {
        let pending = std::mem::take(&mut *self.pending());
        let mut written = Ok(());
        for rejections in pending.into_values() {
            if written.is_ok() {
                written = rejections::add(database.writer(), &rejections).await;
            }
            if written.is_err() {
                self.add(rejections);
            }
        }
        written
    }

    fn add(&self, added: Rejections) {
        let mut pending = self.pending();
        let key = (added.minute, added.kind.clone());
        if let Some(known) = pending.get_mut(&key) {
            known.count += added.count;
            if added.last_at >= known.last_at {
                known.last_at = added.last_at;
                known.last_message = added.last_message;
            }
            return;
        }
        if pending.len() >= MAX_PENDING {
            pending.pop_first();
        }
        pending.insert(key, added);
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        let counts: Vec<_> = pending
            .values()
            .map(|rejections| (rejections.minute, rejections.count, &*rejections.last_message))
            .collect();
        assert_eq!(counts, [(60, 2, "last"), (120, 1, "next minute")]);
    }

    #[test]
    fn pending_counts_are_limited_while_the_database_is_down() {
        let rejections = RejectionCounts::default();
        for minute in 0..=1_000 {
            rejections.count_at(minute * 60, "invalid_json", String::new());
        }
        let pending = rejections.pending();
        assert_eq!(pending.len(), 1_000);
        assert_eq!(pending.values().next().unwrap().minute, 60);
    }
}
