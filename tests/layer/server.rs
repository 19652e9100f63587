//! Real sockets: axum and hyper, HTTP/1.1 and HTTP/2, and misbehaving clients.

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Extension, Router,
    error_handling::HandleErrorLayer,
    extract::State,
    middleware::{Next, from_fn},
    routing::post,
};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_LENGTH, RETRY_AFTER},
};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Either, Full};
use hyper::client::conn::http2;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tower::{BoxError, Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use tower_stripe_webhook::{
    DecodeError,
    RejectionKind::{self, *},
    SigningSecret, SigningSecrets, VerifiedEvent,
    test_util::signed_request,
};

use crate::support::{EVENT, FedBody, fed_body, genuine, kind_of, layer, now, secret, text_of};

/// Fails a test that hangs. No test waits for it otherwise.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("no answer")
}

// Servers, on ports that the operating system chooses

async fn serve_axum(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// HTTP/1.1 and HTTP/2 on one port.
async fn serve_hyper<S, B>(service: S) -> SocketAddr
where
    S: Service<Request<hyper::body::Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let service = TowerToHyperService::new(service.clone());
            tokio::spawn(async move {
                // The client's side checks the end of a connection.
                let _ = auto::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

/// The ids of the events that an app was called with.
#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<String>>>);

impl Received {
    fn ids(&self) -> Vec<String> {
        self.0.lock().expect("no test panics with it").clone()
    }

    fn add(&self, event: &VerifiedEvent) {
        self.0.lock().expect("no test panics with it").push(event.id().to_owned());
    }
}

/// A hyper server behind the layer that answers an event with its bytes.
async fn serve_echo() -> (SocketAddr, Received) {
    let received = Received::default();
    let app = {
        let received = received.clone();
        service_fn(move |request: Request<Full<Bytes>>| {
            received.add(request.extensions().get().expect("the layer has put the event there"));
            async { Ok::<_, Infallible>(Response::new(request.into_body())) }
        })
    };
    (serve_hyper(layer(secret()).layer(app)).await, received)
}

// Clients

/// A connection of HTTP/1.1, byte by byte.
struct Http1(BufReader<TcpStream>);

impl Http1 {
    async fn connect(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.expect("the server listens")))
    }

    async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.expect("the server reads");
    }

    /// Head and body at once, as Stripe sends them.
    async fn send(&mut self, request: Request<Full<Bytes>>) {
        let mut bytes = head_of(&request).into_bytes();
        bytes.extend(request.into_body().collect().await.expect("it is in memory").to_bytes());
        self.write(bytes).await;
    }

    /// The head of the next response, `100 Continue` included.
    async fn read_head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            let read = soon(self.0.read_line(&mut head)).await.expect("the connection lives");
            assert_ne!(read, 0, "the server has closed the connection after {head:?}");
        }
        head
    }

    /// The next response's status line and body.
    async fn read(&mut self) -> (String, String) {
        let head = self.read_head().await.to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        soon(self.0.read_exact(&mut body)).await.expect("the whole body");
        let status =
            head.lines().next().expect("a status line").trim_start_matches("http/1.1 ").to_owned();
        (status, String::from_utf8(body).expect("text"))
    }
}

fn head_of<B>(request: &Request<B>) -> String {
    let mut head =
        format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().expect("text"));
    }
    head + "\r\n"
}

fn client<B>() -> Client<HttpConnector, B>
where
    B: Body + Send,
    B::Data: Send,
{
    Client::builder(TokioExecutor::new()).build_http()
}

/// A connection of HTTP/2, with prior knowledge.
async fn http2(address: SocketAddr) -> http2::SendRequest<Either<Full<Bytes>, FedBody>> {
    let stream = TcpStream::connect(address).await.expect("the server listens");
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .expect("the server speaks HTTP/2");
    tokio::spawn(connection);
    sender
}

fn another_secret() -> SigningSecret {
    SigningSecret::new("whsec_of_another_endpoint").expect("it has the form of one")
}

fn to(address: SocketAddr, path: &str, secret: &SigningSecret) -> Request<Full<Bytes>> {
    signed_request(format!("http://{address}{path}"), EVENT, secret, now())
}

