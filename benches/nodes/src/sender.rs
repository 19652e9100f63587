//! Stripe's part: delivers each event three times, and again after a failure.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, SystemTime},
};

use axum::{
    body::Bytes,
    http::{Request, StatusCode},
};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rand::{rng, seq::SliceRandom};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time::sleep,
};
use tower_stripe_webhook::{
    BoxError, SigningSecret,
    test_util::{samples, signed_request},
};

use crate::{
    SECRET,
    arguments::Arguments,
    cluster::Cluster,
    ledger::micros,
    node::{OUTCOME, PATH},
};

const DELIVERIES: usize = 3;

/// The number of deliveries at once.
const AT_ONCE: usize = 64;

/// The pause before a delivery is tried again. Stripe waits longer.
const PAUSE: Duration = Duration::from_millis(200);

/// The answers that the sender got.
#[derive(Default)]
pub struct Sent {
    pub deliveries: AtomicUsize,
    pub acknowledged: AtomicUsize,
    pub duplicates: AtomicUsize,
    pub conflicts: AtomicUsize,
    pub handler_errors: AtomicUsize,
    pub store_errors: AtomicUsize,
    pub connection_errors: AtomicUsize,
    pub other_answers: AtomicUsize,
    /// Answered `2xx`, but not recorded in the store.
    ///
    /// The event may be handled again.
    pub unrecorded: AtomicUsize,
    /// Whether that has happened to an event.
    pub may_run_again: Vec<AtomicBool>,
    /// The time at which each event was first known to be finished.
    ///
    /// In microseconds since 1970; `i64::MAX` before that.
    pub first_success: Vec<AtomicI64>,
}

impl Sent {
    /// Returns the number of deliveries to be acknowledged.
    pub fn wanted(&self) -> usize {
        self.first_success.len() * DELIVERIES
    }

    pub fn of(events: usize) -> Self {
        Self {
            may_run_again: (0..events).map(|_| AtomicBool::new(false)).collect(),
            first_success: (0..events).map(|_| AtomicI64::new(i64::MAX)).collect(),
            ..Self::default()
        }
    }
}

/// Returns the id of an event by its number.
pub fn event_id(number: usize) -> String {
    format!("evt_{number:08}")
}

/// Delivers each event until it is acknowledged, and kills nodes meanwhile.
///
/// The kills are spread over the whole time.
pub async fn deliver_all(arguments: &Arguments, cluster: &Arc<Cluster>) -> Result<Sent, BoxError> {
    let sender = Arc::new(Sender {
        client: Client::builder(TokioExecutor::new()).build_http(),
        secret: SigningSecret::new(SECRET)?,
        cluster: Arc::clone(cluster),
        on_their_way: Arc::new(Semaphore::new(AT_ONCE)),
        sent: Sent::of(arguments.events),
    });

    let batches = batches(arguments.events);
    let between_kills = batches.len() / (arguments.kills + 1);
    let (mut deliveries, mut kills) = (JoinSet::new(), JoinSet::new());
    for (position, batch) in batches.iter().enumerate() {
        if position > 0 && position % between_kills.max(1) == 0 && kills.len() < arguments.kills {
            let cluster = Arc::clone(cluster);
            kills.spawn(async move { cluster.kill_one().await });
        }
        let permits = Arc::clone(&sender.on_their_way)
            .acquire_many_owned(u32::try_from(batch.len())?)
            .await?;
        deliver_at_once(&sender, batch, permits, &mut deliveries);
    }
    while let Some(killed) = kills.join_next().await {
        killed??;
    }
    while let Some(delivered) = deliveries.join_next().await {
        delivered??;
    }
    Ok(Arc::into_inner(sender).ok_or("a delivery has not ended")?.sent)
}

/// Makes the batches of deliveries.
///
/// Half of the events come three times at the same moment, and half three times at any.
fn batches(events: usize) -> Vec<Vec<usize>> {
    let mut batches = Vec::new();
    for number in 0..events {
        if number % 2 == 0 {
            batches.push(vec![number; DELIVERIES]);
        } else {
            batches.extend(vec![vec![number]; DELIVERIES]);
        }
    }
    batches.shuffle(&mut rng());
    batches
}

fn deliver_at_once(
    sender: &Arc<Sender>,
    batch: &[usize],
    mut permits: OwnedSemaphorePermit,
    deliveries: &mut JoinSet<Result<(), BoxError>>,
) {
    for &number in batch {
        let sender = Arc::clone(sender);
        let permits = permits.split(1);
        deliveries.spawn(async move { sender.deliver(number, permits).await });
    }
}

struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    secret: SigningSecret,
    cluster: Arc<Cluster>,
    on_their_way: Arc<Semaphore>,
    sent: Sent,
}

impl Sender {
    async fn deliver(
        &self,
        number: usize,
        mut permits: Option<OwnedSemaphorePermit>,
    ) -> Result<(), BoxError> {
        while !self.attempt(number).await {
            drop(permits);
            sleep(PAUSE).await;
            permits = Some(Arc::clone(&self.on_their_way).acquire_owned().await?);
        }
        Ok(())
    }

    /// Delivers an event to a node. Returns whether it was acknowledged.
    async fn attempt(&self, number: usize) -> bool {
        let sent = &self.sent;
        sent.deliveries.fetch_add(1, Relaxed);
        let url = format!("http://{}{PATH}", self.cluster.address().await);
        let payload =
            samples::INVOICE_PAID.replace("evt_1SampleInvoicePaid000000", &event_id(number));
        let request = signed_request(url, payload, &self.secret, SystemTime::now());
        let Ok((status, outcome)) = self.fetch(request).await else {
            sent.connection_errors.fetch_add(1, Relaxed);
            return false;
        };

        let counter = match status {
            StatusCode::OK => &sent.acknowledged,
            StatusCode::CONFLICT => &sent.conflicts,
            StatusCode::INTERNAL_SERVER_ERROR => &sent.handler_errors,
            StatusCode::SERVICE_UNAVAILABLE => &sent.store_errors,
            _ => &sent.other_answers,
        };
        counter.fetch_add(1, Relaxed);
        if status != StatusCode::OK {
            return false;
        }
        match &*outcome {
            "unrecorded" | "lease_lost" => {
                sent.unrecorded.fetch_add(1, Relaxed);
                sent.may_run_again[number].store(true, Relaxed);
            }
            "duplicate" | "committed" => {
                sent.duplicates.fetch_add(usize::from(outcome == "duplicate"), Relaxed);
                sent.first_success[number].fetch_min(micros(), Relaxed);
            }
            _ => {
                sent.other_answers.fetch_add(1, Relaxed);
            }
        }
        true
    }

    /// Returns the status, and the code of the outcome.
    async fn fetch(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, String), BoxError> {
        let response = self.client.request(request).await?;
        let outcome = response.headers().get(OUTCOME).map(|code| code.to_str().map(str::to_owned));
        let (status, outcome) = (response.status(), outcome.transpose()?.unwrap_or_default());
        // Otherwise the connection could not be used again.
        response.into_body().collect().await?;
        Ok((status, outcome))
    }
}
