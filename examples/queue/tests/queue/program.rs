//! The built binary as a process of its own.

use std::process::{Output, Stdio};

use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{database::Database, disk::WITHOUT_SIGXFSZ, in_time, shop::Shop, stripe::SECRET};

/// The running program.
///
/// It is killed when it is dropped, so that a failed test leaves none behind.
pub struct Program {
    /// The URL of the webhook, or empty if the program does not receive events.
    pub url: String,
    process: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    /// The printed lines that were read so far.
    printed: Vec<String>,
}

impl Program {
    /// Receives events, or works, or both, as the arguments say.
    pub async fn start(
        arguments: &[&str],
        database: &Database,
        shop: &Shop,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut command = command(arguments, database.url());
        command.env("FULFILMENT_URL", &shop.url).envs(settings.iter().copied());
        Self::spawn(command, arguments).await
    }

    /// Receives events with that many file descriptors.
    pub async fn serve_with_descriptors(descriptors: u32, database: &Database) -> Self {
        let mut command = Command::new("sh");
        let script = format!(r#"ulimit -n {descriptors} && exec "$0" "$@""#);
        command.args(["-c", &*script, env!("CARGO_BIN_EXE_queue"), "serve"]);
        Self::spawn(configured(command, database.url()), &["serve"]).await
    }

    async fn spawn(mut command: Command, arguments: &[&str]) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // Not the test's own, which may be a file: its size would be limited as that of the
        // database is.
        let mut stderr = process.stderr.take().expect("stderr is a pipe");
        tokio::spawn(async move { tokio::io::copy(&mut stderr, &mut tokio::io::stderr()).await });
        let stdout = BufReader::new(process.stdout.take().expect("stdout is a pipe")).lines();
        let mut program = Self { url: String::new(), process, stdout, printed: Vec::new() };
        if arguments != ["work"] {
            let line = program.line("listening on ").await;
            line["listening on ".len()..].clone_into(&mut program.url);
        }
        program
    }

    /// Waits until a line that begins so is printed, and gives it.
    pub async fn line(&mut self, beginning: &str) -> String {
        loop {
            let line = in_time(beginning, self.stdout.next_line()).await.expect("stdout is text");
            let line = line.unwrap_or_else(|| panic!("no {beginning:?} among {:#?}", self.printed));
            self.printed.push(line.clone());
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    /// Sends SIGKILL, and waits until the process is gone.
    pub async fn kill(mut self) {
        self.process.start_kill().expect("the process has not ended by itself");
        in_time("the end", self.process.wait()).await.expect("the process can be waited for");
    }

    pub fn pid(&self) -> u32 {
        self.process.id().expect("the process has not ended by itself")
    }

    /// Sends SIGTERM.
    pub async fn terminate(&self) {
        let pid = self.pid();
        // The shell's own `kill`, because a small container image has no other.
        let killed = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await;
        assert!(killed.expect("`sh` starts").success());
    }

    /// Expects exit code 0, and gives all lines that were printed.
    pub async fn end(mut self) -> Vec<String> {
        while let Some(line) =
            in_time("the shutdown", self.stdout.next_line()).await.expect("stdout is text")
        {
            self.printed.push(line);
        }
        let status =
            in_time("the exit", self.process.wait()).await.expect("the process can be waited for");
        assert_eq!(status.code(), Some(0), "it printed {:#?}", self.printed);
        self.printed
    }

    pub async fn stop(self) -> Vec<String> {
        self.terminate().await;
        self.end().await
    }
}

/// Returns a command that is done soon.
pub async fn run(arguments: &[&str], database_url: &str, settings: &[(&str, &str)]) -> Output {
    let output = command(arguments, database_url).envs(settings.iter().copied()).output();
    in_time("the command", output).await.expect("the program starts")
}

/// Returns the lines of `queue dead`.
pub async fn dead(database: &Database) -> Vec<String> {
    let output = run(&["dead"], database.url(), &[]).await;
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("stdout is text").lines().map(str::to_owned).collect()
}

fn command(arguments: &[&str], database_url: &str) -> Command {
    let mut command = Command::new(WITHOUT_SIGXFSZ[0]);
    command.args(&WITHOUT_SIGXFSZ[1..]).arg(env!("CARGO_BIN_EXE_queue")).args(arguments);
    configured(command, database_url)
}

fn configured(mut command: Command, database_url: &str) -> Command {
    command
        .env_clear()
        .env("API_PORT", "0")
        .env("STRIPE_WEBHOOK_SECRET", SECRET)
        .env("DATABASE_URL", database_url)
        .kill_on_drop(true);
    command
}
