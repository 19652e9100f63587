//! Stripe's official Node library as a client of `FakeApi`, and beside it `StripeApi`: the fake serves what the library accepts,
//! and both send the same headers where they matter.
//!
//! `tests/official/README.md` describes the script. Nothing here needs the network.

use std::{
    collections::BTreeSet,
    process::Stdio,
    time::{Duration, SystemTime},
};

use http_body_util::Full;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
    service::TowerToHyperService,
};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpListener, task::JoinSet};
use tower_stripe_webhook::{
    SigningSecret,
    api::{ApiBaseUrl, ApiClient, ApiErrorKind, ApiKey, ApiRequest, ApiScope, StripeApi},
    test_util::{FakeApi, FakeApiFailure, FakeApiRequest, sign},
};

use crate::{example_server::in_time, official_libraries::node};

const KEY: &str = "sk_test_Bqk2Uj0QZzR1hmYd";
const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";
const NOW: u64 = 1_795_447_015;

/// The fake on a port that the operating system chooses, until it is dropped.
struct Server {
    port: u16,
    _task: JoinSet<()>,
}

impl Server {
    async fn start(fake: &FakeApi) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let service = TowerToHyperService::new(fake.clone());
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    let server = auto::Builder::new(TokioExecutor::new());
                    let _ = server.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { port, _task: task }
    }

    /// Lets the Node library make the calls, and returns the result of each.
    async fn node(&self, key: &str, calls: Vec<Value>) -> Vec<Value> {
        let mut process = node("stripe_node_api.mjs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Node starts");
        let mut stdin = process.stdin.take().expect("stdin is a pipe");
        let count = calls.len();
        let input = json!({ "port": self.port, "key": key, "calls": calls }).to_string();
        stdin.write_all(input.as_bytes()).await.expect("the script reads stdin");
        drop(stdin); // the end of the input

        let output = in_time("the library", process.wait_with_output())
            .await
            .expect("the script can be waited for");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).expect("stdout is text");
        let results: Vec<_> = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line is a result"))
            .collect();
        assert_eq!(results.len(), count, "{lines}");
        results
    }

    /// `StripeApi` for the server.
    fn ours(&self) -> impl ApiClient {
        let client: Client<_, Full<bytes::Bytes>> =
            Client::builder(TokioExecutor::new()).build_http();
        let base_url = ApiBaseUrl::new(&format!("http://127.0.0.1:{}", self.port));
        StripeApi::new(ApiKey::new(KEY).expect("a key"), client)
            .with_base_url(base_url.expect("a base URL"))
    }
}

fn call(name: &str, args: Value) -> Value {
    json!({ "op": "call", "name": name, "args": args })
}

/// A call that needs a thin event, which the library verifies first.
fn with_event(op: &str, event: &Value) -> Value {
    let payload = event.to_string();
    let signed_at = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let secret = SigningSecret::new(SECRET).expect("a signing secret");
    let header = sign(&payload, &secret, signed_at);
    json!({ "op": op, "payload": payload, "header": header, "secret": SECRET, "now": NOW })
}

fn thin_event(context: Option<&str>) -> Value {
    json!({
        "id": "evt_1",
        "object": "v2.core.event",
        "type": "v1.invoice.paid",
        "created": "2026-11-20T10:11:12.345Z",
        "livemode": false,
        "context": context,
        "related_object": { "id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1" },
        "snapshot_event": "evt_2",
    })
}

const INVOICE: &str =
    r#"{"id":"in_1","object":"invoice","status":"paid","lines":{"object":"list","data":[]}}"#;
const SUBSCRIPTION: &str = r#"{"id":"sub_1","object":"subscription","status":"active"}"#;

fn fake() -> FakeApi {
    let fake = FakeApi::new().with_key(ApiKey::new(KEY).expect("a key"));
    fake.insert("/v1/invoices/in_1", INVOICE);
    fake.insert_for("acct_1", "/v1/invoices/in_1", INVOICE);
    fake.insert_for("acct_1", "/v1/subscriptions/sub_1", SUBSCRIPTION);
    fake.insert_event(thin_event(None).to_string());
    fake.insert_event(thin_event(Some("acct_1")).to_string());
    fake
}

