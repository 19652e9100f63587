//! Known kinds of sequences, each in every order.

use super::*;

/// A snapshot. Its event id is derived from its content, so equal snapshots are the same event.
pub(super) fn snapshot(kind: SnapshotKind, at: i64, status: SubscriptionStatus) -> Snapshot {
    Snapshot {
        event_id: String::new(),
        at,
        fetched_at: None,
        kind,
        status,
        latest_invoice_id: None,
        has_pending_update: false,
        facts: Facts::default(),
        previous: Previous::default(),
    }
}

fn created(at: i64, status: SubscriptionStatus) -> Snapshot {
    snapshot(SnapshotKind::Created, at, status)
}

fn updated(at: i64, status: SubscriptionStatus) -> Snapshot {
    snapshot(SnapshotKind::Updated, at, status)
}

impl Snapshot {
    fn naming(mut self, invoice: &str) -> Self {
        self.latest_invoice_id = Some(invoice.into());
        self
    }

    fn after(mut self, status: SubscriptionStatus) -> Self {
        self.previous.status = Some(status.as_str().into());
        self
    }

    fn pending(mut self) -> Self {
        self.has_pending_update = true;
        self
    }

    pub(super) fn event(mut self) -> SubscriptionEvent {
        if self.event_id.is_empty() {
            self.event_id = format!("evt_{:?}_{}_{}", self.kind, self.status, self.at);
        }
        SubscriptionEvent {
            moment: Moment { at: self.at, event_id: self.event_id.clone() },
            customer_id: Some("cus_1".into()),
            email: None,
            fact: Fact::Snapshot(Box::new(self)),
            current: None,
        }
    }
}

fn bill(id: &str, created: i64, at: i64, paid: bool) -> SubscriptionEvent {
    let (paid_at, failed_at) = if paid { (Some(at), None) } else { (None, Some(at)) };
    let invoice =
        Invoice { created: Some(created), is_first: Some(id == "in_1"), paid_at, failed_at };
    SubscriptionEvent {
        moment: Moment { at, event_id: format!("evt_{id}_{at}_{paid}") },
        customer_id: Some("cus_1".into()),
        email: None,
        fact: Fact::Invoice(InvoiceEvent { id: id.into(), invoice }),
        current: None,
    }
}

fn paid(id: &str, created: i64, at: i64) -> SubscriptionEvent {
    bill(id, created, at, true)
}

fn failed(id: &str, created: i64, at: i64) -> SubscriptionEvent {
    bill(id, created, at, false)
}

fn checkout(at: i64) -> SubscriptionEvent {
    SubscriptionEvent {
        moment: Moment { at, event_id: format!("evt_checkout_{at}") },
        customer_id: Some("cus_1".into()),
        email: Some("zoe@example.com".into()),
        fact: Fact::Checkout,
        current: None,
    }
}

/// Asserts that every order of some events ends in a status.
fn ends(status: SubscriptionStatus, events: &[SubscriptionEvent]) {
    assert_order_does_not_matter(events);
    assert_eq!(known(events).subscription().status, Some(status), "{events:#?}");
}

#[test]
fn a_payment_does_not_end_a_trial() {
    let created = || created(0, Trialing).naming("in_1").event();
    ends(Trialing, &[created()]);
    for at in [-1, 0, 1, 100] {
        ends(Trialing, &[created(), paid("in_1", 0, at)]);
        ends(Trialing, &[created(), checkout(at)]);
        ends(Trialing, &[created(), checkout(at), paid("in_1", 0, at), paid("in_2", 50, 60)]);
        ends(Trialing, &[created(), failed("in_2", 50, at.max(50))]);
    }
}

#[test]
fn a_trial_ends_by_its_own_events() {
    let trial = [created(0, Trialing).naming("in_1").event(), paid("in_1", 0, 0)];
    let end = |status| updated(100, status).naming("in_2").after(Trialing).event();
    ends(Active, &[&trial[..], &[end(Active)]].concat());
    ends(Active, &[&trial[..], &[end(Active), paid("in_2", 100, 103)]].concat());
    ends(PastDue, &[&trial[..], &[end(Active), failed("in_2", 100, 103)]].concat());
    ends(Paused, &[&trial[..], &[end(Paused)]].concat());
}

