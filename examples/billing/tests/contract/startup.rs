//! Configuration, the startup lines, and shutdown.

use std::{
    fs::{self, Permissions},
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    time::SystemTime,
};

use serde_json::Value;
use tower_stripe_webhook::{SigningSecret, test_util::sign};

use crate::{
    harness::{Billing, SECRET, Setup, Store, TOKEN, events::*},
    on_both,
};

on_both! {
    a_running_request_finishes_before_the_program_ends,
    all_data_survives_a_restart,
    the_log_has_no_secret_no_token_and_no_payload,
}

const EMAIL: &str = "zoe@example.com";

#[test]
fn a_configuration_error_ends_the_program_and_says_what_to_do() {
    let store = Store::sqlite();
    for (name, value, sentence) in [
        ("API_PORT", "http", "API_PORT must be a port from 0 to 65535"),
        ("API_PORT", "65536", "API_PORT must be a port from 0 to 65535"),
        ("API_HOST", "no.such.host.invalid", "set API_HOST to an address of this machine"),
        ("API_HOST", "192.0.2.1", "set API_HOST to an address of this machine"),
        (
            "DATABASE_URL",
            "mysql://hidden@localhost/db",
            "DATABASE_URL must start with `sqlite://` or `postgres://`",
        ),
        ("DATABASE_URL", "hidden.db", "DATABASE_URL must start with `sqlite://` or `postgres://`"),
        ("DATABASE_URL", "sqlite::memory:", "DATABASE_URL must name a file"),
        (
            "DATABASE_URL",
            "sqlite:///no/such/folder/billing.db",
            "the database of DATABASE_URL cannot be opened: the folder \"/no/such/folder\" does not exist: create it",
        ),
        (
            "DATABASE_URL",
            "postgres://me:hidden@127.0.0.1:1/db",
            "the database of DATABASE_URL cannot be opened",
        ),
        ("STRIPE_MODE", "prod", "STRIPE_MODE must be `test` or `live`"),
        ("STRIPE_MODE", "LIVE", "STRIPE_MODE must be `test` or `live`"),
        ("STRIPE_API_KEY", "pk_test_hidden", "STRIPE_API_KEY: this is a publishable API key"),
        ("STRIPE_API_KEY", "whsec_hidden", "STRIPE_API_KEY: this is a signing secret (`whsec_`)"),
        ("STRIPE_API_KEY", "rk_test_hidden ", "STRIPE_API_KEY: the API key has white space"),
        ("STRIPE_API_KEY", "\"rk_test_hidden\"", "STRIPE_API_KEY: the API key is in quotes"),
        ("STRIPE_API_KEY", "rk_test_...", "STRIPE_API_KEY: the API key is a placeholder"),
        ("STRIPE_API_KEY", "hidden", "STRIPE_API_KEY: this is not an API key"),
        (
            "STRIPE_API_KEY",
            "rk_live_hidden",
            "STRIPE_API_KEY is a key of live mode, and STRIPE_MODE is `test`: set a key of test mode",
        ),
        (
            "STRIPE_API_BASE",
            "http://hidden.example",
            "STRIPE_API_BASE: the base URL of Stripe's API must start with `https://`",
        ),
        (
            "STRIPE_API_BASE",
            "https://user:hidden@api.stripe.com",
            "STRIPE_API_BASE: the base URL of Stripe's API must have no user name",
        ),
        (
            "STRIPE_API_BASE",
            "https://api.stripe.com/hidden",
            "STRIPE_API_BASE: the base URL of Stripe's API must have no path",
        ),
        ("STRIPE_API_BASE", "hidden", "STRIPE_API_BASE: the base URL of Stripe's API is not a URL"),
        (
            "STRIPE_API_VERSION",
            "hidden",
            "STRIPE_API_VERSION: this is not a version of Stripe's API",
        ),
        (
            "STRIPE_WEBHOOK_SECRET",
            "sk_test_hidden",
            "STRIPE_WEBHOOK_SECRET: this is an API secret key",
        ),
        (
            "STRIPE_WEBHOOK_SECRET",
            "whsec_a,hidden",
            "STRIPE_WEBHOOK_SECRET: this is not a signing secret",
        ),
        (
            "STRIPE_CONNECTED_ACCOUNTS",
            "sk_test_hidden",
            "STRIPE_CONNECTED_ACCOUNTS must be ids of connected accounts",
        ),
        (
            "STRIPE_CONNECTED_ACCOUNTS",
            "acct_1A,",
            "STRIPE_CONNECTED_ACCOUNTS must be ids of connected accounts",
        ),
        ("ADMIN_TOKEN", "hidden words", "ADMIN_TOKEN must be one word of ASCII characters"),
        ("CREDITS_PER_USD", "0", "CREDITS_PER_USD must be a whole number from 1 to 1000000"),
        ("CREDITS_PER_USD", "-5", "CREDITS_PER_USD must be a whole number from 1 to 1000000"),
        ("CREDITS_PER_USD", "1.5", "CREDITS_PER_USD must be a whole number from 1 to 1000000"),
        ("CREDITS_PER_USD", "1000001", "CREDITS_PER_USD must be a whole number from 1 to 1000000"),
    ] {
        let output =
            Setup::new(&store).with(name, value).command().output().expect("the program starts");
        let stderr = String::from_utf8(output.stderr).expect("stderr is text");
        assert_eq!(output.status.code(), Some(1), "{name}={value}");
        assert!(
            stderr.contains(sentence) && !stderr.contains("hidden"),
            "{name}={value}: {stderr}"
        );
        assert!(output.stdout.is_empty(), "{name}={value}");
    }
}

