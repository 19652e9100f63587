//! Refunds and disputes, which take back a top-up's credits.

use serde::{Deserialize, de::IgnoredAny};
use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventData, EventType,
    event::object::{Charge, Dispute, DisputeStatus, Refund, RefundStatus},
};

use super::{Failure, received::Received};
use crate::{
    billing::{
        outcome::Verdict,
        reversal::{Learned, Reversal},
    },
    data::{
        credits::{self as ledger, Moved},
        payments::{self, Payment},
    },
    time,
};

pub(super) const EVENT_TYPES: [EventType; 10] = [
    EventType::ChargeRefunded,
    EventType::ChargeRefundUpdated,
    EventType::RefundCreated,
    EventType::RefundUpdated,
    EventType::RefundFailed,
    EventType::ChargeDisputeCreated,
    EventType::ChargeDisputeUpdated,
    EventType::ChargeDisputeClosed,
    EventType::ChargeDisputeFundsWithdrawn,
    EventType::ChargeDisputeFundsReinstated,
];

/// A refund or dispute of a payment, as an event states it.
struct Statement {
    payment_id: Option<String>,
    currency: String,
    /// The id of the refund, the dispute or the charge.
    id: String,
    /// `None` while a dispute is open.
    reversal: Option<Reversal>,
}

pub(super) async fn apply(tx: &mut AnyConnection, event: &Received) -> Result<Verdict, Failure> {
    // Objects without a payment are not decoded, so an unexpected one cannot fail.
    if !has_payment(event) {
        return Ok(Verdict::ignored("it names no payment intent, so it belongs to no top-up"));
    }
    let at = event.at;
    let as_of = event.as_of();
    let statement = match event.data()? {
        EventData::ChargeRefunded(charge) => of_charge(&charge, at, as_of)?,
        EventData::ChargeRefundUpdated(refund)
        | EventData::RefundCreated(refund)
        | EventData::RefundUpdated(refund)
        | EventData::RefundFailed(refund) => of_refund(&refund, failure_time(event))?,
        EventData::ChargeDisputeCreated(dispute)
        | EventData::ChargeDisputeUpdated(dispute)
        | EventData::ChargeDisputeClosed(dispute)
        | EventData::ChargeDisputeFundsWithdrawn(dispute)
        | EventData::ChargeDisputeFundsReinstated(dispute) => of_dispute(&dispute, at)?,
        _ => return Ok(Verdict::ignored("data.object is another object than the event type has")),
    };
    let Statement { payment_id: Some(payment_id), currency, id, reversal } = statement else {
        return Ok(Verdict::ignored("it names no payment intent, so it belongs to no top-up"));
    };
    if !currency.eq_ignore_ascii_case("usd") {
        return Ok(Verdict::ignored("not a top-up: credits are only sold for US dollars"));
    }
    let Some(reversal) = reversal else {
        return Ok(Verdict::ignored("the dispute is open: it takes credits back if it is lost"));
    };
    let payment = Payment { livemode: event.livemode(), id: &payment_id };
    reverse(tx, event, payment, &id, reversal).await
}

async fn reverse(
    tx: &mut AnyConnection,
    event: &Received,
    payment: Payment<'_>,
    id: &str,
    reversal: Reversal,
) -> Result<Verdict, Failure> {
    let mut reversals = payments::lock(tx, payment, Some(time::now())).await?;
    let learned = reversals.learn(id, reversal);
    if learned == Learned::New {
        payments::store(tx, payment, &reversals).await?;
    }
    let Some(moved) = ledger::take_back(tx, payment, &reversals, event.id()).await? else {
        return Ok(Verdict::ignored(
            "no top-up with this payment is known: kept for 35 days, in case its checkout session comes later",
        ));
    };
    Ok(match (describe(moved), learned, reversal.without_effect()) {
        (Some(moved), ..) => Verdict::applied(moved),
        (None, Learned::Stale, _) => Verdict::stale("a newer event supersedes it"),
        (None, _, Some(reason)) => Verdict::ignored(reason),
        (None, ..) => Verdict::duplicate("these credits were already taken back"),
    })
}

