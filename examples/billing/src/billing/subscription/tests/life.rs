//! A model of a subscription at Stripe: its steps, its events, and its state.
//!
//! The state follows Stripe's documentation of the life cycle, independently of the rules under
//! test.

use proptest::prelude::*;

use super::*;

/// A step in the life of a subscription. Steps that are not possible in the current state are
/// skipped.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The trial ends.
    EndTrial(TrialEnd),
    /// The next period begins with a new invoice, which is charged later.
    Renew,
    /// The newest open invoice is charged, with success or not.
    Charge(bool),
    /// An older open invoice is charged, with success or not.
    ChargeOlder(bool),
    /// The first invoice was not paid in time.
    Expire,
    /// All retries have failed.
    GiveUp,
    /// Another price, with an invoice that is charged at once, with success or not.
    Upgrade(bool),
    /// A pending update to another price, whose payment fails.
    UpgradeIfPaid,
    /// The pending update was not paid in time.
    DropPendingUpdate,
    /// Another price, without an invoice.
    Downgrade,
    AddMeteredPrice,
    Pause,
    Resume,
    CancelAtPeriodEnd(bool),
    CancelAt(bool),
    Delete,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum TrialEnd {
    Charge,
    Pause,
}

/// How a subscription begins.
#[derive(Clone, Copy, Debug)]
enum Start {
    /// Active at once.
    Paid,
    /// Incomplete, then active in the same second.
    PaidInSteps,
    /// Incomplete, and not charged yet.
    Unpaid,
    /// Incomplete, because the first charge has failed.
    Failed,
    /// With a paid invoice: zero-amount, or for a setup fee.
    Trial,
    /// Without an invoice.
    TrialWithoutInvoice,
}

/// The plan of a life: its start, and each step with the seconds before it.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    start: Start,
    has_checkout: bool,
    /// The offset of payment events from snapshots, in seconds.
    skew: i64,
    steps: Vec<(i64, Step)>,
}

pub(super) fn steps() -> impl Strategy<Value = Steps> {
    let start = prop::sample::select(vec![
        Start::Paid,
        Start::PaidInSteps,
        Start::Unpaid,
        Start::Failed,
        Start::Trial,
        Start::TrialWithoutInvoice,
    ]);
    let step = prop_oneof![
        3 => prop::sample::select(vec![TrialEnd::Charge, TrialEnd::Pause]).prop_map(Step::EndTrial),
        4 => Just(Step::Renew),
        6 => any::<bool>().prop_map(Step::Charge),
        4 => any::<bool>().prop_map(Step::ChargeOlder),
        1 => Just(Step::Expire),
        2 => Just(Step::GiveUp),
        3 => any::<bool>().prop_map(Step::Upgrade),
        2 => Just(Step::UpgradeIfPaid),
        2 => Just(Step::DropPendingUpdate),
        1 => Just(Step::Downgrade),
        1 => Just(Step::AddMeteredPrice),
        2 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => any::<bool>().prop_map(Step::CancelAtPeriodEnd),
        1 => any::<bool>().prop_map(Step::CancelAt),
        1 => Just(Step::Delete),
    ];
    let pause = prop::sample::select(vec![0, 1, 2, 3_600]);
    (start, any::<bool>(), -1..=1_i64, prop::collection::vec((pause, step), 0..12))
        .prop_map(|(start, has_checkout, skew, steps)| Steps { start, has_checkout, skew, steps })
}

/// The order of event ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// As at Stripe, where ids begin with the time.
    Rising,
    /// The reverse. Steps are seconds apart, and only the content orders the snapshots of one
    /// second.
    Falling,
}

