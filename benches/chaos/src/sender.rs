//! Stripe's part: delivers each event until it is acknowledged, and duplicates of it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
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
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep, timeout},
};
use tower_stripe_webhook::{
    BoxError, SigningSecret,
    test_util::{samples, signed_request},
};

use crate::{
    SECRET,
    faults::Site,
    history::{lock, micros},
    nodes::TOKEN,
};

/// As Stripe, which waits 10 seconds or longer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most events that are not acknowledged yet. Further ones wait.
const MAX_OPEN: usize = 200;

/// The number of last duplicates at once.
const LAST_AT_ONCE: usize = 16;

/// The number of events with one email address, in billing.
pub const EVENTS_PER_USER: usize = 100;

/// The price of an event in billing, in cents.
pub const CENTS: i64 = 1;

/// The deliveries of an event.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub attempts: Vec<Attempt>,
    pub acknowledged: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub from: i64,
    pub until: i64,
    pub node: usize,
    /// None without an answer.
    pub status: Option<StatusCode>,
}

pub struct Sender {
    site: Arc<Site>,
    client: Client<HttpConnector, Full<Bytes>>,
    secret: SigningSecret,
    seed: u64,
    is_billing: bool,
    events: Mutex<Vec<Sent>>,
    open: Arc<Semaphore>,
    has_given_up: AtomicBool,
    next_of_last: AtomicUsize,
}

impl Sender {
    pub fn new(site: &Arc<Site>, seed: u64, is_billing: bool) -> Result<Self, BoxError> {
        Ok(Self {
            site: Arc::clone(site),
            client: Client::builder(TokioExecutor::new()).build_http(),
            secret: SigningSecret::new(SECRET)?,
            seed,
            is_billing,
            events: Mutex::default(),
            open: Arc::new(Semaphore::new(MAX_OPEN)),
            has_given_up: AtomicBool::new(false),
            next_of_last: AtomicUsize::new(0),
        })
    }

    /// Sends new events until a time. Returns the deliveries that go on.
    pub async fn send_new_events(
        self: &Arc<Self>,
        rate: u32,
        until: Instant,
    ) -> Result<JoinSet<Result<(), BoxError>>, BoxError> {
        let mut deliveries = JoinSet::new();
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while Instant::now() < until {
            ticks.tick().await;
            let permit = Arc::clone(&self.open).acquire_owned().await?;
            let number = {
                let mut events = lock(&self.events);
                events.push(Sent::default());
                events.len() - 1
            };
            let sender = Arc::clone(self);
            deliveries.spawn(async move {
                let _permit = permit;
                sender.deliver(number).await
            });
            while let Some(delivered) = deliveries.try_join_next() {
                delivered??;
            }
        }
        Ok(deliveries)
    }

    /// Waits until all events are acknowledged, or a time is over.
    pub async fn finish(
        &self,
        mut deliveries: JoinSet<Result<(), BoxError>>,
        deadline: Duration,
    ) -> Result<(), BoxError> {
        let all = async {
            while let Some(delivered) = deliveries.join_next().await {
                delivered??;
            }
            Ok::<_, BoxError>(())
        };
        match timeout(deadline, all).await {
            Ok(finished) => finished,
            Err(_) => {
                self.has_given_up.store(true, Relaxed);
                deliveries.shutdown().await;
                Ok(())
            }
        }
    }

    /// Delivers each event once more.
    pub async fn send_last_duplicates(self: &Arc<Self>) -> Result<(), BoxError> {
        let events = lock(&self.events).len();
        let mut senders = JoinSet::new();
        for _ in 0..LAST_AT_ONCE {
            let sender = Arc::clone(self);
            senders.spawn(async move {
                loop {
                    let number = sender.next_of_last.fetch_add(1, Relaxed);
                    if number >= events || sender.has_given_up.load(Relaxed) {
                        return Ok::<_, BoxError>(());
                    }
                    sender.attempt(number, number % sender.site.nodes.len()).await?;
                }
            });
        }
        while let Some(sent) = senders.join_next().await {
            sent??;
        }
        Ok(())
    }

    pub fn events(&self) -> Vec<Sent> {
        lock(&self.events).clone()
    }

