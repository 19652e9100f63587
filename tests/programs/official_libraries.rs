//! The crate against Stripe's official libraries and its CLI.
//!
//! Each side accepts the other side's signatures and rejects the same invalid ones.
//!
//! `tests/official/README.md` describes the scripts through which they are asked. Nothing here
//! needs the network.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, SystemTime},
};

use crate::example_server::{ExampleServer, in_time};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};
use tower::{Layer, ServiceExt, service_fn};
use tower_stripe_webhook::{
    SigningSecret, SigningSecrets, StripeWebhookLayer, Tolerance, VerifiedEvent,
    test_util::{FixedClock, samples, sign},
    verify,
};

const NOW: u64 = 1_795_447_015;

/// Secrets of the dashboard and of `stripe listen`.
///
/// The second one is longer than a block of SHA-256, so HMAC hashes it first.
const SECRET: &str = "whsec_Bqk2Uj0QZzR1hmYdVn4x8Lw3Tc6Pf5Ks";
const CLI_SECRET: &str = "whsec_c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn signatures_of_each_official_library_are_accepted_by_all() {
    let mut libraries = Library::both();
    for payload in payloads() {
        for secret in [SECRET, CLI_SECRET] {
            for signer in [0, 1] {
                let header = libraries[signer].sign(&payload, secret, NOW).await;
                assert_accepted(&mut libraries, &payload, &header, secret, NOW).await;
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn signatures_of_test_util_are_accepted_by_all() {
    let mut libraries = Library::both();
    for payload in payloads() {
        for secret in [SECRET, CLI_SECRET] {
            let header = sign(&payload, &SigningSecret::new(secret).unwrap(), time(NOW));
            assert_accepted(&mut libraries, &payload, &header, secret, NOW).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn all_libraries_sign_with_the_same_header() {
    let mut libraries = Library::both();
    for payload in payloads() {
        let ours = sign(&payload, &SigningSecret::new(SECRET).unwrap(), time(NOW));
        for library in &mut libraries {
            assert_eq!(
                library.sign(&payload, SECRET, NOW).await,
                ours,
                "{} {payload:.80}",
                library.name
            );
        }
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn a_changed_byte_is_rejected_by_all() {
    let mut libraries = Library::both();
    for payload in payloads() {
        let header = libraries[0].sign(&payload, SECRET, NOW).await;

        let mut changed_payloads = vec![
            payload.replacen("evt_", "evt-", 1),
            format!("{payload} "),
            payload[..payload.len() - 1].to_owned(),
            // A body parser in front of the layer prints the same JSON again.
            serde_json::from_str::<Value>(&payload).unwrap_or_default().to_string(),
        ];
        if payload.contains("\r\n") {
            changed_payloads.push(payload.replace("\r\n", "\n"));
        }
        for changed in changed_payloads.into_iter().filter(|changed| *changed != payload) {
            assert_refused(&mut libraries, &changed, &header, SECRET, NOW, MISMATCH).await;
        }

        let last = if header.ends_with('0') { "1" } else { "0" };
        let changed_headers = [
            format!("{}{last}", &header[..header.len() - 1]),
            header.replace(&NOW.to_string(), &(NOW - 1).to_string()),
        ];
        for changed in changed_headers {
            assert_refused(&mut libraries, &payload, &changed, SECRET, NOW, MISMATCH).await;
        }

        assert_refused(&mut libraries, &payload, &header, CLI_SECRET, NOW, MISMATCH).await;
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn an_age_of_300_s_is_accepted_by_all_and_301_s_rejected_by_all() {
    let mut libraries = Library::both();
    for payload in [samples::INVOICE_PAID, samples::V2_CORE_ACCOUNT_UPDATED] {
        let header = libraries[1].sign(payload, SECRET, NOW).await;
        for age in [0, 299, 300] {
            assert_accepted(&mut libraries, payload, &header, SECRET, NOW + age).await;
        }
        for age in [301, 86_400] {
            assert_refused(&mut libraries, payload, &header, SECRET, NOW + age, TOO_OLD).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn both_secrets_are_accepted_by_all_during_a_roll() {
    let mut libraries = Library::both();
    for payload in payloads() {
        let old = libraries[0].sign(&payload, SECRET, NOW).await;
        let new = libraries[1].sign(&payload, CLI_SECRET, NOW).await;
        let (_, new_signature) = new.split_once(',').unwrap();
        let v0 = new_signature.replacen("v1", "v0", 1);

        let header = format!("{old},{new_signature},{v0}");
        for secret in [SECRET, CLI_SECRET] {
            assert_accepted(&mut libraries, &payload, &header, secret, NOW).await;
        }
        // The right signature under the wrong scheme does not count.
        assert_refused(&mut libraries, &payload, &format!("{old},{v0}"), CLI_SECRET, NOW, MISMATCH)
            .await;
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn every_event_of_the_stripe_cli_is_answered_200() {
    for example in ["axum", "hyper"] {
        let server = ExampleServer::start(example, Some(CLI_SECRET)).await;
        let mut expected = Vec::new();
        for Delivery { id, event_type, status, body } in deliver_by_cli(&server.url).await {
            assert_eq!(status, 200, "{example} {id} {event_type} {body}");
            expected.push(format!("{id} {event_type} livemode=false"));
        }

        let mut printed = server.stop().await;
        printed.retain(|line| line.contains("livemode="));
        // They are sent at once and arrive in any order.
        printed.sort();
        expected.sort();
        assert_eq!(printed, expected, "{example}");
    }
}

#[tokio::test]
#[ignore = "needs Node and Python: .ci/run installs them and runs this"]
async fn each_event_of_the_stripe_cli_with_another_secret_is_answered_400() {
    for example in ["axum", "hyper"] {
        let server = ExampleServer::start(example, Some(SECRET)).await;
        for Delivery { id, event_type, status, body } in deliver_by_cli(&server.url).await {
            assert_eq!(status, 400, "{example} {id} {event_type} {body}");
            // The operator sees the reason in the terminal.
            assert!(
                body.contains("signature_mismatch") && body.contains("stripe listen"),
                "{example} {body}"
            );
        }

        let mut printed = server.stop().await;
        printed.retain(|line| line.contains("livemode="));
        assert!(printed.is_empty(), "{example} {printed:#?}");
    }
}

/// The samples, and payloads that are easily changed in transit.
///
/// They could be changed by a decoder, a parser, a line reader or the length of a buffer.
fn payloads() -> Vec<String> {
    let odd_texts = [
        ("NonAscii", "Zoë Łukasiewicz, 東京, ₿ 5, e\u{301} is not é".to_owned()),
        ("LineSeparators", "a\u{2028}b\u{2029}c\u{85}d".to_owned()),
        ("Emoji", "👩\u{200d}👩\u{200d}👧 🇪🇺 \u{feff}\u{10ffff}".to_owned()),
        ("Escapes", r#"\u00e9 \/ \" \\ \ud83d\ude00 \u0000 and half a pair: \ud83d"#.to_owned()),
        ("60kB", "é".repeat(30_000)),
    ];
    let event = |id: &str, text: &str| {
        format!(
            r#"{{
  "id": "evt_{id}",
  "object": "event",
  "api_version": "2026-10-28.endive",
  "created": 1795447000,
  "data": {{
    "object": {{
      "id": "cus_1",
      "object": "customer",
      "balance": 1.50e2,
      "name": "{text}"
    }}
  }},
  "livemode": false,
  "type": "customer.updated"
}}"#
        )
    };
    let odd = odd_texts.iter().map(|(id, text)| event(id, text));
    let crlf = event("Crlf", "one line").replace('\n', "\r\n") + "\r\n";
    samples::ALL.into_iter().map(str::to_owned).chain(odd).chain([crlf]).collect()
}

/// The result of each side for an accepted event.
#[derive(Debug, PartialEq, Deserialize)]
struct Accepted {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
}

async fn assert_accepted(
    libraries: &mut [Library; 2],
    payload: &str,
    header: &str,
    secret: &str,
    now: u64,
) {
    for (who, verdict) in verdicts(libraries, payload, header, secret, now).await {
        let accepted = verdict
            .unwrap_or_else(|refusal| panic!("{who} refuses {header} {payload:.80}: {refusal}"));
        let Accepted { id, event_type } = &accepted;
        let says_so =
            |name: &str, value: &str| payload.contains(&format!(r#""{name}": "{value}""#));
        assert!(
            says_so("id", id) && says_so("type", event_type),
            "{who} reads {accepted:?} from {payload:.80}"
        );
    }
}

/// Any of these in the words of each party.
type Words = [&'static str; 2];
const MISMATCH: Words =
    ["signature_mismatch", "No signatures found matching the expected signature"];
const TOO_OLD: Words = ["timestamp_outside_tolerance", "Timestamp outside the tolerance zone"];

async fn assert_refused(
    libraries: &mut [Library; 2],
    payload: &str,
    header: &str,
    secret: &str,
    now: u64,
    because: Words,
) {
    for (who, verdict) in verdicts(libraries, payload, header, secret, now).await {
        let refusal = verdict.expect_err(who);
        assert!(
            because.iter().any(|words| refusal.contains(words)),
            "{who} refuses {payload:.80} because: {refusal}"
        );
    }
}

type Verdict = Result<Accepted, String>;

async fn verdicts(
    libraries: &mut [Library; 2],
    payload: &str,
    header: &str,
    secret: &str,
    now: u64,
) -> Vec<(&'static str, Verdict)> {
    let mut verdicts = vec![
        ("`verify`", by_verify(payload, header, secret, now)),
        ("the layer", by_layer(payload, header, secret, now).await),
    ];
    for library in libraries {
        verdicts.push((library.name, library.verify(payload, header, secret, now).await));
    }
    verdicts
}

fn by_verify(payload: &str, header: &str, secret: &str, now: u64) -> Verdict {
    let secrets = SigningSecrets::from(SigningSecret::new(secret).expect("a signing secret"));
    match verify(header, payload.to_owned(), &secrets, time(now), Tolerance::default()) {
        Ok(event) => Ok(Accepted {
            id: event.id().to_owned(),
            event_type: event.event_type().as_str().to_owned(),
        }),
        Err(rejection) => Err(rejection.kind().to_string()),
    }
}

async fn by_layer(payload: &str, header: &str, secret: &str, now: u64) -> Verdict {
    let layer = StripeWebhookLayer::new(SigningSecret::new(secret).expect("a signing secret"))
        .with_clock(FixedClock::new(time(now)));
    let handler = service_fn(|request: Request<Full<Bytes>>| async move {
        let event =
            request.extensions().get::<VerifiedEvent>().expect("the layer puts the event there");
        let accepted = json!({ "id": event.id(), "type": event.event_type().as_str() });
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(accepted.to_string())))
    });
    let request = Request::post("/")
        .header("stripe-signature", header)
        .body(Full::<Bytes>::from(payload.to_owned()));

    let response = layer
        .layer(handler)
        .oneshot(request.expect("a request"))
        .await
        .unwrap_or_else(|never| match never {});
    let status = response.status();
    let body = response.into_body().collect().await.expect("the answer is complete").to_bytes();
    if status.is_success() {
        Ok(serde_json::from_slice(&body).expect("the handler answers with JSON"))
    } else {
        Err(String::from_utf8_lossy(&body).into_owned())
    }
}

fn time(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// An official library in a process that answers a line of JSON with one.
struct Library {
    name: &'static str,
    questions: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _process: Child, // killed when it is dropped
}

impl Library {
    /// Node first, then Python.
    fn both() -> [Self; 2] {
        let python = installed(
            ".venv/bin/python",
            "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt",
        );
        [
            Self::start("stripe-node", node("stripe_node.mjs")),
            Self::start("stripe-python", script(python, "stripe_python.py")),
        ]
    }

    fn start(name: &'static str, mut command: Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let questions = process.stdin.take().expect("stdin is a pipe");
        let answers = BufReader::new(process.stdout.take().expect("stdout is a pipe")).lines();
        Self { name, questions, answers, _process: process }
    }

    async fn sign(&mut self, payload: &str, secret: &str, timestamp: u64) -> String {
        #[derive(Deserialize)]
        struct Signed {
            header: String,
        }
        let question =
            json!({ "op": "sign", "payload": payload, "secret": secret, "timestamp": timestamp });
        self.ask::<Signed>(question).await.header
    }

    async fn verify(&mut self, payload: &str, header: &str, secret: &str, now: u64) -> Verdict {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Answer {
            Accepted(Accepted),
            Refused { error: String },
        }
        let question = json!({ "op": "verify", "payload": payload, "header": header, "secret": secret, "now": now });
        match self.ask(question).await {
            Answer::Accepted(accepted) => Ok(accepted),
            Answer::Refused { error } => Err(error),
        }
    }

    async fn ask<A: for<'de> Deserialize<'de>>(&mut self, question: Value) -> A {
        let asked = async {
            self.questions.write_all(format!("{question}\n").as_bytes()).await?;
            self.answers.next_line().await
        };
        let answer =
            in_time(self.name, asked).await.expect("the library can be asked").unwrap_or_default();
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{} answered {answer:?}: {error}", self.name))
    }
}

#[derive(Deserialize)]
struct Delivery {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    status: u16,
    body: String,
}

/// Delivers all payloads with the real `stripe listen`.
///
/// It signs them now with its own secret. Returns the answers.
async fn deliver_by_cli(url: &str) -> Vec<Delivery> {
    // The CLI takes events of one kind per run.
    let (thin, snapshots) =
        payloads().into_iter().partition::<Vec<_>, _>(|payload| payload.contains("v2.core.event"));
    let mut deliveries = stripe_cli(url, &snapshots).await;
    deliveries.extend(stripe_cli(url, &thin).await);
    assert_eq!(deliveries.len(), payloads().len());
    deliveries
}

async fn stripe_cli(url: &str, payloads: &[String]) -> Vec<Delivery> {
    let mut process = node("stripe_cli.mjs")
        .args(["--forward-to", url, "--secret", CLI_SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node starts");
    let mut stdin = process.stdin.take().expect("stdin is a pipe");
    stdin.write_all(json!(payloads).to_string().as_bytes()).await.expect("the script reads stdin");
    drop(stdin); // the end of the input

    let output =
        in_time("the CLI", process.wait_with_output()).await.expect("the script can be waited for");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("stdout is text");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an answered event"))
        .collect()
}

pub(crate) fn node(name: &str) -> Command {
    installed("node_modules/stripe", "npm ci");
    script("node".into(), name)
}

fn script(interpreter: PathBuf, name: &str) -> Command {
    let mut command = Command::new(interpreter);
    command.arg(official().join(name)).kill_on_drop(true);
    command
}

/// A panic and not a silent skip: an ignored test only runs on request.
fn installed(path: &str, how: &str) -> PathBuf {
    let found = official().join(path);
    assert!(found.exists(), "{path} is missing: run `cd {} && {how}`", official().display());
    found
}

fn official() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/official")
}
