//! The state of a subscription, derived from the set of its events.
//!
//! Stripe delivers events in any order and repeatedly. So an event does not change the state: it
//! adds a [`Fact`] to the [`Known`] facts, from which the [`Subscription`] is derived. Adding a
//! fact is commutative, associative and idempotent, so the state only depends on the set of events.
//!
//! With an API key, the subscription is fetched for each event that concerns it. What was fetched is
//! a snapshot as of the fetch, and overrides all older ones and all older payments.

mod invoice;
mod newest;
mod snapshot;
mod status;
mod verdict;

use serde::{Deserialize, Serialize};
use tower_stripe_webhook::event::object::SubscriptionStatus;

pub use self::{
    invoice::{Invoice, InvoiceEvent, Invoices},
    newest::{Moment, Newest},
    snapshot::{Facts, Fetched, Previous, Snapshot, SnapshotKind, Snapshots},
};
use super::outcome::Verdict;

/// The facts about one subscription that its state can depend on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// The newest snapshots in events.
    pub snapshots: Snapshots,
    /// The snapshot that was fetched last.
    pub fetched: Fetched,
    /// When the newest `customer.subscription.*` event was created, in Unix seconds.
    pub snapshot_at: Option<i64>,
    /// The deletion, if Stripe no longer had the subscription when it was fetched.
    pub gone: Option<Newest<()>>,
    /// The invoices that were paid or whose payment failed.
    pub invoices: Invoices,
    /// The newest settled checkout session.
    pub checkout: Option<Newest<()>>,
    /// The customer's id in the newest event that has one.
    pub customer_id: Option<Newest<String>>,
    /// The buyer's normalized email address in the newest checkout session that has one.
    pub email: Option<Newest<String>>,
}

/// A statement about a subscription.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A `customer.subscription.*` event has the whole subscription.
    Snapshot(Box<Snapshot>),
    /// The subscription was deleted, and Stripe no longer has it.
    Gone,
    /// An invoice was paid, or its payment failed.
    Invoice(InvoiceEvent),
    /// A checkout session is settled: paid, or nothing was due. Counts as the paid first invoice.
    Checkout,
}

/// An event about a subscription.
#[derive(Clone, Debug)]
pub struct SubscriptionEvent {
    pub moment: Moment,
    pub customer_id: Option<String>,
    /// Only set by checkout sessions and by invoices without a customer. A customer's address is
    /// stored with the customer.
    pub email: Option<String>,
    pub fact: Fact,
    /// The subscription as it was fetched for an event about another object.
    pub current: Option<Box<Snapshot>>,
}

impl SubscriptionEvent {
    /// Returns the subscription as it was fetched for the event.
    fn fetched(&self) -> Option<&Snapshot> {
        let snapshot = match &self.fact {
            Fact::Snapshot(snapshot) => Some(snapshot),
            _ => self.current.as_ref(),
        };
        snapshot.map(|snapshot| &**snapshot).filter(|snapshot| snapshot.is_fetched())
    }
}

/// The state of a subscription, derived from the [`Known`] facts. Empty before the first event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub customer_id: Option<String>,
    pub email: Option<String>,
    pub status: Option<SubscriptionStatus>,
    pub facts: Facts,
    /// When the newest event that sets or confirms the status was created.
    pub changed_at: Option<i64>,
}

impl Subscription {
    /// Returns the status as Stripe names it, or `inactive` before the first event.
    pub fn state(&self) -> &str {
        self.status.as_ref().map_or("inactive", SubscriptionStatus::as_str)
    }

    /// Returns whether the status is final: Stripe never takes a subscription out of `canceled` or
    /// `incomplete_expired`.
    pub fn has_ended(&self) -> bool {
        self.status.as_ref().is_some_and(is_final)
    }
}

impl Known {
    /// Adds an event's fact, and returns the event's outcome.
    pub fn learn(&mut self, event: SubscriptionEvent) -> Verdict {
        let before = self.subscription();
        self.add(event.clone());
        verdict::of(&event, &before, self)
    }

    fn add(&mut self, event: SubscriptionEvent) {
        let SubscriptionEvent { moment, customer_id, email, fact, current } = event;
        let newest = |value| Newest { moment: moment.clone(), value };
        Newest::merge(&mut self.customer_id, customer_id.map(newest));
        Newest::merge(&mut self.email, email.map(newest));
        if let Some(current) = current {
            self.add_snapshot(*current);
        }
        if matches!(fact, Fact::Snapshot(_) | Fact::Gone) {
            self.snapshot_at = self.snapshot_at.max(Some(moment.at));
        }
        match fact {
            Fact::Snapshot(snapshot) => self.add_snapshot(*snapshot),
            Fact::Gone => Newest::merge(&mut self.gone, Some(Newest { moment, value: () })),
            Fact::Invoice(event) => self.invoices.add(event),
            Fact::Checkout => Newest::merge(&mut self.checkout, Some(Newest { moment, value: () })),
        }
    }

    fn add_snapshot(&mut self, snapshot: Snapshot) {
        if snapshot.is_fetched() {
            self.fetched.add(snapshot);
        } else {
            self.snapshots.add(snapshot);
        }
    }

    /// Returns the latest snapshot.
    pub fn latest(&self) -> Option<&Snapshot> {
        self.latest_as_of().map(|(snapshot, _)| snapshot)
    }

    /// Returns the latest snapshot, with the time as of which it is known, in Unix seconds.
    fn latest_as_of(&self) -> Option<(&Snapshot, i64)> {
        snapshot::latest(&self.snapshots, &self.fetched)
    }

    /// Derives the subscription.
    pub fn subscription(&self) -> Subscription {
        let (status, changed_at) = self.status().unzip();
        let latest = self.latest().map(|snapshot| snapshot.facts.clone());
        let mut facts = latest.unwrap_or_default();
        if let Some(gone) = &self.gone {
            facts.canceled_at = facts.canceled_at.or(Some(gone.moment.at));
        }
        Subscription {
            customer_id: self.customer_id.as_ref().map(|newest| newest.value.clone()),
            email: self.email.as_ref().map(|newest| newest.value.clone()),
            status,
            facts,
            changed_at,
        }
    }
}

fn is_final(status: &SubscriptionStatus) -> bool {
    matches!(status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
}

#[cfg(test)]
mod tests;
