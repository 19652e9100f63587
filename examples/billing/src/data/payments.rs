//! The table `credit_payments`: payments, with their refunds and disputes.

use sqlx::AnyConnection;

use super::{from_json, to_json};
use crate::billing::reversal::Reversals;

/// A payment. Its id is that of the payment intent.
#[derive(Clone, Copy, Debug)]
pub struct Payment<'a> {
    pub livemode: bool,
    pub id: &'a str,
}

/// Reads the reversals of a payment and locks its row until the transaction ends. Creates the row
/// if there is none.
///
/// `unmatched_at` is `None` if a top-up of the payment is known. Else it is the time now: unless
/// the top-up becomes known, the row is pruned 35 days later.
pub async fn lock(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    unmatched_at: Option<i64>,
) -> Result<Reversals, sqlx::Error> {
    let facts: String = sqlx::query_scalar(
        "INSERT INTO credit_payments (livemode, payment_id, unmatched_at) VALUES ($1, $2, $3)
         ON CONFLICT (livemode, payment_id) DO UPDATE SET
             unmatched_at = CASE WHEN credit_payments.unmatched_at IS NULL THEN NULL ELSE excluded.unmatched_at END
         RETURNING facts",
    )
    .bind(i64::from(payment.livemode))
    .bind(payment.id)
    .bind(unmatched_at)
    .fetch_one(connection)
    .await?;
    from_json(&facts)
}

/// Stores the reversals of a locked payment.
pub async fn store(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    reversals: &Reversals,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE credit_payments SET facts = $1 WHERE livemode = $2 AND payment_id = $3")
        .bind(to_json(reversals)?)
        .bind(i64::from(payment.livemode))
        .bind(payment.id)
        .execute(connection)
        .await?;
    Ok(())
}