#[test]
fn a_first_invoice_starts_an_incomplete_subscription_once_it_is_paid() {
    let created = || created(5, Incomplete).naming("in_1").event();
    ends(Incomplete, &[created(), failed("in_1", 5, 5)]);
    ends(Incomplete, &[created(), failed("in_1", 5, 6), failed("in_1", 5, 9)]);
    for at in [4, 5, 6, 100] {
        ends(Active, &[created(), paid("in_1", 5, at)]);
        ends(Active, &[created(), checkout(at)]);
        ends(Active, &[created(), failed("in_1", 5, 6), paid("in_1", 5, at)]);
        ends(Active, &[created(), failed("in_1", 5, 6), checkout(at)]);
    }
    ends(PastDue, &[created(), paid("in_1", 5, 6), failed("in_2", 100, 103)]);
    ends(PastDue, &[created(), checkout(6), failed("in_2", 100, 103)]);
    let expired = updated(90, IncompleteExpired).naming("in_1").after(Incomplete).event();
    ends(
        IncompleteExpired,
        &[created(), failed("in_1", 5, 6), expired.clone(), paid("in_1", 5, 95)],
    );
    ends(IncompleteExpired, &[created(), expired, checkout(95)]);
}

#[test]
fn a_failed_first_payment_gives_no_access() {
    let first = || failed("in_1", 0, 0);
    ends(Incomplete, &[first()]);
    ends(Active, &[first(), paid("in_1", 0, 60)]);
    ends(Active, &[first(), checkout(60)]);
    ends(PastDue, &[failed("in_2", 100, 103)]);
    ends(PastDue, &[checkout(0), failed("in_2", 100, 103)]);
    ends(Active, &[checkout(0), failed("in_2", 100, 103), paid("in_2", 100, 200)]);
}

#[test]
fn an_invoice_of_unknown_reason_is_first_unless_it_failed_later() {
    let unknown = |at| {
        let mut event = failed("in_2", 0, at);
        let Fact::Invoice(InvoiceEvent { invoice, .. }) = &mut event.fact else { unreachable!() };
        invoice.is_first = None;
        event
    };
    ends(PastDue, &[unknown(9)]);
    ends(Active, &[unknown(9), checkout(9)]);
    ends(Active, &[unknown(9), checkout(10)]);
    ends(PastDue, &[unknown(9), checkout(8)]);
}

#[test]
fn the_named_invoice_counts_from_the_second_of_the_snapshot_on() {
    for (at, status) in [(9, Active), (10, PastDue), (11, PastDue)] {
        ends(status.clone(), &[updated(10, Active).naming("in_2").event(), failed("in_2", 5, at)]);
        let retried = [
            updated(10, Active).naming("in_2").event(),
            failed("in_2", 5, at),
            failed("in_2", 5, 3),
        ];
        ends(status, &retried);
    }
    for (at, status) in [(9, PastDue), (10, Active), (11, Active)] {
        ends(
            status,
            &[
                updated(10, PastDue).naming("in_2").event(),
                failed("in_2", 5, 6),
                paid("in_2", 5, at),
            ],
        );
    }
    // A paid invoice stays paid.
    ends(
        Active,
        &[updated(10, Active).naming("in_2").event(), failed("in_2", 5, 11), paid("in_2", 5, 11)],
    );
    ends(
        Active,
        &[updated(10, Active).naming("in_2").event(), failed("in_2", 5, 12), paid("in_2", 5, 11)],
    );
}

#[test]
fn a_newer_invoice_counts_after_the_second_of_the_snapshot() {
    for (at, status) in [(10, Active), (11, PastDue)] {
        ends(
            status,
            &[
                updated(10, Active).naming("in_1").event(),
                paid("in_1", 0, 0),
                failed("in_2", 5, at),
            ],
        );
    }
    for (at, status) in [(10, PastDue), (11, Active)] {
        ends(
            status,
            &[
                updated(10, PastDue).naming("in_1").event(),
                failed("in_1", 0, 9),
                paid("in_2", 5, at),
            ],
        );
    }
    // Only the newest one counts.
    let active = || updated(10, Active).naming("in_1").event();
    ends(Active, &[active(), paid("in_1", 0, 0), failed("in_2", 15, 30), paid("in_3", 16, 20)]);
    ends(PastDue, &[active(), paid("in_1", 0, 0), paid("in_2", 15, 30), failed("in_3", 16, 20)]);
}

