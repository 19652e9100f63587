//! The outcome of a delivery.

use std::borrow::Cow;

/// What happened to a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect.
    Applied,
    /// It had already taken effect.
    Duplicate,
    /// A newer event supersedes it.
    Stale,
    /// It has no effect in this program.
    Ignored,
    /// It belongs to the other mode.
    OtherMode,
    /// It could not be handled. Stripe delivers it again.
    Failed,
    /// The request was rejected. Such requests are counted, not stored, and shown as `refused`.
    Rejected,
}

impl Outcome {
    /// All outcomes, in the order in which the chart stacks them.
    pub const ALL: [Self; 7] = [
        Self::Applied,
        Self::Duplicate,
        Self::Stale,
        Self::Ignored,
        Self::OtherMode,
        Self::Failed,
        Self::Rejected,
    ];

    /// Returns the name in the database, the API and the style sheet.
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

    /// Returns the name in a page.
    pub fn label(self) -> String {
        self.as_str().replace('_', " ")
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }
}

/// An outcome with its reason, for the operator.
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
