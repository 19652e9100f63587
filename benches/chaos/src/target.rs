//! The programs under test.

use std::{fmt, str::FromStr};

use tower_stripe_webhook::BoxError;

use crate::plan::Kind;

/// What makes each event take effect once, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `IdempotencyLayer` on `MemoryStore`.
    Memory,
    Sqlite,
    Postgres,
    /// Redis with an append-only file.
    Redis,
    /// Redis without persistence: a restart loses its data.
    RedisVolatile,
    /// `record`, in one transaction with the effect.
    RecordSqlite,
    RecordPostgres,
    BillingSqlite,
    BillingPostgres,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    None,
    Sqlite,
    Postgres,
    Redis { persistent: bool },
}

const NETWORK: [Kind; 6] =
    [Kind::Disconnect, Kind::Restart, Kind::Slow, Kind::Stall, Kind::Silence, Kind::Cut];

impl Target {
    pub const ALL: [Self; 9] = [
        Self::Memory,
        Self::Sqlite,
        Self::Postgres,
        Self::Redis,
        Self::RedisVolatile,
        Self::RecordSqlite,
        Self::RecordPostgres,
        Self::BillingSqlite,
        Self::BillingPostgres,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::RedisVolatile => "redis-volatile",
            Self::RecordSqlite => "record-sqlite",
            Self::RecordPostgres => "record-postgres",
            Self::BillingSqlite => "billing-sqlite",
            Self::BillingPostgres => "billing-postgres",
        }
    }

    pub fn database(self) -> Database {
        match self {
            Self::Memory => Database::None,
            Self::Sqlite | Self::RecordSqlite | Self::BillingSqlite => Database::Sqlite,
            Self::Postgres | Self::RecordPostgres | Self::BillingPostgres => Database::Postgres,
            Self::Redis => Database::Redis { persistent: true },
            Self::RedisVolatile => Database::Redis { persistent: false },
        }
    }

    pub fn is_billing(self) -> bool {
        matches!(self, Self::BillingSqlite | Self::BillingPostgres)
    }

    /// Whether the target uses `IdempotencyLayer`, so that its documented exceptions apply.
    pub fn claims(self) -> bool {
        !self.is_billing() && !matches!(self, Self::RecordSqlite | Self::RecordPostgres)
    }

    /// The number of nodes. A store in memory belongs to one process.
    pub fn nodes(self) -> usize {
        if self == Self::Memory { 1 } else { 2 }
    }

    /// The kinds of faults that can happen to the target.
    pub fn faults(self) -> Vec<Kind> {
        let mut kinds = vec![Kind::Kill, Kind::Pause];
        match self.database() {
            Database::None => {}
            Database::Sqlite => kinds.push(Kind::FullDisk),
            Database::Postgres | Database::Redis { .. } => kinds.extend(NETWORK),
        }
        if !self.is_billing() {
            kinds.push(Kind::NodeClock);
        }
        if self.claims() && self != Self::Memory {
            kinds.push(Kind::StoreClock);
        }
        kinds
    }

    /// The kind of fault after which the store has lost its data, as its documentation says.
    pub fn loses_data_by(self) -> Option<Kind> {
        match self {
            Self::Memory => Some(Kind::Kill),
            Self::RedisVolatile => Some(Kind::Restart),
            _ => None,
        }
    }
}

impl FromStr for Target {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        Self::ALL.into_iter().find(|target| target.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            format!("there is no target `{text}`: the targets are {known}").into()
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