#[test]
fn an_older_invoice_moves_nothing() {
    // With and without an event of the named invoice.
    for in_2 in [Some(paid("in_2", 10, 11)), None] {
        let with = |events: &[SubscriptionEvent]| [events, &Vec::from_iter(in_2.clone())].concat();
        let named = |status| updated(10, status).naming("in_2").event();
        ends(
            Active,
            &with(&[
                created(0, Active).naming("in_1").event(),
                named(Active),
                failed("in_1", 0, 50),
            ]),
        );
        ends(Active, &with(&[named(Active), failed("in_1", 0, 50)]));
        ends(Unpaid, &with(&[named(Unpaid), paid("in_1", 0, 50)]));
    }
    ends(PastDue, &[updated(10, PastDue).naming("in_2").event(), paid("in_1", 0, 50)]);
    ends(
        PastDue,
        &[updated(10, PastDue).naming("in_2").event(), failed("in_2", 10, 11), paid("in_1", 0, 50)],
    );
    // Within the second of the snapshot, the ids give the order.
    ends(Active, &[updated(10, Active).naming("in_2").event(), failed("in_1", 10, 50)]);
    ends(PastDue, &[updated(10, Active).naming("in_2").event(), failed("in_3", 10, 50)]);
}

#[test]
fn an_invoice_without_a_creation_time_counts_only_if_it_is_named() {
    let timeless = || {
        let mut event = failed("in_2", 0, 50);
        let Fact::Invoice(InvoiceEvent { invoice, .. }) = &mut event.fact else { unreachable!() };
        invoice.created = None;
        event
    };
    ends(PastDue, &[updated(10, Active).naming("in_2").event(), timeless()]);
    ends(Active, &[updated(10, Active).naming("in_1").event(), timeless()]);
}

#[test]
fn without_a_named_invoice_the_newest_one_counts() {
    ends(PastDue, &[updated(10, Active).event(), paid("in_1", 0, 0), failed("in_2", 5, 50)]);
    ends(Active, &[updated(10, Active).event(), failed("in_1", 0, 60), paid("in_2", 5, 50)]);
    ends(Active, &[updated(10, PastDue).event(), failed("in_2", 5, 9), paid("in_2", 5, 50)]);
    ends(Active, &[updated(10, Incomplete).event(), paid("in_1", 10, 10)]);
    ends(Active, &[updated(10, Incomplete).event(), checkout(11)]);
}

#[test]
fn an_unpaid_or_paused_subscription_is_not_revived_by_an_invoice() {
    for status in [Unpaid, Paused, Trialing, SubscriptionStatus::from("invented")] {
        let event = updated(10, status.clone()).naming("in_2").after(PastDue).event();
        ends(
            status.clone(),
            &[event.clone(), paid("in_2", 9, 11), paid("in_3", 12, 13), checkout(14)],
        );
        ends(status, &[created(0, Active).naming("in_1").event(), event, failed("in_2", 9, 11)]);
    }
}

#[test]
fn pausing_and_resuming_have_events_of_several_types() {
    let paused = |at| updated(at, Paused).naming("in_2").after(Active).event();
    let resumed = |at| updated(at, Active).naming("in_2").after(Paused).event();
    let second = |at, status| Snapshot {
        event_id: format!("evt_second_{at}"),
        ..updated(at, status).naming("in_2")
    };
    ends(Paused, &[paused(10), second(10, Paused).event(), paid("in_2", 5, 20)]);
    ends(
        Active,
        &[
            paused(10),
            second(10, Paused).event(),
            resumed(20),
            second(20, Active).after(Paused).event(),
        ],
    );
}

