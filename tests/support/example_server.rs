//! One of the example servers, as a process of its own on a free port.

use std::{
    env,
    ffi::OsStr,
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Runs until it is stopped, or dropped: a test that fails leaves no server behind.
pub struct ExampleServer {
    pub url: String,
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
}

impl ExampleServer {
    /// Starts the example and waits until it listens.
    ///
    /// `STRIPE_WEBHOOK_SECRET` is set to `secret`, or not set.
    pub async fn start(example: &str, secret: Option<&str>) -> Self {
        Self::start_with(example, secret.map(|secret| ("STRIPE_WEBHOOK_SECRET", secret.as_ref())))
            .await
    }

    /// Starts the example with that in its environment, and waits until it listens.
    pub async fn start_with(example: &str, env: impl IntoIterator<Item = (&str, &OsStr)>) -> Self {
        let mut command = command(example);
        command.envs(env).env("API_PORT", "0").stdout(Stdio::piped());
        let mut process = command.spawn().expect("the example starts");

        let mut stdout = BufReader::new(process.stdout.take().expect("stdout is a pipe")).lines();
        let first = in_time("the start", stdout.next_line())
            .await
            .expect("stdout is text")
            .unwrap_or_default();
        let url = first
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{example} printed {first:?} first"));
        Self { url: url.to_owned(), process, stdout }
    }

    /// Sends SIGTERM and returns the lines printed below the first.
    ///
    /// All lines are complete, so they also show what was *not* printed. The server must not have
    /// ended before.
    pub async fn stop(self) -> Vec<String> {
        let (lines, status) = self.terminate().await;
        // The small examples do not handle the signal.
        assert!(
            status.success() || status.signal() == Some(SIGTERM),
            "{status}; it printed {lines:#?}"
        );
        lines
    }

    /// As [`stop`](Self::stop), with the exit status instead of a check.
    pub async fn terminate(mut self) -> (Vec<String>, ExitStatus) {
        let pid = self.pid();
        // The shell's own `kill`, because a small container image has no other.
        let killed = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await;
        assert!(killed.expect("`sh` starts").success());

        let mut lines = Vec::new();
        while let Some(line) =
            in_time("the shutdown", self.stdout.next_line()).await.expect("stdout is text")
        {
            lines.push(line);
        }
        let status =
            in_time("the exit", self.process.wait()).await.expect("the server can be waited for");
        (lines, status)
    }

    /// Returns the process's id.
    pub fn pid(&self) -> u32 {
        self.process.id().expect("the server has not ended by itself")
    }
}

const SIGTERM: i32 = 15;

/// Makes a command for the built example, without the examples' variables.
pub fn command(example: &str) -> Command {
    let test = env::current_exe().expect("the test's own path is known"); // target/debug/deps/test-hash
    let profile = test.ancestors().nth(2).expect("a test is in target/debug/deps");
    let path = profile.join("examples").join(example).with_extension(env::consts::EXE_EXTENSION);
    assert!(
        path.exists(),
        "{} is missing: `cargo test` builds it, `cargo test --test …` does not; run `cargo build --examples`",
        path.display(),
    );

    let mut command = Command::new(path);
    command
        .env_remove("STRIPE_WEBHOOK_SECRET")
        .env_remove("API_PORT")
        .env_remove("DATABASE_URL")
        .kill_on_drop(true);
    command
}

/// Fails after a deadline, so that a test never hangs.
///
/// The deadline is longer than anything takes on a busy machine.
pub async fn in_time<F: Future>(what: &str, future: F) -> F::Output {
    const DEADLINE: Duration = Duration::from_secs(90);
    timeout(DEADLINE, future)
        .await
        .unwrap_or_else(|_| panic!("{what} took longer than {DEADLINE:?}"))
}
