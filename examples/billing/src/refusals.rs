//! Requests that were turned away, counted.
//!
//! They come from anybody, so that none costs a write: they are counted in memory by kind and minute, and the counts are added to the
//! database once a second.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    data::{Database, refusals},
    time,
};

/// What is kept for the time that the database is down. There are 13 kinds, so this is over an hour of all of them.
const MAX_PENDING: usize = 1_000;

/// The counts that are not in the database yet. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Refusals(Arc<Mutex<Pending>>);

/// By minute and kind.
type Pending = BTreeMap<(i64, &'static str), Refused>;

#[derive(Clone, Debug)]
pub struct Refused {
    pub count: i64,
    pub last_message: String,
    pub last_at: i64,
}

impl Refusals {
    /// Counts one of a kind, which is the code in the answer.
    pub fn count(&self, kind: &'static str, message: String) {
        self.count_at(time::now(), kind, message);
    }

    fn count_at(&self, now: i64, kind: &'static str, message: String) {
        let refused = Refused { count: 1, last_message: message, last_at: now };
        add(&mut self.pending(), (now / 60 * 60, kind), refused);
    }

    /// Adds the counts to the database. What could not be added is kept for the next time.
    pub async fn flush(&self, database: &Database) -> Result<(), sqlx::Error> {
        let pending = std::mem::take(&mut *self.pending());
        let mut written = Ok(());
        for ((minute, kind), refused) in pending {
            if written.is_ok() {
                written = refusals::add(database.writer(), kind, minute, &refused).await;
            }
            if written.is_err() {
                add(&mut self.pending(), (minute, kind), refused);
            }
        }
        written
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(pending: &mut Pending, key: (i64, &'static str), refused: Refused) {
    match pending.get_mut(&key) {
        Some(known) => {
            known.count += refused.count;
            if refused.last_at >= known.last_at {
                known.last_at = refused.last_at;
                known.last_message = refused.last_message;
            }
        }
        None => {
            if pending.len() >= MAX_PENDING {
                pending.pop_first();
            }
            pending.insert(key, refused);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_one_kind_and_minute_are_one_count_with_the_last_message() {
        let refusals = Refusals::default();
        for (now, message) in [(60, "first"), (119, "last"), (120, "next minute")] {
            refusals.count_at(now, "invalid_json", message.into());
        }
        let pending = refusals.pending();
        let counts: Vec<_> =
            pending.iter().map(|(key, refused)| (*key, refused.count, &*refused.last_message)).collect();
        assert_eq!(counts, [((60, "invalid_json"), 2, "last"), ((120, "invalid_json"), 1, "next minute")]);
    }

    #[test]
    fn a_database_that_is_down_for_long_costs_no_more_than_the_limit() {
        let refusals = Refusals::default();
        for minute in 0..=1_000 {
            refusals.count_at(minute * 60, "invalid_json", String::new());
        }
        let pending = refusals.pending();
        assert_eq!(pending.len(), 1_000);
        assert_eq!(pending.first_key_value().unwrap().0.0, 60);
    }
}