#[test]
fn a_port_in_use_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = Setup::new(&Store::sqlite()).with("API_PORT", &*port).command().output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr.contains(&format!("cannot listen on 127.0.0.1:{port}"))
            && stderr.contains("API_PORT"),
        "{stderr}"
    );
}

#[tokio::test]
async fn an_empty_variable_counts_as_not_set() {
    let store = Store::sqlite();
    let empty = [
        "API_HOST",
        "STRIPE_MODE",
        "STRIPE_WEBHOOK_SECRET",
        "STRIPE_CONNECTED_ACCOUNTS",
        "STRIPE_API_KEY",
        "STRIPE_API_BASE",
        "STRIPE_API_VERSION",
        "CREDITS_PER_USD",
    ];
    let billing = empty.iter().fold(Setup::new(&store), |setup, name| setup.with(name, "")).start();
    let settings = billing.get_json("/api/v1/admin/settings/stripe").await;
    assert_eq!(
        (&settings["mode"], &settings["webhook_secret_set"]),
        (&Value::from("test"), &Value::from(false))
    );
}

#[tokio::test]
async fn the_default_database_is_a_file_in_the_working_directory() {
    let store = Store::sqlite();
    let billing = Setup::new(&store).without("DATABASE_URL").start();
    assert_eq!(billing.get("/healthz").await.status, 200);
    assert!(store.folder().join("billing.db").exists());
}

#[tokio::test]
async fn the_startup_lines_have_the_addresses_and_next_steps() {
    let store = Store::sqlite();
    let mut billing = Setup::new(&store).start();
    let address = billing.address();
    let (printed, _) = billing.stop();
    for part in [
        format!("http://{address}/admin"),
        format!("http://{address}/api/v1/webhooks/stripe"),
        format!("--forward-to {address}/api/v1/webhooks/stripe"),
        "stripe listen --events checkout.session.completed,customer.subscription.created,".into(),
        "checkout.session.async_payment_succeeded,customer.updated,charge.refunded,refund.created,refund.failed,"
            .into(),
        "STRIPE_WEBHOOK_SECRET".into(),
    ] {
        assert!(printed.contains(&part), "{part} is not in {printed}");
    }
    assert!(!printed.contains(TOKEN));
}

#[tokio::test]
async fn a_missing_admin_token_is_generated_and_printed_once() {
    let store = Store::sqlite();
    let mut billing = Setup::new(&store).without("ADMIN_TOKEN").start();
    assert_eq!(billing.get("/api/v1/admin/events").await.status, 401);
    let (printed, log) = billing.stop();
    let token = printed
        .lines()
        .find_map(|line| line.strip_prefix("admin token:"))
        .expect("a line with the token");
    let token = token.split_whitespace().next().expect("the token");
    assert_eq!(token.len(), 64);
    assert_eq!(format!("{printed}{log}").matches(token).count(), 1);
}

