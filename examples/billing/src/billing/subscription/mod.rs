//! What is known of a subscription, and what follows from it.
//!
//! Stripe delivers events in any order and repeatedly. So no event changes a state: each event adds a [`Fact`] to the [`Known`]
//! facts, and the [`Subscription`] is derived from them. Adding a fact is commutative, associative and idempotent, so the result
//! depends on the set of events only.

mod invoice;
mod newest;
mod snapshot;
mod status;
mod verdict;

use tower_stripe_webhook::event::object::SubscriptionStatus;

pub use self::{
    invoice::{Invoice, InvoiceEvent, Invoices},
    newest::{Moment, Newest},
    snapshot::{Facts, Previous, Snapshot, SnapshotKind, Snapshots},
};
use super::outcome::Verdict;

/// The facts about one subscription, as far as a state can depend on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// The newest snapshots of the subscription.
    pub snapshots: Snapshots,
    /// Every invoice of the subscription that was paid or whose payment failed.
    pub invoices: Invoices,
    /// The newest settled checkout session.
    pub checkout: Option<Newest<()>>,
    /// The customer's id, from the newest event that has one.
    pub customer_id: Option<Newest<String>>,
    /// The buyer's email address in lower case, from the newest checkout session that has one.
    pub email: Option<Newest<String>>,
}

/// What an event says about a subscription.
#[derive(Clone, Debug)]
pub enum Fact {
    /// The whole subscription, from a `customer.subscription.*` event.
    Snapshot(Box<Snapshot>),
    /// An invoice was paid, or a payment of it failed.
    Invoice(InvoiceEvent),
    /// A checkout session was completed and nothing is left to be paid. Counts as the first invoice, paid.
    Checkout,
}

/// An event about a subscription.
#[derive(Clone, Debug)]
pub struct SubscriptionEvent {
    pub moment: Moment,
    pub customer_id: Option<String>,
    /// Only of events that tell who bought the subscription: a customer's email address is stored with the customer.
    pub email: Option<String>,
    pub fact: Fact,
}

/// A subscription, derived from what is [`Known`]. Everything is unknown before the first event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub customer_id: Option<String>,
    pub email: Option<String>,
    pub status: Option<SubscriptionStatus>,
    pub facts: Facts,
    /// When the newest event was created that says or confirms the status.
    pub changed_at: Option<i64>,
}

impl Subscription {
    /// Returns whether the status is final: Stripe never takes a subscription out of `canceled` or `incomplete_expired`.
    pub fn has_ended(&self) -> bool {
        self.status.as_ref().is_some_and(is_final)
    }
}

impl Known {
    /// Adds what an event says, and returns what became of the event.
    pub fn learn(&mut self, event: SubscriptionEvent) -> Verdict {
        let before = self.subscription();
        self.add(event.clone());
        verdict::of(&event, &before, self)
    }

    fn add(&mut self, SubscriptionEvent { moment, customer_id, email, fact }: SubscriptionEvent) {
        let newest = |value| Newest { moment: moment.clone(), value };
        Newest::merge(&mut self.customer_id, customer_id.map(newest));
        Newest::merge(&mut self.email, email.map(newest));
        match fact {
            Fact::Snapshot(snapshot) => self.snapshots.add(*snapshot),
            Fact::Invoice(event) => self.invoices.add(event),
            Fact::Checkout => Newest::merge(&mut self.checkout, Some(Newest { moment, value: () })),
        }
    }

    /// Derives the subscription.
    pub fn subscription(&self) -> Subscription {
        let (status, changed_at) = self.status().unzip();
        Subscription {
            customer_id: self.customer_id.as_ref().map(|newest| newest.value.clone()),
            email: self.email.as_ref().map(|newest| newest.value.clone()),
            status,
            facts: self.snapshots.latest().map(|snapshot| snapshot.facts.clone()).unwrap_or_default(),
            changed_at,
        }
    }
}

fn is_final(status: &SubscriptionStatus) -> bool {
    matches!(status, SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired)
}

#[cfg(test)]
mod tests;
