//! The table `customers`: the email addresses of customers.

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{bool_to_int, get_bool};
use crate::billing::customer_email::{CustomerEmail, ObservedEmail, OwnEmail};

/// Stores the address of a customer in a checkout session or an invoice.
pub async fn remember_email(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    observed: ObservedEmail,
) -> Result<(), sqlx::Error> {
    change(connection, customer_id, livemode, |customer| customer.learn_observed(observed))
        .await
        .map(drop)
}

/// Stores the address in a customer's own event. Returns `false` if a newer one is known.
pub async fn remember_own_email(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    own: OwnEmail,
) -> Result<bool, sqlx::Error> {
    change(connection, customer_id, livemode, |customer| customer.learn_own(own)).await
}

/// Changes a customer while its row is locked. Returns whether anything changed.
async fn change(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    learn: impl FnOnce(&mut CustomerEmail),
) -> Result<bool, sqlx::Error> {
    let mut customer = lock(connection, customer_id, livemode).await?;
    let before = customer.clone();
    learn(&mut customer);
    if customer == before {
        return Ok(false);
    }
    store(connection, customer_id, &customer).await?;
    Ok(true)
}

/// Reads a customer and locks its row until the transaction ends. Creates the row if there is none.
async fn lock(
    connection: &mut AnyConnection,
    id: &str,
    livemode: bool,
) -> Result<CustomerEmail, sqlx::Error> {
    // The update changes nothing, but it locks the row and returns its current values.
    let row = sqlx::query(
        "INSERT INTO customers (customer_id, livemode) VALUES ($1, $2)
         ON CONFLICT (customer_id) DO UPDATE SET customer_id = excluded.customer_id
         RETURNING *",
    )
    .bind(id)
    .bind(bool_to_int(livemode))
    .fetch_one(connection)
    .await?;
    from_row(&row)
}

async fn store(
    connection: &mut AnyConnection,
    id: &str,
    customer: &CustomerEmail,
) -> Result<(), sqlx::Error> {
    let CustomerEmail { own, observed } = customer;
    sqlx::query(
        "UPDATE customers SET email = $1, own_at = $2, own_is_update = $3, own_email = $4,
             told_at = $5, told_as_of = $6, told_email = $7
         WHERE customer_id = $8",
    )
    .bind(customer.email())
    .bind(own.as_ref().map(|own| own.at))
    .bind(own.as_ref().map(|own| bool_to_int(own.is_update)))
    .bind(own.as_ref().and_then(|own| own.email.as_deref()))
    .bind(observed.as_ref().map(|observed| observed.at))
    .bind(observed.as_ref().map(|observed| observed.as_of))
    .bind(observed.as_ref().map(|observed| &*observed.email))
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<CustomerEmail, sqlx::Error> {
    let own = match row.try_get::<Option<i64>, _>("own_at")? {
        Some(at) => Some(OwnEmail {
            at,
            is_update: get_bool(row, "own_is_update")?.unwrap_or_default(),
            email: row.try_get("own_email")?,
        }),
        None => None,
    };
    let observed = match row.try_get::<Option<i64>, _>("told_at")? {
        Some(at) => Some(ObservedEmail {
            at,
            as_of: row.try_get("told_as_of")?,
            email: row.try_get("told_email")?,
        }),
        None => None,
    };
    Ok(CustomerEmail { own, observed })
}
