//! The real Stripe CLI: `stripe listen --events … --forward-to …`. A script stands in for Stripe's
//! servers, see the library's `tests/official/README.md`, so no network is needed.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tower_stripe_webhook::{event::SUBSCRIPTION_EVENT_TYPES, test_util::samples};

use crate::harness::{Billing, Setup, Store};

/// A secret in the format of `stripe listen`.
const CLI_SECRET: &str = "whsec_c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

const EMAIL: &str = "zoë@example.com";

#[tokio::test]
#[ignore = "needs Node: .ci/run installs it and runs this"]
async fn the_six_events_are_applied_once_through_the_real_cli() {
    let billing = Setup::new(&Store::sqlite()).start();
    billing.set_secret(CLI_SECRET).await;
    // All events of a subscription concurrently, and then again.
    for outcome in ["", "duplicate"] {
        let answers = deliver_by_cli(&billing, &six_events());
        assert_eq!(answers.len(), SUBSCRIPTION_EVENT_TYPES.len());
        for answer in &answers {
            assert_eq!(answer["status"], 200, "{answer}");
            let body: Value =
                serde_json::from_str(answer["body"].as_str().unwrap_or_default()).expect("JSON");
            assert!(outcome.is_empty() || body["outcome"] == outcome, "{answer}");
        }
        assert_eq!(billing.state_of(EMAIL).await, "canceled");
    }
    let subscription = billing.subscription_of(EMAIL).await;
    assert_eq!(subscription["subscription_id"], "sub_1SampleSubscription00000");
    assert_eq!(subscription["price_id"], "price_1SamplePrice0000000000");
    let secrets = billing.secrets().await;
    assert!(secrets[0]["last_used_at"].is_i64(), "{secrets:?}");
    assert_eq!(billing.deliveries().await.len(), 12);
}

#[tokio::test]
#[ignore = "needs Node: .ci/run installs it and runs this"]
async fn the_cli_shows_a_signature_mismatch_with_its_reason() {
    let billing = Billing::start(&Store::sqlite());
    for answer in deliver_by_cli(&billing, &six_events()) {
        assert_eq!(answer["status"], 400, "{answer}");
        let body = answer["body"].as_str().unwrap_or_default();
        assert!(body.contains("signature_mismatch") && body.contains("stripe listen"), "{body}");
    }
    assert_eq!(billing.state_of(EMAIL).await, "inactive");
}

fn six_events() -> Vec<&'static str> {
    let is_required = |sample: &str| {
        let event: Value = serde_json::from_str(sample).expect("a sample is JSON");
        SUBSCRIPTION_EVENT_TYPES.iter().any(|required| event["type"] == required.as_str())
    };
    samples::ALL.into_iter().filter(|sample| is_required(sample)).collect()
}

/// Forwards events by the CLI and returns one response for each.
fn deliver_by_cli(billing: &Billing, payloads: &[&str]) -> Vec<Value> {
    let url = format!("http://{}/api/v1/webhooks/stripe", billing.address());
    let mut process = Command::new("node")
        .arg(installed().join("stripe_cli.mjs"))
        .args(["--forward-to", &url, "--secret", CLI_SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node starts");
    let input = json!(payloads).to_string();
    process
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes())
        .expect("the script reads stdin");
    let output = process.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).expect("stdout is text");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an answered event"))
        .collect()
}

/// Panics if the CLI is missing, so that an ignored test that is run is not skipped silently.
fn installed() -> PathBuf {
    let official = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/official");
    let found = official.join("node_modules/stripe").exists();
    assert!(found, "Stripe's library is missing: run `cd {} && npm ci`", official.display());
    official
}
