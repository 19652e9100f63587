//! Latency that a test controls.

use tokio::sync::watch;

/// Holds the answers of a [`FakeApi`](super::FakeApi) back until it is opened or dropped.
///
/// If several are closed, all have to be opened.
#[derive(Debug)]
#[must_use = "dropping the gate opens it"]
pub struct FakeApiGate(watch::Sender<usize>);

impl FakeApiGate {
    pub(super) fn close(gates: watch::Sender<usize>) -> Self {
        gates.send_modify(|closed| *closed += 1);
        Self(gates)
    }

    /// Lets the answers go, as dropping does.
    pub fn open(self) {}
}

impl Drop for FakeApiGate {
    fn drop(&mut self) {
        self.0.send_modify(|closed| *closed -= 1);
    }
}
