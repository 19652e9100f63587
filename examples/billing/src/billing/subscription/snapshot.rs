//! Snapshots of a subscription, and the order between them.

use serde::{Deserialize, Deserializer, Serialize};
use tower_stripe_webhook::event::object::SubscriptionStatus;

use super::is_final;

/// A subscription as a `customer.subscription.*` event has it, or as it was fetched from Stripe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub event_id: String,
    /// When the event was created, in Unix seconds.
    pub at: i64,
    /// When the fetch was sent, in Unix microseconds by the database's clock. `None` if the event
    /// itself contains the subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<i64>,
    pub kind: SnapshotKind,
    pub status: SubscriptionStatus,
    pub latest_invoice_id: Option<String>,
    /// Whether an update waits for the payment of its invoice.
    pub has_pending_update: bool,
    pub facts: Facts,
    pub previous: Previous,
}

/// The type of a snapshot's event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotKind {
    Created,
    /// `updated`, `paused` or `resumed`.
    Updated,
    Deleted,
}

/// The fields that only snapshots have. Times are in Unix seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The price of the plan.
    pub price_id: Option<String>,
    /// All prices, in Stripe's order.
    pub prices: Vec<String>,
    pub current_period_end: Option<i64>,
    /// See also [`ends_with_period`](Self::ends_with_period).
    pub cancel_at_period_end: Option<bool>,
    /// When the subscription will end, if that is set.
    pub cancel_at: Option<i64>,
    pub canceled_at: Option<i64>,
    pub created: Option<i64>,
}

impl Facts {
    /// Returns all prices except the plan's.
    pub fn other_prices(&self) -> impl Iterator<Item = &String> {
        self.prices.iter().filter(|price| Some(*price) != self.price_id.as_ref())
    }

    /// Returns whether the subscription ends with the current period.
    ///
    /// With flexible billing, `cancel_at` may be set instead of `cancel_at_period_end`.
    pub fn ends_with_period(&self) -> bool {
        self.cancel_at_period_end == Some(true)
            || (self.cancel_at.is_some() && self.cancel_at == self.current_period_end)
    }
}

/// The values before an update. `None` if a value has not changed, `Some(None)` if there was none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Previous {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub latest_invoice_id: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prices: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub cancel_at: Option<Option<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_at_period_end: Option<bool>,
}

/// Reads a `null` as `Some(None)`.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The phase of a subscription. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    /// The first invoice is not paid.
    Incomplete,
    Started,
    Ended,
}

/// The order of snapshots as far as their content is not needed. The greatest is the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    phase: Phase,
    /// The creation is older than any other snapshot.
    is_later_than_creation: bool,
    at: i64,
    kind: SnapshotKind,
}

impl Snapshot {
    pub fn is_fetched(&self) -> bool {
        self.fetched_at.is_some()
    }

    fn phase(&self) -> Phase {
        match &self.status {
            SubscriptionStatus::Incomplete => Phase::Incomplete,
            status if is_final(status) => Phase::Ended,
            _ => Phase::Started,
        }
    }

    fn rank(&self) -> Rank {
        Rank {
            phase: self.phase(),
            is_later_than_creation: self.kind != SnapshotKind::Created,
            at: self.at,
            kind: self.kind,
        }
    }

    /// Returns whether the values before this snapshot are those of the other one.
    fn can_follow(&self, other: &Self) -> bool {
        let Previous { status, latest_invoice_id, prices, cancel_at, cancel_at_period_end } =
            &self.previous;
        let matches = [
            is_evidence(status.as_deref(), self.status.as_str(), other.status.as_str()),
            is_evidence(
                latest_invoice_id.as_ref(),
                &self.latest_invoice_id,
                &other.latest_invoice_id,
            ),
            is_evidence(prices.as_ref(), &self.facts.prices, &other.facts.prices),
            is_evidence(cancel_at.as_ref(), &self.facts.cancel_at, &other.facts.cancel_at),
            is_evidence(
                cancel_at_period_end.map(Some).as_ref(),
                &self.facts.cancel_at_period_end,
                &other.facts.cancel_at_period_end,
            ),
        ];
        matches.contains(&Some(true)) && !matches.contains(&Some(false))
    }
}

