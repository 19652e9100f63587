//! Makes the faults of a plan happen.

use std::{sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};
use tower_stripe_webhook::BoxError;

use crate::{
    history::{Happened, History, micros},
    nodes::Nodes,
    plan::{Fault, Kind, Plan},
    proxy::Proxy,
    server::Store,
};

/// The target's parts.
pub struct Site {
    pub store: Store,
    /// One in front of the database for each node. None if the database has no server.
    pub proxies: Vec<Proxy>,
    pub nodes: Nodes,
    pub history: Arc<History>,
}

/// Carries out a plan until a time. All faults have ended then.
pub async fn happen(site: &Arc<Site>, plan: Plan, until: Instant) -> Result<(), BoxError> {
    for step in plan {
        let mut faults = JoinSet::new();
        for fault in step.faults {
            let site = Arc::clone(site);
            faults.spawn(async move {
                site.happens(&fault).await.map_err(|error| format!("{fault:?}: {error}"))
            });
        }
        while let Some(ended) = faults.join_next().await {
            ended??;
        }
        if Instant::now() >= until {
            return Ok(());
        }
        let _ = timeout_at(until, sleep(step.calm)).await;
    }
    Ok(())
}

impl Site {
    async fn happens(&self, fault: &Fault) -> Result<(), BoxError> {
        match *fault {
            Fault::Kill { node } => self.nodes.kill(node).await,
            Fault::Pause { node, length, ends_in_kill } => {
                self.nodes.pause(node, length, ends_in_kill).await
            }
            Fault::FullDisk { length, kills } => self.nodes.fill_disk(length, kills).await,
            Fault::NodeClock { node, length, seconds } => {
                self.nodes.set_clock(node, length, seconds).await
            }
            Fault::StoreClock { millis } => {
                let from = micros();
                self.store.step_clock(millis).await?;
                self.add(Kind::StoreClock, from, millis);
                Ok(())
            }
            Fault::Disconnect { times } => {
                let from = micros();
                for _ in 0..times {
                    self.store.disconnect().await?;
                    sleep(Duration::from_millis(200)).await;
                }
                self.add(Kind::Disconnect, from, 0);
                Ok(())
            }
            Fault::Restart { is_hard, down } => {
                let from = micros();
                self.store.restart(is_hard, down).await?;
                self.add(Kind::Restart, from, 0);
                Ok(())
            }
            Fault::Slow { node, length, delay } => {
                self.disturb(Kind::Slow, node, length, |proxy, is_on| {
                    proxy.set_delay(if is_on { delay } else { Duration::ZERO });
                })
                .await
            }
            Fault::Stall { node, length } => {
                self.disturb(Kind::Stall, node, length, Proxy::set_stalls).await
            }
            Fault::Silence { node, length } => {
                self.disturb(Kind::Silence, node, length, |proxy, is_on| {
                    if is_on { proxy.silence() } else { proxy.close_silent() }
                })
                .await
            }
            Fault::Cut { node, length, percent } => {
                self.disturb(Kind::Cut, node, length, |proxy, is_on| {
                    proxy.set_cut_percent(if is_on { percent } else { 0 });
                })
                .await
            }
        }
    }

    /// Switches a fault of a proxy on, and off after a time.
    async fn disturb(
        &self,
        kind: Kind,
        node: usize,
        length: Duration,
        switch: impl Fn(&Proxy, bool),
    ) -> Result<(), BoxError> {
        let proxy = self.proxies.get(node).ok_or("there is no network to disturb")?;
        let from = micros();
        switch(proxy, true);
        sleep(length).await;
        switch(proxy, false);
        self.add(kind, from, 0);
        Ok(())
    }

    fn add(&self, kind: Kind, from: i64, step: i64) {
        let until = micros();
        self.history.add(Happened { kind, process: None, from, until, step });
    }
}
