//! The colours of badges and messages.

use serde::{Deserialize, Serialize};

use crate::billing::outcome::Outcome;

/// A colour by its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Plain,
    Info,
    Good,
    Warn,
    Bad,
}

impl Tone {
    /// Returns the name in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    pub fn of_outcome(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Applied => Self::Good,
            Outcome::Duplicate => Self::Info,
            Outcome::Stale | Outcome::Ignored | Outcome::OtherMode => Self::Plain,
            Outcome::Failed => Self::Bad,
            Outcome::Rejected => Self::Warn,
        }
    }

    /// Returns the tone of a subscription's status.
    pub fn of_status(status: &str) -> Self {
        match status {
            "active" => Self::Good,
            "trialing" => Self::Info,
            "past_due" | "incomplete" | "paused" => Self::Warn,
            "unpaid" => Self::Bad,
            _ => Self::Plain,
        }
    }
}
