//! A proxy in front of a database that counts round trips, stalls or breaks.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Postgres's `Sync`, with which sqlx's pool tests a returned connection.
const PING: [u8; 5] = *b"S\0\0\0\x04";

#[derive(Clone, Copy)]
struct Line {
    state: State,
    /// The number of times that all connections were lost.
    ///
    /// A connection from before the last loss gets no more data.
    lost: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Works,
    /// Bytes wait, and connections stay open.
    Stalls,
    /// Connections are closed, and new ones, too.
    IsDown,
    /// The text of a request whose answer is lost.
    ///
    /// After the database has answered it, the connection is closed without the answer.
    LosesAnswersTo(&'static str),
}

pub struct Proxy {
    line: watch::Sender<Line>,
    round_trips: Arc<AtomicUsize>,
}

impl Proxy {
    /// Gives the URL with the proxy's address in the place of the database's.
    pub async fn before(url: &str) -> (Self, String) {
        let authority = url.split("://").nth(1).unwrap().split(['/', '?']).next().unwrap();
        let database = authority.rsplit('@').next().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();

        let (line, watched) = watch::channel(Line { state: State::Works, lost: 0 });
        let round_trips = Arc::default();
        tokio::spawn(accept(
            listener,
            database.parse().unwrap(),
            watched,
            Arc::clone(&round_trips),
        ));
        (Self { line, round_trips }, url.replace(database, &address.to_string()))
    }

    pub fn stall(&self) {
        self.set(State::Stalls);
    }

    pub fn go_down(&self) {
        self.set(State::IsDown);
    }

    pub fn lose_answers_to(&self, request: &'static str) {
        self.set(State::LosesAnswersTo(request));
    }

    pub fn work(&self) {
        self.set(State::Works);
    }

    /// Drops all connections without closing them. New ones work.
    pub fn lose_connections(&self) {
        self.line.send_modify(|line| line.lost += 1);
    }

    fn set(&self, state: State) {
        self.line.send_modify(|line| line.state = state);
    }

    /// The number of round trips.
    ///
    /// The client starts one when the database has answered everything before. A pool's pings do
    /// not count.
    pub fn round_trips(&self) -> usize {
        self.round_trips.load(Ordering::SeqCst)
    }
}

async fn accept(
    listener: TcpListener,
    database: SocketAddr,
    line: watch::Receiver<Line>,
    round_trips: Arc<AtomicUsize>,
) {
    while let Ok((client, _)) = listener.accept().await {
        if line.borrow().state != State::IsDown {
            let database = TcpStream::connect(database).await.unwrap();
            tokio::spawn(pass_on(client, database, line.clone(), Arc::clone(&round_trips)));
        }
    }
}

async fn pass_on(
    mut client: TcpStream,
    mut database: TcpStream,
    mut line: watch::Receiver<Line>,
    round_trips: Arc<AtomicUsize>,
) -> io::Result<()> {
    let (mut asked, mut answered) = ([0; 16 * 1024], [0; 16 * 1024]);
    let mut is_answered = true;
    let lost = line.borrow().lost;
    loop {
        let (from_client, length) = tokio::select! {
            length = client.read(&mut asked) => (true, length?),
            length = database.read(&mut answered) => (false, length?),
            down = line.wait_for(|line| line.state == State::IsDown) => {
                drop(down);
                return Ok(());
            }
        };
        let goes_on = line.wait_for(|line| line.state != State::Stalls && line.lost == lost).await;
        let is_down = goes_on.is_ok_and(|line| line.state == State::IsDown);
        if length == 0 || is_down {
            return Ok(());
        }
        if from_client {
            let loses_answer = match line.borrow().state {
                State::LosesAnswersTo(request) => {
                    asked[..length].windows(request.len()).any(|part| part == request.as_bytes())
                }
                _ => false,
            };
            if loses_answer {
                database.write_all(&asked[..length]).await?;
                database.readable().await?;
                return Ok(());
            }
            if is_answered && asked[..length] != PING {
                round_trips.fetch_add(1, Ordering::SeqCst);
            }
            database.write_all(&asked[..length]).await?;
        } else {
            client.write_all(&answered[..length]).await?;
        }
        is_answered = !from_client;
    }
}
