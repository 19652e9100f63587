//! Stripe's migration to thin events: a snapshot destination and a thin one, each with its own
//! route and secret, deliver each fact at the same time. Its effect happens once.

mod flaky_store;
mod layer;
#[cfg(feature = "sqlite")]
mod record;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use axum::{Router, body::Body, routing::MethodRouter};
use http::StatusCode;
use tokio::task::JoinSet;
use tower::ServiceExt;
use tower_stripe_webhook::{
    EventData, EventType, SigningSecret, StripeWebhookLayer, VerifiedEvent,
    event::EventKind,
    idempotency::EventKey,
    test_util::{FixedClock, signed_request, thin_twin},
};

const FACTS: usize = 1000;
const SENDERS: usize = 24;

/// The routes of the two destinations, with their secrets.
const DESTINATIONS: [(&str, &str); 2] = [
    ("/snapshot", "whsec_of_the_snapshot_destination"),
    ("/thin", "whsec_of_the_thin_destination"),
];

/// What the events of a migration are like.
#[derive(Clone, Copy, Debug)]
enum Accounts {
    /// The account's own events.
    Own,
    /// Events of connected accounts: `account` in one kind, `context` in the other.
    Connected,
    /// Own events whose thin twin names the own account as its context.
    OwnInContext,
}

impl Accounts {
    /// The key that suits the events.
    fn key(self, event: &VerifiedEvent) -> EventKey {
        match self {
            Self::Own | Self::Connected => EventKey::of(event),
            Self::OwnInContext => EventKey::of_id(event),
        }
    }

    /// Both events of a fact. Half of the contexts of connected accounts are paths.
    fn events(self, fact: usize) -> [String; 2] {
        let id = format!("evt_{fact}");
        let account = match self {
            Self::Own | Self::OwnInContext => String::new(),
            Self::Connected => format!(r#""account":"acct_{}","#, fact % 7),
        };
        let snapshot = format!(
            r#"{{"id":"{id}","object":"event","type":"invoice.paid","created":1795447000,{account}"livemode":false,"data":{{"object":{{"id":"in_{fact}","object":"invoice"}}}}}}"#
        );
        let thin = match self {
            Self::Own => thin_twin(&snapshot),
            Self::Connected if fact.is_multiple_of(2) => {
                thin_twin(&snapshot).replace("\"acct_", "\"org_1/acct_")
            }
            Self::Connected => thin_twin(&snapshot),
            Self::OwnInContext => {
                thin_twin(&snapshot).replace("\"context\": null", "\"context\": \"acct_own\"")
            }
        };
        [snapshot, thin]
    }
}

/// Random numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        // The constants are those of the splitmix64 generator.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Fails one call of `every`, at random.
#[derive(Debug)]
struct Failures {
    every: usize,
    numbers: Mutex<u64>,
    count: AtomicUsize,
}

impl Failures {
    fn one_of(every: usize) -> Self {
        Self { every, numbers: Mutex::new(1), count: AtomicUsize::new(0) }
    }

    fn occurs(&self) -> bool {
        let mut seed = self.numbers.lock().unwrap();
        let mut numbers = Numbers(*seed);
        let occurs = numbers.below(self.every) == 0;
        *seed = numbers.0;
        self.count.fetch_add(usize::from(occurs), Ordering::SeqCst);
        occurs
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// The object that an event of either kind is about. One match handles both.
fn paid_invoice(event: &VerifiedEvent) -> String {
    match (event.event_type(), event.related_object()) {
        (EventType::InvoicePaid, Some(object)) => object.id().to_owned(),
        (EventType::InvoicePaid, None) => match event.data() {
            Ok(EventData::InvoicePaid(invoice)) => invoice.id().unwrap().to_owned(),
            data => panic!("{data:?}"),
        },
        (event_type, _) => panic!("{event_type}"),
    }
}

/// How often the effect of each fact has happened, and with which kind of event.
#[derive(Debug, Default)]
struct Effects(Mutex<HashMap<String, Vec<EventKind>>>);

impl Effects {
    fn add(&self, event: &VerifiedEvent) {
        let mut effects = self.0.lock().unwrap();
        effects.entry(paid_invoice(event)).or_default().push(event.kind());
    }

    fn assert_once_each(&self) {
        let effects = self.0.lock().unwrap();
        assert_eq!(effects.len(), FACTS);
        let mut thin = 0;
        for (fact, kinds) in &*effects {
            assert_eq!(kinds.len(), 1, "{fact}: {kinds:?}");
            thin += usize::from(kinds[0] == EventKind::Thin);
        }
        assert!(thin > FACTS / 4 && thin < FACTS * 3 / 4, "{thin} effects are of thin events");
    }
}

/// An app with both routes, each with its own secret.
fn routes(route: &MethodRouter) -> Router {
    DESTINATIONS.into_iter().fold(Router::new(), |app, (path, secret)| {
        let secret = SigningSecret::new(secret).unwrap();
        let layer = StripeWebhookLayer::new(secret).with_clock(FixedClock::new(now()));
        app.route(path, route.clone().route_layer(layer))
    })
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_447_015)
}

/// Delivers an event to the route of a destination, signed with its secret.
async fn send(app: &Router, event: &str, (path, secret): (&str, &str)) -> StatusCode {
    let secret = SigningSecret::new(secret).unwrap();
    let request = signed_request(path, event.to_owned(), &secret, now()).map(Body::new);
    app.clone().oneshot(request).await.unwrap().status()
}

/// Delivers all facts as both kinds of event, in random order and [`SENDERS`] at once, each event
/// until it is acknowledged. `pause` is called after each failure.
async fn migrate<P, F>(app: &Router, accounts: Accounts, pause: P)
where
    P: Fn() -> F + Clone + Send + 'static,
    F: Future<Output = ()> + Send,
{
    let mut deliveries: Vec<_> =
        (0..FACTS).flat_map(|fact| accounts.events(fact).into_iter().zip(DESTINATIONS)).collect();
    let mut numbers = Numbers(15);
    for last in (1..deliveries.len()).rev() {
        deliveries.swap(last, numbers.below(last + 1));
    }
    let events = deliveries.clone();
    let waiting = Arc::new(Mutex::new((deliveries, numbers)));

    let mut senders = JoinSet::new();
    for _ in 0..SENDERS {
        let (app, waiting, pause) = (app.clone(), Arc::clone(&waiting), pause.clone());
        senders.spawn(async move {
            let next = || waiting.lock().unwrap().0.pop();
            while let Some((event, destination)) = next() {
                if send(&app, &event, destination).await.is_success() {
                    continue;
                }
                {
                    let (waiting, numbers) = &mut *waiting.lock().unwrap();
                    let at = numbers.below(waiting.len() + 1);
                    waiting.insert(at, (event, destination));
                }
                pause().await;
            }
        });
    }
    senders.join_all().await;

    // Stripe may deliver each event once more.
    for (event, destination) in events {
        while !send(app, &event, destination).await.is_success() {
            pause().await;
        }
    }
}
