//! Runs the built program, and sends it events as Stripe does.

#[path = "../../../../../tests/support/disk.rs"]
pub mod disk;
pub mod events;
mod store;
pub mod stripe;

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Stdio},
    thread::{self, JoinHandle},
    time::SystemTime,
};

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use tower_stripe_webhook::{SigningSecret, test_util::sign};

use self::disk::WITHOUT_SIGXFSZ;
pub use self::store::Store;

const PROGRAM: &str = env!("CARGO_BIN_EXE_billing");

pub const TOKEN: &str = "the-admin-token-of-the-tests";
pub const SECRET: &str = "whsec_of_the_tests";

/// The environment of a program to be started. Other variables are not passed on.
#[derive(Clone)]
pub struct Setup {
    store: Store,
    variables: Vec<(&'static str, String)>,
}

impl Setup {
    /// Sets the admin token and the database, and no secret.
    pub fn new(store: &Store) -> Self {
        let setup = Self { store: store.clone(), variables: Vec::new() };
        setup.with("API_PORT", "0").with("DATABASE_URL", store.url()).with("ADMIN_TOKEN", TOKEN)
    }

    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &'static str) -> Self {
        self.variables.retain(|(known, _)| *known != name);
        self
    }

    pub fn command(&self) -> Command {
        self.configured(Command::new(PROGRAM))
    }

    fn configured(&self, mut command: Command) -> Command {
        command.env_clear().envs(self.variables.iter().cloned()).current_dir(self.store.folder());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Starts the program, and waits until it listens.
    pub fn start(&self) -> Billing {
        self.wait_until_it_listens(self.command())
    }

    /// Starts the program so that exceeding a file size limit is a write error and not a signal.
    pub fn start_on_a_limited_disk(&self) -> Billing {
        let [shell, arguments @ ..] = WITHOUT_SIGXFSZ;
        let mut command = Command::new(shell);
        command.args(arguments).arg(PROGRAM);
        self.wait_until_it_listens(self.configured(command))
    }

    /// Starts the program with that many file descriptors.
    pub fn start_with_descriptors(&self, descriptors: u32) -> Billing {
        let mut command = Command::new("sh");
        let script = format!(r#"ulimit -n {descriptors} && exec "$0""#);
        command.args(["-c", &*script, PROGRAM]);
        self.wait_until_it_listens(self.configured(command))
    }

    fn wait_until_it_listens(&self, mut command: Command) -> Billing {
        let mut process = command.spawn().expect("the program starts");
        let log = read_in_background(process.stderr.take().expect("stderr is a pipe"));
        let mut stdout = BufReader::new(process.stdout.take().expect("stdout is a pipe"));
        let mut first = String::new();
        stdout.read_line(&mut first).expect("stdout is text");
        let Some(address) = first.trim().strip_prefix("listening on http://") else {
            let _ = process.wait();
            panic!("printed {first:?} first, and on stderr: {}", log.join().unwrap_or_default());
        };
        let address = address.parse().expect("an address");
        Billing {
            setup: self.clone(),
            process,
            log: Some(log),
            stdout,
            address,
            client: Client::new(),
        }
    }
}

fn read_in_background(mut stderr: ChildStderr) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let _ = stderr.read_to_string(&mut text);
        text
    })
}

/// A running program. Dropping it kills the program.
pub struct Billing {
    setup: Setup,
    process: Child,
    log: Option<JoinHandle<String>>,
    stdout: BufReader<std::process::ChildStdout>,
    address: SocketAddr,
    client: Client,
}

