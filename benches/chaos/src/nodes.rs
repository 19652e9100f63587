//! The nodes of a target, as processes to which faults happen.

use std::{
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{Arc, RwLock},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, Command},
    sync::{Mutex, MutexGuard},
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};
use tower_stripe_webhook::BoxError;

use crate::{
    SECRET,
    arguments::{Arguments, NodeArguments},
    disk::{Disk, WITHOUT_SIGXFSZ},
    history::{Happened, History, micros},
    node::{self, LISTENING},
    plan::Kind,
    signals,
    target::Target,
};

/// The token of billing's API.
pub const TOKEN: &str = "the-admin-token-of-the-program-chaos";

/// Longer than a node takes to start on a busy machine, while its database starts.
const DEADLINE: Duration = Duration::from_secs(90);

pub struct Nodes {
    nodes: Vec<Node>,
    disk: Disk,
}

struct Node {
    target: Target,
    arguments: NodeArguments,
    folder: PathBuf,
    /// The address of the newest process. It may be dead by now.
    address: RwLock<Option<SocketAddr>>,
    process: Mutex<Option<Process>>,
    history: Arc<History>,
    /// The tasks that read what the processes print.
    readers: Mutex<Vec<JoinHandle<Result<(), BoxError>>>>,
}

struct Process {
    child: Child,
    pid: u32,
    stdin: ChildStdin,
}

