//! The command line.

use std::{env, str::FromStr};

use rand::random;
use tower_stripe_webhook::BoxError;

const USAGE: &str =
    "usage: nodes [--store postgres-transaction|postgres|redis] [--events NUMBER] [--kills NUMBER]";

#[derive(Clone, Debug)]
pub struct Arguments {
    pub store: Store,
    pub events: usize,
    /// The number of times that a node is killed.
    pub kills: usize,
    /// The name of this run, which separates its data from that of others.
    pub run: String,
    /// Whether this process is one of the nodes.
    pub is_node: bool,
}

/// The store that makes each event take effect once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// Record and effect in one transaction.
    PostgresTransaction,
    /// `IdempotencyLayer` on Postgres.
    Postgres,
    /// `IdempotencyLayer` on Redis.
    Redis,
}

impl Store {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PostgresTransaction => "postgres-transaction",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }
}

impl FromStr for Store {
    type Err = BoxError;

    fn from_str(text: &str) -> Result<Self, BoxError> {
        [Self::PostgresTransaction, Self::Postgres, Self::Redis]
            .into_iter()
            .find(|store| store.as_str() == text)
            .ok_or_else(|| USAGE.into())
    }
}

impl Arguments {
    pub fn parse() -> Result<Self, BoxError> {
        let mut arguments = Self {
            store: Store::PostgresTransaction,
            events: 10_000,
            kills: 20,
            run: format!("{:016x}", random::<u64>()),
            is_node: false,
        };
        let mut words = env::args().skip(1);
        while let Some(name) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match &*name {
                "--store" => arguments.store = value.parse()?,
                "--events" => arguments.events = value.parse().map_err(|_| USAGE)?,
                "--kills" => arguments.kills = value.parse().map_err(|_| USAGE)?,
                // This option is for the nodes, which this program starts.
                "--node-of-run" => (arguments.run, arguments.is_node) = (value, true),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(arguments)
    }

    /// Returns the arguments of a process that is a node of this run.
    pub fn of_node(&self) -> [&str; 4] {
        ["--store", self.store.as_str(), "--node-of-run", &self.run]
    }
}
