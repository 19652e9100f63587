//! A run of one target.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc, time::Duration};

use tokio::time::Instant;
use tower_stripe_webhook::BoxError;

use crate::{
    arguments::Arguments,
    audit::{self, Facts, Verdict},
    faults::{self, Site},
    history::History,
    nodes::Nodes,
    plan::Plan,
    proxy::Proxy,
    sender::Sender,
    server::Store,
    target::Target,
};

/// The time after the last fault in which all events have to be acknowledged.
///
/// Many times the longest of all timeouts.
const DEADLINE: Duration = Duration::from_secs(120);

pub async fn run(target: Target, arguments: &Arguments) -> Result<Verdict, BoxError> {
    let folder = tempfile::Builder::new().prefix("chaos-").tempdir()?;
    // Postgres may run as another user.
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    let plan = Plan::new(target, arguments.seed, &arguments.only)?;
    let history = Arc::new(History::default());
    let store = Store::start(target, folder.path()).await?;
    let mut proxies = Vec::new();
    if let Some(socket) = store.socket() {
        for _ in 0..target.nodes() {
            proxies.push(Proxy::before(&socket).await?);
        }
    }
    let urls = (0..target.nodes()).map(|node| store.url(proxies.get(node).map(Proxy::address)));
    let nodes = Nodes::start(target, arguments, urls.collect(), folder.path(), &history).await?;
    let site = Arc::new(Site { store, proxies, nodes, history: Arc::clone(&history) });

    let sender = Arc::new(Sender::new(&site, arguments.seed, target.is_billing())?);
    let until = Instant::now() + Duration::from_secs(arguments.seconds);
    let (sent, ()) = tokio::try_join!(
        sender.send_new_events(arguments.rate, until),
        faults::happen(&site, plan, until)
    )?;
    sender.finish(sent, DEADLINE).await?;
    sender.send_last_duplicates().await?;

    let mut problems = Vec::new();
    let effects = if target.claims() {
        Vec::new()
    } else if target.is_billing() {
        let (effects, wrong) = sender.read_ledger().await?;
        problems.extend(wrong);
        effects
    } else {
        site.store.effects().await?
    };
    site.nodes.stop().await?;
    problems.extend(history.problems());
    let facts = Facts {
        target,
        seconds: arguments.seconds,
        seed: arguments.seed,
        sent: sender.events(),
        runs: history.runs(),
        faults: history.faults(),
        effects,
        problems,
    };
    Ok(audit::judge(facts))
}
