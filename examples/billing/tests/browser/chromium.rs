//! A headless Chromium for each test.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    panic::{AssertUnwindSafe, resume_unwind},
    path::PathBuf,
    process::{Child, Command, Stdio},
    str::FromStr,
    thread,
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    key::Key,
    wd::{Capabilities, WebDriverCompatibleCommand, WindowHandle},
};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};
use uuid::Uuid;

use crate::harness::TOKEN;

/// Longer than any step takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// Disables the first-run pages, updates, and all network access except to this machine.
const SWITCHES: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

pub struct Chromium {
    client: Client,
    site: String,
}

#[derive(Clone, Copy, Debug)]
pub enum Scheme {
    Light,
    Dark,
}

/// chromedriver and the browser's profile. Dropping it stops chromedriver.
struct Driver {
    process: Child,
    profile: PathBuf,
}

impl Chromium {
    /// Runs a test with a new browser, and closes it even if the test panics.
    pub async fn run(site: SocketAddr, test: impl AsyncFnOnce(&Self)) {
        let (driver, url) = Driver::start();
        let switches: Vec<_> = SWITCHES
            .iter()
            .map(|switch| (*switch).to_owned())
            .chain([format!("--user-data-dir={}", driver.profile.display())])
            .collect();
        let mut capabilities = Capabilities::new();
        capabilities.insert("goog:chromeOptions".into(), json!({ "args": switches }));
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client =
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&url).await;
        let browser =
            Self { client: client.expect("Chromium starts"), site: format!("http://{site}") };

        let outcome = AssertUnwindSafe(test(&browser)).catch_unwind().await;
        let closed = browser.client.close().await;
        drop(driver);
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
        closed.expect("Chromium is there to the end");
    }

    pub async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.site)).await.expect("the page loads");
    }

    pub async fn log_in(&self) {
        self.goto("/admin/login").await;
        self.fill("#token", TOKEN).await;
        self.click_button("Log in").await;
        self.wait_for_text("h1", "Deliveries").await;
    }

    pub async fn fill(&self, field: &str, text: &str) {
        let field = self
            .client
            .wait()
            .at_most(DEADLINE)
            .for_element(Locator::Css(field))
            .await
            .expect("a field");
        field.clear().await.expect("it can be edited");
        field.send_keys(text).await.expect("it takes text");
    }

    pub async fn click(&self, selector: &str) {
        self.click_on(Locator::Css(selector)).await;
    }

    pub async fn click_button(&self, text: &str) {
        self.click_on(Locator::XPath(&format!("//button[normalize-space()='{text}']"))).await;
    }

    pub async fn click_link(&self, text: &str) {
        self.click_on(Locator::LinkText(text)).await;
    }

    async fn click_on(&self, locator: Locator<'_>) {
        let element =
            self.client.wait().at_most(DEADLINE).for_element(locator).await.expect("it is there");
        element.click().await.expect("it can be clicked");
    }

    /// Waits until an element contains a text.
    pub async fn wait_for_text(&self, selector: &str, text: &str) {
        let script = "return [...document.querySelectorAll(arguments[0])].map((found) => found.textContent).join('\\n')";
        let mut seen = Value::Null;
        let wait = async {
            let mut again = interval(Duration::from_millis(25));
            loop {
                again.tick().await;
                // Fails while another page loads.
                seen = self.client.execute(script, vec![selector.into()]).await.unwrap_or_default();
                if seen.as_str().is_some_and(|seen| seen.contains(text)) {
                    return;
                }
            }
        };
        if timeout(DEADLINE, wait).await.is_err() {
            panic!("{selector} never had {text:?} but {seen}");
        }
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.expect("the script runs")
    }

    pub async fn press(&self, key: &Key) {
        self.type_keys(&key.to_string()).await;
    }

    /// Types into the focused element.
    pub async fn type_keys(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("it takes keys");
    }

    /// Waits until the element with this id has the focus, which a page gives it after it has loaded.
    pub async fn wait_for_focus(&self, id: &str) {
        let wait = async {
            let mut again = interval(Duration::from_millis(25));
            while self.script("return document.activeElement.id").await != id {
                again.tick().await;
            }
        };
        timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("{id} never had the focus"));
    }

    /// Returns the text of the focused element.
    pub async fn focused(&self) -> String {
        let text = self.script("return document.activeElement.textContent.trim()").await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Presses the tab key until an element with this text has the focus.
    pub async fn tab_to(&self, text: &str) {
        for _ in 0..40 {
            self.press(&Key::Tab).await;
            if self.focused().await == text {
                return;
            }
        }
        panic!("the tab key never leads to {text:?}");
    }

    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.expect("a tab")
    }

    pub async fn open_tab(&self, path: &str) {
        let tab = self.client.new_window(true).await.expect("another tab");
        self.switch_to(tab.handle).await;
        self.goto(path).await;
    }

    pub async fn switch_to(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.expect("the tab is there");
    }

    pub async fn clipboard(&self) -> Value {
        let origin = &self.site;
        let permissions = json!({ "origin": origin, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] });
        self.devtools("Browser.grantPermissions", permissions).await;
        let read = "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))";
        self.client.execute_async(read, Vec::new()).await.expect("the script runs")
    }

    pub async fn set_screen(&self, width: u32, height: u32, scheme: Scheme) {
        let scheme = match scheme {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
    }

    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a picture")
    }

    /// Asserts that the console has no script errors and no violations of the content security
    /// policy. Error statuses of pages are ignored.
    pub async fn assert_no_complaints(&self) {
        let log = self.command("se/log", json!({ "type": "browser" })).await;
        let complaints: Vec<_> = log
            .as_array()
            .expect("a list")
            .iter()
            .filter(|entry| {
                entry["source"] != "network"
                    || !entry["message"].to_string().contains(" a status of 40")
            })
            .collect();
        assert!(complaints.is_empty(), "{complaints:#?}");
    }

    async fn devtools(&self, command: &str, parameters: Value) {
        self.command("goog/cdp/execute", json!({ "cmd": command, "params": parameters })).await;
    }

    async fn command(&self, path: &'static str, body: Value) -> Value {
        self.client
            .issue_cmd(DriverCommand { path, body })
            .await
            .expect("chromedriver knows the command")
    }
}

impl Driver {
    fn start() -> (Self, String) {
        let profile = env::temp_dir().join(format!("billing-chromium-{}", Uuid::now_v7()));
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver starts: Debian has it in the package chromium-driver");
        let mut lines = BufReader::new(process.stdout.take().expect("stdout is a pipe")).lines();
        let port = lines
            .find_map(|line| {
                let line = line.expect("stdout is text");
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says where it listens");
        thread::spawn(move || lines.for_each(drop));
        (Self { process, profile }, format!("http://127.0.0.1:{port}"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// A command that only chromedriver has.
#[derive(Debug)]
struct DriverCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for DriverCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