/// A response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    /// Returns the body as JSON, or `null` if it is not JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub fn error_code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Billing {
    /// Starts the program with the secret of `deliver`.
    pub fn start(store: &Store) -> Self {
        Setup::new(store).with("STRIPE_WEBHOOK_SECRET", SECRET).start()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Creates a request without the admin token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path).bearer_auth(TOKEN)).await
    }

    /// Returns the body of a `200` response.
    pub async fn get_json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub async fn change(&self, method: Method, path: &str, body: &Value) -> Answer {
        send(self.request(method, path).bearer_auth(TOKEN).json(body)).await
    }

    /// Delivers an event, signed with [`SECRET`].
    pub async fn deliver(&self, event: &Value) -> Answer {
        self.deliver_signed(event, SECRET).await
    }

    pub async fn deliver_signed(&self, event: &Value, secret: &str) -> Answer {
        self.try_deliver(event, secret).await.expect("an answer")
    }

    /// Returns an error if there is no response.
    pub async fn try_deliver(&self, event: &Value, secret: &str) -> reqwest::Result<Answer> {
        let body = event.to_string();
        let signature =
            sign(&body, &SigningSecret::new(secret).expect("a signing secret"), SystemTime::now());
        let request = self
            .request(Method::POST, "/api/v1/webhooks/stripe")
            .header("stripe-signature", signature);
        try_send(request.header("content-type", "application/json; charset=utf-8").body(body)).await
    }

    /// Delivers an event, asserts that it is acknowledged, and returns its outcome.
    pub async fn outcome_of(&self, event: &Value) -> String {
        let answer = self.deliver(event).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["outcome"].as_str().unwrap_or_default().to_owned()
    }

    pub async fn subscription_of(&self, user: &str) -> Value {
        self.get_json(&format!("/api/v1/subscription/verify?user={}", in_query(user))).await
    }

    pub async fn state_of(&self, user: &str) -> String {
        self.subscription_of(user).await["state"].as_str().expect("a state").to_owned()
    }

    pub async fn credits_of(&self, user: &str) -> Value {
        self.get_json(&format!("/api/v1/credits?user={}", in_query(user))).await
    }

    pub async fn balance_of(&self, user: &str) -> i64 {
        self.credits_of(user).await["balance"].as_i64().expect("a balance")
    }

    /// Returns the last deliveries, the newest first.
    pub async fn deliveries(&self) -> Vec<Value> {
        let answer = self.get_json("/api/v1/admin/events?limit=500").await;
        answer["events"].as_array().expect("a list").clone()
    }

    pub async fn secrets(&self) -> Vec<Value> {
        let settings = self.get_json("/api/v1/admin/settings/stripe").await;
        settings["secrets"].as_array().expect("a list").clone()
    }

    pub async fn set_secret(&self, secret: &str) -> Answer {
        self.change(
            Method::PUT,
            "/api/v1/admin/settings/stripe",
            &json!({ "webhook_secret": secret }),
        )
        .await
    }

    pub async fn add_secret(&self, secret: &str) -> Answer {
        self.change(
            Method::POST,
            "/api/v1/admin/settings/stripe/secrets",
            &json!({ "webhook_secret": secret }),
        )
        .await
    }

    pub async fn remove_secret(&self, id: &str) -> Answer {
        self.change(
            Method::DELETE,
            &format!("/api/v1/admin/settings/stripe/secrets/{id}"),
            &Value::Null,
        )
        .await
    }

    /// Sends SIGKILL.
    pub fn kill(&self) {
        self.signal("KILL");
    }

    pub fn terminate(&self) {
        self.signal("TERM");
    }

    fn signal(&self, name: &str) {
        // The shell's builtin, because small container images have no `kill` program.
        let kill = format!("kill -{name} {}", self.process.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("`sh` starts").success());
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Waits until the program has ended.
    pub fn wait(&mut self) {
        self.process.wait().expect("it can be waited for");
    }

    /// Waits for exit code 0, and returns the rest of stdout and the log.
    pub fn ended(&mut self) -> (String, String) {
        let mut printed = String::new();
        self.stdout.read_to_string(&mut printed).expect("stdout is text");
        let status = self.process.wait().expect("it can be waited for");
        let log = self.log.take().expect("it ends once").join().expect("the reader does not panic");
        assert_eq!(status.code(), Some(0), "{log}");
        (printed, log)
    }

    pub fn stop(&mut self) -> (String, String) {
        self.terminate();
        self.ended()
    }

    /// Starts the program again on the same database, after it has ended.
    pub fn start_again(&self) -> Self {
        self.setup.start()
    }
}

impl Drop for Billing {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.expect("an answer")
}

async fn try_send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

fn in_query(text: &str) -> String {
    text.bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
