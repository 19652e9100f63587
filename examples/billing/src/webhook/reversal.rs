//! Events about refunds and disputes, which take a top-up's credits back.

use serde::{Deserialize, de::IgnoredAny};
use sqlx::AnyConnection;
use tower_stripe_webhook::{
    EventData, EventType, VerifiedEvent,
    event::object::{Charge, Dispute, DisputeStatus, Refund, RefundStatus},
};

use super::{Failure, happened_at};
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

/// What an event says of a payment.
struct Statement {
    payment_id: Option<String>,
    currency: String,
    /// The refund's, the dispute's or the charge's.
    id: String,
    /// `None` if nothing follows from it yet.
    reversal: Option<Reversal>,
}

pub(super) async fn follow(tx: &mut AnyConnection, event: &VerifiedEvent) -> Result<Verdict, Failure> {
    // Other objects are not even decoded: whatever they look like, Stripe need not send them again.
    if !names_a_payment(event) {
        return Ok(Verdict::ignored("it names no payment intent, and so no top-up"));
    }
    let at = happened_at(event);
    let statement = match event.data()? {
        EventData::ChargeRefunded(charge) => of_charge(&charge, at)?,
        EventData::ChargeRefundUpdated(refund)
        | EventData::RefundCreated(refund)
        | EventData::RefundUpdated(refund)
        | EventData::RefundFailed(refund) => of_refund(&refund, at)?,
        EventData::ChargeDisputeCreated(dispute)
        | EventData::ChargeDisputeUpdated(dispute)
        | EventData::ChargeDisputeClosed(dispute)
        | EventData::ChargeDisputeFundsWithdrawn(dispute)
        | EventData::ChargeDisputeFundsReinstated(dispute) => of_dispute(&dispute, at)?,
        _ => return Ok(Verdict::ignored("it is about another object than events of its type are")),
    };
    let Statement { payment_id: Some(payment_id), currency, id, reversal } = statement else {
        return Ok(Verdict::ignored("it names no payment intent, and so no top-up"));
    };
    if !currency.eq_ignore_ascii_case("usd") {
        return Ok(Verdict::ignored("it is about no top-up: credits are sold for US dollars only"));
    }
    let Some(reversal) = reversal else {
        return Ok(Verdict::ignored("the dispute is not decided: it takes credits back if it is lost"));
    };
    let payment = Payment { livemode: event.livemode(), id: &payment_id };
    reverse(tx, event, payment, &id, reversal).await
}

async fn reverse(
    tx: &mut AnyConnection,
    event: &VerifiedEvent,
    payment: Payment<'_>,
    id: &str,
    reversal: Reversal,
) -> Result<Verdict, Failure> {
    payments::lock_unmatched(tx, payment, time::now()).await?;
    let mut reversals = payments::reversals(tx, payment).await?;
    let learned = reversals.learn(id, reversal);
    if learned == Learned::New {
        payments::store(tx, payment, id, reversal).await?;
    }
    let Some(moved) = ledger::take_back(tx, payment, &reversals, event.id()).await? else {
        return Ok(Verdict::ignored(
            "no top-up with this payment is known: this is kept for 35 days, in case its checkout session comes later",
        ));
    };
    Ok(match (describe(moved), learned, reversal.without_effect()) {
        (Some(moved), ..) => Verdict::applied(moved),
        (None, Learned::Stale, _) => Verdict::stale("a newer event has said otherwise"),
        (None, _, Some(reason)) => Verdict::ignored(reason),
        (None, ..) => Verdict::duplicate("these credits were taken back before"),
    })
}

/// What an event has moved, in words. `None` if it has moved nothing.
pub(super) fn describe(Moved { by_refunds, by_disputes }: Moved) -> Option<String> {
    let net = by_refunds + by_disputes;
    match net {
        _ if by_refunds == 0 && by_disputes == 0 => None,
        0 => Some("refunds and disputes take the same credits back as before".to_owned()),
        1.. => Some(format!("{net} credits given back")),
        _ => Some(format!("{} credits taken back", net.unsigned_abs())),
    }
}

fn names_a_payment(event: &VerifiedEvent) -> bool {
    #[derive(Deserialize)]
    struct Named {
        payment_intent: Option<IgnoredAny>,
    }

    event.object::<Named>().is_ok_and(|object| object.payment_intent.is_some())
}

fn of_charge(charge: &Charge, said_at: i64) -> Result<Statement, Failure> {
    let refunded = charge.amount_refunded.or(charge.refunded.then_some(charge.amount));
    let cents = refunded.ok_or_else(|| Failure::event("amount_refunded is not a whole number of cents"))?;
    Ok(Statement {
        payment_id: charge.payment_intent_id().map(str::to_owned),
        currency: charge.currency.clone(),
        id: charge.id.clone(),
        reversal: Some(Reversal::RefundsOfCharge { cents: not_negative(cents, "amount_refunded")?, said_at }),
    })
}

fn of_refund(refund: &Refund, at: i64) -> Result<Statement, Failure> {
    let has_failed = matches!(refund.status, Some(RefundStatus::Failed | RefundStatus::Canceled));
    let cents = not_negative(refund.amount, "the refund's amount")?;
    Ok(Statement {
        payment_id: refund.payment_intent_id().map(str::to_owned),
        currency: refund.currency.clone(),
        id: refund.id.clone(),
        reversal: Some(Reversal::Refund { cents, failed_at: has_failed.then_some(at) }),
    })
}

fn of_dispute(dispute: &Dispute, decided_at: i64) -> Result<Statement, Failure> {
    let cents = not_negative(dispute.amount, "the dispute's amount")?;
    let decided = |lost| Some(Reversal::Dispute { cents, decided_at, lost });
    let reversal = match dispute.status {
        DisputeStatus::Lost => decided(true),
        // Of `charge_refunded` the refund itself tells.
        DisputeStatus::Won
        | DisputeStatus::WarningClosed
        | DisputeStatus::Prevented
        | DisputeStatus::ChargeRefunded => decided(false),
        _ => None,
    };
    let charge_id = || dispute.charge_id().unwrap_or_default();
    Ok(Statement {
        payment_id: dispute.payment_intent_id().map(str::to_owned),
        currency: dispute.currency.clone(),
        id: dispute.id.clone().unwrap_or_else(|| format!("dispute of {}", charge_id())),
        reversal,
    })
}

fn not_negative(cents: i64, what: &str) -> Result<i64, Failure> {
    if cents < 0 { Err(Failure::Event(format!("{what} is negative: {cents}"))) } else { Ok(cents) }
}
