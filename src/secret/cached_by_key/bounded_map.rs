//! A map that never holds more than it may.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::atomic::{AtomicBool, Ordering},
};

/// A map that makes room for a new key by pushing out an old one: the first in line that was not asked for since it got
/// in line, as in a second-chance page cache. So asking takes a shared reference alone.
pub(super) struct BoundedMap<K, V> {
    capacity: usize,
    slots: HashMap<K, Slot<V>>,
    line: VecDeque<K>,
}

struct Slot<V> {
    value: V,
    /// It stands alone, so relaxed order is enough.
    was_asked_for: AtomicBool,
}

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, slots: HashMap::new(), line: VecDeque::new() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let slot = self.slots.get(key)?;
        // A store would take the line of memory away from the other processors each time.
        if !slot.was_asked_for.load(Ordering::Relaxed) {
            slot.was_asked_for.store(true, Ordering::Relaxed);
        }
        Some(&slot.value)
    }

    /// As [`get`](Self::get), but it is not asking.
    pub(super) fn peek(&self, key: &K) -> Option<&V> {
        self.slots.get(key).map(|slot| &slot.value)
    }

    /// Makes room for one more, of those that `may_go`. Whether there is.
    #[must_use]
    pub(super) fn make_room(&mut self, may_go: impl Fn(&V) -> bool) -> bool {
        // Twice around: by then each has lost its second chance.
        for _ in 0..2 * self.line.len() {
            if self.slots.len() < self.capacity {
                break;
            }
            let Some(key) = self.line.pop_front() else { break };
            let keeps_place = self.slots.get_mut(&key).is_some_and(|slot| {
                let was_asked_for = std::mem::take(slot.was_asked_for.get_mut());
                was_asked_for || !may_go(&slot.value)
            });
            if keeps_place {
                self.line.push_back(key);
            } else {
                self.slots.remove(&key);
            }
        }
        self.slots.len() < self.capacity
    }

    /// Puts in a key that is not there. Call [`make_room`](Self::make_room) before.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.line.push_back(key.clone());
        self.slots.insert(key, Slot { value, was_asked_for: AtomicBool::new(false) });
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.slots.remove(key)?;
        self.line.retain(|other| other != key);
        Some(slot.value)
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> BoundedMap<u8, char> {
        let mut map = BoundedMap::new(3);
        for (key, value) in [(1, 'a'), (2, 'b'), (3, 'c')] {
            assert!(map.make_room(|_| true));
            map.insert(key, value);
        }
        map
    }

    #[test]
    fn up_to_its_capacity_it_keeps_all_and_one_more_pushes_out_the_first_that_nobody_asked_for() {
        let mut map = full();
        assert_eq!((map.len(), map.get(&1)), (3, Some(&'a')));
        assert!(map.make_room(|_| true));
        map.insert(4, 'd');
        assert_eq!([1, 2, 3, 4].map(|key| map.get(&key).is_some()), [true, false, true, true]);
        assert_eq!((map.len(), map.line.len()), (3, 3));
    }

    #[test]
    fn if_all_were_asked_for_the_first_goes() {
        let mut map = full();
        for key in [3, 2, 1] {
            map.get(&key);
        }
        assert!(map.make_room(|_| true));
        assert_eq!([1, 2, 3].map(|key| map.get(&key).is_some()), [false, true, true]);
    }

    #[test]
    fn what_may_not_go_stays_and_if_nothing_may_there_is_no_room() {
        let mut map = full();
        assert!(!map.make_room(|_| false));
        assert_eq!((map.len(), map.line.len()), (3, 3));
        assert!(map.make_room(|value| *value == 'c'));
        assert_eq!([1, 2, 3].map(|key| map.get(&key).is_some()), [true, true, false]);
    }

    #[test]
    fn what_is_removed_leaves_its_place_to_another() {
        let mut map = full();
        assert_eq!((map.remove(&2), map.remove(&2)), (Some('b'), None));
        assert!(map.make_room(|_| false));
        assert_eq!((map.len(), map.line.len()), (2, 2));
    }
}
