//! A proxy between a node and its database, which can be slow, stall, fall silent or cut answers.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use rand::{RngExt, rng};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    time::sleep,
};
use tower_stripe_webhook::BoxError;

#[derive(Clone, Copy, Debug, Default)]
struct Line {
    /// The longest delay of a packet.
    delay: Duration,
    stalls: bool,
    /// The probability that a connection ends within an answer.
    cut_percent: u32,
    /// Connections of earlier generations are silent.
    generation: u32,
    /// Connections of earlier generations are closed.
    closed_before: u32,
}

pub struct Proxy {
    line: watch::Sender<Line>,
    address: SocketAddr,
}

impl Proxy {
    /// Listens on a free port in front of a server with this socket.
    ///
    /// The server has no port of its own, which another process could take while it restarts.
    pub async fn before(socket: &Path) -> Result<Self, BoxError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (line, watched) = watch::channel(Line::default());
        tokio::spawn(accept(listener, socket.to_owned(), watched));
        Ok(Self { line, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn set_delay(&self, delay: Duration) {
        self.line.send_modify(|line| line.delay = delay);
    }

    pub fn set_stalls(&self, stalls: bool) {
        self.line.send_modify(|line| line.stalls = stalls);
    }

    pub fn set_cut_percent(&self, percent: u32) {
        self.line.send_modify(|line| line.cut_percent = percent);
    }

    /// Silences all open connections. New ones work.
    pub fn silence(&self) {
        self.line.send_modify(|line| line.generation += 1);
    }

    /// Closes the silent connections, as an operating system does in the end.
    pub fn close_silent(&self) {
        self.line.send_modify(|line| line.closed_before = line.generation);
    }
}

async fn accept(listener: TcpListener, socket: PathBuf, line: watch::Receiver<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        let (line, socket) = (line.clone(), socket.clone());
        tokio::spawn(async move {
            // While the database is down, the connection is closed at once.
            let database = UnixStream::connect(socket).await?;
            client.set_nodelay(true)?;
            pass_on(client, database, line).await
        });
    }
}

async fn pass_on(
    mut client: TcpStream,
    mut database: UnixStream,
    mut line: watch::Receiver<Line>,
) -> io::Result<()> {
    let generation = line.borrow().generation;
    let is_closed = |line: &Line| line.closed_before > generation;
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    loop {
        let (from_client, length) = tokio::select! {
            length = client.read(&mut asked) => (true, length?),
            length = database.read(&mut answered) => (false, length?),
            closed = line.wait_for(is_closed) => {
                drop(closed);
                return Ok(());
            }
        };
        let passes = |line: &Line| !line.stalls && line.generation == generation;
        let now = line.wait_for(|line| is_closed(line) || passes(line)).await.map(|line| *line);
        let Ok(now) = now else { return Ok(()) };
        if length == 0 || is_closed(&now) {
            return Ok(());
        }
        if !now.delay.is_zero() {
            let delay = now.delay.mul_f64(rng().random_range(0.0..1.0));
            sleep(delay).await;
        }
        let is_cut = now.cut_percent > 0 && rng().random_ratio(now.cut_percent, 100);
        if from_client {
            let part = &asked[..length];
            database.write_all(part).await?;
            if is_cut && part.windows(6).any(|word| word == b"COMMIT") {
                // The database has committed when it answers, and the node never learns it.
                database.readable().await?;
                return Ok(());
            }
        } else if is_cut {
            let part = rng().random_range(0..length);
            client.write_all(&answered[..part]).await?;
            return Ok(());
        } else {
            client.write_all(&answered[..length]).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::{net::UnixListener, task::yield_now, time::timeout};

    use super::*;

    /// Longer than anything takes on a busy machine.
    const DEADLINE: Duration = Duration::from_secs(30);

    /// A server that answers each byte with the same byte.
    async fn proxy_before_an_echo() -> (Proxy, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("echo");
        let listener = UnixListener::bind(&socket).unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = client.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        (Proxy::before(&socket).await.unwrap(), folder)
    }

    async fn connect(proxy: &Proxy) -> TcpStream {
        TcpStream::connect(proxy.address()).await.unwrap()
    }

    /// Sends a text and reads as many bytes, or less if the connection ends.
    async fn echo(connection: &mut TcpStream, text: &[u8]) -> Vec<u8> {
        let (mut from, mut to) = connection.split();
        let answer = async {
            let mut answer = Vec::new();
            while answer.len() < text.len() && from.read_buf(&mut answer).await.unwrap_or(0) > 0 {}
            answer
        };
        // The connection may end before all is sent.
        let _ = to.write_all(text).await;
        timeout(DEADLINE, answer).await.expect("an answer, or an end")
    }

    /// Whether an answer is missing although others have gone through since.
    async fn is_silent(proxy: &Proxy, connection: &mut TcpStream) -> bool {
        connection.write_all(b"x").await.unwrap();
        let mut other = connect(proxy).await;
        for _ in 0..20 {
            if echo(&mut other, b"y").await != b"y" {
                return false;
            }
            yield_now().await;
        }
        connection
            .try_read(&mut [0; 1])
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    #[tokio::test]
    async fn a_proxy_passes_on_what_it_gets_late_or_not() {
        let (proxy, _folder) = proxy_before_an_echo().await;
        let mut connection = connect(&proxy).await;
        assert_eq!(echo(&mut connection, b"once").await, b"once");
        proxy.set_delay(Duration::from_millis(10));
        assert_eq!(echo(&mut connection, b"late").await, b"late");
    }

    #[tokio::test]
    async fn a_silent_connection_ends_when_it_is_closed_and_new_ones_work() {
        let (proxy, _folder) = proxy_before_an_echo().await;
        let mut connection = connect(&proxy).await;
        assert_eq!(echo(&mut connection, b"once").await, b"once");
        proxy.silence();
        assert!(is_silent(&proxy, &mut connection).await);
        proxy.close_silent();
        assert_eq!(echo(&mut connection, b"again").await, b"");
    }

    #[tokio::test]
    async fn stalled_bytes_arrive_after_the_stall() {
        let (proxy, _folder) = proxy_before_an_echo().await;
        let mut connection = connect(&proxy).await;
        assert_eq!(echo(&mut connection, b"once").await, b"once");
        proxy.set_stalls(true);
        connection.write_all(b"later").await.unwrap();
        proxy.set_stalls(false);
        let mut answer = [0; 5];
        timeout(DEADLINE, connection.read_exact(&mut answer)).await.unwrap().unwrap();
        assert_eq!(&answer, b"later");
    }

    #[tokio::test]
    async fn a_cut_connection_ends_within_an_answer() {
        let (proxy, _folder) = proxy_before_an_echo().await;
        proxy.set_cut_percent(100);
        for text in [&b"a longer text"[..], b"COMMIT"] {
            let answer = echo(&mut connect(&proxy).await, text).await;
            assert!(answer.len() < text.len(), "{answer:?}");
        }
    }
}
