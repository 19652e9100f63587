//! The table `credit_transactions`, the ledger.

use sqlx::{AnyConnection, AnyPool, FromRow, Row, any::AnyRow};

use super::{bool_to_int, like_pattern, payments::Payment, users::User};
use crate::{billing::reversal::Reversals, mode::Mode, time};

/// The most transactions that are listed. The balance is the sum of all.
const MAX_LISTED: i64 = 10_000;

/// The reasons of rows in the ledger.
const TOP_UP: &str = "credits_topup";
const REFUND: &str = "credits_refund";
const DISPUTE: &str = "credits_dispute";

/// The credits of a checkout session.
#[derive(Clone, Copy, Debug)]
pub struct TopUp<'a> {
    pub session_id: &'a str,
    /// The payment intent.
    pub payment_id: Option<&'a str>,
    /// In cents, with tax.
    pub paid: i64,
    pub event_id: &'a str,
    pub livemode: bool,
    pub customer_id: Option<&'a str>,
    /// Normalized.
    pub email: Option<&'a str>,
    pub amount: i64,
}

/// Adds a session's credits. Returns `false` if they were added before.
pub async fn add(connection: &mut AnyConnection, top_up: TopUp<'_>) -> Result<bool, sqlx::Error> {
    let added = sqlx::query(
        "INSERT INTO credit_transactions
             (id, livemode, session_id, payment_id, paid, event_id, customer_id, email, amount, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'credits_topup', $10)
         ON CONFLICT (session_id) WHERE reason = 'credits_topup' DO NOTHING",
    )
    .bind(time::new_row_id())
    .bind(bool_to_int(top_up.livemode))
    .bind(top_up.session_id)
    .bind(top_up.payment_id)
    .bind(top_up.paid)
    .bind(top_up.event_id)
    .bind(top_up.customer_id)
    .bind(top_up.email)
    .bind(top_up.amount)
    .bind(time::now())
    .execute(connection)
    .await?;
    Ok(added.rows_affected() == 1)
}

/// The change of the ledger by an event. Positive credits were given back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    pub by_refunds: i64,
    pub by_disputes: i64,
}

/// Appends rows until the ledger takes back as many of a top-up's credits as the reversals of its
/// locked payment do. Returns `None` if no top-up of the payment is known.
pub async fn take_back(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    reversals: &Reversals,
    event_id: &str,
) -> Result<Option<Moved>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT session_id, paid, customer_id, email, amount, reason FROM credit_transactions
         WHERE payment_id = $1 AND livemode = $2 ORDER BY id",
    )
    .bind(payment.id)
    .bind(bool_to_int(payment.livemode))
    .fetch_all(&mut *connection)
    .await?;
    let mut top_up = None;
    let mut ledger = Moved::default();
    for row in &rows {
        let amount: i64 = row.try_get("amount")?;
        match row.try_get("reason")? {
            TOP_UP => top_up = top_up.or(Some((row, amount))),
            REFUND => ledger.by_refunds += amount,
            DISPUTE => ledger.by_disputes += amount,
            _ => {}
        }
    }
    let Some((row, credits)) = top_up else { return Ok(None) };
    let taken =
        reversals.taken_back(credits, row.try_get::<Option<i64>, _>("paid")?.unwrap_or_default());
    let moved = Moved {
        by_refunds: -taken.by_refunds - ledger.by_refunds,
        by_disputes: -taken.by_disputes - ledger.by_disputes,
    };
    for (amount, reason) in [(moved.by_refunds, REFUND), (moved.by_disputes, DISPUTE)] {
        if amount != 0 {
            append(connection, payment, row, event_id, amount, reason).await?;
        }
    }
    Ok(Some(moved))
}

