//! The state machine that decides which fetch answers which event, without tasks or locks.
//!
//! At most one fetch of a key is in flight. An event never joins a fetch that was sent before the
//! event arrived, because the answer could miss what the event tells. It joins the next one, which
//! is sent when the first has ended, and which all events that arrive in the meantime share.
//!
//! | state of a key | an event arrives | the driver |
//! |---|---|---|
//! | absent | opens a fetch and starts the driver | |
//! | a fetch is open | joins it | may send it |
//! | a fetch is sent | opens the next fetch | waits for the answer |
//! | a fetch is sent, the next is open | joins the next | waits for the answer |
//!
//! One driver per key sends the fetches, one after the other, until no fetch is open. So a key is
//! absent as soon as nothing is to be done for it.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
};

/// The fetches of each key that has a driver.
#[derive(Debug)]
pub(super) struct Flights<K, F> {
    /// The fetch that events can join. `None` while the last one is in flight.
    open: HashMap<K, Option<F>>,
}

/// What an event has to do to get its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Joined<F> {
    /// Start the driver of the key, and wait for the fetch.
    First(F),
    /// Wait for the fetch.
    Waiting(F),
}

impl<K: Hash + Eq, F: Clone> Flights<K, F> {
    pub(super) fn new() -> Self {
        Self { open: HashMap::new() }
    }

    /// Joins the open fetch of the key, or opens one.
    pub(super) fn join(&mut self, key: K, open: impl FnOnce() -> F) -> Joined<F> {
        match self.open.entry(key) {
            Entry::Vacant(entry) => {
                let fetch = open();
                entry.insert(Some(fetch.clone()));
                Joined::First(fetch)
            }
            Entry::Occupied(mut entry) => {
                Joined::Waiting(entry.get_mut().get_or_insert_with(open).clone())
            }
        }
    }

    /// Returns the open fetch, for the driver.
    ///
    /// `None` if there is none, or if no event waits for it. Then the key is removed, and the driver
    /// has to end.
    pub(super) fn next(&mut self, key: &K, has_waiting: impl FnOnce(&F) -> bool) -> Option<F> {
        let fetch = self.open.get(key).and_then(Option::as_ref).filter(|fetch| has_waiting(fetch));
        if fetch.is_none() {
            self.open.remove(key);
            return None;
        }
        fetch.cloned()
    }

    /// Closes the open fetch, because it is about to be sent.
    pub(super) fn send(&mut self, key: &K) {
        if let Some(open) = self.open.get_mut(key) {
            *open = None;
        }
    }

    /// Removes a key whose driver failed, with its open fetch.
    pub(super) fn remove(&mut self, key: &K) {
        self.open.remove(key);
    }

    /// The number of keys that have a driver.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }
}