    /// Delivers an event until it is acknowledged, and duplicates of it.
    async fn deliver(&self, number: usize) -> Result<(), BoxError> {
        let mut rng = StdRng::seed_from_u64(self.seed ^ u64::try_from(number)?);
        if rng.random_ratio(1, 3) {
            // At once, and independently: while one waits for a paused node, the other goes on.
            let mut other = StdRng::seed_from_u64(rng.random());
            let both = tokio::join!(
                self.deliver_until_acknowledged(number, &mut rng),
                self.deliver_until_acknowledged(number, &mut other)
            );
            both.0?;
            both.1?;
        } else {
            self.deliver_until_acknowledged(number, &mut rng).await?;
        }
        if rng.random_ratio(1, 5) {
            sleep(Duration::from_millis(rng.random_range(0..3_000))).await;
            self.attempt(number, rng.random_range(0..self.site.nodes.len())).await?;
        }
        Ok(())
    }

    async fn deliver_until_acknowledged(
        &self,
        number: usize,
        rng: &mut StdRng,
    ) -> Result<(), BoxError> {
        while !self.attempt(number, rng.random_range(0..self.site.nodes.len())).await? {
            sleep(Duration::from_millis(rng.random_range(100..1_000))).await;
        }
        Ok(())
    }

    /// Returns whether the event was acknowledged.
    async fn attempt(&self, number: usize, node: usize) -> Result<bool, BoxError> {
        let from = micros();
        let request = signed_request(
            self.site.nodes.webhook(node).ok_or("the node has no address")?,
            self.payload(number)?,
            &self.secret,
            SystemTime::now(),
        );
        let answer = timeout(TIMEOUT, self.fetch(request)).await;
        let status = answer.ok().and_then(Result::ok);
        let until = micros();
        let is_acknowledged = status.is_some_and(|status| status.is_success());
        let mut events = lock(&self.events);
        let event = &mut events[number];
        event.attempts.push(Attempt { from, until, node, status });
        if is_acknowledged {
            event.acknowledged.get_or_insert(until);
        }
        Ok(is_acknowledged)
    }

    async fn fetch(&self, request: Request<Full<Bytes>>) -> Result<StatusCode, BoxError> {
        let response = self.client.request(request).await?;
        let status = response.status();
        // Otherwise the connection could not be used again.
        response.into_body().collect().await?;
        Ok(status)
    }

    fn payload(&self, number: usize) -> Result<String, BoxError> {
        if !self.is_billing {
            let id = event_id(number);
            return Ok(samples::INVOICE_PAID.replace("evt_1SampleInvoicePaid000000", &id));
        }
        let mut event: Value = serde_json::from_str(samples::CHECKOUT_SESSION_COMPLETED)?;
        event["id"] = event_id(number).into();
        let top_up = json!({
            "id": format!("cs_test_{number}"),
            "mode": "payment",
            "customer": null,
            "customer_details": { "email": user(number / EVENTS_PER_USER) },
            "subscription": null,
            "payment_intent": format!("pi_{number}"),
            "amount_total": CENTS,
            "metadata": { "session_type": "credits_topup" },
        });
        let (Some(object), Value::Object(top_up)) =
            (event["data"]["object"].as_object_mut(), top_up)
        else {
            return Err("the sample has no object".into());
        };
        object.extend(top_up);
        Ok(event.to_string())
    }

    /// Reads billing's ledger. Returns the events' numbers, as often as they are in it, and what is
    /// wrong with the ledger.
    pub async fn read_ledger(&self) -> Result<(Vec<i64>, Vec<String>), BoxError> {
        let (mut effects, mut problems) = (Vec::new(), Vec::new());
        let users = lock(&self.events).len().div_ceil(EVENTS_PER_USER);
        for user in (0..users).map(user) {
            let path = format!("/api/v1/credits?user={user}");
            let url = self.site.nodes.url(0, &path).ok_or("the node has no address")?;
            let request = Request::get(url).header("authorization", format!("Bearer {TOKEN}"));
            let response = self.client.request(request.body(Full::default())?).await?;
            let status = response.status();
            let body = response.into_body().collect().await?.to_bytes();
            if status != StatusCode::OK {
                return Err(format!("{path}: {status}").into());
            }
            let account: Value = serde_json::from_slice(&body)?;
            let rows = account["transactions"].as_array().ok_or("no transactions")?;
            let mut sum = 0;
            for row in rows {
                let id = row["event_id"].as_str().unwrap_or_default();
                effects.push(id.rsplit('_').next().unwrap_or_default().parse()?);
                sum += row["amount"].as_i64().unwrap_or_default();
            }
            if account["balance"].as_i64() != Some(sum) {
                problems.push(format!("{user}: the balance is not the sum {sum}: {account}"));
            }
        }
        Ok((effects, problems))
    }
}

fn event_id(number: usize) -> String {
    format!("evt_{number:08}")
}

fn user(number: usize) -> String {
    format!("user{number}@example.com")
}