/// Appends a row for the user of a top-up.
async fn append(
    connection: &mut AnyConnection,
    payment: Payment<'_>,
    top_up: &AnyRow,
    event_id: &str,
    amount: i64,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO credit_transactions
             (id, livemode, session_id, payment_id, event_id, customer_id, email, amount, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(time::new_row_id())
    .bind(bool_to_int(payment.livemode))
    .bind(top_up.try_get::<Option<&str>, _>("session_id")?)
    .bind(payment.id)
    .bind(event_id)
    .bind(top_up.try_get::<Option<&str>, _>("customer_id")?)
    .bind(top_up.try_get::<Option<&str>, _>("email")?)
    .bind(amount)
    .bind(reason)
    .bind(time::now())
    .execute(connection)
    .await?;
    Ok(())
}

/// A user's balance and transactions, the newest first.
#[derive(Debug)]
pub struct Account {
    pub balance: i64,
    pub transactions: Vec<Transaction>,
}

#[derive(Debug, FromRow, serde::Serialize)]
pub struct Transaction {
    pub amount: i64,
    pub reason: String,
    pub event_id: String,
    pub created_at: i64,
}

pub async fn account(pool: &AnyPool, mode: Mode, user: &User) -> Result<Account, sqlx::Error> {
    // One statement, so that the balance and the transactions belong together. `UNION` counts each
    // row once, and each of its parts uses an index, which Postgres does not for an `OR`.
    let rows = sqlx::query(
        "SELECT amount, reason, event_id, created_at, CAST(SUM(amount) OVER () AS BIGINT) AS balance
         FROM (SELECT * FROM credit_transactions WHERE customer_id = $2
               UNION SELECT * FROM credit_transactions WHERE email = $3
               UNION SELECT * FROM credit_transactions
                   WHERE customer_id IN (SELECT customer_id FROM customers WHERE email = $3 AND livemode = $1)) AS of_user
         WHERE livemode = $1
         ORDER BY id DESC
         LIMIT $4",
    )
    .bind(bool_to_int(mode.livemode()))
    .bind(user.customer_id())
    .bind(user.email())
    .bind(MAX_LISTED)
    .fetch_all(pool)
    .await?;

    let balance = rows.first().map_or(Ok(0), |row| row.try_get("balance"))?;
    let transactions = rows.iter().map(Transaction::from_row).collect::<Result<_, _>>()?;
    Ok(Account { balance, transactions })
}

/// A user with credits.
#[derive(Debug, FromRow)]
pub struct Holder {
    /// An email address if one is known, else the customer's id.
    #[sqlx(rename = "user_identity")]
    pub user: String,
    pub balance: i64,
    /// The time of the last top-up.
    pub last_at: i64,
}

/// Returns the users whose customer id or email address contains `part` in any case, the last
/// top-up first.
pub async fn search(
    pool: &AnyPool,
    mode: Mode,
    part: &str,
    limit: i64,
) -> Result<Vec<Holder>, sqlx::Error> {
    sqlx::query_as(
        "SELECT user_identity, CAST(SUM(amount) AS BIGINT) AS balance,
             COALESCE(MAX(CASE WHEN reason = 'credits_topup' THEN created_at END), MAX(created_at)) AS last_at
         FROM (SELECT amount, reason, created_at, credit_transactions.customer_id AS customer_id,
                   credit_transactions.email AS email, customers.email AS known_email,
                   COALESCE(customers.email, credit_transactions.email, credit_transactions.customer_id) AS user_identity
               FROM credit_transactions LEFT JOIN customers
                   ON customers.customer_id = credit_transactions.customer_id
                   AND customers.livemode = credit_transactions.livemode
               WHERE credit_transactions.livemode = $1) AS ledger
         WHERE user_identity IS NOT NULL
         GROUP BY user_identity
         HAVING MAX(CASE WHEN LOWER(customer_id) LIKE $2 ESCAPE '!' OR email LIKE $2 ESCAPE '!'
                 OR known_email LIKE $2 ESCAPE '!' THEN 1 ELSE 0 END) = 1
         ORDER BY last_at DESC, user_identity
         LIMIT $3",
    )
    .bind(bool_to_int(mode.livemode()))
    .bind(like_pattern(part))
    .bind(limit)
    .fetch_all(pool)
    .await
}
