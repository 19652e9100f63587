use proptest::prelude::*;

use super::*;
use crate::test_orders::for_each_order;

const PAID: i64 = 2_000;
const CREDITS: i64 = 20_000;

type Statement = (&'static str, Reversal);

fn sum(cents: i64, reported_at: i64) -> Statement {
    ("ch_1", Reversal::RefundsOfCharge { cents, reported_at, as_of: None })
}

/// The sum in a charge that was fetched at a later time.
fn fetched_sum(cents: i64, reported_at: i64, as_of: i64) -> Statement {
    ("ch_1", Reversal::RefundsOfCharge { cents, reported_at, as_of: Some(as_of) })
}

fn refund(id: &'static str, cents: i64) -> Statement {
    (id, Reversal::Refund { cents, failed_at: None })
}

fn failed(id: &'static str, cents: i64, at: i64) -> Statement {
    (id, Reversal::Refund { cents, failed_at: Some(at) })
}

fn lost(cents: i64, decided_at: i64) -> Statement {
    ("dp_1", Reversal::Dispute { cents, decided_at, lost: true })
}

fn won(cents: i64, decided_at: i64) -> Statement {
    ("dp_1", Reversal::Dispute { cents, decided_at, lost: false })
}

fn reversals<'s>(statements: impl IntoIterator<Item = &'s Statement>) -> Reversals {
    let mut reversals = Reversals::default();
    for (id, reversal) in statements {
        reversals.learn(id, *reversal);
    }
    reversals
}

#[test]
fn every_order_and_repetition_takes_the_same_credits_back() {
    let cases: [(&[Statement], (i64, i64)); 25] = [
        (&[], (0, 0)),
        (&[sum(2_000, 1)], (20_000, 0)),
        (&[refund("re_1", 500)], (5_000, 0)),
        // Two events about one refund.
        (&[sum(500, 1), refund("re_1", 500)], (5_000, 0)),
        (&[sum(500, 1), refund("re_1", 500), refund("re_1", 500)], (5_000, 0)),
        // Two refunds, with all events and with some.
        (&[sum(500, 1), sum(2_000, 2), refund("re_1", 500), refund("re_2", 1_500)], (20_000, 0)),
        (&[sum(500, 1), sum(2_000, 2), refund("re_1", 500)], (20_000, 0)),
        (&[sum(500, 1), refund("re_1", 500), refund("re_2", 1_500)], (20_000, 0)),
        // Refunds that fail: full and partial.
        (&[sum(2_000, 1), refund("re_1", 2_000), failed("re_1", 2_000, 5)], (0, 0)),
        (&[sum(2_000, 1), failed("re_1", 2_000, 1)], (0, 0)),
        (&[failed("re_1", 2_000, 1)], (0, 0)),
        (&[sum(500, 1), sum(1_000, 2), failed("re_1", 500, 3), failed("re_1", 500, 9)], (5_000, 0)),
        // The sum after the failure includes another refund.
        (&[sum(500, 1), failed("re_1", 500, 2), sum(700, 3), refund("re_2", 700)], (7_000, 0)),
        (&[sum(500, 1), failed("re_1", 500, 2), sum(700, 3)], (7_000, 0)),
        // A fetched charge has the sum of all refunds so far, without those that have failed.
        (&[fetched_sum(2_000, 1, 9), sum(2_000, 2)], (20_000, 0)),
        (&[fetched_sum(2_000, 1, 9), refund("re_1", 500), refund("re_2", 1_500)], (20_000, 0)),
        (&[fetched_sum(700, 3, 9), failed("re_1", 500, 5)], (7_000, 0)),
        (&[fetched_sum(700, 3, 9), sum(500, 1), failed("re_1", 500, 5)], (7_000, 0)),
        (&[fetched_sum(1_200, 3, 9), failed("re_1", 500, 20)], (7_000, 0)),
        // Disputes: lost, won, decided again, and lost after a partial or full refund.
        (&[lost(2_000, 5)], (0, 20_000)),
        (&[won(2_000, 5)], (0, 0)),
        (&[lost(2_000, 5), won(2_000, 9)], (0, 0)),
        (&[won(2_000, 5), lost(2_000, 9)], (0, 20_000)),
        (&[sum(500, 1), refund("re_1", 500), lost(2_000, 5)], (5_000, 15_000)),
        (&[sum(2_000, 1), lost(2_000, 5)], (20_000, 0)),
    ];
    for (statements, (by_refunds, by_disputes)) in cases {
        for_each_order(&mut statements.to_vec(), &mut |order| {
            let taken = TakenBack { by_refunds, by_disputes };
            assert_eq!(reversals(order).taken_back(CREDITS, PAID), taken, "{order:?}");
            let repeated =
                order.iter().flat_map(|statement| [statement; 2]).chain(order.iter().rev());
            assert_eq!(reversals(repeated).taken_back(CREDITS, PAID), taken, "{order:?}, repeated");
        });
    }
}

