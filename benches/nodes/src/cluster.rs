//! The two nodes, as processes that are killed and start again.

use std::{env, mem, net::SocketAddr, process::Stdio};

use rand::{RngExt, rng};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    sync::{Mutex, RwLock},
};
use tower_stripe_webhook::BoxError;

use crate::{arguments::Arguments, ledger::micros};

const NODES: usize = 2;

pub struct Cluster {
    arguments: Arguments,
    addresses: RwLock<[SocketAddr; NODES]>,
    processes: Mutex<Processes>,
}

struct Processes {
    running: [Child; NODES],
    killed: Vec<Kill>,
}

/// That a node was killed, and when, in microseconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Kill {
    pub node: u32,
    pub at: i64,
}

impl Cluster {
    pub async fn start(arguments: &Arguments) -> Result<Self, BoxError> {
        let (first, second) = tokio::try_join!(start_node(arguments), start_node(arguments))?;
        Ok(Self {
            arguments: arguments.clone(),
            addresses: RwLock::new([first.1, second.1]),
            processes: Mutex::new(Processes { running: [first.0, second.0], killed: Vec::new() }),
        })
    }

    /// Returns a random node.
    ///
    /// It may be dead by now.
    pub async fn address(&self) -> SocketAddr {
        self.addresses.read().await[rng().random_range(0..NODES)]
    }

    /// Kills a random node with SIGKILL, and starts another in its place.
    pub async fn kill_one(&self) -> Result<(), BoxError> {
        let mut processes = self.processes.lock().await;
        let chosen = rng().random_range(0..NODES);
        let killed = kill(&mut processes.running[chosen]).await?;
        processes.killed.push(killed);
        let (node, address) = start_node(&self.arguments).await?;
        processes.running[chosen] = node;
        self.addresses.write().await[chosen] = address;
        Ok(())
    }

    /// Ends the nodes, and gives those that were killed before.
    pub async fn stop(&self) -> Result<Vec<Kill>, BoxError> {
        let mut processes = self.processes.lock().await;
        for node in &mut processes.running {
            kill(node).await?;
        }
        Ok(mem::take(&mut processes.killed))
    }
}

async fn start_node(arguments: &Arguments) -> Result<(Child, SocketAddr), BoxError> {
    let mut node = Command::new(env::current_exe()?)
        .args(arguments.of_node())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = node.stdout.take().ok_or("the node has no stdout")?;
    let address =
        BufReader::new(stdout).lines().next_line().await?.ok_or("the node did not start")?;
    Ok((node, address.parse()?))
}

async fn kill(node: &mut Child) -> Result<Kill, BoxError> {
    let pid = node.id().ok_or("a node has ended by itself")?;
    node.start_kill()?;
    let at = micros();
    node.wait().await?;
    Ok(Kill { node: pid, at })
}
