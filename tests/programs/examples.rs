//! The behaviour of the example programs.
//!
//! They are started like a user starts them, so they read the real clock; the events are signed
//! now.

use std::{env, fs, process::Output, time::SystemTime};

use crate::example_server::{ExampleServer, command, in_time};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tower_stripe_webhook::{
    SigningSecret,
    test_util::{samples, signed_request},
};

const SERVERS: [&str; 2] = ["axum", "hyper"];

const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";
const OTHER_SECRET: &str = "whsec_Xk8Rw2Nf6Yt1Gc5Jm9Qd3Hs7Vb4Lp0Za";

const API_KEY: &str = "sk_test_51HiddenKey";

const EVENT: &str = samples::INVOICE_PAID;
const EVENT_LINE: &str = "evt_1SampleInvoicePaid000000 invoice.paid livemode=false";

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

        let changed =
            signed(&server, EVENT, SECRET).map(|_| Full::from(EVENT.replacen("2000", "2001", 1)));
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
async fn a_server_without_a_secret_starts_and_answers_503() {
    for (example, value, code_503, problem) in [
        ("axum", None, "no_signing_secret", "STRIPE_WEBHOOK_SECRET is not set"),
        (
            "axum",
            Some(API_KEY),
            "secret_provider_failed",
            "STRIPE_WEBHOOK_SECRET: this is an API secret key",
        ),
        ("hyper", None, "no_signing_secret", ""),
        ("hyper", Some(API_KEY), "secret_provider_failed", ""),
    ] {
        let server = ExampleServer::start(example, value).await;
        let response = fetch(signed(&server, EVENT, SECRET)).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{example}");
        assert_eq!(code(&response), code_503, "{example}");
        assert!(response.headers().contains_key("retry-after"), "{example} {response:?}");

        let lines = server.stop().await.concat();
        let is_named = lines.contains("503") && lines.contains(problem);
        assert!(is_named || problem.is_empty(), "{example} {lines}");
        assert!(!lines.contains("HiddenKey") && !lines.contains("livemode="), "{example} {lines}");
    }
}

