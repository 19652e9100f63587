//! The table of claims that the SQL stores share, and the decoding of its rows.

use std::time::Duration;

use super::{Claim, ClaimToken};

/// The table of `SqliteStore` and `PostgresStore`, for your own migrations.
///
/// It is the same for both databases. Their `create_table` creates it.
///
/// ```sql
#[doc = include_str!("claims_table.sql")]
/// ```
pub const CLAIMS_TABLE: &str = include_str!("claims_table.sql");

/// The row that a claim statement returns.
pub(super) struct ClaimRow {
    /// The token, if the claim was granted.
    pub(super) token: Option<i64>,
    /// Milliseconds until another claim expires; `None` if the event is finished.
    ///
    /// Negative if that claim expired while the statement ran.
    pub(super) remaining: Option<i64>,
}

impl From<ClaimRow> for Claim {
    fn from(row: ClaimRow) -> Self {
        match row {
            ClaimRow { token: Some(token), .. } => {
                Self::Granted(ClaimToken::new(token.unsigned_abs()))
            }
            ClaimRow { remaining: Some(remaining), .. } => Self::InFlight {
                remaining: Duration::from_millis(u64::try_from(remaining).unwrap_or(0)),
            },
            ClaimRow { token: None, remaining: None } => Self::Finished,
        }
    }
}

/// Returns the token as a column's value. The database counts tokens up from 1.
pub(super) fn token_column(token: ClaimToken) -> i64 {
    i64::try_from(token.get()).unwrap_or(i64::MAX)
}
