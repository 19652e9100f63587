//! The example `hyper` with silent clients, and with many unfinished bodies on one connection.

use std::{
    convert::Infallible,
    fs,
    pin::Pin,
    task::{Context, Poll},
    time::SystemTime,
};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header::CONTENT_LENGTH};
use http_body::{Body, Frame};
use http_body_util::Full;
use hyper::client::conn::http2;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use tower_stripe_webhook::{
    SigningSecret,
    test_util::{samples, signed_request},
};

use crate::example_server::{ExampleServer, in_time};

const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";

const FRAME: usize = 64 * 1024;

/// The number of frames in a body of the layer's limit.
const FRAMES: usize = 2 * 1024 * 1024 / FRAME;

/// A body that is as long as it may be, and does not end.
struct Unfinished {
    frames: usize,
}

impl Body for Unfinished {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.frames == FRAMES {
            return Poll::Pending;
        }
        self.frames += 1;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b' '; FRAME])))))
    }
}

/// A request with the signature of a sample event and another body.
fn signed<B>(server: &ExampleServer, secret: &str, body: B) -> Request<B> {
    let secret = SigningSecret::new(secret).unwrap();
    let mut request =
        signed_request(&server.url, samples::INVOICE_PAID, &secret, SystemTime::now());
    request.headers_mut().remove(CONTENT_LENGTH);
    request.map(|_| body)
}

/// The most memory that the process has had, in MiB.
fn peak_memory(server: &ExampleServer) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: usize = line.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    kib / 1024
}

async fn connect(server: &ExampleServer) -> TcpStream {
    let authority = server.url.parse::<Uri>().unwrap().authority().unwrap().to_string();
    in_time("the connection", TcpStream::connect(authority)).await.unwrap()
}

#[tokio::test]
async fn a_connection_without_a_complete_head_is_closed() {
    let server = ExampleServer::start("hyper", Some(SECRET)).await;
    let mut clients = JoinSet::new();
    for sent in ["", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "POST / HTTP/1.1\r\nhost: "] {
        let mut client = connect(&server).await;
        client.write_all(sent.as_bytes()).await.unwrap();
        clients.spawn(async move {
            // A reset if the server has not read all that was sent.
            let _ = in_time("the close", client.read_to_end(&mut Vec::new())).await;
        });
    }
    clients.join_all().await;
    server.stop().await;
}

#[tokio::test]
async fn two_hundred_unfinished_bodies_take_bounded_memory() {
    let server = ExampleServer::start("hyper", Some(SECRET)).await;
    let stream = TokioIo::new(connect(&server).await);
    let (client, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let mut answers = JoinSet::new();
    for _ in 0..200 {
        let request = signed(&server, "whsec_forged", Unfinished { frames: 0 });
        answers.spawn(client.clone().send_request(request));
    }
    let genuine = Client::builder(TokioExecutor::new()).build_http();
    let deliver = async || {
        let body = Full::<Bytes>::from(samples::INVOICE_PAID);
        let answer = genuine.request(signed(&server, SECRET, body));
        in_time("an answer", answer).await.unwrap().status()
    };
    // Stripe delivers an event again that found no memory.
    while deliver().await != StatusCode::OK {}
    while let Some(answer) = in_time("an answer", answers.join_next()).await {
        let status = answer.unwrap().unwrap().status();
        assert!(matches!(status.as_u16(), 408 | 503), "{status}");
    }
    assert_eq!(deliver().await, StatusCode::OK);
    let peak = peak_memory(&server);
    assert!(peak < 256, "{peak} MiB");
    server.stop().await;
}