#[tokio::test]
async fn either_of_two_comma_separated_secrets_may_sign() {
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
async fn the_axum_server_answers_405_to_a_method_and_404_to_a_path() {
    let server = ExampleServer::start("axum", Some(SECRET)).await;

    let mut get = Request::get(&server.url).body(Full::default()).unwrap();
    assert_eq!(fetch(get.clone()).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    *get.uri_mut() = server.url.replace("/stripe", "/other").parse().unwrap();
    assert_eq!(fetch(get).await.status(), StatusCode::NOT_FOUND);

    // This also holds for an event that Stripe signed.
    let mut put = signed(&server, EVENT, SECRET);
    *put.method_mut() = Method::PUT;
    assert_eq!(fetch(put).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let mut elsewhere = signed(&server, EVENT, SECRET);
    *elsewhere.uri_mut() = format!("{}/", server.url).parse().unwrap();
    assert_eq!(fetch(elsewhere).await.status(), StatusCode::NOT_FOUND);

    let printed = events(&server.stop().await);
    assert!(printed.is_empty(), "{printed:#?}");
}

#[tokio::test]
async fn the_hyper_server_accepts_events_on_every_path() {
    let server = ExampleServer::start("hyper", Some(SECRET)).await;
    let mut elsewhere = signed(&server, EVENT, SECRET);
    *elsewhere.uri_mut() = server.url.replace("/stripe", "/other").parse().unwrap();
    assert_eq!(fetch(elsewhere).await.status(), StatusCode::OK);
    assert_eq!(events(&server.stop().await), [EVENT_LINE]);
}

#[tokio::test]
async fn the_hyper_server_speaks_http_2_too() {
    let server = ExampleServer::start("hyper", Some(SECRET)).await;
    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();

    let response =
        in_time("the answer", client.request(signed(&server, EVENT, SECRET))).await.unwrap();
    assert_eq!((response.version(), response.status()), (http::Version::HTTP_2, StatusCode::OK));
    let response =
        in_time("the answer", client.request(signed(&server, EVENT, OTHER_SECRET))).await.unwrap();
    assert_eq!(
        (response.version(), response.status()),
        (http::Version::HTTP_2, StatusCode::BAD_REQUEST)
    );

    assert_eq!(events(&server.stop().await), [EVENT_LINE]);
}

#[tokio::test]
async fn an_invalid_or_taken_port_ends_a_server_with_an_error() {
    for example in SERVERS {
        for port in ["http", "65536", "-1", ""] {
            let output = run(example, &[], &[("API_PORT", port)]).await;
            assert_eq!(output.status.code(), Some(1), "{example} {output:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("InvalidInput"), "{example} {port} {message}");
        }

        let server = ExampleServer::start(example, Some(SECRET)).await;
        let port = server.url.parse::<http::Uri>().unwrap().port().unwrap().to_string();
        let output = run(example, &[], &[("API_PORT", &port)]).await;
        assert_eq!(output.status.code(), Some(1), "{example} {output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("AddrInUse"), "{example} {message}");
    }
}

#[tokio::test]
async fn send_delivers_an_event_and_prints_the_answer() {
    for example in SERVERS {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        let port = server.url.parse::<http::Uri>().unwrap().port().unwrap().to_string();

        let output =
            run("send", &[], &[("STRIPE_WEBHOOK_SECRET", SECRET), ("API_PORT", &port)]).await;
        assert!(output.status.success(), "{example} {output:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "checkout.session.completed -> 200 OK",
            "{example}"
        );

        let output =
            run("send", &["invoice.paid", &server.url], &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
        assert!(output.status.success(), "{example} {output:?}");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            "invoice.paid -> 200 OK",
            "{example}"
        );

        let output =
            run("send", &["invoice.paid", &server.url], &[("STRIPE_WEBHOOK_SECRET", OTHER_SECRET)])
                .await;
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
async fn send_delivers_a_thin_event_too() {
    let server = ExampleServer::start("axum", Some(SECRET)).await;
    for (args, event_type) in [
        (&["--thin", "invoice.paid", &server.url][..], "v1.invoice.paid"),
        (&["invoice.paid", &server.url, "--thin"], "v1.invoice.paid"),
        (&["v1.invoice.paid", &server.url], "v1.invoice.paid"),
        (&["v1.customer.subscription.past_due", &server.url], "v1.customer.subscription.past_due"),
    ] {
        let output = run("send", args, &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
        assert!(output.status.success(), "{args:?} {output:?}");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(stdout.trim(), format!("{event_type} -> 200 OK"), "{args:?}");
    }
    let printed = events(&server.stop().await);
    let thin_line = "evt_thin_1SampleInvoicePaid000000 invoice.paid livemode=false";
    assert_eq!(printed.len(), 4, "{printed:#?}");
    assert_eq!(printed[..3], [thin_line; 3]);

    let args = ["--thin", "nothing.happened"];
    let output = run("send", &args, &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("nothing.happened") && message.contains("v1.invoice.paid"));
}

#[tokio::test]
async fn send_names_an_unknown_event_and_a_missing_secret() {
    let output = run("send", &["nothing.happened"], &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.contains("nothing.happened") && message.contains("customer.subscription.deleted"),
        "{message}"
    );

    let output = run("send", &[], &[]).await;
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("STRIPE_WEBHOOK_SECRET is not set: "), "{message}");
}

#[tokio::test]
async fn send_rejects_a_non_http_url() {
    for url in
        ["127.0.0.1:3000/webhook", "localhost", "/webhook", "", "https://127.0.0.1/webhook", "a b"]
    {
        let output =
            run("send", &["invoice.paid", url], &[("STRIPE_WEBHOOK_SECRET", SECRET)]).await;
        assert_eq!(output.status.code(), Some(1), "{url:?} {output:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("the URL must start with http://, not"), "{url:?} {message}");
        assert!(!message.contains("panicked"), "{url:?} {message}");
    }
}

#[tokio::test]
async fn a_tenants_events_are_checked_against_its_newest_secret() {
    let tenants = env::temp_dir().join(format!("tenants-of-example-{}", std::process::id()));
    let set = |tenant: &str, secret: &str| {
        fs::write(tenants.join(tenant), format!("\n{secret}\n\n")).unwrap();
    };
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
    assert_eq!(
        printed,
        ["acme", "globex", "globex"].map(|tenant| format!("{tenant}: {EVENT_LINE}"))
    );
}

#[cfg(feature = "sqlite")]
mod exactly_once {
    use sqlx::SqlitePool;

    use super::*;

    const SALE: &str = samples::CHECKOUT_SESSION_COMPLETED;

    async fn start(folder: &tempfile::TempDir) -> (ExampleServer, SqlitePool) {
        let url = format!("sqlite:{}", folder.path().join("shop.db").display());
        let env = [("STRIPE_WEBHOOK_SECRET", SECRET.as_ref()), ("DATABASE_URL", url.as_ref())];
        let server = ExampleServer::start_with("exactly_once", env).await;
        (server, SqlitePool::connect(&url).await.expect("the server has created the database"))
    }

    async fn count(pool: &SqlitePool, select: &'static str) -> i64 {
        sqlx::query_scalar(select).fetch_one(pool).await.expect("the table is there")
    }

    #[tokio::test]
    async fn a_duplicate_has_no_effect_even_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let mut printed = Vec::new();
        for _ in 0..2 {
            let (server, pool) = start(&folder).await;
            for event in [EVENT, SALE, EVENT] {
                let response = fetch(signed(&server, event, SECRET)).await;
                assert_eq!(response.status(), StatusCode::OK, "{response:?}");
            }
            assert_eq!(count(&pool, "SELECT sum(paid_invoices) FROM subscriptions").await, 1);
            assert_eq!(count(&pool, "SELECT count(*) FROM sales WHERE amount > 0").await, 1);
            pool.close().await;
            printed.extend(server.stop().await);
        }
        let processed: Vec<_> =
            printed.iter().filter(|line| line.starts_with("processed ")).collect();
        assert_eq!(processed.len(), 2, "{printed:#?}");
        assert_eq!(
            printed.iter().filter(|line| line.starts_with("duplicate ")).count(),
            4,
            "{printed:#?}"
        );
    }

    #[tokio::test]
    async fn two_deliveries_at_the_same_moment_have_one_effect() {
        let folder = tempfile::tempdir().unwrap();
        let (server, pool) = start(&folder).await;
        let [one, two] = [0, 1].map(|_| fetch(signed(&server, EVENT, SECRET)));
        let (one, two) = tokio::join!(one, two);
        assert_eq!([one.status(), two.status()], [StatusCode::OK; 2]);
        assert_eq!(count(&pool, "SELECT sum(paid_invoices) FROM subscriptions").await, 1);
    }

    #[tokio::test]
    async fn a_failed_event_is_answered_500_and_processed_later() {
        let folder = tempfile::tempdir().unwrap();
        let (server, pool) = start(&folder).await;
        let rename = async |sql: &'static str| sqlx::query(sql).execute(&pool).await.unwrap();

        rename("ALTER TABLE sales RENAME TO away").await;
        let response = fetch(signed(&server, SALE, SECRET)).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.body(), "the event is not processed");

        rename("ALTER TABLE away RENAME TO sales").await;
        let response = fetch(signed(&server, SALE, SECRET)).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(count(&pool, "SELECT count(*) FROM sales").await, 1);
    }

    #[tokio::test]
    async fn sigterm_ends_the_server_with_a_connection_kept_alive() {
        let folder = tempfile::tempdir().unwrap();
        let (server, _pool) = start(&folder).await;
        let client = client();
        let response =
            in_time("the answer", client.request(signed(&server, EVENT, SECRET))).await.unwrap();
        response.into_body().collect().await.unwrap();

        let (printed, status) = server.terminate().await;
        assert_eq!(status.code(), Some(0), "it printed {printed:#?}");
        drop(client);
    }

    #[tokio::test]
    async fn the_server_does_not_start_without_a_secret() {
        for env in [&[][..], &[("STRIPE_WEBHOOK_SECRET", API_KEY)]] {
            let output = run("exactly_once", &[], env).await;
            assert_eq!(output.status.code(), Some(1), "{output:?}");
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(message.contains("STRIPE_WEBHOOK_SECRET"), "{message}");
            assert!(!message.contains("HiddenKey"), "{message}");
        }
    }
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
        let (head, body) =
            client().request(request).await.expect("the server answers").into_parts();
        let body = body.collect().await.expect("the answer is complete").to_bytes();
        Response::from_parts(head, body)
    };
    in_time("the answer", fetched).await
}

fn code(response: &Response<Bytes>) -> String {
    let body: serde_json::Value =
        serde_json::from_slice(response.body()).expect("the answer is JSON");
    body["error"]["code"].as_str().expect("the answer has a code").to_owned()
}

async fn run(example: &str, args: &[&str], env: &[(&str, &str)]) -> Output {
    let output = command(example).args(args).envs(env.iter().copied()).output();
    in_time(example, output).await.expect("the example starts")
}