#[derive(Clone, Debug)]
struct Bill {
    id: String,
    created: i64,
    is_open: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Life {
    now: i64,
    skew: i64,
    ids: Ids,
    status: SubscriptionStatus,
    bills: Vec<Bill>,
    /// The prices that apply once the newest invoice is paid.
    pending: Option<Vec<String>>,
    facts: Facts,
    shown: Option<Snapshot>,
    events: Vec<SubscriptionEvent>,
    /// The subscription at Stripe when each event was created.
    states: Vec<Snapshot>,
    /// When the newest event that sets or confirms the status was created.
    changed_at: i64,
    email: Option<String>,
}

impl Life {
    pub(super) fn of(Steps { start, has_checkout, skew, steps }: &Steps, ids: Ids) -> Self {
        // With steps in one second, a skew would put an effect before its cause.
        let skew = if ids == Ids::Falling || steps.iter().all(|(pause, _)| *pause > 2) {
            *skew
        } else {
            0
        };
        let mut life = Self {
            now: 1_000,
            skew,
            ids,
            status: Incomplete,
            bills: Vec::new(),
            pending: None,
            facts: Facts {
                price_id: Some("price_0".into()),
                prices: vec!["price_0".into()],
                current_period_end: Some(9_000),
                cancel_at_period_end: Some(false),
                cancel_at: None,
                canceled_at: None,
                created: Some(1_000),
            },
            shown: None,
            events: Vec::new(),
            states: Vec::new(),
            changed_at: 0,
            email: None,
        };
        life.begin(*start);
        if *has_checkout && !matches!(start, Start::Unpaid | Start::Failed) {
            life.check_out();
        }
        for (pause, step) in steps {
            life.now += if ids == Ids::Falling { pause.max(&3) } else { pause };
            life.take(*step);
        }
        life
    }

    pub(super) fn events(&self) -> &[SubscriptionEvent] {
        &self.events
    }

    /// Returns an event with the subscription as it was fetched when `events()[fetched]` was
    /// created.
    pub(super) fn event_with_fetch(&self, event: usize, fetched: usize) -> SubscriptionEvent {
        let is_last = fetched + 1 == self.events.len();
        let state = if is_last {
            self.snapshot(SnapshotKind::Updated)
        } else {
            self.states[fetched].clone()
        };
        let mut event = self.events[event].clone();
        let fetched = Box::new(Snapshot {
            event_id: event.moment.event_id.clone(),
            at: event.moment.at,
            // Events of one second are fetched one after the other.
            fetched_at: Some(state.at * 1_000_000 + fetched as i64),
            ..state
        });
        match &mut event.fact {
            Fact::Snapshot(snapshot) => *snapshot = fetched,
            _ => event.current = Some(fetched),
        }
        event
    }

    pub(super) fn subscription(&self) -> Subscription {
        Subscription {
            customer_id: Some("cus_1".into()),
            email: self.email.clone(),
            status: Some(self.status.clone()),
            facts: self.facts.clone(),
            changed_at: Some(self.changed_at),
        }
    }

    fn begin(&mut self, start: Start) {
        match start {
            Start::Paid => {
                self.draw_up();
                self.status = Active;
                self.show(SnapshotKind::Created);
                self.pay_newest();
            }
            Start::PaidInSteps => {
                self.draw_up();
                self.show(SnapshotKind::Created);
                self.pay_newest();
                self.become_now(Active);
            }
            Start::Unpaid | Start::Failed => {
                self.draw_up();
                self.show(SnapshotKind::Created);
                if matches!(start, Start::Failed) {
                    self.fail_newest();
                }
            }
            Start::Trial => {
                self.draw_up();
                self.status = Trialing;
                self.show(SnapshotKind::Created);
                self.pay_newest();
            }
            Start::TrialWithoutInvoice => {
                self.status = Trialing;
                self.show(SnapshotKind::Created);
            }
        }
    }

    fn check_out(&mut self) {
        self.email = Some("zoe@example.com".into());
        self.emit(Fact::Checkout, self.email.clone(), self.skew);
    }