/// Describes a change of the ledger. Returns `None` if nothing changed.
pub(super) fn describe(Moved { by_refunds, by_disputes }: Moved) -> Option<String> {
    let net = by_refunds + by_disputes;
    match net {
        _ if by_refunds == 0 && by_disputes == 0 => None,
        0 => Some("refunds and disputes take back the same credits as before".to_owned()),
        1.. => Some(format!("{net} credits given back")),
        _ => Some(format!("{} credits taken back", net.unsigned_abs())),
    }
}

fn has_payment(event: &Received) -> bool {
    #[derive(Deserialize)]
    struct Object {
        payment_intent: Option<IgnoredAny>,
    }

    event.object::<Object>().is_ok_and(|object| object.payment_intent.is_some())
}

fn of_charge(charge: &Charge, reported_at: i64, as_of: Option<i64>) -> Result<Statement, Failure> {
    let refunded = charge.amount_refunded().or(charge.refunded().then_some(charge.amount()));
    let cents =
        refunded.ok_or_else(|| Failure::event("amount_refunded is not a whole number of cents"))?;
    Ok(Statement {
        payment_id: charge.payment_intent_id().map(str::to_owned),
        currency: charge.currency().to_owned(),
        id: charge.id().to_owned(),
        reversal: Some(Reversal::RefundsOfCharge {
            cents: not_negative(cents, "amount_refunded")?,
            reported_at,
            as_of,
        }),
    })
}

/// Returns when the refund failed, if it has.
///
/// A refund that was fetched may have failed after the event. Then the fetch is the latest time at
/// which it can have failed, and its own event states an earlier one.
fn failure_time(event: &Received) -> i64 {
    #[derive(Deserialize)]
    struct After {
        status: Option<RefundStatus>,
    }

    let after = event.changes().and_then(|changes| changes.after::<After>().ok().flatten());
    let states_failure = *event.event_type() == EventType::RefundFailed
        || after.and_then(|after| after.status).as_ref().is_some_and(has_failed);
    event.as_of().filter(|_| !states_failure).unwrap_or(event.at)
}

fn has_failed(status: &RefundStatus) -> bool {
    matches!(status, RefundStatus::Failed | RefundStatus::Canceled)
}

fn of_refund(refund: &Refund, at: i64) -> Result<Statement, Failure> {
    let has_failed = refund.status().is_some_and(has_failed);
    let cents = not_negative(refund.amount(), "the refund's amount")?;
    Ok(Statement {
        payment_id: refund.payment_intent_id().map(str::to_owned),
        currency: refund.currency().to_owned(),
        id: refund.id().to_owned(),
        reversal: Some(Reversal::Refund { cents, failed_at: has_failed.then_some(at) }),
    })
}

fn of_dispute(dispute: &Dispute, decided_at: i64) -> Result<Statement, Failure> {
    let cents = not_negative(dispute.amount(), "the dispute's amount")?;
    let decided = |lost| Some(Reversal::Dispute { cents, decided_at, lost });
    let reversal = match dispute.status() {
        DisputeStatus::Lost => decided(true),
        // After `charge_refunded`, the refund takes the credits back.
        DisputeStatus::Won
        | DisputeStatus::WarningClosed
        | DisputeStatus::Prevented
        | DisputeStatus::ChargeRefunded => decided(false),
        _ => None,
    };
    let charge_id = || dispute.charge_id().unwrap_or_default();
    Ok(Statement {
        payment_id: dispute.payment_intent_id().map(str::to_owned),
        currency: dispute.currency().to_owned(),
        id: dispute.id().map_or_else(|| format!("dispute of {}", charge_id()), str::to_owned),
        reversal,
    })
}

fn not_negative(cents: i64, what: &str) -> Result<i64, Failure> {
    if cents < 0 { Err(Failure::Event(format!("{what} is negative: {cents}"))) } else { Ok(cents) }
}
