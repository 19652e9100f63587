//! Measures the rate of top-ups on SQLite, the memory after 100,000 of them, and the time to start.
//!
//! ```console
//! $ cargo bench -p billing
//! ```
//!
//! The rate is compared with that of a bare sqlx loop that commits the same statements to the same
//! kind of file. The two alternate in one run, so the ratio can be compared between machines, and
//! the rates cannot.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use tower_stripe_webhook::{
    SigningSecret,
    idempotency::EVENTS_TABLE,
    test_util::{samples, sign},
};
use uuid::Uuid;

const SECRET: &str = "whsec_of_the_bench";
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 7;
const EVENTS_A_ROUND: usize = 3_000;
const EVENTS_IN_ALL: usize = 100_000;
const BATCH: usize = 1_000;

const MIN_RATIO: f64 = 0.6;
const MAX_MEMORY_MB: f64 = 100.0;
const MAX_START: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("throughput-{}", Uuid::now_v7()));
    fs::create_dir_all(&folder).expect("a folder can be made");
    let is_good = measure(&folder);
    fs::remove_dir_all(&folder).expect("the folder can be removed");
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn measure(folder: &Path) -> bool {
    let billing = Billing::start(folder);
    println!("start on an empty folder: {:?}", billing.started_in);
    let mut is_good = billing.started_in < MAX_START;

    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut ratios = Vec::new();
    for round in 1..=ROUNDS {
        let bare = runtime.block_on(bare_loop(&folder.join(format!("bare-{round}.db"))));
        let served = billing.post(EVENTS_A_ROUND);
        println!(
            "round {round}: bare sqlx loop {bare:.0} events/s, billing {served:.0} events/s, ratio {:.2}",
            served / bare
        );
        ratios.push(served / bare);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    println!("ratio (median): {median:.2}, at least {MIN_RATIO}");
    is_good &= median >= MIN_RATIO;

    for _ in ROUNDS * EVENTS_A_ROUND / BATCH..EVENTS_IN_ALL / BATCH {
        billing.post(BATCH);
    }
    let memory = billing.memory_mb();
    println!("memory after {EVENTS_IN_ALL} events: {memory:.0} MB, under {MAX_MEMORY_MB} MB");
    is_good &= memory < MAX_MEMORY_MB;

    drop(billing);
    let again = Billing::start(folder);
    println!("start on what is there then: {:?}, under {MAX_START:?}", again.started_in);
    is_good && again.started_in < MAX_START
}

/// Commits the statements of top-ups on one connection, one after the other. Returns the rate.
async fn bare_loop(file: &Path) -> f64 {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.expect("the file can be made");
    for sql in ["PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", EVENTS_TABLE] {
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("the statements are right");
    }
    sqlx::migrate!().run(&mut connection).await.expect("the migrations run");
    let events: Vec<_> = (0..EVENTS_A_ROUND).map(|_| top_up()).collect();
    let start = Instant::now();
    for event in &events {
        commit(&mut connection, event).await.expect("the statements are right");
    }
    rate(EVENTS_A_ROUND, start)
}

async fn commit(connection: &mut SqliteConnection, event: &Value) -> sqlx::Result<()> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let session = &event["data"]["object"];
    let mut tx = connection.begin().await?;
    sqlx::query("INSERT INTO stripe_webhook_events (event_key, recorded_at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(text(&event["id"]))
        .bind(1_i64)
        .execute(&mut *tx)
        .await?;
    let (customer, email) =
        (text(&session["customer"]), text(&session["customer_details"]["email"]));
    sqlx::query(
        "INSERT INTO customers (customer_id, livemode) VALUES ($1, $2)
         ON CONFLICT (customer_id) DO UPDATE SET customer_id = excluded.customer_id RETURNING facts",
    )
    .bind(&*customer)
    .bind(0_i64)
    .fetch_one(&mut *tx)
    .await?;
    let observed = json!({ "own": null, "observed": { "at": 1, "as_of": 1, "email": email } });
    sqlx::query("UPDATE customers SET email = $1, facts = $2 WHERE customer_id = $3")
        .bind(&*email)
        .bind(observed.to_string())
        .bind(&*customer)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "INSERT INTO credit_payments (livemode, payment_id) VALUES ($1, $2)
         ON CONFLICT (livemode, payment_id) DO UPDATE SET unmatched_at = excluded.unmatched_at RETURNING facts",
    )
    .bind(0_i64)
    .bind(text(&session["payment_intent"]))
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO credit_transactions
             (id, livemode, session_id, payment_id, paid, event_id, customer_id, email, amount, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT DO NOTHING",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(0_i64)
    .bind(text(&session["id"]))
    .bind(text(&session["payment_intent"]))
    .bind(2_000_i64)
    .bind(text(&event["id"]))
    .bind(customer)
    .bind(email)
    .bind(20_000_i64)
    .bind("credits_topup")
    .bind(1_i64)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO deliveries (id, event_id, event_type, livemode, received_at, outcome, reason, secret_id)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(text(&event["id"]))
    .bind("checkout.session.completed")
    .bind(0_i64)
    .bind(1_i64)
    .bind("applied")
    .bind("20000 credits")
    .bind("0a1b2c3d")
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

fn top_up() -> Value {
    let mut event: Value =
        serde_json::from_str(samples::CHECKOUT_SESSION_COMPLETED).expect("a sample is JSON");
    let id = Uuid::now_v7().simple();
    event["id"] = format!("evt_{id}").into();
    let session = event["data"]["object"].as_object_mut().expect("an object");
    let values = json!({
        "id": format!("cs_test_{id}"),
        "mode": "payment",
        "customer": format!("cus_{id}"),
        "customer_details": { "email": format!("{id}@example.com") },
        "payment_intent": format!("pi_{id}"),
        "subscription": null,
        "metadata": { "session_type": "credits_topup" },
    });
    session.extend(values.as_object().expect("an object").clone());
    event
}

fn rate(events: usize, start: Instant) -> f64 {
    events as f64 / start.elapsed().as_secs_f64()
}

/// A running program, whose log is dropped.
struct Billing {
    process: Child,
    /// Kept open, so that the program can print.
    _stdout: BufReader<ChildStdout>,
    address: SocketAddr,
    started_in: Duration,
}

impl Billing {
    fn start(folder: &Path) -> Self {
        let start = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_billing"))
            .env_clear()
            .envs([("API_PORT", "0"), ("ADMIN_TOKEN", "bench"), ("STRIPE_WEBHOOK_SECRET", SECRET)])
            .current_dir(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut first = String::new();
        let mut stdout = BufReader::new(process.stdout.take().expect("stdout is a pipe"));
        stdout.read_line(&mut first).expect("stdout is text");
        let started_in = start.elapsed();
        let address =
            first.trim().strip_prefix("listening on http://").expect("it listens").parse();
        Self { process, _stdout: stdout, address: address.expect("an address"), started_in }
    }

    /// Posts top-ups over [`CONNECTIONS`] connections, signed in advance. Returns the rate.
    fn post(&self, events: usize) -> f64 {
        let secret = SigningSecret::new(SECRET).expect("a signing secret");
        let requests: Vec<_> = (0..events).map(|_| request(&top_up(), &secret)).collect();
        let next = AtomicUsize::new(0);
        let start = Instant::now();
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut connection =
                        TcpStream::connect(self.address).expect("the program listens");
                    connection.set_nodelay(true).expect("a socket");
                    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                        connection.write_all(request).expect("the request is taken");
                        expect_applied(&mut connection);
                    }
                });
            }
        });
        rate(events, start)
    }

    fn memory_mb(&self) -> f64 {
        let path = PathBuf::from(format!("/proc/{}/status", self.process.id()));
        let status = fs::read_to_string(path).expect("Linux tells the memory of a process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line for it");
        let kilobytes: f64 = line
            .split_whitespace()
            .nth(1)
            .and_then(|number| number.parse().ok())
            .expect("a number");
        kilobytes / 1024.0
    }
}

impl Drop for Billing {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn request(event: &Value, secret: &SigningSecret) -> Vec<u8> {
    let body = event.to_string();
    let signature = sign(&body, secret, SystemTime::now());
    format!(
        "POST /api/v1/webhooks/stripe HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json; charset=utf-8\r\n\
         stripe-signature: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len(),
    )
    .into_bytes()
}

/// Reads one short response, and asserts that the top-up was applied.
fn expect_applied(connection: &mut TcpStream) {
    let mut response = Vec::new();
    let mut part = [0; 4096];
    while !response.ends_with(b"}") {
        let length = connection.read(&mut part).expect("an answer");
        assert!(length > 0, "the response is incomplete: {}", String::from_utf8_lossy(&response));
        response.extend_from_slice(&part[..length]);
    }
    let text = String::from_utf8_lossy(&response);
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("\"applied\""), "{text}");
}