    fn take(&mut self, step: Step) {
        let is_live = matches!(self.status, Active | PastDue);
        let bills = self.bills.len();
        match step {
            _ if is_final(&self.status) => {
                // Open invoices can still be paid, without effect.
                if let Step::ChargeOlder(true) | Step::Charge(true) = step
                    && let Some(open) = (0..bills).find(|bill| self.bills[*bill].is_open)
                {
                    self.pay(open);
                }
            }
            Step::Delete => {
                self.status = Canceled;
                self.facts.canceled_at = Some(self.now);
                self.pending = None;
                self.show(SnapshotKind::Deleted);
            }
            Step::Expire if self.status == Incomplete => {
                self.now += 82_800;
                self.become_now(IncompleteExpired);
            }
            Step::Charge(pays) if bills > 0 && self.bills[bills - 1].is_open => {
                self.charge_newest(pays);
            }
            Step::ChargeOlder(pays) => {
                if let Some(open) =
                    (0..bills.saturating_sub(1)).find(|bill| self.bills[*bill].is_open)
                {
                    if pays { self.pay(open) } else { self.fail(open) }
                }
            }
            _ if self.status == Incomplete => {}
            Step::EndTrial(end) if self.status == Trialing => match end {
                TrialEnd::Charge => {
                    self.draw_up();
                    self.become_now(Active);
                }
                TrialEnd::Pause => self.become_now(Paused),
            },
            // A pending update must be paid or expire first.
            Step::Renew if (is_live || self.status == Unpaid) && self.pending.is_none() => {
                self.draw_up();
                self.facts.current_period_end =
                    self.facts.current_period_end.map(|end| end + 9_000);
                self.show(SnapshotKind::Updated);
            }
            Step::GiveUp if self.status == PastDue && self.pending.is_none() => {
                self.become_now(Unpaid);
            }
            Step::Upgrade(pays) if is_live && self.pending.is_none() => {
                self.draw_up();
                self.set_price();
                self.show(SnapshotKind::Updated);
                self.charge_newest(pays);
            }
            Step::UpgradeIfPaid if self.status == Active && self.pending.is_none() => {
                self.draw_up();
                self.pending = Some(vec![format!("price_{}", self.bills.len())]);
                self.show(SnapshotKind::Updated);
                self.charge_newest(false);
            }
            Step::DropPendingUpdate if self.pending.is_some() => {
                // A pending update expires after 23 hours.
                self.now += 82_800;
                self.pending = None;
                // The invoice of the update is voided.
                self.bills[bills - 1].is_open = false;
                self.show(SnapshotKind::Updated);
            }
            Step::Downgrade if self.pending.is_none() => {
                self.set_price();
                self.show(SnapshotKind::Updated);
            }
            Step::AddMeteredPrice if self.pending.is_none() => {
                self.facts.prices.insert(0, format!("price_metered_{}", self.events.len()));
                self.show(SnapshotKind::Updated);
            }
            Step::Pause if is_live && self.pending.is_none() => self.become_now(Paused),
            Step::Resume if self.status == Paused => {
                self.draw_up();
                self.pay_newest();
                self.become_now(Active);
            }
            Step::CancelAtPeriodEnd(ends) if self.facts.cancel_at_period_end != Some(ends) => {
                self.facts.cancel_at_period_end = Some(ends);
                self.facts.canceled_at = ends.then_some(self.now);
                self.show(SnapshotKind::Updated);
            }
            Step::CancelAt(ends) if self.facts.cancel_at.is_some() != ends => {
                self.facts.cancel_at = ends.then_some(8_000);
                self.show(SnapshotKind::Updated);
            }
            _ => {}
        }
    }

    /// Charges the newest invoice, which changes the status unless the subscription is trialing or
    /// paused.
    fn charge_newest(&mut self, pays: bool) {
        if !pays {
            self.fail_newest();
            if self.status == Active && self.pending.is_none() {
                self.become_now(PastDue);
            }
            return;
        }
        self.pay_newest();
        let prices = self.pending.take();
        let is_applied = prices.is_some();
        if let Some(prices) = prices {
            self.facts.price_id = prices.first().cloned();
            self.facts.prices = prices;
        }
        match self.status {
            Incomplete | PastDue | Unpaid => self.become_now(Active),
            _ if is_applied => self.show(SnapshotKind::Updated),
            _ => {}
        }
    }

    fn set_price(&mut self) {
        let price = format!("price_{}", self.events.len());
        self.facts.price_id = Some(price.clone());
        self.facts.prices = vec![price];
    }

    fn draw_up(&mut self) {
        let id = format!("in_{:04}", self.bills.len());
        self.bills.push(Bill { id, created: self.now, is_open: true });
    }

    fn pay_newest(&mut self) {
        self.pay(self.bills.len() - 1);
    }

    fn fail_newest(&mut self) {
        self.fail(self.bills.len() - 1);
    }