fn unsigned() -> Request<Full<Bytes>> {
    let mut request = genuine();
    request.headers_mut().remove("stripe-signature");
    request
}

fn forged() -> Request<Full<Bytes>> {
    signed_request("/webhook", EVENT, &another_secret(), now())
}

async fn post_to(address: SocketAddr, path: &str, secret: &SigningSecret) -> (StatusCode, String) {
    let response = soon(client().request(to(address, path, secret))).await.expect("an answer");
    (response.status(), soon(text_of(response)).await)
}

fn assert_rejected((status, body): (StatusCode, String), kind: RejectionKind) {
    assert_eq!(status, kind.status(), "{body}");
    assert_code(&body, kind);
}

fn assert_code(body: &str, kind: RejectionKind) {
    let json: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(json["error"]["code"], kind.code());
}

fn event_id() -> String {
    let event: serde_json::Value = serde_json::from_str(EVENT).expect("JSON");
    event["id"].as_str().expect("an id").to_owned()
}

// axum

async fn extract(event: VerifiedEvent, body: Bytes) -> String {
    assert_eq!(event.body(), &body);
    format!("{} by the extractor", event.id())
}

async fn extract_extension(Extension(event): Extension<VerifiedEvent>, body: String) -> String {
    assert_eq!(event.body(), body.as_bytes());
    format!("{} by the extension", event.id())
}

/// The app takes genuine events at `/webhook`, by either handler, and nothing else.
async fn takes_genuine_events_alone(app: Router) {
    let address = serve_axum(app).await;
    assert_eq!(
        post_to(address, "/webhook", &secret()).await,
        (StatusCode::OK, format!("{} by the extractor", event_id()))
    );
    assert_eq!(
        post_to(address, "/extension", &secret()).await,
        (StatusCode::OK, format!("{} by the extension", event_id()))
    );
    for path in ["/webhook", "/extension"] {
        assert_rejected(post_to(address, path, &another_secret()).await, SignatureMismatch);
    }
}

fn routes() -> Router {
    Router::new().route("/webhook", post(extract)).route("/extension", post(extract_extension))
}

#[tokio::test]
async fn axum_takes_it_as_a_layer_of_the_router() {
    takes_genuine_events_alone(routes().layer(layer(secret()))).await;
}

