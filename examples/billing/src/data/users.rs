//! Who a user is: an email address, and every customer that has it.

use sqlx::AnyPool;

use super::as_number;
use crate::mode::Mode;

/// A user, as the other tables are searched for one.
#[derive(Clone, Debug)]
pub struct User {
    /// As it was asked for: the email address in lower case, or the customer's id.
    pub identity: String,
    pub customer_id: Option<String>,
    pub email: Option<String>,
}

impl User {
    /// Finds out who is meant by an email address (any case), or else by a customer's id.
    pub async fn find(pool: &AnyPool, mode: Mode, asked: &str) -> Result<Self, sqlx::Error> {
        if asked.contains('@') {
            let email = asked.to_lowercase();
            return Ok(Self { identity: email.clone(), customer_id: None, email: Some(email) });
        }
        let email = sqlx::query_scalar("SELECT email FROM customers WHERE customer_id = $1 AND livemode = $2")
            .bind(asked)
            .bind(as_number(mode.livemode()))
            .fetch_optional(pool)
            .await?;
        Ok(Self { identity: asked.to_owned(), customer_id: Some(asked.to_owned()), email })
    }
}
