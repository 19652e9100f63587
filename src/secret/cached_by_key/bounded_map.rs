//! A map with a maximum number of entries.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::atomic::{AtomicBool, Ordering},
};

/// A map that evicts an old entry to make space for a new one.
///
/// It evicts the first entry in the queue that was not used since it was queued, as a second-chance
/// page cache does. So a lookup only needs a shared reference.
pub(super) struct BoundedMap<K, V> {
    capacity: usize,
    slots: HashMap<K, Slot<V>>,
    queue: VecDeque<K>,
}

struct Slot<V> {
    value: V,
    /// Publishes no other data, so `Relaxed` suffices.
    was_used: AtomicBool,
}

impl<K: Clone + Eq + Hash, V> BoundedMap<K, V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, slots: HashMap::new(), queue: VecDeque::new() }
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let slot = self.slots.get(key)?;
        // A store on each lookup would invalidate the cache line of the other cores.
        if !slot.was_used.load(Ordering::Relaxed) {
            slot.was_used.store(true, Ordering::Relaxed);
        }
        Some(&slot.value)
    }

    /// Returns a value as [`get`](Self::get) does, but does not count as use.
    pub(super) fn peek(&self, key: &K) -> Option<&V> {
        self.slots.get(key).map(|slot| &slot.value)
    }

    /// Evicts entries for which `may_evict` holds until there is space for one more.
    ///
    /// Returns whether there is space.
    #[must_use]
    pub(super) fn make_room(&mut self, may_evict: impl Fn(&V) -> bool) -> bool {
        // After two rounds each entry has lost its second chance.
        for _ in 0..2 * self.queue.len() {
            if self.slots.len() < self.capacity {
                break;
            }
            let Some(key) = self.queue.pop_front() else { break };
            let stays = self.slots.get_mut(&key).is_some_and(|slot| {
                let was_used = std::mem::take(slot.was_used.get_mut());
                was_used || !may_evict(&slot.value)
            });
            if stays {
                self.queue.push_back(key);
            } else {
                self.slots.remove(&key);
            }
        }
        self.slots.len() < self.capacity
    }

    /// Inserts a key that is not in the map.
    ///
    /// Call [`make_room`](Self::make_room) before.
    pub(super) fn insert(&mut self, key: K, value: V) {
        self.queue.push_back(key.clone());
        self.slots.insert(key, Slot { value, was_used: AtomicBool::new(false) });
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let slot = self.slots.remove(key)?;
        self.queue.retain(|other| other != key);
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
    fn an_entry_over_the_capacity_evicts_the_first_unused_one() {
        let mut map = full();
        assert_eq!((map.len(), map.get(&1)), (3, Some(&'a')));
        assert!(map.make_room(|_| true));
        map.insert(4, 'd');
        assert_eq!([1, 2, 3, 4].map(|key| map.get(&key).is_some()), [true, false, true, true]);
        assert_eq!((map.len(), map.queue.len()), (3, 3));
    }

    #[test]
    fn the_first_entry_is_evicted_if_all_were_used() {
        let mut map = full();
        for key in [3, 2, 1] {
            map.get(&key);
        }
        assert!(map.make_room(|_| true));
        assert_eq!([1, 2, 3].map(|key| map.get(&key).is_some()), [false, true, true]);
    }

    #[test]
    fn a_protected_entry_stays() {
        let mut map = full();
        assert!(!map.make_room(|_| false));
        assert_eq!((map.len(), map.queue.len()), (3, 3));
        assert!(map.make_room(|value| *value == 'c'));
        assert_eq!([1, 2, 3].map(|key| map.get(&key).is_some()), [true, true, false]);
    }

    #[test]
    fn a_removed_entry_makes_space_for_another() {
        let mut map = full();
        assert_eq!((map.remove(&2), map.remove(&2)), (Some('b'), None));
        assert!(map.make_room(|_| false));
        assert_eq!((map.len(), map.queue.len()), (2, 2));
    }
}
