//! One connection.

use std::pin::pin;

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};
use tower::ServiceExt;

use crate::{client::Overdue, connections::Place, lingering::Lingering, received::Received};

/// The memory for a head, and for an answer that the client does not read, in bytes.
const BUFFER: usize = 64 * 1024;

/// The number of requests that run on one HTTP/2 connection at the same time.
const STREAMS: u32 = 100;

/// Serves until the client closes, a deadline has passed, or `stop` changes and the running
/// requests are answered.
pub async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    app: Router,
    place: Place,
    mut stop: watch::Receiver<()>,
) {
    let client = &place.client;
    let service = service_fn(|request: Request<Incoming>| {
        let (running, receiving) = client.start();
        let response =
            app.clone().oneshot(request.map(|body| Body::new(Received::new(body, receiving))));
        async move {
            let response = response.await;
            drop(running);
            response
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().max_buf_size(BUFFER);
    builder.http2().max_concurrent_streams(STREAMS);
    let stream = TokioIo::new(Lingering::new(stream, client.clone()));
    let connection = builder.serve_connection(stream, service);
    let mut connection = pin!(connection);
    let mut is_stopped = false;
    loop {
        tokio::select! {
            // An error is one of the client.
            _ = connection.as_mut() => return,
            overdue = client.overdue() => match overdue {
                Overdue::Close => connection.as_mut().graceful_shutdown(),
                Overdue::Drop => return,
            },
            _ = stop.changed(), if !is_stopped => {
                is_stopped = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::{
        body::Bytes,
        extract::DefaultBodyLimit,
        routing::{get, post},
    };
    use http_body_util::Empty;
    use hyper::client::conn::http2::{self, SendRequest};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
        task::JoinHandle,
        time::{Instant, sleep},
    };

    use super::*;
    use crate::{
        client::{FIRST_REQUEST, KEEP_ALIVE},
        connections::Connections,
    };

    const MILLISECOND: Duration = Duration::from_millis(1);
    const HEAD: &str = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    fn app() -> Router {
        Router::new()
            .route("/", get("answer"))
            .route("/slow", get(async || sleep(Duration::from_secs(600)).await))
            .route("/body", post(async |body: String| body).layer(DefaultBodyLimit::max(5)))
    }

    struct Server {
        client: DuplexStream,
        connection: JoinHandle<()>,
        stop: watch::Sender<()>,
        started: Instant,
    }

    async fn connect() -> Server {
        connect_to(&Connections::at_most(1)).await
    }

    async fn connect_to(connections: &Connections) -> Server {
        let (client, server) = duplex(64 * 1024);
        let (stop, stopped) = watch::channel(());
        let place = connections.place().await;
        let connection = tokio::spawn(serve(server, app(), place, stopped));
        Server { client, connection, stop, started: Instant::now() }
    }

    impl Server {
        async fn send(&mut self, text: &str) {
            self.client.write_all(text.as_bytes()).await.unwrap();
        }

        /// Reads the answer of `/`.
        async fn answer(&mut self) -> String {
            let mut text = String::new();
            while !text.ends_with("answer") {
                let mut chunk = [0; 1024];
                let length = self.client.read(&mut chunk).await.unwrap();
                assert_ne!(length, 0, "the connection is closed after {text:?}");
                text.push_str(std::str::from_utf8(&chunk[..length]).unwrap());
            }
            text
        }

        /// Returns after which time the server closes the connection, and what it sends before.
        async fn close(mut self) -> (Duration, String) {
            let mut text = Vec::new();
            self.client.read_to_end(&mut text).await.unwrap();
            drop(self.client);
            self.connection.await.unwrap();
            (self.started.elapsed(), String::from_utf8_lossy(&text).into_owned())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_complete_head_is_closed_after_10_s() {
        for sent in ["", "P", &PREFACE[..23], PREFACE, "GET / HTTP/1.1\r\n", "\r\n"] {
            let mut server = connect().await;
            server.send(sent).await;
            assert_eq!(server.close().await.0, FIRST_REQUEST, "{sent:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_in_single_bytes_has_10_s() {
        for (pause, is_served) in [(250, true), (300, false)] {
            let mut server = connect().await;
            for byte in HEAD.as_bytes() {
                sleep(pause * MILLISECOND).await;
                if server.client.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
            let (elapsed, is_closed) = (server.started.elapsed(), server.connection.is_finished());
            assert_eq!(is_closed, !is_served, "{pause}");
            if is_served {
                assert!(elapsed < FIRST_REQUEST, "{elapsed:?}");
                assert!(server.answer().await.starts_with("HTTP/1.1 200"));
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_is_accepted_until_10_s_have_passed() {
        for (wait, is_served) in
            [(FIRST_REQUEST - MILLISECOND, true), (FIRST_REQUEST + MILLISECOND, false)]
        {
            let mut server = connect().await;
            server.send(&HEAD[..20]).await;
            sleep(wait).await;
            assert_eq!(server.connection.is_finished(), !is_served);
            if is_served {
                server.send(&HEAD[20..]).await;
                server.answer().await;
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_alive_for_75_s() {
        let mut server = connect().await;
        for _ in 0..3 {
            server.send(HEAD).await;
            server.answer().await;
            sleep(KEEP_ALIVE - MILLISECOND).await;
        }
        server.send(HEAD).await;
        server.answer().await;
        server.started = Instant::now();
        assert_eq!(server.close().await, (KEEP_ALIVE, String::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_kept_connection_with_half_a_head_is_closed_after_75_s() {
        let mut server = connect().await;
        server.send(HEAD).await;
        server.answer().await;
        server.send(&HEAD[..20]).await;
        assert_eq!(server.close().await.0, KEEP_ALIVE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_has_no_deadline() {
        let mut server = connect().await;
        server.send(&HEAD.replace("/ ", "/slow ")).await;
        sleep(Duration::from_secs(599)).await;
        assert!(!server.connection.is_finished());
        let (elapsed, answer) = server.close().await;
        assert_eq!(elapsed, Duration::from_secs(600) + KEEP_ALIVE);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_without_reads_is_closed_after_80_s() {
        let mut server = connect().await;
        let heads = HEAD.repeat(10_000);
        let send = server.client.write_all(heads.as_bytes());
        assert!(send.await.is_err(), "the server does not read on");
        assert_eq!(server.started.elapsed(), KEEP_ALIVE + Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rejected_head_is_answered_while_the_body_arrives() {
        let mut server = connect().await;
        server
            .send("POST /body HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n")
            .await;
        server.send(&"x".repeat(1_000_000)).await;
        let (elapsed, answer) = server.close().await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert_eq!(elapsed, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_too_long_head_is_answered() {
        let mut server = connect().await;
        server.send(&format!("GET / HTTP/1.1\r\nx: {}", "x".repeat(500_000))).await;
        let (_, answer) = server.close().await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_ends_an_idle_connection_at_once() {
        let mut server = connect().await;
        server.send(HEAD).await;
        server.answer().await;
        server.stop.send(()).unwrap();
        assert_eq!(server.close().await.0, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stop_lets_a_running_request_finish() {
        let mut server = connect().await;
        server.send(&HEAD.replace("/ ", "/slow ")).await;
        sleep(MILLISECOND).await;
        server.stop.send(()).unwrap();
        let (elapsed, answer) = server.close().await;
        assert_eq!(elapsed, Duration::from_secs(600));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_new_connection_replaces_the_longest_waiting_one() {
        let connections = Connections::at_most(2);
        let mut silent = connect_to(&connections).await;
        sleep(MILLISECOND).await;
        let mut other = connect_to(&connections).await;
        other.send(HEAD).await;
        other.answer().await;
        let mut third = connect_to(&connections).await;
        third.send(HEAD).await;
        third.answer().await;
        silent.started = Instant::now();
        assert_eq!(silent.close().await, (Duration::ZERO, String::new()));
        other.send(HEAD).await;
        other.answer().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_with_half_a_body_is_replaced() {
        let connections = Connections::at_most(1);
        let mut slow = connect_to(&connections).await;
        slow.send("POST /body HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhalf").await;
        sleep(MILLISECOND).await;
        let mut next = connect_to(&connections).await;
        assert!(slow.connection.await.is_ok());
        next.send(HEAD).await;
        next.answer().await;
        assert_eq!(next.started.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_running_request_is_not_replaced() {
        let connections = Connections::at_most(1);
        let mut busy = connect_to(&connections).await;
        busy.send(&HEAD.replace("/ ", "/slow ")).await;
        sleep(MILLISECOND).await;
        let waited = Instant::now();
        let mut next = connect_to(&connections).await;
        assert_eq!(waited.elapsed(), Duration::from_secs(600) - MILLISECOND);
        next.send(HEAD).await;
        next.answer().await;
    }

    /// An HTTP/2 client with one answered request.
    async fn connect_http2() -> (SendRequest<Empty<Bytes>>, JoinHandle<()>) {
        let server = connect().await;
        let client = TokioIo::new(server.client);
        let (mut sender, client) = http2::handshake(TokioExecutor::new(), client).await.unwrap();
        tokio::spawn(async move {
            client.await.unwrap();
            drop(server.stop);
        });
        let request = Request::get("http://localhost/").body(Empty::new()).unwrap();
        assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
        (sender, server.connection)
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_http_2_connection_is_closed_after_75_s() {
        let (sender, connection) = connect_http2().await;
        let started = Instant::now();
        connection.await.unwrap();
        assert_eq!(started.elapsed(), KEEP_ALIVE);
        assert!(sender.is_closed());
    }

    #[tokio::test(start_paused = true)]
    async fn an_http_2_connection_runs_100_requests_at_once() {
        let (sender, _connection) = connect_http2().await;
        let request = |path| Request::get(format!("http://localhost{path}")).body(Empty::new());
        let running: Vec<_> = (0..100)
            .map(|_| tokio::spawn(sender.clone().send_request(request("/slow").unwrap())))
            .collect();
        sleep(MILLISECOND).await;
        let started = Instant::now();
        let next = sender.clone().send_request(request("/").unwrap()).await;
        assert_eq!(next.unwrap().status(), 200);
        assert_eq!(started.elapsed(), Duration::from_secs(600) - MILLISECOND);
        for response in running {
            assert_eq!(response.await.unwrap().unwrap().status(), 200);
        }
    }
}
