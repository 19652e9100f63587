//! A lingering close, as nginx's `lingering_close`.
//!
//! If a server closes a socket while data arrives that it does not read, the operating system
//! resets the connection, and the client loses the answer that is on its way. So the shutdown first
//! sends the end of the stream, and then reads and drops what arrives.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

use crate::client::Client;

/// The number of bytes that are dropped at most.
pub const LINGER_BYTES: usize = 4 * 1024 * 1024;

/// The time for which bytes are dropped at most.
pub const LINGER_TIME: Duration = Duration::from_secs(5);

/// How many bytes are read at once.
const CHUNK: usize = 16 * 1024;

/// A socket with a lingering close.
#[derive(Debug)]
pub struct Lingering<S> {
    socket: S,
    client: Client,
    /// Set once the end of the stream is sent.
    rest: Option<Rest>,
}

#[derive(Debug)]
struct Rest {
    bytes: usize,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Lingering<S> {
    pub fn new(socket: S, client: Client) -> Self {
        Self { socket, client, rest: None }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { socket, client, rest } = &mut *self;
        let rest = match rest {
            Some(rest) => rest,
            None => {
                ready!(Pin::new(&mut *socket).poll_shutdown(cx))?;
                rest.insert(Rest { bytes: LINGER_BYTES, deadline: Box::pin(sleep(LINGER_TIME)) })
            }
        };
        let mut chunk = [0; CHUNK];
        while rest.bytes > 0 && rest.deadline.as_mut().poll(cx).is_pending() {
            let mut buffer = ReadBuf::new(&mut chunk[..CHUNK.min(rest.bytes)]);
            let read = match Pin::new(&mut *socket).poll_read(cx, &mut buffer) {
                Poll::Ready(read) => read,
                Poll::Pending if client.has_unread() => return Poll::Pending,
                Poll::Pending => break,
            };
            // The answer is sent, so an error only means that the client is gone.
            if read.is_err() || buffer.filled().is_empty() {
                break;
            }
            rest.bytes -= buffer.filled().len();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::Arc};

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        time::Instant,
    };

    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// A client that may still send, and a server that closes its side.
    fn closing() -> (DuplexStream, impl Future<Output = io::Result<Lingering<DuplexStream>>>) {
        closing_with(&Client::new(Arc::default()))
    }

    fn closing_with(
        state: &Client,
    ) -> (DuplexStream, impl Future<Output = io::Result<Lingering<DuplexStream>>> + use<>) {
        let (client, server) = duplex(CHUNK);
        let mut server = Lingering::new(server, state.clone());
        let close = async move {
            server.write_all(b"answer").await?;
            server.shutdown().await?;
            Ok(server)
        };
        (client, close)
    }

    #[tokio::test(start_paused = true)]
    async fn a_still_sending_client_can_read_the_answer() {
        let (mut client, close) = closing();
        let started = Instant::now();
        let send = async move {
            client.write_all(&vec![b'x'; 1_000_000]).await.unwrap();
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let (answer, closed) = tokio::join!(send, close);
        assert_eq!(answer, "answer");
        closed.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_closes_at_once_if_the_client_has_closed() {
        let (client, close) = closing();
        let started = Instant::now();
        drop(client);
        assert!(close.await.is_err(), "the answer cannot be sent");
        let (mut client, close) = closing();
        client.shutdown().await.unwrap();
        close.await.unwrap();
        assert_eq!(started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_only_waits_for_an_unread_request() {
        for (is_complete, waited) in [(true, Duration::ZERO), (false, LINGER_TIME)] {
            let state = Client::new(Arc::default());
            let (_running, receiving) = state.start();
            match is_complete {
                true => receiving.complete(),
                false => drop(receiving),
            }
            let (_silent_client, close) = closing_with(&state);
            let started = Instant::now();
            close.await.unwrap();
            assert_eq!(started.elapsed(), waited, "{is_complete}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_drops_bytes_for_5_s() {
        let (mut client, close) = closing();
        let mut close = pin!(close);
        let started = Instant::now();
        let trickle = async {
            loop {
                client.write_all(b"x").await.unwrap();
                sleep(100 * MILLISECOND).await;
            }
        };
        tokio::select! {
            closed = close.as_mut() => drop(closed.unwrap()),
            () = trickle => {}
        }
        assert_eq!(started.elapsed(), LINGER_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn the_server_drops_4_mib_at_most() {
        for (sent, is_closed) in [(LINGER_BYTES - 1, false), (LINGER_BYTES, true)] {
            let (mut client, close) = closing();
            let started = Instant::now();
            let send = async {
                client.write_all(&vec![b'x'; sent]).await.unwrap();
            };
            let ((), closed) = tokio::join!(send, close);
            drop(closed.unwrap());
            let elapsed = if is_closed { Duration::ZERO } else { LINGER_TIME };
            assert_eq!(started.elapsed(), elapsed, "{sent}");
        }
    }
}
