//! The open connections, and the limit of their number.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rustix::process::{Resource, getrlimit};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::client::Client;

/// The highest number of connections. The limit of file descriptors may lower it.
const MOST: usize = 4096;

/// File descriptors for everything else, such as the database.
const RESERVED: usize = 64;

/// The open connections. Clones share them.
#[derive(Clone, Debug)]
pub struct Connections {
    free: Arc<Semaphore>,
    open: Arc<Mutex<Open>>,
    /// Notified when some connection starts to wait for its client.
    waits: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Open {
    next_id: u64,
    clients: HashMap<u64, Client>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub struct Place {
    pub client: Client,
    id: u64,
    open: Arc<Mutex<Open>>,
    _taken: OwnedSemaphorePermit,
}

impl Connections {
    /// Allows as many connections as the process has file descriptors, less a reserve.
    pub fn within_descriptor_limit() -> Self {
        let limit = getrlimit(Resource::Nofile).current;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        Self::at_most(places(limit))
    }

    pub fn at_most(places: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(places)), open: Arc::default(), waits: Arc::default() }
    }

    /// Takes a place for a new connection. If there is none, it replaces the connection that has
    /// waited for its client for the longest time.
    pub async fn place(&self) -> Place {
        let taken = self.take().await;
        let client = Client::new(Arc::clone(&self.waits));
        let mut open = lock(&self.open);
        open.next_id += 1;
        let id = open.next_id;
        open.clients.insert(id, client.clone());
        Place { client, id, open: Arc::clone(&self.open), _taken: taken }
    }

    async fn take(&self) -> OwnedSemaphorePermit {
        let mut is_replaced = false;
        loop {
            // The semaphore is never closed.
            if let Ok(taken) = Arc::clone(&self.free).try_acquire_owned() {
                return taken;
            }
            let waits = self.waits.notified();
            is_replaced = is_replaced || self.close_longest_waiting();
            tokio::select! {
                Ok(taken) = Arc::clone(&self.free).acquire_owned() => return taken,
                () = waits => {}
            }
        }
    }

    /// Closes the connection that has waited for its client for the longest time. Returns `false`
    /// if none waits.
    pub fn close_longest_waiting(&self) -> bool {
        let open = lock(&self.open);
        let waiting =
            open.clients.values().filter_map(|client| Some((client.waits_since()?, client)));
        let longest = waiting.min_by_key(|(since, _)| *since);
        longest.inspect(|(_, client)| client.replace()).is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.open).clients.remove(&self.id);
    }
}

/// Returns the number of connections with `descriptors` file descriptors.
fn places(descriptors: usize) -> usize {
    descriptors.saturating_sub(RESERVED).clamp(1, MOST)
}

fn lock(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_64_file_descriptors_to_the_rest() {
        for (descriptors, expected) in
            [(0, 1), (64, 1), (66, 2), (256, 192), (4160, 4096), (4161, 4096), (usize::MAX, 4096)]
        {
            assert_eq!(places(descriptors), expected, "{descriptors}");
        }
    }
}