#[tokio::test]
async fn axum_takes_it_as_a_route_layer_without_effect_on_unknown_paths() {
    let app = routes().route_layer(layer(secret()));
    takes_genuine_events_alone(app.clone()).await;
    assert_eq!(
        post_to(serve_axum(app).await, "/elsewhere", &secret()).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn axum_takes_it_as_a_layer_of_one_method_router() {
    let app = Router::new()
        .route("/webhook", post(extract).layer(layer(secret())))
        .route("/extension", post(extract_extension).layer(layer(secret())));
    takes_genuine_events_alone(app).await;
}

#[tokio::test]
async fn axum_takes_it_as_a_route_layer_without_effect_on_other_methods() {
    let app = Router::new()
        .route(
            "/webhook",
            post(extract).route_layer(layer(secret())).get(|| async { "a page for people" }),
        )
        .route("/extension", post(extract_extension).route_layer(layer(secret())));
    takes_genuine_events_alone(app.clone()).await;

    let address = serve_axum(app).await;
    let mut request = to(address, "/webhook", &secret());
    *request.method_mut() = Method::GET;
    request.headers_mut().clear();
    *request.body_mut() = Full::default();
    assert_eq!(text_of(soon(client().request(request)).await.unwrap()).await, "a page for people");
}

#[tokio::test]
async fn axum_takes_it_in_a_service_builder_beside_other_layers() {
    let app = routes().layer(
        ServiceBuilder::new()
            .layer(HandleErrorLayer::new(|error: BoxError| async move { error.to_string() }))
            .load_shed()
            .buffer(8)
            .concurrency_limit(4)
            .timeout(Duration::from_secs(60))
            .layer(from_fn(|request: axum::extract::Request, next: Next| async {
                next.run(request).await
            }))
            .layer(layer(secret())),
    );
    takes_genuine_events_alone(app).await;
}

/// The recipe in the docs of `src/layer.rs`.
#[tokio::test]
async fn axum_takes_a_from_fn_below_it_in_one_service_builder_with_map_request() {
    let seen = Received::default();
    let see = {
        let seen = seen.clone();
        move |Extension(event): Extension<VerifiedEvent>,
              request: axum::extract::Request,
              next: Next| {
            seen.add(&event);
            next.run(request)
        }
    };
    let app = routes().layer(
        ServiceBuilder::new()
            .layer(layer(secret()))
            .map_request(|request: Request<Full<Bytes>>| request.map(axum::body::Body::new))
            .layer(from_fn(see)),
    );
    takes_genuine_events_alone(app).await;
    assert_eq!(seen.ids(), [event_id(), event_id()], "the forged ones did not get that far");
}

#[tokio::test]
async fn axum_handlers_have_their_state_beside_the_event_and_set_the_status() {
    async fn receive(State(received): State<Received>, event: VerifiedEvent) -> StatusCode {
        received.add(&event);
        StatusCode::CONFLICT
    }

    let received = Received::default();
    let app = Router::new()
        .route("/webhook", post(receive))
        .route_layer(layer(secret()))
        .with_state(received.clone());
    let address = serve_axum(app).await;
    assert_eq!(
        post_to(address, "/webhook", &secret()).await,
        (StatusCode::CONFLICT, String::new())
    );
    assert_rejected(post_to(address, "/webhook", &another_secret()).await, SignatureMismatch);
    assert_eq!(received.ids(), [event_id()]);
}

#[tokio::test]
async fn two_routes_with_two_secrets_do_not_disturb_each_other() {
    let app = Router::new()
        .route("/ours", post(extract).layer(layer(secret())))
        .route("/theirs", post(extract).layer(layer(another_secret())))
        .route("/open", post(|| async { "anybody" }));
    let address = serve_axum(app).await;

    for (path, right, wrong) in
        [("/ours", secret(), another_secret()), ("/theirs", another_secret(), secret())]
    {
        assert_eq!(post_to(address, path, &right).await.0, StatusCode::OK);
        assert_rejected(post_to(address, path, &wrong).await, SignatureMismatch);
    }
    assert_eq!(
        post_to(address, "/open", &another_secret()).await,
        (StatusCode::OK, "anybody".into())
    );
}

#[tokio::test]
async fn the_extractor_without_the_layer_answers_500_and_names_the_layer() {
    let (status, body) = post_to(serve_axum(routes()).await, "/webhook", &secret()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(body.contains("StripeWebhookLayer"), "{body}");
}

#[tokio::test]
async fn the_extractor_in_an_option_is_none_without_the_layer() {
    async fn has_event(event: Option<VerifiedEvent>) -> String {
        event.is_some().to_string()
    }
    let routes = Router::new()
        .route("/webhook", post(has_event).route_layer(layer(secret())))
        .route("/open", post(has_event));
    let address = serve_axum(routes).await;
    assert_eq!(post_to(address, "/webhook", &secret()).await.1, "true");
    assert_eq!(post_to(address, "/open", &secret()).await.1, "false");
}

#[tokio::test]
async fn a_decode_error_in_a_handler_is_answered_500_with_the_path() {
    async fn decode(event: VerifiedEvent) -> Result<StatusCode, DecodeError> {
        event.object::<Vec<u8>>()?;
        Ok(StatusCode::OK)
    }
    let routes = Router::new().route("/webhook", post(decode).route_layer(layer(secret())));
    let (status, body) = post_to(serve_axum(routes).await, "/webhook", &secret()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        body.contains("(invoice.paid): data.object: invalid type: map, expected a sequence"),
        "{body}"
    );
}

// hyper

#[tokio::test]
async fn http1_accepts_genuine_and_rejects_forged_events_on_one_connection() {
    let (address, received) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    for _ in 0..3 {
        connection.send(genuine()).await;
        assert_eq!(connection.read().await, ("200 ok".into(), EVENT.into()));

        connection.send(forged()).await;
        let (status, body) = connection.read().await;
        assert_eq!(status, "400 bad request");
        assert_code(&body, SignatureMismatch);
    }
    assert_eq!(received.ids().len(), 3);
}

#[tokio::test]
async fn http2_accepts_genuine_and_rejects_forged_events_on_one_connection() {
    let (address, received) = serve_echo().await;
    let mut connection = http2(address).await;
    for _ in 0..3 {
        let response = soon(connection.send_request(to(address, "/", &secret()).map(Either::Left)))
            .await
            .unwrap();
        assert_eq!(
            (response.status(), response.version()),
            (StatusCode::OK, http::Version::HTTP_2)
        );
        assert_eq!(text_of(response).await, EVENT);

        let forged = to(address, "/", &another_secret()).map(Either::Left);
        let response = soon(connection.send_request(forged)).await.unwrap();
        assert_rejected((response.status(), text_of(response).await), SignatureMismatch);
    }
    assert_eq!(received.ids().len(), 3);
}

#[tokio::test]
async fn http1_keeps_the_connection_after_a_small_request_with_a_wrong_head() {
    let (address, received) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    for _ in 0..3 {
        connection.send(unsigned()).await;
        let (status, body) = connection.read().await;
        assert_eq!(status, "400 bad request");
        assert_code(&body, MissingSignatureHeader);
    }
    connection.send(genuine()).await;
    assert_eq!(connection.read().await, ("200 ok".into(), EVENT.into()));
    assert_eq!(received.ids(), [event_id()]);
}

#[tokio::test]
async fn http1_answers_a_bad_head_with_expect_100_continue_at_once() {
    let (address, _) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    let mut request = unsigned();
    request.headers_mut().insert("expect", HeaderValue::from_static("100-continue"));
    connection.write(head_of(&request)).await;

    let (status, body) = connection.read().await;
    assert_eq!(status, "400 bad request");
    assert_code(&body, MissingSignatureHeader);
}

#[tokio::test]
async fn http1_sends_no_100_continue_without_a_secret() {
    let address = serve_hyper(layer(SigningSecrets::default()).layer(service_fn(|_| async {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
    })))
    .await;
    let mut connection = Http1::connect(address).await;
    let mut request = genuine();
    request.headers_mut().insert("expect", HeaderValue::from_static("100-continue"));
    connection.write(head_of(&request)).await;

    let head = connection.read_head().await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 503 "), "{head}");
    assert!(head.contains(&format!("{RETRY_AFTER}: ")), "{head}");
}

#[tokio::test]
async fn http1_sends_100_continue_after_a_good_head_and_then_the_answer() {
    let (address, _) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    let mut request = genuine();
    request.headers_mut().insert("expect", HeaderValue::from_static("100-continue"));
    connection.write(head_of(&request)).await;

    assert_eq!(connection.read_head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    connection.write(EVENT).await;
    assert_eq!(connection.read().await, ("200 ok".into(), EVENT.into()));
}

/// `genuine` with its body in chunks and, after them, what ends it.
fn chunked(end: &str) -> Vec<u8> {
    let mut request = genuine();
    request.headers_mut().remove(CONTENT_LENGTH);
    request.headers_mut().insert("transfer-encoding", HeaderValue::from_static("chunked"));
    let mut wire = head_of(&request).into_bytes();
    for chunk in EVENT.as_bytes().chunks(1000) {
        wire.extend(format!("{:x}\r\n", chunk.len()).bytes());
        wire.extend(chunk);
        wire.extend(b"\r\n");
    }
    wire.extend(end.bytes());
    wire
}

#[tokio::test]
async fn http1_accepts_a_chunked_body_with_and_without_trailers() {
    let (address, _) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    for end in ["0\r\n\r\n", "0\r\nx-checksum: abc\r\n\r\n", "0\r\n\r\n"] {
        connection.write(chunked(end)).await;
        assert_eq!(connection.read().await, ("200 ok".into(), EVENT.into()));
    }
}

#[tokio::test]
async fn http1_rejects_a_chunked_body_over_the_limit_before_it_ends() {
    let app =
        service_fn(|_| async { Ok::<_, Infallible>(Response::new(Full::<Bytes>::default())) });
    let address = serve_hyper(layer(secret()).with_max_body_size(EVENT.len() - 1).layer(app)).await;
    let mut connection = Http1::connect(address).await;
    connection.write(chunked("")).await;
    let (status, body) = connection.read().await;
    assert_eq!(status, "413 payload too large");
    assert_code(&body, BodyTooLarge);
}

#[tokio::test]
async fn http1_treats_a_broken_chunk_as_an_incomplete_body() {
    let (address, received) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    connection.write(chunked("not a length\r\n")).await;
    let (status, body) = connection.read().await;
    assert_eq!(status, "400 bad request");
    assert_code(&body, BodyIncomplete);
    assert!(received.ids().is_empty());
}

#[tokio::test]
async fn http1_answers_500_declared_mb_with_413_before_the_body() {
    let (address, _) = serve_echo().await;
    let mut connection = Http1::connect(address).await;
    let mut request = genuine();
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(500_000_000));
    connection.write(head_of(&request)).await;

    let (status, body) = connection.read().await;
    // If the layer waited for the body, the answer would be 408.
    assert_eq!(status, "413 payload too large");
    assert_code(&body, BodyTooLarge);
    // The server does not wait for the 500 MB afterwards either.
    assert_eq!(soon(connection.0.read(&mut [0; 1])).await.unwrap(), 0);
}

#[tokio::test]
async fn http2_answers_500_declared_mb_with_413_and_keeps_the_connection() {
    let (address, received) = serve_echo().await;
    let mut connection = http2(address).await;
    let (feeder, body) = fed_body();
    let mut request = to(address, "/", &secret()).map(|_| Either::Right(body));
    request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(500_000_000));

    let response = soon(connection.send_request(request)).await.unwrap();
    assert_rejected((response.status(), text_of(response).await), BodyTooLarge);
    soon(feeder.closed()).await;

    let response =
        soon(connection.send_request(to(address, "/", &secret()).map(Either::Left))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(received.ids(), [event_id()]);
}

#[tokio::test]
async fn http2_accepts_a_body_in_several_frames_before_an_empty_one() {
    let (address, _) = serve_echo().await;
    let mut connection = http2(address).await;
    let (feeder, body) = fed_body();
    for part in EVENT.as_bytes().chunks(1000) {
        feeder.try_send(Ok(Frame::data(part.into()))).unwrap();
    }
    drop(feeder);
    let response =
        soon(connection.send_request(to(address, "/", &secret()).map(|_| Either::Right(body))))
            .await
            .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(text_of(response).await, EVENT);
}

#[tokio::test]
async fn http1_survives_a_client_closing_in_the_middle_of_a_request() {
    let (address, received) = serve_echo().await;
    let half = head_of(&genuine()) + &EVENT[..100];
    let mut other = Http1::connect(address).await;
    other.write(&half).await;

    // Resets its connection, or ends its half of it and waits for the server to end the other.
    let mut gone = Http1::connect(address).await;
    gone.write(&half).await;
    drop(gone);
    let mut ended = Http1::connect(address).await;
    ended.write(&half).await;
    ended.0.shutdown().await.unwrap();
    let mut answer = String::new();
    soon(ended.0.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("body_incomplete"), "{answer}");
    assert!(received.ids().is_empty());

    // A connection from before the disconnects, and a new one, still work.
    other.write(&EVENT[100..]).await;
    assert_eq!(other.read().await, ("200 ok".into(), EVENT.into()));
    let mut new = Http1::connect(address).await;
    new.send(genuine()).await;
    assert_eq!(new.read().await, ("200 ok".into(), EVENT.into()));
    assert_eq!(received.ids(), [event_id(), event_id()]);
}

#[tokio::test]
async fn http2_keeps_the_connection_after_a_reset_in_the_middle_of_a_request() {
    let (address, received) = serve_echo().await;
    let mut connection = http2(address).await;
    let (feeder, body) = fed_body();
    feeder.try_send(Ok(Frame::data(EVENT[..100].into()))).unwrap();
    let reset = tokio::spawn(
        connection.send_request(to(address, "/", &secret()).map(|_| Either::Right(body))),
    );
    feeder.try_send(Err(std::io::Error::other("the client has lost its file"))).unwrap();
    assert!(soon(reset).await.unwrap().is_err());

    let response =
        soon(connection.send_request(to(address, "/", &secret()).map(Either::Left))).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(received.ids(), [event_id()]);
}

/// Makes the event with this number.
///
/// Every fifth event is signed with a wrong secret.
fn numbered(address: SocketAddr, number: usize) -> (Request<Full<Bytes>>, String, StatusCode) {
    let payload = EVENT.replace(&event_id(), &format!("evt_{number}"));
    let (secret, status) = if number.is_multiple_of(5) {
        (another_secret(), StatusCode::BAD_REQUEST)
    } else {
        (secret(), StatusCode::OK)
    };
    (signed_request(format!("http://{address}/"), payload.clone(), &secret, now()), payload, status)
}

fn assert_each_came_once(received: &Received) {
    let mut ids = received.ids();
    ids.sort();
    let mut expected: Vec<_> = (0_usize..50)
        .filter(|number| !number.is_multiple_of(5))
        .map(|number| format!("evt_{number}"))
        .collect();
    expected.sort();
    assert_eq!(ids, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_parallel_events_over_http1_each_get_their_own_answer() {
    let (address, received) = serve_echo().await;
    let client = client();
    let mut answers = JoinSet::new();
    for number in 0..50 {
        let (request, payload, status) = numbered(address, number);
        let client = client.clone();
        answers.spawn(async move {
            let response = client.request(request).await.unwrap();
            assert_eq!(response.status(), status);
            if status == StatusCode::OK {
                assert_eq!(text_of(response).await, payload);
            }
        });
    }
    soon(answers.join_all()).await;
    assert_each_came_once(&received);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_parallel_events_on_one_http2_connection_get_their_own_answers() {
    let (address, received) = serve_echo().await;
    let connection = http2(address).await;
    let mut answers = JoinSet::new();
    for number in 0..50 {
        let (request, payload, status) = numbered(address, number);
        let mut connection = connection.clone();
        answers.spawn(async move {
            let response = connection.send_request(request.map(Either::Left)).await.unwrap();
            assert_eq!(response.status(), status);
            if status == StatusCode::OK {
                assert_eq!(text_of(response).await, payload);
            }
        });
    }
    soon(answers.join_all()).await;
    assert_each_came_once(&received);
}

// A Lambda

/// The form of `lambda_http::Body`.
enum LambdaBody {
    Empty,
    Text(String),
    Binary(Vec<u8>),
}

impl Body for LambdaBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(match std::mem::replace(&mut *self, Self::Empty) {
            Self::Empty => None,
            Self::Text(text) => Some(Ok(Frame::data(text.into()))),
            Self::Binary(bytes) => Some(Ok(Frame::data(bytes.into()))),
        })
    }
}

#[tokio::test]
async fn an_empty_text_or_binary_body_of_a_lambda_is_accepted_unchanged() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let lambda = ServiceBuilder::new().layer(layer(secret())).service_fn(
        move |request: Request<Full<Bytes>>| {
            counted.fetch_add(1, Ordering::SeqCst);
            let id = request.extensions().get::<VerifiedEvent>().map(|event| event.id().to_owned());
            async { Ok::<_, Infallible>(Response::new(id.unwrap_or_default())) }
        },
    );

    for body in [LambdaBody::Text(EVENT.into()), LambdaBody::Binary(EVENT.into())] {
        let response = lambda.clone().oneshot(genuine().map(|_| body)).await.unwrap();
        assert_eq!(kind_of(&response), None);
        assert_eq!(text_of(response).await, event_id());
    }
    let response = lambda.oneshot(genuine().map(|_| LambdaBody::Empty)).await.unwrap();
    assert_eq!(kind_of(&response), Some(SignatureMismatch));
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}
