//! The table `customers`: the email addresses of customers.

use sqlx::AnyConnection;

use super::{from_json, to_json};
use crate::billing::customer_email::CustomerEmail;

/// Changes what is known of a customer's address. Returns `false` if nothing changed.
///
/// Locks the customer's row until the transaction ends, and creates it if there is none.
pub async fn learn(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    learn: impl FnOnce(&mut CustomerEmail),
) -> Result<bool, sqlx::Error> {
    // The update changes nothing, but it locks the row and returns its current values.
    let facts: String = sqlx::query_scalar(
        "INSERT INTO customers (customer_id, livemode) VALUES ($1, $2)
         ON CONFLICT (customer_id) DO UPDATE SET customer_id = excluded.customer_id
         RETURNING facts",
    )
    .bind(customer_id)
    .bind(i64::from(livemode))
    .fetch_one(&mut *connection)
    .await?;
    let before: CustomerEmail = from_json(&facts)?;
    let mut customer = before.clone();
    learn(&mut customer);
    if customer == before {
        return Ok(false);
    }
    sqlx::query("UPDATE customers SET email = $1, facts = $2 WHERE customer_id = $3")
        .bind(customer.email())
        .bind(to_json(&customer)?)
        .bind(customer_id)
        .execute(connection)
        .await?;
    Ok(true)
}
