//! When to stop, and how long to wait for what is under way.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    time::timeout,
};

/// How long requests may take to finish once the program is told to stop.
const GRACE: Duration = Duration::from_secs(25);

/// SIGTERM and ctrl-c. They count from the call on.
#[derive(Debug)]
pub struct Shutdown {
    told: watch::Receiver<bool>,
    patience_is_over: watch::Receiver<bool>,
}

impl Shutdown {
    pub fn listen() -> io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut any_signal = async move || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        let (tell, told) = watch::channel(false);
        let (end_patience, patience_is_over) = watch::channel(false);
        tokio::spawn(async move {
            any_signal().await;
            tell.send_replace(true);
            // A second signal, or the end of the time.
            let _ = timeout(GRACE, any_signal()).await;
            end_patience.send_replace(true);
        });
        Ok(Self { told, patience_is_over })
    }

    /// Returns at the first signal: no new requests, and those under way may finish.
    pub fn told(&self) -> impl Future<Output = ()> + Send + 'static {
        wait(self.told.clone())
    }

    /// Returns at the second signal, or 25 s after the first: what is not done yet never will be.
    pub fn patience_is_over(&self) -> impl Future<Output = ()> + Send + 'static {
        wait(self.patience_is_over.clone())
    }
}

async fn wait(mut signal: watch::Receiver<bool>) {
    // An error means that the runtime shuts down.
    let _ = signal.wait_for(|is_there| *is_there).await;
}
