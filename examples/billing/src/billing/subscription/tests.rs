//! Histories that Stripe could tell, in any order and with repetitions. The contract's tests try the rules one by one.

use proptest::{prelude::*, sample::subsequence};
use tower_stripe_webhook::object::SubscriptionStatus::{self, *};

use super::*;

#[derive(Clone, Debug)]
enum Event {
    Created(Snapshot),
    Updated(Snapshot),
    Deleted(Snapshot),
    Paid,
    PaymentFailed,
}

fn apply(subscription: &mut Subscription, at: i64, event: Event) {
    match event {
        Event::Created(snapshot) => subscription.created(at, snapshot),
        Event::Updated(snapshot) => subscription.updated(at, snapshot),
        Event::Deleted(snapshot) => subscription.deleted(at, snapshot),
        Event::Paid => subscription.paid(at, Payment::Due),
        Event::PaymentFailed => subscription.payment_failed(at, InvoiceOf::LaterPeriod),
    };
}

fn snapshot(status: SubscriptionStatus, facts: Facts) -> Snapshot {
    Snapshot { customer_id: "cus_1".into(), status, facts }
}

fn facts() -> impl Strategy<Value = Facts> {
    (0..3, 0..1_000_i64, any::<bool>(), any::<bool>()).prop_map(|(price, period, cancels, is_canceled)| Facts {
        price_id: Some(format!("price_{price}")),
        current_period_end: Some(period),
        cancel_at_period_end: Some(cancels),
        canceled_at: is_canceled.then_some(period),
        created: Some(0),
    })
}

fn later_event() -> impl Strategy<Value = Event> {
    let status = prop::sample::select(vec![Active, PastDue, Unpaid, Paused, Trialing]);
    prop_oneof![
        (status, facts()).prop_map(|(status, facts)| Event::Updated(snapshot(status, facts))),
        Just(Event::Paid),
        Just(Event::PaymentFailed),
    ]
}

/// A subscription is created, goes through something, and maybe ends. The seconds are those of Stripe's clock: each event has
/// its own, but for the first update, which has that of the creation.
fn history() -> impl Strategy<Value = Vec<(i64, Event)>> {
    let middle = prop::collection::vec(later_event(), 0..8);
    (facts(), facts(), middle, prop::option::of(facts())).prop_map(|(created, updated, middle, ended)| {
        let mut history =
            vec![(0, Event::Created(snapshot(Incomplete, created))), (0, Event::Updated(snapshot(Active, updated)))];
        history.extend((1..).zip(middle));
        let end = i64::try_from(history.len()).expect("it is short");
        history.extend(ended.map(|facts| (end, Event::Deleted(snapshot(Canceled, facts)))));
        history
    })
}

fn told_in_order(history: &[(i64, Event)]) -> Subscription {
    let mut subscription = Subscription::default();
    for (at, event) in history {
        apply(&mut subscription, *at, event.clone());
    }
    subscription
}

proptest! {
    #[test]
    fn a_history_that_is_told_in_any_order_and_repeatedly_ends_in_the_right_state(
        (history, order) in history().prop_flat_map(|history| {
            let count = history.len();
            let indices: Vec<_> = (0..count).collect();
            let repeated = subsequence(indices.clone(), 0..=count);
            let order = repeated.prop_flat_map(move |repeated| Just([indices.clone(), repeated].concat()).prop_shuffle());
            (Just(history), order)
        })
    ) {
        let expected = told_in_order(&history);
        let told: Vec<_> = order.into_iter().map(|index| history[index].clone()).collect();
        prop_assert_eq!(told_in_order(&told), expected);
    }

    #[test]
    fn nothing_brings_back_a_subscription_that_has_ended(
        last in prop::sample::select(vec![Canceled, IncompleteExpired]),
        events in prop::collection::vec((-5..5_i64, later_event()), 0..8),
        ended in facts(),
    ) {
        let mut subscription = Subscription::default();
        subscription.updated(0, snapshot(last.clone(), ended.clone()));
        for (at, event) in events {
            apply(&mut subscription, at, event);
        }
        prop_assert_eq!(subscription.status, Some(last));
        prop_assert_eq!(subscription.facts, ended);
    }
}

#[test]
fn what_is_known_stays_if_a_newer_snapshot_does_not_tell_it() {
    let mut subscription = Subscription::default();
    let told =
        Facts { price_id: Some("price_1".into()), current_period_end: Some(7), created: Some(1), ..Facts::default() };
    subscription.updated(1, snapshot(Active, told.clone()));
    subscription.updated(2, snapshot(PastDue, Facts::default()));
    assert_eq!((subscription.status, subscription.facts), (Some(PastDue), told));
}

#[test]
fn a_deletion_keeps_the_one_other_status_that_is_final() {
    for (told, kept) in [(Active, Canceled), (Canceled, Canceled), (IncompleteExpired, IncompleteExpired)] {
        let mut subscription = Subscription::default();
        subscription.deleted(1, snapshot(told, Facts::default()));
        assert_eq!(subscription.status, Some(kept));
    }
}
