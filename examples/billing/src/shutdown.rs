//! Graceful shutdown by SIGTERM and ctrl-c.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::timeout,
};

/// The time that running requests have to finish after the first signal.
const GRACE_PERIOD: Duration = Duration::from_secs(25);

/// The signals that stop the program.
#[derive(Debug)]
pub struct Shutdown {
    signalled: watch::Receiver<bool>,
    grace_period_over: watch::Receiver<bool>,
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
        let (first_signal, signalled) = watch::channel(false);
        let (deadline, grace_period_over) = watch::channel(false);
        tokio::spawn(async move {
            any_signal().await;
            first_signal.send_replace(true);
            // Ends at a second signal or after the grace period.
            let _ = timeout(GRACE_PERIOD, any_signal()).await;
            deadline.send_replace(true);
        });
        Ok(Self { signalled, grace_period_over })
    }

    /// Waits for the first signal. From then on the server accepts no new connections.
    pub fn signalled(&self) -> impl Future<Output = ()> + Send + 'static {
        wait(self.signalled.clone())
    }

    /// Waits for the second signal, or for 25 s after the first. Then running requests are aborted.
    pub fn grace_period_over(&self) -> impl Future<Output = ()> + Send + 'static {
        wait(self.grace_period_over.clone())
    }
}

async fn wait(mut receiver: watch::Receiver<bool>) {
    // Fails only if the runtime shuts down.
    let _ = receiver.wait_for(|is_over| *is_over).await;
}
