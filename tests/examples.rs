//! The example programs do what they print and what their comments say.
//!
//! They are started as a user starts them, so they read the real clock; the events are signed now.

#[path = "common/example_server.rs"]
mod example_server;

use std::{env, fs, process::Output, time::SystemTime};

use bytes::Bytes;
use example_server::{ExampleServer, command, in_time};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tower_stripe_webhook::{
    SigningSecret,
    test_util::{samples, signed_request},
};

const SERVERS: [&str; 2] = ["axum", "hyper"];

const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";
const OTHER_SECRET: &str = "whsec_Xk8Rw2Nf6Yt1Gc5Jm9Qd3Hs7Vb4Lp0Za";

const EVENT: &str = samples::INVOICE_PAID;
const EVENT_LINE: &str = "evt_1SampleInvoicePaid000000 invoice.paid livemode=false";

#[tokio::test]
async fn a_server_prints_the_stripe_listen_command_that_forwards_to_it() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        let address = server.url.strip_prefix("http://").unwrap().to_owned();
        assert!(address.starts_with("127.0.0.1:") && address.ends_with("/api/v1/webhooks/stripe"), "{address}");
        let port = server.url.parse::<http::Uri>().unwrap().port_u16().unwrap();

        let command = format!(
            "stripe listen --events checkout.session.completed,customer.subscription.created,\
             customer.subscription.updated,customer.subscription.deleted,invoice.paid,invoice.payment_failed \
             --forward-to {address}"
        );
        assert_eq!(
            server.stop().await,
            [
                format!("from Stripe:        {command}"),
                format!(
                    "without an account: API_PORT={port} STRIPE_WEBHOOK_SECRET=<the same> cargo run --example send"
                ),
            ],
            "{example}",
        );
    }
}

#[tokio::test]
async fn a_signed_event_is_answered_with_200_and_printed() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        for sample in samples::ALL {
            let response = fetch(signed(&server, sample, SECRET)).await;
            assert_eq!(response.status(), StatusCode::OK, "{example} {response:?}");
        }
        let printed = events(&server.stop().await);
        assert_eq!(printed.len(), samples::ALL.len(), "{example} {printed:#?}");
        assert!(printed.contains(&EVENT_LINE.to_owned()), "{example} {printed:#?}");
    }
}

#[tokio::test]
async fn a_forged_event_is_answered_with_400_and_not_printed() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;

        let response = fetch(signed(&server, EVENT, OTHER_SECRET)).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{example}");
        assert_eq!(code(&response), "signature_mismatch", "{example}");

        let changed = signed(&server, EVENT, SECRET).map(|_| Full::from(EVENT.replacen("2000", "2001", 1)));
        let response = fetch(changed).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{example}");
        assert_eq!(code(&response), "signature_mismatch", "{example}");

        let mut unsigned = signed(&server, EVENT, SECRET);
        unsigned.headers_mut().remove("stripe-signature");
        let response = fetch(unsigned).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{example}");
        assert_eq!(code(&response), "missing_signature_header", "{example}");

        let printed = events(&server.stop().await);
        assert!(printed.is_empty(), "{example} {printed:#?}");
    }
}

#[tokio::test]
async fn without_a_secret_a_server_starts_names_the_variable_and_asks_stripe_to_come_back() {
    for example in SERVERS {
        let server = ExampleServer::start(example, None).await;
        let response = fetch(signed(&server, EVENT, SECRET)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{example}");
        assert_eq!(code(&response), "no_signing_secret", "{example}");
        assert!(response.headers().contains_key("retry-after"), "{example} {response:?}");

        let lines = server.stop().await;
        assert!(
            lines[2].contains("503") && lines[2].contains("STRIPE_WEBHOOK_SECRET is not set"),
            "{example} {lines:#?}"
        );
        assert!(events(&lines).is_empty(), "{example} {lines:#?}");
    }
}

#[tokio::test]
async fn an_api_key_in_the_place_of_the_secret_is_named_at_startup_and_not_shown() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some("sk_test_51HiddenKey")).await;
        let response = fetch(signed(&server, EVENT, SECRET)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{example}");
        assert_eq!(code(&response), "secret_provider_failed", "{example}");
        assert!(response.headers().contains_key("retry-after"), "{example} {response:?}");

        let lines = server.stop().await;
        assert!(lines[2].contains("STRIPE_WEBHOOK_SECRET: this is an API secret key (`sk_`)"), "{example} {lines:#?}");
        assert!(!lines.concat().contains("HiddenKey"), "{example} {lines:#?}");
    }
}