    fn pay(&mut self, bill: usize) {
        self.bills[bill].is_open = false;
        self.bill(bill, true);
    }

    fn fail(&mut self, bill: usize) {
        self.bill(bill, false);
    }

    fn bill(&mut self, bill: usize, is_paid: bool) {
        let at = self.now + self.skew;
        let Bill { id, created, .. } = self.bills[bill].clone();
        let (paid_at, failed_at) = if is_paid { (Some(at), None) } else { (None, Some(at)) };
        let invoice =
            Invoice { created: Some(created), is_first: Some(bill == 0), paid_at, failed_at };
        self.emit(Fact::Invoice(InvoiceEvent { id, invoice }), None, self.skew);
        // The newest invoice can confirm the status.
        let confirmed = if is_paid { Active } else { PastDue };
        if self.status == confirmed && bill + 1 == self.bills.len() {
            self.changed_at = self.changed_at.max(at);
        }
    }

    fn become_now(&mut self, status: SubscriptionStatus) {
        let was_paused = self.status == Paused;
        let is_paused = status == Paused;
        self.status = status;
        self.show(SnapshotKind::Updated);
        // `paused` and `resumed` events have the same snapshot.
        if was_paused || is_paused {
            let previous =
                Previous { status: was_paused.then(|| "paused".into()), ..Previous::default() };
            self.show_as(SnapshotKind::Updated, previous);
        }
    }

    fn show(&mut self, kind: SnapshotKind) {
        let now = self.snapshot(kind);
        let mut previous = Previous::default();
        if let Some(before) = &self.shown
            && kind == SnapshotKind::Updated
        {
            fn changed<T: PartialEq>(before: T, now: &T) -> Option<T> {
                (before != *now).then_some(before)
            }
            let was = before.facts.clone();
            previous = Previous {
                status: changed(before.status.to_string(), &now.status.to_string()),
                latest_invoice_id: changed(
                    before.latest_invoice_id.clone(),
                    &now.latest_invoice_id,
                ),
                prices: changed(was.prices, &now.facts.prices),
                cancel_at: changed(was.cancel_at, &now.facts.cancel_at),
                cancel_at_period_end: changed(
                    was.cancel_at_period_end,
                    &now.facts.cancel_at_period_end,
                )
                .flatten(),
            };
        }
        self.shown = Some(now);
        self.show_as(kind, previous);
    }

    fn show_as(&mut self, kind: SnapshotKind, previous: Previous) {
        let snapshot = Snapshot { previous, event_id: self.next_id(), ..self.snapshot(kind) };
        self.emit(Fact::Snapshot(Box::new(snapshot)), None, 0);
        self.changed_at = self.now;
        // Events of the newest invoice may confirm the status.
        let newest = self.bills.last().map(|bill| bill.id.clone());
        let confirms = |event: &&SubscriptionEvent| match &event.fact {
            Fact::Invoice(event) if Some(&event.id) == newest.as_ref() => match self.status {
                Active => event.invoice.paid_at.is_some(),
                PastDue => event.invoice.failed_at.is_some(),
                _ => false,
            },
            _ => false,
        };
        if let Some(at) = self.events.iter().filter(confirms).map(|event| event.moment.at).max() {
            self.changed_at = self.changed_at.max(at);
        }
    }

    fn snapshot(&self, kind: SnapshotKind) -> Snapshot {
        Snapshot {
            latest_invoice_id: self.bills.last().map(|bill| bill.id.clone()),
            has_pending_update: self.pending.is_some(),
            facts: self.facts.clone(),
            ..sequences::snapshot(kind, self.now, self.status.clone())
        }
    }

    fn next_id(&self) -> String {
        let number = self.events.len();
        match self.ids {
            Ids::Rising => format!("evt_{number:04}"),
            Ids::Falling => format!("evt_{:04}", 9_999 - number),
        }
    }

    fn emit(&mut self, fact: Fact, email: Option<String>, skew: i64) {
        let moment = Moment { at: self.now + skew, event_id: self.next_id() };
        self.states.push(self.snapshot(SnapshotKind::Updated));
        self.events.push(SubscriptionEvent {
            moment,
            customer_id: Some("cus_1".into()),
            email,
            fact,
            current: None,
        });
    }
}
