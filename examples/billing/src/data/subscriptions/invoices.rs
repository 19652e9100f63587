//! The table `subscription_invoices`.

use sqlx::{AnyConnection, Row, any::AnyRow};

use super::super::{bool_to_int, get_bool};
use crate::billing::subscription::{Invoice, Invoices};

pub(super) async fn of(
    connection: &mut AnyConnection,
    subscription_id: &str,
) -> Result<Invoices, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM subscription_invoices WHERE subscription_id = $1")
        .bind(subscription_id)
        .fetch_all(connection)
        .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &AnyRow) -> Result<(String, Invoice), sqlx::Error> {
    let invoice = Invoice {
        created: row.try_get("created")?,
        is_first: get_bool(row, "is_first")?,
        paid_at: row.try_get("paid_at")?,
        failed_at: row.try_get("failed_at")?,
    };
    Ok((row.try_get("id")?, invoice))
}

/// Stores the invoices that are new or have changed.
pub(super) async fn store(
    connection: &mut AnyConnection,
    subscription_id: &str,
    before: &Invoices,
    known: &Invoices,
) -> Result<(), sqlx::Error> {
    for (id, invoice) in known.iter().filter(|(id, invoice)| before.get(id) != Some(invoice)) {
        sqlx::query(
            "INSERT INTO subscription_invoices (subscription_id, id, created, is_first, paid_at, failed_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (subscription_id, id) DO UPDATE SET created = excluded.created, is_first = excluded.is_first,
                 paid_at = excluded.paid_at, failed_at = excluded.failed_at",
        )
        .bind(subscription_id)
        .bind(id)
        .bind(invoice.created)
        .bind(invoice.is_first.map(bool_to_int))
        .bind(invoice.paid_at)
        .bind(invoice.failed_at)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