#[tokio::test]
async fn of_two_secrets_by_comma_either_may_sign() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(&format!("{SECRET},{OTHER_SECRET}"))).await;
        for secret in [SECRET, OTHER_SECRET] {
            let response = fetch(signed(&server, EVENT, secret)).await;
            assert_eq!(response.status(), StatusCode::OK, "{example} {response:?}");
        }
        assert_eq!(events(&server.stop().await), [EVENT_LINE, EVENT_LINE], "{example}");
    }
}

#[tokio::test]
async fn another_method_is_answered_with_405_and_another_path_with_404() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;

        let mut get = Request::get(&server.url).body(Full::default()).unwrap();
        assert_eq!(fetch(get.clone()).await.status(), StatusCode::METHOD_NOT_ALLOWED, "{example}");
        *get.uri_mut() = server.url.replace("/stripe", "/other").parse().unwrap();
        assert_eq!(fetch(get).await.status(), StatusCode::NOT_FOUND, "{example}");

        // Even if Stripe signed it.
        let mut put = signed(&server, EVENT, SECRET);
        *put.method_mut() = Method::PUT;
        assert_eq!(fetch(put).await.status(), StatusCode::METHOD_NOT_ALLOWED, "{example}");
        let mut elsewhere = signed(&server, EVENT, SECRET);
        *elsewhere.uri_mut() = format!("{}/", server.url).parse().unwrap();
        assert_eq!(fetch(elsewhere).await.status(), StatusCode::NOT_FOUND, "{example}");

        let printed = events(&server.stop().await);
        assert!(printed.is_empty(), "{example} {printed:#?}");
    }
}

#[tokio::test]
async fn the_hyper_server_speaks_http_2_too() {
    let server = ExampleServer::start("hyper", Some(SECRET)).await;
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();

    let response = in_time("the answer", client.request(signed(&server, EVENT, SECRET))).await.unwrap();
    assert_eq!((response.version(), response.status()), (http::Version::HTTP_2, StatusCode::OK));
    let response = in_time("the answer", client.request(signed(&server, EVENT, OTHER_SECRET))).await.unwrap();
    assert_eq!((response.version(), response.status()), (http::Version::HTTP_2, StatusCode::BAD_REQUEST));

    assert_eq!(events(&server.stop().await), [EVENT_LINE]);
}

#[tokio::test]
async fn sigterm_ends_a_server_whose_connections_are_kept_alive() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        let client = client();
        let response = in_time("the answer", client.request(signed(&server, EVENT, SECRET))).await.unwrap();
        response.into_body().collect().await.unwrap();

        server.stop().await; // asserts the exit code
        drop(client);
    }
}

#[tokio::test]
async fn sigterm_ends_a_server_that_is_sent_half_a_request() {
    let stopped = SERVERS.map(|example| async move {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        let authority = server.url.parse::<http::Uri>().unwrap().authority().unwrap().to_string();
        let mut connection = TcpStream::connect(authority).await.unwrap();
        connection.write_all(b"POST /api/v1/webhooks/stripe HTTP/1.1\r\nHost: ").await.unwrap();
        // An answer to another client shows that the server has accepted the half request before it.
        in_time("the answer", client().request(signed(&server, EVENT, SECRET))).await.unwrap();

        server.stop().await; // asserts the exit code
        drop(connection);
    });
    let [axum, hyper] = stopped;
    tokio::join!(axum, hyper);
}