#[test]
fn a_failed_pending_update_leaves_the_subscription_active() {
    let pending = || updated(10, Active).naming("in_2").pending().event();
    let before = || created(0, Active).naming("in_1").event();
    for at in [9, 10, 11, 50] {
        ends(Active, &[before(), paid("in_1", 0, 0), pending(), failed("in_2", 10, at)]);
        // The named invoice may be another one than the update's.
        let naming_old = updated(10, Active).naming("in_1").pending().event();
        ends(Active, &[before(), naming_old, failed("in_2", 10, at)]);
    }
    let expired = updated(90, Active).naming("in_2").event();
    ends(Active, &[before(), pending(), failed("in_2", 10, 11), expired]);
    ends(PastDue, &[before(), updated(10, Active).naming("in_2").event(), failed("in_2", 10, 11)]);
}

#[test]
fn the_end_is_final_in_every_order() {
    let deleted = || snapshot(SnapshotKind::Deleted, 10, Canceled).naming("in_2").event();
    for late in [9, 10, 1_000] {
        let events = [
            created(0, Active).event(),
            deleted(),
            updated(late, Active).event(),
            paid("in_3", late, late),
        ];
        ends(Canceled, &events);
        ends(Canceled, &[deleted(), checkout(late), failed("in_2", 5, late)]);
    }
    ends(
        Canceled,
        &[
            deleted(),
            updated(10, PastDue).after(Active).event(),
            updated(10, Unpaid).after(PastDue).event(),
        ],
    );
}

#[test]
fn the_creation_is_the_oldest_snapshot_and_incomplete_the_oldest_status() {
    for at in [0, 10, 11] {
        ends(Trialing, &[created(at, Active).event(), updated(10, Trialing).event()]);
        ends(Active, &[updated(at, Incomplete).event(), updated(10, Active).event()]);
        ends(
            PastDue,
            &[
                updated(at, Incomplete).event(),
                updated(10, PastDue).event(),
                created(at, Incomplete).event(),
            ],
        );
    }
}

#[test]
fn the_previous_status_orders_the_updates_of_one_second() {
    // The ids of these events sort by status.
    ends(Active, &[updated(0, Active).after(PastDue).event(), updated(0, PastDue).event()]);
    ends(PastDue, &[updated(0, Active).event(), updated(0, PastDue).after(Active).event()]);
    ends(Active, &[updated(0, Active).after(Trialing).event(), updated(0, Trialing).event()]);
    let chain = [
        updated(0, Incomplete).event(),
        updated(0, PastDue).after(Active).event(),
        updated(0, Active).after(Incomplete).event(),
        updated(0, Unpaid).after(PastDue).event(),
    ];
    ends(Unpaid, &chain);
    // Without other evidence, the event ids give the order.
    ends(PastDue, &[updated(0, Active).event(), updated(0, PastDue).event()]);
    ends(
        PastDue,
        &[updated(0, Active).after(PastDue).event(), updated(0, PastDue).after(Active).event()],
    );
}

#[test]
fn every_other_previous_attribute_orders_them_too() {
    let of_second = |id: &str, facts: Facts, previous: Previous| {
        let event_id = id.to_owned();
        Snapshot { event_id, facts, previous, ..updated(0, Active).naming(id) }.event()
    };
    let facts = |price: &str, cancel_at, cancel_at_period_end| Facts {
        prices: vec![price.into()],
        cancel_at,
        cancel_at_period_end: Some(cancel_at_period_end),
        ..Facts::default()
    };
    // The later snapshot has the smaller id.
    for (before, after, previous) in [
        (
            facts("price_1", None, false),
            facts("price_2", None, false),
            Previous { prices: Some(vec!["price_1".into()]), ..Previous::default() },
        ),
        (
            facts("price_1", None, false),
            facts("price_1", Some(9), false),
            Previous { cancel_at: Some(None), ..Previous::default() },
        ),
        (
            facts("price_1", None, false),
            facts("price_1", None, true),
            Previous { cancel_at_period_end: Some(false), ..Previous::default() },
        ),
        (
            facts("price_1", None, false),
            facts("price_1", None, false),
            Previous { latest_invoice_id: Some(Some("in_b".into())), ..Previous::default() },
        ),
    ] {
        let events = [
            of_second("in_b", before, Previous::default()),
            of_second("in_a", after.clone(), previous),
        ];
        assert_order_does_not_matter(&events);
        let known = known(&events);
        assert_eq!(known.snapshots.latest().map(|latest| &*latest.event_id), Some("in_a"));
        assert_eq!(known.subscription().facts, after);
    }
}

