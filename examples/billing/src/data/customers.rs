//! The table `customers`: which email address a customer has.

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::as_number;
use crate::billing::customer_email::{CustomerEmail, OwnEmail, ToldEmail};

/// Notes what a checkout session or an invoice says of a customer's address.
pub async fn saw(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    told: ToldEmail,
) -> Result<(), sqlx::Error> {
    change(connection, customer_id, livemode, |customer| customer.learn_told(told)).await.map(drop)
}

/// Notes what a customer's own event says of the address. `false` if that changes nothing.
pub async fn saw_own(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    own: OwnEmail,
) -> Result<bool, sqlx::Error> {
    change(connection, customer_id, livemode, |customer| customer.learn_own(own)).await
}

/// Applies a rule to a customer that is locked meanwhile. `false` if that changes nothing.
async fn change(
    connection: &mut AnyConnection,
    customer_id: &str,
    livemode: bool,
    rule: impl FnOnce(&mut CustomerEmail),
) -> Result<bool, sqlx::Error> {
    let mut customer = lock(connection, customer_id, livemode).await?;
    let before = customer.clone();
    rule(&mut customer);
    if customer == before {
        return Ok(false);
    }
    store(connection, customer_id, &customer).await?;
    Ok(true)
}

/// What is known of a customer, who is locked until the transaction ends. The row is made if it is not there yet.
async fn lock(connection: &mut AnyConnection, id: &str, livemode: bool) -> Result<CustomerEmail, sqlx::Error> {
    // The update changes nothing, but it locks the row and gives it as it is now, in one statement.
    let row = sqlx::query(
        "INSERT INTO customers (customer_id, livemode) VALUES ($1, $2)
         ON CONFLICT (customer_id) DO UPDATE SET customer_id = excluded.customer_id
         RETURNING *",
    )
    .bind(id)
    .bind(as_number(livemode))
    .fetch_one(connection)
    .await?;
    from_row(&row)
}

async fn store(connection: &mut AnyConnection, id: &str, customer: &CustomerEmail) -> Result<(), sqlx::Error> {
    let CustomerEmail { own, told } = customer;
    sqlx::query(
        "UPDATE customers SET email = $1, own_at = $2, own_is_update = $3, own_email = $4,
             told_at = $5, told_as_of = $6, told_email = $7
         WHERE customer_id = $8",
    )
    .bind(customer.email())
    .bind(own.as_ref().map(|own| own.at))
    .bind(own.as_ref().map(|own| as_number(own.is_update)))
    .bind(own.as_ref().and_then(|own| own.email.as_deref()))
    .bind(told.as_ref().map(|told| told.at))
    .bind(told.as_ref().map(|told| told.as_of))
    .bind(told.as_ref().map(|told| &*told.email))
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

fn from_row(row: &AnyRow) -> Result<CustomerEmail, sqlx::Error> {
    let own = match row.try_get::<Option<i64>, _>("own_at")? {
        Some(at) => {
            let is_update: Option<i64> = row.try_get("own_is_update")?;
            Some(OwnEmail { at, is_update: is_update == Some(1), email: row.try_get("own_email")? })
        }
        None => None,
    };
    let told = match row.try_get::<Option<i64>, _>("told_at")? {
        Some(at) => Some(ToldEmail { at, as_of: row.try_get("told_as_of")?, email: row.try_get("told_email")? }),
        None => None,
    };
    Ok(CustomerEmail { own, told })
}
