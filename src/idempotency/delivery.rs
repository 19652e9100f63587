//! Whether an event came for the first time.

/// Whether an event came for the first time, as [`record`](super::record) says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It was never recorded before: do what it asks for.
    First,
    /// It was recorded before, and what was done with it is committed: do nothing, and answer `2xx`.
    Duplicate,
}

impl Delivery {
    /// Whether it is [`First`](Self::First).
    #[must_use]
    pub fn is_first(self) -> bool {
        self == Self::First
    }
}