impl Nodes {
    /// Starts a node for each URL.
    pub async fn start(
        target: Target,
        arguments: &Arguments,
        urls: Vec<String>,
        folder: &Path,
        history: &Arc<History>,
    ) -> Result<Self, BoxError> {
        let mut nodes = Vec::new();
        for database in urls {
            let node = Node {
                target,
                arguments: NodeArguments { target, database, control: arguments.control },
                folder: folder.to_owned(),
                address: RwLock::default(),
                process: Mutex::default(),
                history: Arc::clone(history),
                readers: Mutex::default(),
            };
            *node.process.lock().await = Some(node.launch().await?);
            nodes.push(node);
        }
        Ok(Self { nodes, disk: Disk::with_file_size_limit(folder) })
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The URL of a node's webhook.
    pub fn webhook(&self, node: usize) -> Option<String> {
        let node = &self.nodes[node];
        let path = if node.target.is_billing() { "/api/v1/webhooks/stripe" } else { node::PATH };
        Some(format!("http://{}{path}", node.address()?))
    }

    /// The URL of a path of a node.
    pub fn url(&self, node: usize, path: &str) -> Option<String> {
        Some(format!("http://{}{path}", self.nodes[node].address()?))
    }

    pub async fn kill(&self, node: usize) -> Result<(), BoxError> {
        let node = &self.nodes[node];
        let mut process = node.process.lock().await;
        node.kill(&mut process).await?;
        *process = Some(node.launch().await?);
        Ok(())
    }

    pub async fn pause(
        &self,
        node: usize,
        length: Duration,
        ends_in_kill: bool,
    ) -> Result<(), BoxError> {
        let node = &self.nodes[node];
        let mut process = node.process.lock().await;
        let pid = process.as_ref().ok_or("the node has ended")?.pid;
        let from = micros();
        signals::send("STOP", pid)?;
        sleep(length).await;
        if ends_in_kill {
            node.kill(&mut process).await?;
        } else {
            signals::send("CONT", pid)?;
        }
        let (process_id, until) = (Some(pid), micros());
        node.history.add(Happened { kind: Kind::Pause, process: process_id, from, until, step: 0 });
        if ends_in_kill {
            *process = Some(node.launch().await?);
        }
        Ok(())
    }

    /// Fills the disk of all nodes. One of them may be killed meanwhile.
    pub async fn fill_disk(&self, length: Duration, kills: Option<usize>) -> Result<(), BoxError> {
        // In this order, so that two such faults cannot wait for each other.
        let mut processes = Vec::new();
        for node in &self.nodes {
            processes.push(node.process.lock().await);
        }
        for process in processes.iter().filter_map(|process| process.as_ref()) {
            self.disk.fill(process.pid);
        }
        let from = micros();
        sleep(length).await;
        let killed = kills.and_then(|kills| Some((&self.nodes[kills], processes.get_mut(kills)?)));
        if let Some((node, process)) = killed {
            node.kill(process).await?;
            // The new process has no limit.
            **process = Some(node.launch().await?);
        }
        for process in processes.iter().filter_map(|process| process.as_ref()) {
            self.disk.free(process.pid);
        }
        let until = micros();
        let full = Happened { kind: Kind::FullDisk, process: None, from, until, step: 0 };
        self.nodes[0].history.add(full);
        Ok(())
    }

    /// Makes a node's clock differ for a while.
    pub async fn set_clock(
        &self,
        node: usize,
        length: Duration,
        seconds: i64,
    ) -> Result<(), BoxError> {
        let node = &self.nodes[node];
        let mut process = node.process.lock().await;
        let process = process.as_mut().ok_or("the node has ended")?;
        let from = micros();
        process.stdin.write_all(format!("{seconds}\n").as_bytes()).await?;
        sleep(length).await;
        process.stdin.write_all(b"0\n").await?;
        let (kind, pid, until) = (Kind::NodeClock, Some(process.pid), micros());
        node.history.add(Happened { kind, process: pid, from, until, step: 0 });
        Ok(())
    }

    /// Ends the nodes, and reads all that they have printed.
    pub async fn stop(&self) -> Result<(), BoxError> {
        for node in &self.nodes {
            let mut process = node.process.lock().await;
            if let Some(mut process) = process.take() {
                check_that_it_runs(&mut process, &node.history)?;
                process.child.kill().await?;
            }
            for reader in node.readers.lock().await.drain(..) {
                reader.await??;
            }
        }
        Ok(())
    }
}

impl Node {
    fn address(&self) -> Option<SocketAddr> {
        *self.address.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn kill(&self, process: &mut MutexGuard<'_, Option<Process>>) -> Result<(), BoxError> {
        let mut killed = process.take().ok_or("the node has ended")?;
        check_that_it_runs(&mut killed, &self.history)?;
        // Before the signal: a run that begins later belongs to another process.
        self.history.add_now(Kind::Kill, Some(killed.pid), 0);
        killed.child.kill().await?;
        Ok(())
    }

    /// Starts a process, again if it ends because its database is down.
    async fn launch(&self) -> Result<Process, BoxError> {
        let started = Instant::now();
        loop {
            match self.try_launch().await {
                Ok(process) => return Ok(process),
                Err(error) if started.elapsed() > DEADLINE => return Err(error),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn try_launch(&self) -> Result<Process, BoxError> {
        let mut child = self.command()?.spawn()?;
        let pid = child.id().ok_or("the node has ended")?;
        let stdin = child.stdin.take().ok_or("the node has no stdin")?;
        let stdout = child.stdout.take().ok_or("the node has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = timeout(DEADLINE, lines.next_line()).await??.unwrap_or_default();
        let address = first
            .strip_prefix(LISTENING)
            .ok_or_else(|| format!("a node printed {first:?} first"))?
            .parse()?;
        *self.address.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(address);
        let (history, is_billing) = (Arc::clone(&self.history), self.target.is_billing());
        self.readers.lock().await.push(tokio::spawn(async move {
            while let Some(line) = lines.next_line().await? {
                if !is_billing {
                    history.read_line(pid, &line)?;
                }
            }
            Ok(())
        }));
        Ok(Process { child, pid, stdin })
    }

    fn command(&self) -> Result<Command, BoxError> {
        let program = env::current_exe()?;
        // A file that cannot grow is then an error of the write, and not a signal.
        let [shell, words @ ..] = WITHOUT_SIGXFSZ;
        let mut command = Command::new(shell);
        command.args(words);
        if self.target.is_billing() {
            let billing = program.with_file_name("billing");
            if !billing.exists() {
                let billing = billing.display();
                return Err(format!("{billing} is missing: run `cargo build -p billing`, with `--release` if this program has it").into());
            }
            command.arg(billing).env("DATABASE_URL", &self.arguments.database);
            command.envs([("API_HOST", "127.0.0.1"), ("API_PORT", "0"), ("RUST_LOG", "off")]);
            command.envs([("STRIPE_WEBHOOK_SECRET", SECRET), ("ADMIN_TOKEN", TOKEN)]);
            command.envs([("STRIPE_MODE", "test"), ("STRIPE_CONNECTED_ACCOUNTS", "")]);
            command.stderr(Stdio::null());
        } else {
            command.arg(program).args(self.arguments.words());
        }
        command.current_dir(&self.folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.kill_on_drop(true);
        Ok(command)
    }
}

fn check_that_it_runs(process: &mut Process, history: &History) -> Result<(), BoxError> {
    if let Some(status) = process.child.try_wait()? {
        history.add_problem(format!("node {} has ended by itself: {status}", process.pid));
    }
    Ok(())
}
