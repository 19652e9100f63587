//! What an event makes of a subscription.
//!
//! Events come in any order, so each is held against when the last one that counted was *created*: two times are kept, because an
//! invoice tells the status alone, and only a subscription's own events tell price, period and cancellation. Seconds tie; within one
//! the later arrival counts.

use tower_stripe_webhook::object::SubscriptionStatus;

use super::outcome::Verdict;

/// What is known of a subscription. All is unknown before the first event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Subscription {
    pub customer_id: Option<String>,
    /// The buyer's, from the checkout session, in lower case.
    pub email: Option<String>,
    pub status: Option<SubscriptionStatus>,
    pub facts: Facts,
    /// When the newest `customer.subscription.*` event was created whose facts count.
    pub snapshot_at: Option<i64>,
    /// When the newest event was created whose status counts.
    pub changed_at: Option<i64>,
}

/// What only a subscription's own events tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub price_id: Option<String>,
    pub current_period_end: Option<i64>,
    pub cancel_at_period_end: Option<bool>,
    pub canceled_at: Option<i64>,
    pub created: Option<i64>,
}

/// A subscription as an event about it shows it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub customer_id: String,
    pub status: SubscriptionStatus,
    pub facts: Facts,
}

impl Subscription {
    /// Whose it is, as far as that is not known yet.
    pub fn belongs_to(&mut self, customer_id: Option<&str>, email: Option<&str>) {
        self.customer_id = self.customer_id.take().or_else(|| customer_id.map(str::to_owned));
        // A customer's address is noted with the customer, because it may change.
        if self.customer_id.is_none() {
            self.email = self.email.take().or_else(|| email.map(str::to_owned));
        }
    }

    /// `customer.subscription.created`, which often arrives last: it fills in what is unknown and overwrites nothing.
    pub fn created(&mut self, at: i64, snapshot: Snapshot) -> Verdict {
        if self.status.is_none() {
            return self.take(at, snapshot);
        }
        let before = self.clone();
        self.fill(at, &snapshot);
        if *self == before {
            Verdict::stale("more is known already")
        } else {
            Verdict::applied("filled in what was not known yet")
        }
    }

    /// `customer.subscription.updated`
    pub fn updated(&mut self, at: i64, snapshot: Snapshot) -> Verdict {
        if self.has_ended() {
            self.fill(at, &snapshot);
            return ended();
        }
        if at >= self.changed_at() {
            return self.take(at, snapshot);
        }
        // A newer invoice has told the status, but nothing of price, period and cancellation.
        if at >= self.snapshot_at() {
            self.take_facts(at, snapshot);
        } else {
            self.fill(at, &snapshot);
        }
        outdated()
    }

    /// `customer.subscription.deleted`. A newer invoice does not bring a subscription back.
    pub fn deleted(&mut self, at: i64, snapshot: Snapshot) -> Verdict {
        if self.has_ended() {
            self.fill(at, &snapshot);
            return ended();
        }
        if at < self.snapshot_at() {
            self.fill(at, &snapshot);
            return outdated();
        }
        let status = match snapshot.status {
            SubscriptionStatus::IncompleteExpired => SubscriptionStatus::IncompleteExpired,
            _ => SubscriptionStatus::Canceled,
        };
        self.take(at, Snapshot { status, ..snapshot })
    }

    /// A checkout session with nothing left to be paid. Whoever bought the subscription is found by the email address that was
    /// given there, also if the customer's is another later.
    pub fn checked_out(&mut self, at: i64, email: Option<&str>) -> Verdict {
        self.email = email.map(str::to_owned).or(self.email.take());
        self.take_status(at, SubscriptionStatus::Active)
    }

    /// `invoice.paid`
    pub fn paid(&mut self, at: i64, payment: Payment) -> Verdict {
        // A trial begins with an invoice over nothing, and goes on.
        let begins_trial = self.status == Some(SubscriptionStatus::Trialing) && payment == Payment::NothingDue;
        if begins_trial && at >= self.changed_at() {
            return Verdict::ignored("nothing was due: the trial goes on");
        }
        self.take_status(at, SubscriptionStatus::Active)
    }

    /// `invoice.payment_failed`
    pub fn payment_failed(&mut self, at: i64, invoice: InvoiceOf) -> Verdict {
        // It never was paid, so nothing is past due: Stripe waits 23 hours for the first payment.
        let never_paid = self.status == Some(SubscriptionStatus::Incomplete) && invoice == InvoiceOf::FirstPeriod;
        if never_paid && at >= self.changed_at() {
            return Verdict::ignored("the first payment failed: the subscription stays incomplete");
        }
        self.take_status(at, SubscriptionStatus::PastDue)
    }

    fn take_status(&mut self, at: i64, status: SubscriptionStatus) -> Verdict {
        if self.has_ended() {
            return ended();
        }
        if at < self.changed_at() {
            return outdated();
        }
        self.changed_at = Some(at);
        let verdict = Verdict::applied(format!("the subscription is {status}"));
        self.status = Some(status);
        verdict
    }

    fn take(&mut self, at: i64, snapshot: Snapshot) -> Verdict {
        let verdict = Verdict::applied(format!("the subscription is {}", snapshot.status));
        self.status = Some(snapshot.status.clone());
        self.changed_at = Some(at.max(self.changed_at()));
        self.take_facts(at, snapshot);
        verdict
    }

    fn take_facts(&mut self, at: i64, Snapshot { customer_id, facts, .. }: Snapshot) {
        self.snapshot_at = Some(at);
        self.customer_id = Some(customer_id);
        self.facts = Facts {
            price_id: facts.price_id.or(self.facts.price_id.take()),
            current_period_end: facts.current_period_end.or(self.facts.current_period_end),
            created: facts.created.or(self.facts.created),
            ..facts
        };
    }

    /// Takes what is not known yet.
    fn fill(&mut self, at: i64, snapshot: &Snapshot) {
        self.customer_id.get_or_insert_with(|| snapshot.customer_id.clone());
        let Facts { price_id, current_period_end, created, .. } = &mut self.facts;
        *price_id = price_id.take().or_else(|| snapshot.facts.price_id.clone());
        *current_period_end = current_period_end.or(snapshot.facts.current_period_end);
        *created = created.or(snapshot.facts.created);
        // Once there was a snapshot, no time of cancellation means that it is not canceled.
        if self.snapshot_at.is_none() {
            self.facts.cancel_at_period_end = snapshot.facts.cancel_at_period_end;
            self.facts.canceled_at = snapshot.facts.canceled_at;
            self.snapshot_at = Some(at);
        }
    }

    /// These two statuses are for good: Stripe never takes a subscription out of them.
    pub fn has_ended(&self) -> bool {
        matches!(self.status, Some(SubscriptionStatus::Canceled | SubscriptionStatus::IncompleteExpired))
    }

    fn changed_at(&self) -> i64 {
        self.changed_at.unwrap_or(i64::MIN)
    }

    fn snapshot_at(&self) -> i64 {
        self.snapshot_at.unwrap_or(i64::MIN)
    }
}

/// Whether a payment moved money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    Due,
    NothingDue,
}

/// What an invoice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceOf {
    FirstPeriod,
    LaterPeriod,
}

fn ended() -> Verdict {
    Verdict::stale("the subscription has ended")
}

fn outdated() -> Verdict {
    Verdict::stale("a newer event has said otherwise")
}

#[cfg(test)]
mod tests;