/// The path, and the headers by which Stripe decides what to answer.
fn essence(request: &FakeApiRequest) -> Vec<(&str, Option<&str>)> {
    const HEADERS: [&str; 6] = [
        "accept",
        "authorization",
        "stripe-account",
        "stripe-context",
        "stripe-request-trigger",
        "stripe-version",
    ];
    let headers = HEADERS.into_iter().map(|name| (name, request.header(name)));
    [("path", Some(request.path())), ("query", request.query())]
        .into_iter()
        .chain(headers)
        .collect()
}

fn names(request: &FakeApiRequest) -> BTreeSet<&str> {
    request.headers().keys().map(http::HeaderName::as_str).collect()
}

fn request(path: &str) -> ApiRequest {
    ApiRequest::new(path).expect("a path")
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn ours_sends_the_headers_of_stripe_node() {
    let fake = fake();
    let server = Server::start(&fake).await;
    let account = || ApiScope::Account("acct_1".into());
    let context = || ApiScope::Context("acct_1".into());
    let event = thin_event(Some("acct_1"));
    let cases = [
        (call("invoices.retrieve", json!(["in_1"])), request("/v1/invoices/in_1")),
        (
            call("subscriptions.retrieve", json!(["sub_1", {}, { "stripeAccount": "acct_1" }])),
            request("/v1/subscriptions/sub_1").with_scope(account()),
        ),
        (
            call("subscriptions.retrieve", json!(["sub_1", {}, { "stripeContext": "acct_1" }])),
            request("/v1/subscriptions/sub_1").with_scope(context()),
        ),
        (call("v2.core.events.retrieve", json!(["evt_1"])), request("/v2/core/events/evt_1")),
        (
            with_event("related", &event),
            request("/v1/invoices/in_1").with_scope(context()).with_event_id("evt_1"),
        ),
        (
            with_event("related", &thin_event(None)),
            request("/v1/invoices/in_1").with_event_id("evt_1"),
        ),
        (
            with_event("event", &event),
            request("/v2/core/events/evt_1").with_scope(context()).with_event_id("evt_1"),
        ),
    ];
    let (calls, requests): (Vec<_>, Vec<_>) = cases.into_iter().unzip();

    let results = server.node(KEY, calls).await;
    let ours = server.ours();
    for (result, request) in results.iter().zip(&requests) {
        assert_eq!(result["ok"], true, "{request:?} {result}");
        let answer = ours.get(request).await.expect("the same call is answered");
        let value: Value = serde_json::from_slice(answer.body()).expect("an object");
        for name in ["id", "object", "status"] {
            assert_eq!(value[name], result["value"][name], "{request:?}");
        }
    }

    let log = fake.requests();
    let (by_node, by_ours) = log.split_at(requests.len());
    assert_eq!(by_node.len(), by_ours.len());
    for (theirs, own) in by_node.iter().zip(by_ours) {
        assert_eq!(essence(theirs), essence(own));
        // What else it sends describes the library and a body that a `GET` does not have.
        let only_theirs: Vec<_> = names(theirs).difference(&names(own)).copied().collect();
        assert_eq!(
            only_theirs,
            ["connection", "content-type", "x-stripe-client-user-agent"],
            "{theirs:?}"
        );
        assert!(names(own).is_subset(&names(theirs)), "{own:?}");
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn stripe_node_reads_each_error_of_the_fake_as_ours_does() {
    let fake = fake();
    let server = Server::start(&fake).await;
    let retrieve = |id: &str| call("invoices.retrieve", json!([id]));
    let of_account = |id: &str, account: &str| {
        call("invoices.retrieve", json!([id, {}, { "stripeAccount": account }]))
    };
    let expect = |result: &Value, error_type: &str, status: u16, code: Option<&str>| {
        assert_eq!(result["ok"], false, "{result}");
        assert_eq!(result["type"], error_type, "{result}");
        assert_eq!(result["status"], status, "{result}");
        assert_eq!(result["code"].as_str(), code, "{result}");
        assert!(result["request_id"].as_str().is_some_and(|id| id.starts_with("req_")), "{result}");
    };

    for (status, code) in [(429, "rate_limit"), (500, "internal"), (403, "forbidden")] {
        let status = http::StatusCode::from_u16(status).expect("a status");
        fake.fail(FakeApiFailure::new(status).with_code(code));
    }
    let calls = vec![
        retrieve("in_1"),
        retrieve("in_1"),
        retrieve("in_1"),
        retrieve("in_2"),
        of_account("in_2", "acct_1"),
        of_account("in_1", "acct_9"),
        call("v2.core.events.retrieve", json!(["evt_9"])),
        call("rawRequest", json!(["GET", "/v1/unknown"])),
    ];
    let results = server.node(KEY, calls).await;
    expect(&results[0], "StripeRateLimitError", 429, Some("rate_limit"));
    expect(&results[1], "StripeAPIError", 500, Some("internal"));
    expect(&results[2], "StripePermissionError", 403, Some("forbidden"));
    expect(&results[3], "StripeInvalidRequestError", 404, Some("resource_missing"));
    expect(&results[4], "StripeInvalidRequestError", 404, Some("resource_missing"));
    expect(&results[5], "StripePermissionError", 403, Some("account_invalid"));
    expect(&results[6], "StripeInvalidRequestError", 404, Some("not_found"));
    expect(&results[7], "StripeInvalidRequestError", 404, None);

    let with_wrong_key = server.node("sk_test_another", vec![retrieve("in_1")]).await;
    expect(&with_wrong_key[0], "StripeAuthenticationError", 401, None);

    let ours = server.ours();
    let kind = async |request: ApiRequest| ours.get(&request).await.expect_err("an error").kind();
    assert_eq!(kind(request("/v1/invoices/in_2")).await, ApiErrorKind::NotFound);
    assert_eq!(kind(request("/v2/core/events/evt_9")).await, ApiErrorKind::NotFound);
    assert_eq!(kind(request("/v1/unknown")).await, ApiErrorKind::InvalidRequest);
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn stripe_node_turns_the_pages_of_the_fake() {
    let fake = FakeApi::new();
    for number in 0..25 {
        let mut event = thin_event(None);
        event["id"] = format!("evt_{number:02}").into();
        event["created"] = format!("2026-11-20T10:11:{number:02}.000Z").into();
        fake.insert_event(event.to_string());
        let snapshot = json!({
            "id": format!("evt_{number:02}"), "object": "event", "type": "invoice.paid", "created": NOW + number,
            "data": { "object": {} },
        });
        fake.insert_event(snapshot.to_string());
    }
    fake.mark_delivered("evt_24");
    let server = Server::start(&fake).await;
    let list = |name: &str, params: Value| json!({ "op": "list", "name": name, "args": [params] });
    let results = server
        .node(
            KEY,
            vec![
                list("events.list", json!({ "limit": 10, "types": ["invoice.paid", "x"] })),
                list("events.list", json!({ "limit": 7, "ending_before": "evt_03" })),
                list(
                    "events.list",
                    json!({ "delivery_success": false, "created": { "gte": NOW + 20 } }),
                ),
                list(
                    "v2.core.events.list",
                    json!({ "limit": 10, "types": ["v1.invoice.paid", "x"] }),
                ),
                list("v2.core.events.list", json!({ "created": { "lt": "2026-11-20T10:11:03Z" } })),
            ],
        )
        .await;
    let ids = |result: &Value| -> Vec<usize> {
        let events = result["value"].as_array().unwrap_or_else(|| panic!("{result}"));
        let ids = events.iter().filter_map(|event| event["id"].as_str()?.strip_prefix("evt_"));
        ids.map(|id| id.parse().expect("a number")).collect()
    };
    assert_eq!(ids(&results[0]), (0..25).rev().collect::<Vec<_>>());
    assert_eq!(ids(&results[1]), (4..25).collect::<Vec<_>>());
    assert_eq!(ids(&results[2]), [23, 22, 21, 20]);
    assert_eq!(ids(&results[3]), (0..25).rev().collect::<Vec<_>>());
    assert_eq!(ids(&results[4]), [2, 1, 0]);
}
