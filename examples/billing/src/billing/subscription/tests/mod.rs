//! Tests that the state only depends on the set of events and is Stripe's: for known sequences, and
//! for generated lives of a subscription.

mod life;
mod sequences;

use proptest::{
    prelude::*,
    sample::{Index, subsequence},
};
use tower_stripe_webhook::event::object::SubscriptionStatus::{self, *};

use self::life::{Ids, Life, steps};
use super::*;
use crate::{billing::outcome::Outcome, test_orders::for_each_order};

/// The most events of which all orders are tested.
const MAX_EXHAUSTIVE: usize = 6;

fn known(events: &[SubscriptionEvent]) -> Known {
    let mut known = Known::default();
    for event in events {
        known.learn(event.clone());
    }
    known
}

/// Asserts that every order of some events gives the same facts, also if events are repeated.
fn assert_order_does_not_matter(events: &[SubscriptionEvent]) {
    let expected = known(events);
    for_each_order(&mut events.to_vec(), &mut |order| {
        let mut known = known(order);
        assert_eq!(known, expected, "{order:#?}");
        for event in order {
            known.learn(event.clone());
        }
        assert_eq!(known, expected, "repeated: {order:#?}");
    });
}

/// A life, and its events in any order with repetitions.
fn life_and_order(ids: Ids) -> impl Strategy<Value = (Life, Vec<SubscriptionEvent>)> {
    steps().prop_map(move |steps| Life::of(&steps, ids)).prop_flat_map(|life| {
        let events = life.events().to_vec();
        let repeated = subsequence(events.clone(), 0..=events.len());
        let order = repeated.prop_flat_map(move |repeated| {
            Just([events.clone(), repeated].concat()).prop_shuffle()
        });
        (Just(life), order)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_order_of_a_life_ends_in_the_state_at_stripe((life, order) in life_and_order(Ids::Rising)) {
        prop_assert_eq!(known(&order).subscription(), life.subscription(), "{:#?}", life.events());
        prop_assert_eq!(known(&order), known(life.events()));
    }

    /// A single step can have several snapshots in one second, which only their content orders.
    #[test]
    fn event_ids_need_not_rise_if_steps_are_a_second_apart((life, order) in life_and_order(Ids::Falling)) {
        prop_assert_eq!(known(&order).subscription(), life.subscription(), "{:#?}", life.events());
        prop_assert_eq!(known(&order), known(life.events()));
    }

    /// Each fetch is sent after its event was created, and later ones may be stored first.
    #[test]
    fn fetched_subscriptions_end_in_the_state_at_stripe(
        (life, order) in steps().prop_map(|steps| Life::of(&steps, Ids::Rising)).prop_flat_map(|life| {
            let count = life.events().len();
            let fetches = prop::collection::vec(any::<Index>(), count).prop_map(move |delays| {
                delays.iter().enumerate().map(|(event, delay)| (event, event + delay.index(count - event))).collect::<Vec<_>>()
            });
            (Just(life), fetches.prop_shuffle())
        }),
    ) {
        let events: Vec<_> =
            order.iter().map(|(event, fetched)| life.event_with_fetch(*event, *fetched)).collect();
        let Subscription { customer_id, email, status, facts, .. } = known(&events).subscription();
        let expected = life.subscription();
        prop_assert_eq!((status, facts), (expected.status, expected.facts), "{:#?}", events);
        prop_assert_eq!((customer_id, email), (expected.customer_id, expected.email));
    }

    #[test]
    fn every_order_of_a_short_life_ends_in_one_state(steps in steps(), first in any::<Index>()) {
        let life = Life::of(&steps, Ids::Rising);
        let events = life.events();
        let first = first.index(events.len());
        let part = &events[first..events.len().min(first + MAX_EXHAUSTIVE)];
        assert_order_does_not_matter(part);
    }

    /// Also for sets of events that are impossible at Stripe.
    #[test]
    fn any_order_of_any_events_ends_in_one_state(
        (events, order) in prop::collection::vec(any_event(), 1..8)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        prop_assert_eq!(known(&order), known(&events));
        prop_assert_eq!(known(&[order, events.clone()].concat()), known(&events));
    }

    #[test]
    fn nothing_brings_back_an_ended_subscription(
        status in prop::sample::select(vec![Canceled, IncompleteExpired]),
        mut events in prop::collection::vec(any_event(), 0..8),
        position in any::<Index>(),
    ) {
        events.retain(|event| !matches!(&event.fact, Fact::Snapshot(snapshot) if is_final(&snapshot.status)));
        events.retain(|event| event.current.as_ref().is_none_or(|snapshot| !is_final(&snapshot.status)));
        events.retain(|event| !matches!(event.fact, Fact::Gone));
        let end = sequences::snapshot(SnapshotKind::Updated, 0, status.clone()).event();
        events.insert(position.index(events.len() + 1), end);
        prop_assert_eq!(known(&events).subscription().status, Some(status));
    }
}

/// Events with few different times and invoices, so that many of them interact.
fn any_event() -> impl Strategy<Value = SubscriptionEvent> {
    let status = prop::sample::select(SubscriptionStatus::ALL);
    let kind = prop::sample::select(vec![
        SnapshotKind::Created,
        SnapshotKind::Updated,
        SnapshotKind::Deleted,
    ]);
    let previous = prop::option::of(prop::sample::select(SubscriptionStatus::ALL));
    let invoice_id = || prop::sample::select(vec!["in_1", "in_2", "in_3"]);
    let fetched_at = prop::option::of(0..4_000_000_i64);
    let snapshot = (
        0..4_i64,
        kind,
        status,
        previous,
        prop::option::of(invoice_id()),
        any::<bool>(),
        fetched_at,
    )
        .prop_map(|(at, kind, status, previous, invoice, pending, fetched_at)| {
            let status = if kind == SnapshotKind::Deleted { Canceled } else { status.clone() };
            let mut snapshot = sequences::snapshot(kind, at, status);
            snapshot.previous.status = previous.map(|status| status.as_str().to_owned());
            snapshot.latest_invoice_id = invoice.map(str::to_owned);
            snapshot.has_pending_update = pending;
            snapshot.fetched_at = fetched_at;
            Box::new(snapshot)
        });
    let current = prop::option::of(snapshot.clone());
    let snapshot = snapshot.prop_map(Fact::Snapshot);
    let invoice = (
        0..4_i64,
        invoice_id(),
        prop::option::of(0..3_i64),
        prop::option::of(any::<bool>()),
        any::<bool>(),
    );
    let invoice = invoice.prop_map(|(at, id, created, is_first, is_paid)| {
        let (paid_at, failed_at) = if is_paid { (Some(at), None) } else { (None, Some(at)) };
        Fact::Invoice(InvoiceEvent {
            id: id.into(),
            invoice: Invoice { created, is_first, paid_at, failed_at },
        })
    });
    let fact =
        prop_oneof![3 => snapshot, 3 => invoice, 1 => Just(Fact::Checkout), 1 => Just(Fact::Gone)];
    let customer_id = prop::option::of(prop::sample::select(vec!["cus_1", "cus_2"]));
    let email = prop::option::of(prop::sample::select(vec!["ada@example.com", "zoe@example.com"]));
    (fact, 0..4_i64, any::<u64>(), customer_id, email, current).prop_map(
        |(mut fact, at, id, customer_id, email, mut current)| {
            let event_id = format!("evt_{id}");
            if let Fact::Snapshot(snapshot) = &mut fact {
                snapshot.event_id.clone_from(&event_id);
                // An event has one subscription.
                current = None;
            }
            if let Some(snapshot) = &mut current {
                snapshot.event_id.clone_from(&event_id);
            }
            SubscriptionEvent {
                moment: Moment { at, event_id },
                customer_id: customer_id.map(str::to_owned),
                email: email.map(str::to_owned),
                fact,
                current,
            }
        },
    )
}
