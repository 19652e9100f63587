//! What a connection waits for, and for how long.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until},
};

/// The time for the first request's head, from the start of the connection.
///
/// Stripe sends it at once.
pub const FIRST_REQUEST: Duration = Duration::from_secs(10);

/// The time from an answer to the head of the next request.
///
/// Longer than the 60 s for which nginx and most load balancers keep idle connections: a server
/// that closes first loses a request that is on its way.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// The time that a connection has to close itself after [`KEEP_ALIVE`].
const CLOSING: Duration = Duration::from_secs(5);

/// The client's side of a connection. Clones share it.
#[derive(Clone, Debug)]
pub struct Client {
    state: watch::Sender<State>,
    /// Notified when some connection starts to wait for its client.
    waits: Arc<Notify>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    /// Requests without an answer.
    running: usize,
    /// Requests whose body has not fully arrived.
    receiving: usize,
    /// Whether the client may still send a request that is answered already.
    has_unread: bool,
    since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// There was no request yet.
    New,
    KeptAlive,
    Closing,
    /// Another connection needs the place.
    Replaced,
}

/// How an overdue connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Close it gracefully: with `GOAWAY` in HTTP/2.
    Close,
    /// Drop it.
    Drop,
}

impl Client {
    pub fn new(waits: Arc<Notify>) -> Self {
        let state = State {
            phase: Phase::New,
            running: 0,
            receiving: 0,
            has_unread: true,
            since: Instant::now(),
        };
        waits.notify_waiters();
        Self { state: watch::Sender::new(state), waits }
    }

    /// Returns since when only the client can continue, or `None` if a complete request runs.
    pub fn waits_since(&self) -> Option<Instant> {
        let state = *self.state.borrow();
        let waits = state.phase != Phase::Replaced && state.running <= state.receiving;
        waits.then_some(state.since)
    }

    /// Returns whether the client may still send a request that is answered already: one whose
    /// head is invalid, or whose body was not read.
    pub fn has_unread(&self) -> bool {
        self.state.borrow().has_unread
    }

    /// Ends the connection in favour of another one.
    pub fn replace(&self) {
        self.change(|state| state.phase = Phase::Replaced);
    }

    /// Waits until a deadline has passed.
    pub async fn overdue(&self) -> Overdue {
        let mut changes = self.state.subscribe();
        loop {
            let state = *changes.borrow_and_update();
            let limit = match state.phase {
                Phase::New => FIRST_REQUEST,
                Phase::KeptAlive => KEEP_ALIVE,
                Phase::Closing => CLOSING,
                Phase::Replaced => return Overdue::Drop,
            };
            tokio::select! {
                // Never fails, because `self` has a sender.
                _ = changes.changed() => {}
                () = sleep_until(state.since + limit), if state.running == 0 => {
                    if state.phase != Phase::KeptAlive {
                        return Overdue::Drop;
                    }
                    self.change(|state| state.phase = Phase::Closing);
                    return Overdue::Close;
                }
            }
        }
    }

    /// Notes that a head has arrived.
    pub fn start(&self) -> (Running, Receiving) {
        self.change(|state| {
            if state.phase == Phase::New {
                state.phase = Phase::KeptAlive;
            }
            state.running += 1;
            state.receiving += 1;
            state.has_unread = false;
        });
        (Running(self.clone()), Receiving { client: self.clone(), is_complete: false })
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.state.send_modify(|state| {
            change(state);
            state.since = Instant::now();
        });
        if self.waits_since().is_some() {
            self.waits.notify_waiters();
        }
    }
}

/// A request without an answer, until it is dropped.
#[derive(Debug)]
pub struct Running(Client);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.change(|state| state.running -= 1);
    }
}

/// A body that has not fully arrived, until it is dropped.
#[derive(Debug)]
pub struct Receiving {
    client: Client,
    is_complete: bool,
}

impl Receiving {
    pub fn complete(mut self) {
        self.is_complete = true;
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        self.client.change(|state| {
            state.receiving -= 1;
            state.has_unread |= !self.is_complete;
        });
    }
}
