//! The credits of a top-up that refunds and lost disputes take back.
//!
//! One statement is kept for each refund, dispute and charge of a payment, and the credits are
//! derived from all of them. So the result does not depend on the order or repetition of events,
//! and two events about one refund take its credits once.

use std::{cmp::Ordering, collections::BTreeMap};

use serde::{Deserialize, Serialize};

/// A statement about a refund, a dispute, or all refunds of a charge. Amounts are in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reversal {
    /// From `charge.refunded`: the sum of the charge's refunds that have not failed by then.
    ///
    /// A charge that was fetched has the sum `as_of` the fetch, which may be later than the event.
    RefundsOfCharge {
        cents: i64,
        reported_at: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        as_of: Option<i64>,
    },
    /// A refund counts from its creation, unless it fails or is canceled, which is final.
    Refund { cents: i64, failed_at: Option<i64> },
    /// A dispute counts if it is lost. In rare cases a bank decides again.
    Dispute { cents: i64, decided_at: i64, lost: bool },
}

impl Reversal {
    /// Returns why the statement takes back no credits. `None` if it does.
    pub fn without_effect(&self) -> Option<&'static str> {
        match self {
            Self::Refund { failed_at: Some(_), .. } => {
                Some("the refund has failed: it takes no credits back")
            }
            Self::Dispute { lost: false, .. } => {
                Some("the dispute is not lost: it takes no credits back")
            }
            _ => None,
        }
    }

    /// Orders the statements about one refund, dispute or charge: the greatest counts.
    fn weight(&self) -> (u8, i64, i64, i64) {
        match *self {
            Self::RefundsOfCharge { cents, reported_at, as_of } => {
                (0, reported_at, as_of.unwrap_or(reported_at), cents)
            }
            // Of several events about a failure, the first has its time.
            Self::Refund { cents, failed_at } => {
                (1, failed_at.map_or(i64::MIN, i64::saturating_neg), cents, 0)
            }
            Self::Dispute { cents, decided_at, lost } => (2, decided_at, i64::from(!lost), cents),
        }
    }
}

/// Whether a statement is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    New,
    Known,
    /// A newer event supersedes it.
    Stale,
}

/// The known refunds and disputes of one payment, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reversals(BTreeMap<String, Reversal>);

/// The credits that are taken back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    pub by_refunds: i64,
    pub by_disputes: i64,
}

impl Reversals {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn learn(&mut self, id: &str, reversal: Reversal) -> Learned {
        let learned = match self.0.get(id).map(|known| reversal.weight().cmp(&known.weight())) {
            None | Some(Ordering::Greater) => Learned::New,
            Some(Ordering::Equal) => Learned::Known,
            Some(Ordering::Less) => Learned::Stale,
        };
        if learned == Learned::New {
            self.0.insert(id.to_owned(), reversal);
        }
        learned
    }

    /// Returns which of a top-up's credits are taken back, for a payment of `paid` cents.
    ///
    /// They are proportional to the refunded amount, rounded down: a full refund takes all credits,
    /// also in several parts. Disputes only take what refunds have left.
    pub fn taken_back(&self, credits: i64, paid: i64) -> TakenBack {
        let [credits, paid] = [credits, paid].map(i128::from);
        let part = |cents: i128| if paid > 0 { credits * cents.clamp(0, paid) / paid } else { 0 };
        let by_refunds = part(self.refunded());
        let by_disputes = part(self.refunded() + self.lost()) - by_refunds;
        // Neither is more than the credits.
        let [by_refunds, by_disputes] =
            [by_refunds, by_disputes].map(|part| i64::try_from(part).unwrap_or(i64::MAX));
        TakenBack { by_refunds, by_disputes }
    }

    /// Returns the refunded cents.
    ///
    /// A refund is in two events: its own, and the sum in `charge.refunded`. Either may be late or
    /// not sent to this endpoint, so the greater total counts.
    fn refunded(&self) -> i128 {
        let one_by_one: i128 = self
            .0
            .values()
            .filter_map(|reversal| match reversal {
                Reversal::Refund { cents, failed_at: None } => Some(i128::from(*cents)),
                _ => None,
            })
            .sum();
        let newest_sum = self.0.values().filter_map(|reversal| match reversal {
            Reversal::RefundsOfCharge { cents, reported_at, as_of } => {
                Some((*reported_at, as_of.unwrap_or(*reported_at), *cents))
            }
            _ => None,
        });
        // Only one charge of a payment succeeds.
        let sum = newest_sum
            .max()
            .map_or(0, |(_, as_of, cents)| i128::from(cents) - self.failed_since(as_of));
        one_by_one.max(sum)
    }

    /// Returns the refunds that a sum includes but that failed later.
    fn failed_since(&self, as_of: i64) -> i128 {
        let failed = self.0.values().filter_map(|reversal| match reversal {
            Reversal::Refund { cents, failed_at: Some(at) } if *at >= as_of => {
                Some(i128::from(*cents))
            }
            _ => None,
        });
        failed.sum()
    }

    fn lost(&self) -> i128 {
        let lost = self.0.values().filter_map(|reversal| match reversal {
            Reversal::Dispute { cents, lost: true, .. } => Some(i128::from(*cents)),
            _ => None,
        });
        lost.sum()
    }
}

#[cfg(test)]
mod tests;