async fn a_running_request_finishes_before_the_program_ends(store: Store) {
    let mut billing = Billing::start(&store);
    let body = top_up(EMAIL, 100).to_string();
    let signature = sign(&body, &SigningSecret::new(SECRET).unwrap(), SystemTime::now());
    let mut socket = TcpStream::connect(billing.address()).unwrap();
    let head = format!(
        "POST /api/v1/webhooks/stripe HTTP/1.1\r\nhost: localhost\r\nstripe-signature: {signature}\r\n\
         content-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len(),
    );
    socket.write_all(head.as_bytes()).unwrap();
    // The program asks for the body, so the request is running.
    let mut asked = [0; 25];
    socket.read_exact(&mut asked).unwrap();
    assert_eq!(&asked[..21], b"HTTP/1.1 100 Continue");

    billing.terminate();
    socket.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    billing.ended();
    assert_eq!(billing.start_again().balance_of(EMAIL).await, 1_000);
}

async fn all_data_survives_a_restart(store: Store) {
    let mut billing = Billing::start(&store);
    let event = top_up(EMAIL, 100);
    billing.outcome_of(&event).await;
    billing.outcome_of(&checkout(EMAIL, "cus_1", "sub_1")).await;
    let before = (
        billing.credits_of(EMAIL).await,
        billing.subscription_of(EMAIL).await,
        billing.deliveries().await,
    );
    billing.stop();
    let billing = billing.start_again();
    let after = (
        billing.credits_of(EMAIL).await,
        billing.subscription_of(EMAIL).await,
        billing.deliveries().await,
    );
    assert_eq!(after, before);
    assert_eq!(billing.outcome_of(&event).await, "duplicate");
}

async fn the_log_has_no_secret_no_token_and_no_payload(store: Store) {
    let setup = Setup::new(&store)
        .with("STRIPE_WEBHOOK_SECRET", SECRET)
        .with("RUST_LOG", "trace,sqlx=info");
    let mut billing = setup.start();
    billing.set_secret("whsec_of_the_database").await;
    billing.add_secret(SECRET).await;
    billing.outcome_of(&checkout("private@example.com", "cus_hidden", "sub_1")).await;
    billing
        .deliver_signed(&checkout("private@example.com", "cus_hidden", "sub_1"), "whsec_forged")
        .await;
    billing.state_of("private@example.com").await;
    let (printed, log) = billing.stop();
    assert!(log.contains("/api/v1/webhooks/stripe") && log.contains("signature_mismatch"), "{log}");
    for hidden in [TOKEN, SECRET, "whsec_of_the_database", "private", "cus_hidden", "v1="] {
        assert!(!log.contains(hidden) && !printed.contains(hidden), "{hidden} is in {log}");
    }
    // One JSON object per line.
    for line in log.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
}

fn mode(store: &Store, name: &str) -> u32 {
    let file = fs::metadata(store.folder().join(name)).expect("the file exists");
    file.permissions().mode() & 0o777
}

#[tokio::test]
async fn a_new_sqlite_file_can_only_be_read_by_its_owner() {
    let store = Store::sqlite();
    let mut billing = Billing::start(&store);
    billing.outcome_of(&top_up(EMAIL, 100)).await;
    for name in ["billing.db", "billing.db-wal", "billing.db-shm"] {
        assert_eq!(mode(&store, name), 0o600, "{name}");
    }
    let (_, log) = billing.stop();
    assert!(!log.contains("other users can read"), "{log}");
}

#[tokio::test]
async fn an_existing_sqlite_file_keeps_its_mode_with_a_warning() {
    for (existing, warned) in [(0o600, false), (0o640, true), (0o604, true)] {
        let store = Store::sqlite();
        let file = store.folder().join("billing.db");
        fs::write(&file, "").expect("the file can be made");
        fs::set_permissions(&file, Permissions::from_mode(existing)).expect("it is our own");
        let mut billing = Billing::start(&store);
        billing.outcome_of(&top_up(EMAIL, 100)).await;
        assert_eq!(mode(&store, "billing.db"), existing);
        let (_, log) = billing.stop();
        assert_eq!(log.contains("other users can read the database"), warned, "{log}");
    }
}
