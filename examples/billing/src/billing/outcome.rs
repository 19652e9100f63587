//! What became of an event.

use std::borrow::Cow;

/// The kinds of what can become of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It had its effect.
    Applied,
    /// Its effect was there already.
    Duplicate,
    /// A newer event has said otherwise.
    Stale,
    /// It says nothing that this program acts on.
    Ignored,
    /// It is of the mode that is not served.
    OtherMode,
    /// It could not be handled, and Stripe was told so.
    Failed,
    /// The request was rejected before its event was read. Only counted, and shown as `refused`.
    Rejected,
}

impl Outcome {
    /// All, in the order in which the chart stacks them.
    pub const ALL: [Self; 7] =
        [Self::Applied, Self::Duplicate, Self::Stale, Self::Ignored, Self::OtherMode, Self::Failed, Self::Rejected];

    /// The name in the database and in the style sheet.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::OtherMode => "other_mode",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
            Self::Rejected => "refused",
        }
    }

    /// The name in a page.
    pub fn label(self) -> String {
        self.as_str().replace('_', " ")
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// An outcome, and what an operator wants to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub outcome: Outcome,
    pub reason: Cow<'static, str>,
}

impl Verdict {
    pub fn new(outcome: Outcome, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { outcome, reason: reason.into() }
    }

    pub fn applied(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Outcome::Applied, reason)
    }

    pub fn duplicate(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Outcome::Duplicate, reason)
    }

    pub fn stale(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Outcome::Stale, reason)
    }

    pub fn ignored(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Outcome::Ignored, reason)
    }
}
