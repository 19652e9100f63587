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
    /// It is of the mode that is not served.
    OtherMode,
    /// It says nothing that this program acts on.
    Ignored,
    /// It could not be handled, and Stripe was told so.
    Failed,
}

impl Outcome {
    /// As it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Duplicate => "duplicate",
            Self::Stale => "stale",
            Self::OtherMode => "other_mode",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
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
