//! Graceful shutdown by SIGTERM and ctrl-c.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

/// The time that running requests have to finish after the first signal.
const GRACE_PERIOD: Duration = Duration::from_secs(25);

/// The signals that stop the program.
#[derive(Debug)]
pub struct Shutdown {
    /// Received at the first signal. From then on the server accepts no new connections.
    pub signalled: oneshot::Receiver<()>,
    /// Received at the second signal, or 25 s after the first. Then running requests are aborted.
    pub grace_period_over: oneshot::Receiver<()>,
}

impl Shutdown {
    /// Starts to listen for SIGTERM and ctrl-c.
    pub fn listen() -> io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut any_signal = async move || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        let (first_signal, signalled) = oneshot::channel();
        let (deadline, grace_period_over) = oneshot::channel();
        tokio::spawn(async move {
            any_signal().await;
            // Sending only fails if the program has ended in the meantime.
            let _ = first_signal.send(());
            let _ = timeout(GRACE_PERIOD, any_signal()).await;
            let _ = deadline.send(());
        });
        Ok(Self { signalled, grace_period_over })
    }
}
