//! The table `customers`: which email address a customer has.

use sqlx::AnyConnection;

use super::as_number;

/// Notes a customer's email address, in lower case, unless a newer event has told another.
pub async fn saw(
    connection: &mut AnyConnection,
    customer_id: &str,
    email: &str,
    livemode: bool,
    at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO customers (customer_id, livemode, email, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (customer_id) DO UPDATE SET email = excluded.email, seen_at = excluded.seen_at
         WHERE excluded.seen_at >= customers.seen_at",
    )
    .bind(customer_id)
    .bind(as_number(livemode))
    .bind(email)
    .bind(at)
    .execute(connection)
    .await?;
    Ok(())
}
