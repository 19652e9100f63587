//! The table `credit_transactions`, the ledger.

use sqlx::{AnyConnection, AnyPool, FromRow, Row};
use tower_stripe_webhook::Mode;

use super::{like_pattern, payments::Payment, users::User};
use crate::{billing::reversal::Reversals, time};

/// The most transactions that are listed. The balance is the sum of all.
const MAX_LISTED: i64 = 10_000;

/// The reasons of rows in the ledger.
pub const TOP_UP: &str = "credits_topup";
const REFUND: &str = "credits_refund";
const DISPUTE: &str = "credits_dispute";

/// A change of a user's credits.
#[derive(Clone, Debug, FromRow)]
pub struct Entry {
    /// The checkout session of the top-up, also in its reversals.
    pub session_id: Option<String>,
    /// In a top-up, what was paid: in cents, with tax.
    pub paid: Option<i64>,
    pub customer_id: Option<String>,
    /// Normalized.
    pub email: Option<String>,
    pub amount: i64,
    pub reason: String,
}

/// Appends a row. Returns `false` if it is a top-up whose session is in the ledger.
pub async fn append(
    connection: &mut AnyConnection,
    livemode: bool,
    payment_id: Option<&str>,
    event_id: &str,
    entry: &Entry,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query(
        "INSERT INTO credit_transactions
             (id, livemode, session_id, payment_id, paid, event_id, customer_id, email, amount, reason, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (session_id) WHERE reason = 'credits_topup' DO NOTHING",
    )
    .bind(time::new_row_id())
    .bind(i64::from(livemode))
    .bind(&entry.session_id)
    .bind(payment_id)
    .bind(entry.paid)
    .bind(event_id)
    .bind(&entry.customer_id)
    .bind(&entry.email)
    .bind(entry.amount)
    .bind(&entry.reason)
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
    let entries: Vec<Entry> = sqlx::query_as(
        "SELECT session_id, paid, customer_id, email, amount, reason FROM credit_transactions
         WHERE payment_id = $1 AND livemode = $2 ORDER BY id",
    )
    .bind(payment.id)
    .bind(i64::from(payment.livemode))
    .fetch_all(&mut *connection)
    .await?;
    let sum_of = |reason| -> i64 {
        entries.iter().filter(|entry| entry.reason == reason).map(|entry| entry.amount).sum()
    };
    let Some(top_up) = entries.iter().find(|entry| entry.reason == TOP_UP) else {
        return Ok(None);
    };
    let taken = reversals.taken_back(top_up.amount, top_up.paid.unwrap_or_default());
    let moved = Moved {
        by_refunds: -taken.by_refunds - sum_of(REFUND),
        by_disputes: -taken.by_disputes - sum_of(DISPUTE),
    };
    for (amount, reason) in [(moved.by_refunds, REFUND), (moved.by_disputes, DISPUTE)] {
        if amount != 0 {
            let entry = Entry { paid: None, amount, reason: reason.to_owned(), ..top_up.clone() };
            append(connection, payment.livemode, Some(payment.id), event_id, &entry).await?;
        }
    }
    Ok(Some(moved))
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
    .bind(i64::from(mode.is_live()))
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
    .bind(i64::from(mode.is_live()))
    .bind(like_pattern(part))
    .bind(limit)
    .fetch_all(pool)
    .await
}