#[test]
fn the_newest_event_sets_the_customer_and_the_address() {
    let of = |at, customer: &str, email: &str| SubscriptionEvent {
        customer_id: Some(customer.into()),
        email: Some(email.into()),
        moment: Moment { at, event_id: format!("evt_{customer}") },
        ..checkout(at)
    };
    for (first, second) in [(0, 1), (1, 1)] {
        let events = [
            of(first, "cus_1", "ada@example.com"),
            of(second, "cus_2", "zoe@example.com"),
            paid("in_1", 0, 0),
        ];
        assert_order_does_not_matter(&events);
        let subscription = known(&events).subscription();
        assert_eq!(subscription.customer_id.as_deref(), Some("cus_2"));
        assert_eq!(subscription.email.as_deref(), Some("zoe@example.com"));
    }
}

#[test]
fn all_facts_are_those_of_the_latest_snapshot() {
    let facts = Facts {
        price_id: Some("price_1".into()),
        prices: vec!["price_0".into(), "price_1".into()],
        current_period_end: Some(20),
        cancel_at_period_end: Some(false),
        cancel_at: Some(20),
        canceled_at: Some(9),
        created: Some(0),
    };
    let latest = Snapshot { facts: facts.clone(), ..updated(10, Active).naming("in_1") };
    let events = [
        latest.event(),
        created(0, Incomplete).event(),
        updated(5, Trialing).event(),
        paid("in_1", 0, 30),
    ];
    assert_order_does_not_matter(&events);
    let subscription = known(&events).subscription();
    assert_eq!((&subscription.facts, subscription.changed_at), (&facts, Some(30)));
    assert!(facts.ends_with_period());
    assert!(!Facts { current_period_end: Some(21), ..facts.clone() }.ends_with_period());
    assert!(
        Facts { cancel_at: None, cancel_at_period_end: Some(true), ..facts }.ends_with_period()
    );
}

#[test]
fn an_event_is_applied_stale_or_ignored() {
    use Outcome::{Applied, Ignored, Stale};

    let snapshot = |at, status| updated(at, status).naming("in_2").event();
    for (before, event, expected) in [
        (vec![], paid("in_1", 0, 0), (Applied, "the subscription is active")),
        (vec![snapshot(5, Active)], paid("in_2", 5, 6), (Applied, "the subscription is active")),
        (
            vec![snapshot(5, Active)],
            failed("in_2", 5, 6),
            (Applied, "the subscription is past_due"),
        ),
        (vec![snapshot(5, Active)], failed("in_2", 5, 4), (Stale, "a newer event supersedes it")),
        (
            vec![snapshot(5, Active)],
            created(5, Incomplete).event(),
            (Stale, "a newer snapshot is known"),
        ),
        (vec![snapshot(5, Canceled)], paid("in_2", 5, 6), (Stale, "the subscription has ended")),
        (
            vec![snapshot(5, Active)],
            failed("in_1", 0, 6),
            (Ignored, "the subscription has a newer invoice, which counts"),
        ),
        (
            vec![snapshot(5, Active), failed("in_3", 6, 7)],
            failed("in_2", 5, 8),
            (Ignored, "the subscription has a newer invoice, which counts"),
        ),
        (
            vec![snapshot(5, Active), paid("in_2", 5, 6)],
            failed("in_2", 5, 6),
            (Ignored, "the invoice is paid"),
        ),
        (
            vec![snapshot(5, Trialing)],
            paid("in_2", 5, 6),
            (Ignored, "a payment does not end a trial"),
        ),
        (
            vec![snapshot(5, Unpaid)],
            paid("in_2", 5, 6),
            (Ignored, "a payment does not change a subscription that is unpaid"),
        ),
        (
            vec![snapshot(5, Incomplete)],
            failed("in_2", 5, 6),
            (Ignored, "the first payment failed: the subscription stays incomplete"),
        ),
        (
            vec![updated(5, Active).naming("in_2").pending().event()],
            failed("in_2", 5, 6),
            (Ignored, "the payment of a pending update failed: the subscription stays active"),
        ),
        (
            vec![snapshot(5, Active), paid("in_2", 1, 1)],
            failed("in_3", 4, 5),
            (Ignored, "an event of the same second says that the subscription is active"),
        ),
    ] {
        let verdict = known(&before).clone().learn(event.clone());
        assert_eq!((verdict.outcome, &*verdict.reason), expected, "{before:#?} {event:#?}");
    }
}

