//! A proof that each event takes effect once, under failures.
//!
//! Two processes share one Postgres or one Redis. Each event is delivered three times, at once and
//! in random order. One handler call in ten fails, and nodes are killed and start again. As Stripe
//! does, the sender delivers an event again if its answer was not `2xx`.
//!
//! ```console
//! $ TEST_POSTGRES_URL=postgres://postgres@localhost cargo run -p nodes -- --store postgres-transaction
//! $ TEST_POSTGRES_URL=postgres://postgres@localhost cargo run -p nodes -- --store postgres
//! $ TEST_REDIS_URL=redis://localhost cargo run -p nodes -- --store redis
//! ```
//!
//! It prints what it has counted, and ends with an error if an event was lost or took effect twice.
//!
//! With `postgres-transaction` record and effect are in one transaction. The others are
//! `IdempotencyLayer`: a node that dies between an effect and the commit of its claim leaves the
//! event to the next, so there the effect is keyed by the event, as the layer's documentation says,
//! and it is counted how often a handler was called in vain.

mod arguments;
mod audit;
mod cluster;
mod ledger;
mod node;
mod sender;

use std::{process::ExitCode, sync::Arc, time::Duration};

use tokio::time::timeout;
use tower_stripe_webhook::BoxError;

use crate::{arguments::Arguments, cluster::Cluster, ledger::Ledger};

/// Signs all events. Only processes of this program use it.
const SECRET: &str = "whsec_of_the_nodes";

/// Many times what 10,000 events take, so that a run which hangs is an error.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

#[tokio::main]
async fn main() -> ExitCode {
    match timeout(DEADLINE, run()).await {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::FAILURE,
        Ok(Err(error)) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        Err(_) => {
            eprintln!("not done after {DEADLINE:?}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, BoxError> {
    let arguments = Arguments::parse()?;
    if arguments.is_node {
        let ledger = Ledger::open(arguments.store, &arguments.run).await?;
        node::serve(ledger).await?;
        return Ok(true);
    }

    let ledger = Ledger::create(arguments.store, &arguments.run).await?;
    let cluster = Arc::new(Cluster::start(&arguments).await?);
    let sent = sender::deliver_all(&arguments, &cluster).await?;
    let killed = cluster.stop().await?;
    let audit = ledger.audit().await?;
    ledger.delete().await?;
    Ok(audit::is_right(&arguments, &sent, &killed, &audit))
}
