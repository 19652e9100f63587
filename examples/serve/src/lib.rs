//! Serves an axum app over HTTP/1 and HTTP/2, with limits that `axum::serve` does not have:
//!
//! - A connection is closed if its first request does not arrive within [`FIRST_REQUEST`], whether
//!   the client is silent, sends its head slowly or does not finish it. A connection that is kept
//!   alive is closed if there is no request for [`KEEP_ALIVE`].
//! - The number of connections stays below the limit of file descriptors. At the limit, a new
//!   connection replaces the one that has waited for its client for the longest time.
//! - A client that still sends its body can read the answer to a rejected head: before the server
//!   closes the connection, it reads and drops up to [`LINGER_BYTES`] for up to [`LINGER_TIME`].

mod client;
mod connection;
mod connections;
mod lingering;
mod received;

use std::{io, pin::pin, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use crate::connections::{Connections, Place};
pub use crate::{
    client::{FIRST_REQUEST, KEEP_ALIVE},
    lingering::{LINGER_BYTES, LINGER_TIME},
};

/// The pause after an error of the operating system, such as no free file descriptor.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` is ready, and then until the running requests are answered.
pub async fn serve(listener: TcpListener, app: Router, shutdown: impl Future<Output = ()>) {
    let connections = Connections::within_descriptor_limit();
    let (stop, stopped) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let (stream, place) = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = shutdown.as_mut() => break,
        };
        tokio::spawn(connection::serve(stream, app.clone(), place, stopped.clone()));
    }
    drop(listener);
    drop(stopped);
    // Fails if there is no connection.
    let _ = stop.send(());
    stop.closed().await;
}

/// Accepts a connection. An error does not end the server.
async fn accept(listener: &TcpListener, connections: &Connections) -> (TcpStream, Place) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return (stream, connections.place().await),
            Err(error) if is_of_client(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                connections.close_longest_waiting();
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Returns whether the client has closed the connection before it was accepted.
fn is_of_client(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}