#[test]
fn partial_refunds_round_down_and_a_full_one_takes_all() {
    // 3 credits for 7 cents, refunded cent by cent.
    let mut before = 0;
    for cents in 0..=9 {
        let taken = reversals(&[sum(cents, cents)]).taken_back(3, 7).by_refunds;
        assert_eq!(taken, 3 * cents.min(7) / 7, "{cents}");
        assert!(taken >= before);
        before = taken;
    }
    assert_eq!(before, 3);
}

#[test]
fn the_largest_amounts_do_not_overflow() {
    let statements = [
        sum(i64::MAX, i64::MAX),
        refund("re_1", i64::MAX),
        refund("re_2", i64::MAX),
        lost(i64::MAX, 1),
    ];
    let taken = reversals(&statements).taken_back(i64::MAX, i64::MAX);
    assert_eq!(taken, TakenBack { by_refunds: i64::MAX, by_disputes: 0 });
    assert_eq!(reversals(&statements).taken_back(5, 0), TakenBack::default());
}

#[test]
fn a_statement_is_new_known_or_stale() {
    let mut reversals = Reversals::default();
    for ((id, reversal), learned) in [
        (refund("re_1", 500), Learned::New),
        (refund("re_1", 500), Learned::Known),
        (failed("re_1", 500, 5), Learned::New),
        (refund("re_1", 500), Learned::Stale),
        (failed("re_1", 500, 6), Learned::Stale),
        (failed("re_1", 500, 4), Learned::New),
        (sum(500, 3), Learned::New),
        (sum(400, 2), Learned::Stale),
        (lost(500, 7), Learned::New),
        (won(500, 6), Learned::Stale),
        (won(500, 7), Learned::New),
    ] {
        assert_eq!(reversals.learn(id, reversal), learned, "{id} {reversal:?}");
    }
}

/// A generated payment: its statements, and the cents that are taken back in the end.
#[derive(Clone, Debug, Default)]
struct Life {
    statements: Vec<Statement>,
    refunded: i64,
    lost: i64,
}

const REFUND_IDS: [&str; 4] = ["re_1", "re_2", "re_3", "re_4"];

/// Each refund has an amount and may fail before the next one. Two may share a second.
fn lives() -> impl Strategy<Value = Life> {
    let refunds =
        prop::collection::vec((1..=800_i64, any::<bool>(), 0..=1_i64), 0..=REFUND_IDS.len());
    (refunds, prop::option::of((1..=PAID, any::<bool>()))).prop_map(|(refunds, dispute)| {
        let mut life = Life::default();
        let mut now = 100;
        for ((cents, fails, later), id) in refunds.into_iter().zip(REFUND_IDS) {
            now += later;
            life.refunded += cents;
            life.statements.extend([refund(id, cents), sum(life.refunded, now)]);
            if fails {
                now += 1;
                life.refunded -= cents;
                life.statements.extend([failed(id, cents, now), failed(id, cents, now + 1)]);
                now += 2;
            }
        }
        if let Some((cents, is_lost)) = dispute {
            life.statements.push(if is_lost { lost(cents, now) } else { won(cents, now) });
            life.lost = if is_lost { cents } else { 0 };
        }
        life
    })
}

fn in_any_order() -> impl Strategy<Value = (Life, Vec<Statement>)> {
    lives().prop_flat_map(|life| {
        let twice = life.statements.repeat(2);
        (Just(life), Just(twice).prop_shuffle())
    })
}

proptest! {
    #[test]
    fn any_order_takes_back_what_was_refunded_and_lost((life, statements) in in_any_order()) {
        let taken = reversals(&statements).taken_back(CREDITS, PAID);
        prop_assert_eq!(taken.by_refunds, life.refunded.min(PAID) * CREDITS / PAID);
        prop_assert_eq!(taken.by_refunds + taken.by_disputes, (life.refunded + life.lost).min(PAID) * CREDITS / PAID);
    }

    /// An endpoint may only receive the sums and the failures.
    #[test]
    fn sums_and_failures_are_enough((life, mut statements) in in_any_order()) {
        statements.retain(|(_, reversal)| !matches!(reversal, Reversal::Refund { failed_at: None, .. }));
        let taken = reversals(&statements).taken_back(CREDITS, PAID);
        prop_assert_eq!(taken.by_refunds, life.refunded.min(PAID) * CREDITS / PAID);
    }

    /// An endpoint may only receive the refunds' own events.
    #[test]
    fn the_refunds_own_events_are_enough((life, mut statements) in in_any_order()) {
        statements.retain(|(_, reversal)| !matches!(reversal, Reversal::RefundsOfCharge { .. }));
        let taken = reversals(&statements).taken_back(CREDITS, PAID);
        prop_assert_eq!(taken.by_refunds, life.refunded.min(PAID) * CREDITS / PAID);
    }
}
