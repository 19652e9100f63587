//! A proof under real faults: each acknowledged event has its effect, and has it once.
//!
//! ```console
//! $ cargo build --release -p billing
//! $ cargo run --release -p chaos -- --target postgres --seconds 300 --seed 7
//! $ cargo run --release -p chaos -- --all --seconds 300
//! ```
//!
//! Node processes handle events while faults happen to them and to their database: kills, pauses,
//! lost connections, restarts, a network that is slow, silent or cut, a full disk, changed clocks.
//! A seed chooses the faults. The program starts its own Postgres and Redis on free ports of
//! 127.0.0.1. A sender delivers each event until it is acknowledged, as Stripe does, and delivers
//! duplicates.
//!
//! At the end all faults stop, each event is acknowledged, and each is delivered once more. Then the
//! program compares the effects with the answers:
//!
//! - No acknowledged event is lost.
//! - With `record` and in `examples/billing`, each event has one effect.
//! - With `IdempotencyLayer`, the effect is a line that the handler prints: an effect outside the
//!   database. It happens again only if the layer's documentation says so, and these cases are
//!   counted by their reason.
//!
//! It prints the events that break a rule, with their history, and then exits with 1.

mod arguments;
mod audit;
#[expect(dead_code, reason = "the tests of the examples also mount a small disk")]
#[path = "../../../tests/support/disk.rs"]
mod disk;
mod faults;
mod history;
mod node;
mod nodes;
mod plan;
mod proxy;
mod run;
mod sender;
mod server;
mod signals;
mod table;
mod target;

use std::{process::ExitCode, sync::Arc};

use tokio::{
    signal::{
        ctrl_c,
        unix::{SignalKind, signal},
    },
    sync::Semaphore,
    task::JoinSet,
};
use tower_stripe_webhook::BoxError;

use crate::arguments::{Arguments, Command};

/// Signs all events. Only processes of this program use it.
const SECRET: &str = "whsec_of_the_nodes_of_the_program_chaos";

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse() {
        Ok(Command::Node(node)) => node::serve(node).await.map(|()| true),
        Ok(Command::Run(arguments)) => tokio::select! {
            done = run_all(arguments) => done,
            // Then the processes that were started end with this one.
            stopped = stop_signal() => stopped.and(Err("stopped by a signal".into())),
        },
        Err(error) => Err(error),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn stop_signal() -> Result<(), BoxError> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

async fn run_all(arguments: Arguments) -> Result<bool, BoxError> {
    let arguments = Arc::new(arguments);
    println!("seed {}", arguments.seed);
    let at_once = Arc::new(Semaphore::new(arguments.jobs));
    let mut runs = JoinSet::new();
    for (position, &target) in arguments.targets.iter().enumerate() {
        let (arguments, at_once) = (Arc::clone(&arguments), Arc::clone(&at_once));
        runs.spawn(async move {
            let _permit = at_once.acquire_owned().await?;
            let verdict = run::run(target, &arguments).await;
            verdict
                .map(|verdict| (position, verdict))
                .map_err(|error| BoxError::from(format!("{target}: {error}")))
        });
    }
    let (mut verdicts, mut failed) = (Vec::new(), false);
    while let Some(ended) = runs.join_next().await {
        match ended? {
            Ok((position, verdict)) => {
                let is_right = if verdict.is_right() { "right" } else { "WRONG" };
                println!("{}: {is_right}", verdict.facts.target);
                verdict.print_violations();
                verdicts.push((position, verdict));
            }
            Err(error) => {
                eprintln!("{error}");
                failed = true;
            }
        }
    }
    verdicts.sort_by_key(|(position, _)| *position);
    let verdicts: Vec<_> = verdicts.into_iter().map(|(_, verdict)| verdict).collect();
    table::print(&verdicts);
    Ok(!failed && verdicts.iter().all(audit::Verdict::is_right))
}