impl Snapshot {
    /// The subscription as it was fetched at a time in seconds.
    fn fetched(mut self, seconds: f64) -> Self {
        self.fetched_at = Some((seconds * 1e6) as i64);
        self
    }
}

/// The event with the subscription as it was fetched for it.
fn with(mut event: SubscriptionEvent, current: Snapshot) -> SubscriptionEvent {
    let event_id = event.moment.event_id.clone();
    event.current = Some(Box::new(Snapshot { event_id, at: event.moment.at, ..current }));
    event
}

#[test]
fn a_fetched_subscription_overrides_older_events() {
    // The event of the update is old, and its fetch is new.
    let late = || updated(100, Active).naming("in_1").fetched(300.0).event();
    ends(Active, &[late(), updated(200, PastDue).naming("in_1").event()]);
    ends(Active, &[late(), failed("in_1", 0, 150)]);
    ends(Active, &[late(), failed("in_1", 0, 299)]);
    ends(Active, &[late(), failed("in_1", 0, 300)]);
    ends(PastDue, &[late(), failed("in_1", 0, 301)]);
    ends(Canceled, &[late(), updated(200, Canceled).event()]);
}

#[test]
fn a_payment_brings_the_fetched_subscription() {
    let failed_and_paid_since = with(failed("in_2", 90, 100), updated(0, Active).fetched(200.0));
    ends(Active, &[created(0, Active).event(), failed_and_paid_since]);
    let unpaid = with(failed("in_2", 90, 100), updated(0, Unpaid).fetched(101.0));
    ends(Unpaid, &[created(0, Active).event(), unpaid]);
    let trial = with(paid("in_1", 0, 100), updated(0, Trialing).fetched(101.0));
    ends(Trialing, &[trial]);
}

#[test]
fn the_last_sent_fetch_counts() {
    let first = || updated(100, Active).fetched(100.2).event();
    let second = || updated(99, PastDue).fetched(100.7).event();
    ends(PastDue, &[first(), second()]);
    // The database's clock is behind Stripe's.
    let first = || updated(100, Active).fetched(90.2).event();
    let second = || updated(100, PastDue).fetched(90.7).event();
    ends(PastDue, &[first(), second()]);
    ends(PastDue, &[second(), updated(99, Active).event(), updated(100, Active).event()]);
    ends(Active, &[second(), updated(101, Active).event()]);
}

#[test]
fn a_deletion_without_a_subscription_is_final() {
    let gone = || SubscriptionEvent { fact: Fact::Gone, ..checkout(200) };
    ends(Canceled, &[gone()]);
    ends(Canceled, &[gone(), created(0, Active).event(), updated(300, Active).event()]);
    ends(Canceled, &[gone(), updated(300, Active).fetched(300.0).event()]);
    ends(IncompleteExpired, &[gone(), updated(100, IncompleteExpired).event()]);
    let known = known(&[created(0, Active).event(), gone()]);
    assert_eq!(known.subscription().facts.canceled_at, Some(200));
}

#[test]
fn a_fetch_keeps_the_time_of_the_newest_event() {
    let events = [
        created(0, Active).fetched(900.0).event(),
        updated(50, Active).fetched(800.0).event(),
        with(checkout(60), updated(0, Active).fetched(950.0)),
    ];
    for_each_order(&mut events.to_vec(), &mut |order| {
        assert_eq!(known(order).subscription().changed_at, Some(50), "{order:#?}");
    });
}