#[tokio::test]
async fn a_port_that_is_none_or_taken_ends_a_server_with_a_message() {
    for example in SERVERS {
        for port in ["http", "65536", "-1", ""] {
            let output = run(example, &[], &[("API_PORT", port)]).await;
            assert_eq!(output.status.code(), Some(1), "{example} {output:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("API_PORT must be a port from 0 to 65535"), "{example} {message}");
        }

        let server = ExampleServer::start(example, Some(SECRET)).await;
        let port = server.url.parse::<http::Uri>().unwrap().port().unwrap().to_string();
        let output = run(example, &[], &[("API_PORT", &port)]).await;
        assert_eq!(output.status.code(), Some(1), "{example} {output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{example} {message}");
    }
}

#[tokio::test]
async fn send_delivers_an_event_and_says_how_it_was_answered() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        let port = server.url.parse::<http::Uri>().unwrap().port().unwrap().to_string();

        let output = run("send", &[], &[("STRIPE_WEBHOOK_SECRET", SECRET), ("API_PORT", &port)]).await;
        assert!(output.status.success(), "{example} {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "checkout.session.completed -> 200 OK", "{example}");

        let output = run("send", &["invoice.paid", &server.url], &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
        assert!(output.status.success(), "{example} {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "invoice.paid -> 200 OK", "{example}");

        let output = run("send", &["invoice.paid", &server.url], &[("STRIPE_WEBHOOK_SECRET", OTHER_SECRET)]).await;
        assert_eq!(output.status.code(), Some(1), "{example} {output:?}");
        let answer = String::from_utf8_lossy(&output.stdout);
        assert!(answer.starts_with("invoice.paid -> 400 Bad Request "), "{example} {answer}");
        assert!(answer.contains("signature_mismatch"), "{example} {answer}");

        let printed = events(&server.stop().await);
        assert_eq!(printed.len(), 2, "{example} {printed:#?}");
        assert_eq!(printed[1], EVENT_LINE, "{example}");
    }
}

#[tokio::test]
async fn send_says_what_is_missing() {
    let output = run("send", &["nothing.happened"], &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("nothing.happened") && message.contains("customer.subscription.deleted"), "{message}");

    let output = run("send", &[], &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("STRIPE_WEBHOOK_SECRET is not set: "), "{message}");
}

#[tokio::test]
async fn a_tenants_events_are_checked_against_that_tenants_secret_also_when_it_has_just_changed() {
    let tenants = env::temp_dir().join(format!("tenants-of-example-{}", std::process::id()));
    let set = |tenant: &str, secret: &str| fs::write(tenants.join(tenant), format!("\n{secret}\n\n")).unwrap();
    fs::create_dir(&tenants).unwrap();
    set("acme", SECRET);
    set("globex", OTHER_SECRET);
    let server = ExampleServer::start_with("tenants", [("TENANTS", tenants.as_os_str())]).await;
    let deliver = async |tenant: &str, secret: &str| {
        let mut request = signed(&server, EVENT, secret);
        *request.uri_mut() = format!("{}/{tenant}", server.url).parse().unwrap();
        let response = fetch(request).await;
        if response.status() == StatusCode::OK { "ok".to_owned() } else { code(&response) }
    };

    assert_eq!(deliver("acme", SECRET).await, "ok");
    assert_eq!(deliver("globex", OTHER_SECRET).await, "ok");
    set("globex", SECRET);
    assert_eq!(deliver("globex", SECRET).await, "ok");
    assert_eq!(deliver("acme", OTHER_SECRET).await, "signature_mismatch");
    for tenant in ["invented", "..%2Facme", "acme.bak", "ACME", &"a".repeat(41)] {
        assert_eq!(deliver(tenant, SECRET).await, "no_signing_secret", "{tenant}");
    }
    set("initech", "sk_test_51HiddenKey");
    assert_eq!(deliver("initech", SECRET).await, "secret_provider_failed");

    let printed = events(&server.stop().await);
    fs::remove_dir_all(&tenants).unwrap();
    assert_eq!(printed, ["acme", "globex", "globex"].map(|tenant| format!("{tenant}: {EVENT_LINE}")));
}

/// The lines that the handlers print, one for each event.
fn events(lines: &[String]) -> Vec<String> {
    lines.iter().filter(|line| line.contains("livemode=")).cloned().collect()
}

fn signed(server: &ExampleServer, payload: &'static str, secret: &str) -> Request<Full<Bytes>> {
    let secret = SigningSecret::new(secret).expect("a signing secret");
    signed_request(&server.url, payload, &secret, SystemTime::now())
}

fn client() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).build_http()
}

async fn fetch(request: Request<Full<Bytes>>) -> Response<Bytes> {
    let fetched = async {
        let (head, body) = client().request(request).await.expect("the server answers").into_parts();
        let body = body.collect().await.expect("the answer is complete").to_bytes();
        Response::from_parts(head, body)
    };
    in_time("the answer", fetched).await
}

fn code(response: &Response<Bytes>) -> String {
    let body: serde_json::Value = serde_json::from_slice(response.body()).expect("the answer is JSON");
    body["error"]["code"].as_str().expect("the answer has a code").to_owned()
}

async fn run(example: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    let output = command(example).args(args).envs(env.iter().copied()).output();
    in_time(example, output).await.expect("the example starts")
}
