//! What came of a delivery, as the portal shows it: the outcomes of events, and refusals.

use super::tone::Tone;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownOutcome {
    Applied,
    Duplicate,
    Stale,
    Ignored,
    OtherMode,
    Failed,
    /// Turned away before anything knew whether it was an event.
    Refused,
}

impl ShownOutcome {
    /// In the order in which the chart stacks them.
    pub const ALL: [Self; 7] =
        [Self::Applied, Self::Duplicate, Self::Stale, Self::Ignored, Self::OtherMode, Self::Failed, Self::Refused];

    /// The name in the database and in the style sheet.
    pub fn code(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::Ignored => "ignored",
            Self::OtherMode => "other_mode",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.code() == code)
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::OtherMode => "other mode",
            other => other.code(),
        }
    }

    pub fn tone(self) -> Tone {
        match self {
            Self::Applied => Tone::Good,
            Self::Duplicate => Tone::Info,
            Self::Stale | Self::Ignored | Self::OtherMode => Tone::Plain,
            Self::Failed => Tone::Bad,
            Self::Refused => Tone::Warn,
        }
    }
}
