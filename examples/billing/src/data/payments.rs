//! The tables `credit_payments` and `credit_reversals`: payments, and their refunds and disputes.

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{bool_to_int, get_bool};
use crate::billing::reversal::{Reversal, Reversals};

/// A payment. Its id is that of the payment intent.
#[derive(Clone, Copy, Debug)]
pub struct Payment<'a> {
    pub livemode: bool,
    pub id: &'a str,
}

/// Locks the payment of a known top-up until the transaction ends.
pub async fn lock_matched(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
) -> Result<(), sqlx::Error> {
    lock(connection, payment, None).await
}

/// Locks a payment until the transaction ends. It is pruned later unless its top-up is known by
/// then.
pub async fn lock_unmatched(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    now: i64,
) -> Result<(), sqlx::Error> {
    lock(connection, payment, Some(now)).await
}

async fn lock(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    unmatched_at: Option<i64>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO credit_payments (livemode, payment_id, unmatched_at) VALUES ($1, $2, $3)
         ON CONFLICT (livemode, payment_id) DO UPDATE SET
             unmatched_at = CASE WHEN credit_payments.unmatched_at IS NULL THEN NULL ELSE excluded.unmatched_at END",
    )
    .bind(bool_to_int(payment.livemode))
    .bind(payment.id)
    .bind(unmatched_at)
    .execute(connection)
    .await?;
    Ok(())
}

/// Returns the known reversals of a locked payment.
pub async fn reversals(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
) -> Result<Reversals, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, kind, cents, said_at, lost FROM credit_reversals WHERE livemode = $1 AND payment_id = $2",
    )
    .bind(bool_to_int(payment.livemode))
    .bind(payment.id)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, from_row(row)?))).collect()
}

/// Stores one reversal of a locked payment.
pub async fn store(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    id: &str,
    reversal: Reversal,
) -> Result<(), sqlx::Error> {
    let (kind, cents, said_at, lost) = match reversal {
        Reversal::RefundsOfCharge { cents, said_at } => {
            (REFUNDS_OF_CHARGE, cents, Some(said_at), None)
        }
        Reversal::Refund { cents, failed_at } => (REFUND, cents, failed_at, None),
        Reversal::Dispute { cents, decided_at, lost } => {
            (DISPUTE, cents, Some(decided_at), Some(bool_to_int(lost)))
        }
    };
    sqlx::query(
        "INSERT INTO credit_reversals (livemode, payment_id, id, kind, cents, said_at, lost)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (livemode, payment_id, id) DO UPDATE SET
             kind = excluded.kind, cents = excluded.cents, said_at = excluded.said_at, lost = excluded.lost",
    )
    .bind(bool_to_int(payment.livemode))
    .bind(payment.id)
    .bind(id)
    .bind(kind)
    .bind(cents)
    .bind(said_at)
    .bind(lost)
    .execute(connection)
    .await?;
    Ok(())
}

const REFUNDS_OF_CHARGE: &str = "refunds_of_charge";
const REFUND: &str = "refund";
const DISPUTE: &str = "dispute";

fn from_row(row: &AnyRow) -> Result<Reversal, sqlx::Error> {
    let (cents, said_at) = (row.try_get("cents")?, row.try_get::<Option<i64>, _>("said_at")?);
    let lost = get_bool(row, "lost")?.unwrap_or_default();
    match row.try_get("kind")? {
        REFUNDS_OF_CHARGE => {
            Ok(Reversal::RefundsOfCharge { cents, said_at: said_at.unwrap_or_default() })
        }
        REFUND => Ok(Reversal::Refund { cents, failed_at: said_at }),
        DISPUTE => Ok(Reversal::Dispute { cents, decided_at: said_at.unwrap_or_default(), lost }),
        other => Err(sqlx::Error::Decode(format!("credit_reversals.kind is {other:?}").into())),
    }
}