/// Returns whether the previous value is the other snapshot's. `None` if the value has not changed.
fn is_evidence<T: PartialEq + ?Sized>(previous: Option<&T>, now: &T, others: &T) -> Option<bool> {
    let previous = previous.filter(|previous| *previous != now)?;
    Some(previous == others)
}

/// The snapshots of the greatest rank: several if they are of one second, because only all of them
/// together give the order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Snapshot>")]
pub struct Snapshots(Vec<Snapshot>);

impl Snapshots {
    /// Adds a snapshot, unless a later one is known.
    pub fn add(&mut self, snapshot: Snapshot) {
        let rank = snapshot.rank();
        self.0.retain(|known| known.rank() >= rank);
        let is_superseded = self.0.iter().any(|known| known.rank() > rank);
        if let Err(position) =
            self.0.binary_search_by(|known| known.event_id.cmp(&snapshot.event_id))
            && !is_superseded
        {
            self.0.insert(position, snapshot);
        }
    }

    /// Returns the latest snapshot.
    ///
    /// Within one second, a snapshot that another one follows is not the latest. The others are
    /// ordered by event id, because Stripe's ids begin with the time.
    pub fn latest(&self) -> Option<&Snapshot> {
        let is_followed =
            |snapshot: &Snapshot| self.0.iter().any(|other| other.can_follow(snapshot));
        let last = self.0.iter().rfind(|snapshot| !is_followed(snapshot));
        // In a cycle, such as a pause and its end in one second, each follows another.
        last.or(self.0.last())
    }
}

/// The subscription as it was fetched last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fetched {
    snapshot: Option<Snapshot>,
    /// When the newest event was created for which the subscription was fetched, in Unix seconds.
    event_at: Option<i64>,
}

impl Fetched {
    /// Adds a snapshot that was fetched, unless it was fetched again after it. Events of another
    /// clock do not order fetches.
    pub fn add(&mut self, snapshot: Snapshot) {
        self.event_at = self.event_at.max(Some(snapshot.at));
        let order = |snapshot: &Snapshot| {
            (snapshot.phase(), snapshot.fetched_at, snapshot.event_id.clone())
        };
        if self.snapshot.as_ref().is_none_or(|known| order(known) < order(&snapshot)) {
            self.snapshot = Some(snapshot);
        }
    }

    /// Returns the time as of which the subscription is known, in Unix seconds.
    ///
    /// A fetch is sent after its event has arrived. So the last one is at least as new as all of
    /// these events, also if the clocks differ.
    fn as_of(&self) -> Option<i64> {
        let micros = self.snapshot.as_ref()?.fetched_at?;
        self.event_at.max(Some(micros.div_euclid(1_000_000)))
    }
}

/// Returns the later one of what was fetched and what events contain, with the time as of which it
/// is known.
pub fn latest<'a>(events: &'a Snapshots, fetched: &'a Fetched) -> Option<(&'a Snapshot, i64)> {
    let by_event = events.latest().map(|snapshot| (snapshot, snapshot.at));
    let by_fetch = fetched.snapshot.as_ref().zip(fetched.as_of());
    match (by_event, by_fetch) {
        (Some((event, at)), Some((fetch, as_of))) => {
            let is_creation = event.kind == SnapshotKind::Created;
            let event_is_later = (event.phase(), !is_creation, at) > (fetch.phase(), true, as_of);
            Some(if event_is_later { (event, at) } else { (fetch, as_of) })
        }
        (by_event, by_fetch) => by_event.or(by_fetch),
    }
}

impl From<Vec<Snapshot>> for Snapshots {
    fn from(snapshots: Vec<Snapshot>) -> Self {
        let mut all = Self::default();
        snapshots.into_iter().for_each(|snapshot| all.add(snapshot));
        all
    }
}
