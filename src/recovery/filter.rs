//! Which events are listed.

use std::time::SystemTime;

use super::Cursor;
use crate::event::{EventKind, EventType, Mode};

/// Which of Stripe's events are listed.
///
/// | option | default |
/// |---|---|
/// | [`with_since`](Self::with_since), [`with_cursor`](Self::with_cursor) | 30 days back, as far as Stripe's lists go |
/// | [`with_until`](Self::with_until) | the end of the list, with events that arrive meanwhile |
/// | [`with_types`](Self::with_types) | all types |
/// | [`with_delivered`](Self::with_delivered) | only events that an endpoint did not get |
/// | [`with_kinds`](Self::with_kinds) | snapshot events |
/// | [`with_accounts`](Self::with_accounts) | the account of the API key |
/// | [`with_mode`](Self::with_mode) | the mode of the API key |
///
/// # Example
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tower_stripe_webhook::{Mode, event::SUBSCRIPTION_EVENT_TYPES, recovery::EventFilter};
///
/// let three_days_ago = SystemTime::now() - Duration::from_secs(3 * 24 * 60 * 60);
/// let filter = EventFilter::new()
///     .with_since(three_days_ago)
///     .with_types(SUBSCRIPTION_EVENT_TYPES)
///     .with_mode(Mode::Live);
/// # let _ = filter;
/// ```
#[derive(Clone, Debug)]
pub struct EventFilter {
    pub(super) since: Option<SystemTime>,
    pub(super) until: Option<SystemTime>,
    /// `None` for all types.
    pub(super) types: Option<Vec<EventType>>,
    pub(super) delivered: bool,
    pub(super) kinds: Vec<EventKind>,
    /// `None` is the account of the API key.
    pub(super) accounts: Vec<Option<Box<str>>>,
    pub(super) mode: Option<Mode>,
}

impl EventFilter {
    /// Makes a filter with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            since: None,
            until: None,
            types: None,
            delivered: false,
            kinds: vec![EventKind::Snapshot],
            accounts: vec![None],
            mode: None,
        }
    }

    /// Lists events that were created at this time or later.
    ///
    /// A time more than 30 days back counts as 30 days back.
    #[must_use]
    pub fn with_since(mut self, since: SystemTime) -> Self {
        self.since = Some(since);
        self
    }

    /// Continues where an earlier run stopped.
    ///
    /// The list begins a minute before the cursor, because Stripe may list an event some seconds
    /// after its `created`. What is listed again is a duplicate.
    #[must_use]
    pub fn with_cursor(self, cursor: Cursor) -> Self {
        let time = cursor.time();
        self.with_since(time.checked_sub(OVERLAP).unwrap_or(time))
    }

    /// Lists events that were created before this time.
    #[must_use]
    pub fn with_until(mut self, until: SystemTime) -> Self {
        self.until = Some(until);
        self
    }

    /// Lists events of these types, in any number.
    ///
    /// Name the types that the endpoint subscribes to. Otherwise the handler gets events that Stripe
    /// never sent to it. One name serves both kinds of events.
    #[must_use]
    pub fn with_types(mut self, types: impl IntoIterator<Item = EventType>) -> Self {
        self.types = Some(types.into_iter().collect());
        self
    }

    /// Sets whether snapshot events are listed that all endpoints got.
    ///
    /// Set it if the app answered `2xx` and then lost the event, as after a database was restored
    /// from a backup. By default, only events are listed whose delivery is pending or failed at one
    /// endpoint of the account at least. Stripe has no such filter for thin events: all of them are
    /// listed.
    #[must_use]
    pub fn with_delivered(mut self, delivered: bool) -> Self {
        self.delivered = delivered;
        self
    }

    /// Sets the kinds of events, which is the one that the endpoint receives.
    ///
    /// With both, the second event of a fact is a duplicate of the first.
    #[must_use]
    pub fn with_kinds(mut self, kinds: impl IntoIterator<Item = EventKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// Sets the accounts whose events are listed: connected accounts (`acct_…`), for an endpoint of
    /// Connect, or for thin events paths of accounts. An empty name is the account of the API key.
    ///
    /// Stripe delivers an event of a connected account with its `account`, on which the idempotency
    /// key depends. If the list leaves it out, it is added.
    #[must_use]
    pub fn with_accounts(
        mut self,
        accounts: impl IntoIterator<Item = impl Into<Box<str>>>,
    ) -> Self {
        let accounts = accounts.into_iter().map(Into::into);
        self.accounts =
            accounts.map(|account| Some(account).filter(|account| !account.is_empty())).collect();
        self
    }

    /// Sets the mode that the app serves.
    ///
    /// An API key of the other mode lists other events. With the mode set, it is the error
    /// [`WrongMode`](crate::api::ApiErrorKind::WrongMode), and no event reaches the app.
    #[must_use]
    pub fn with_mode(mut self, mode: Mode) -> Self {
        self.mode = Some(mode);
        self
    }
}

impl Default for EventFilter {
    fn default() -> Self {
        Self::new()
    }
}

/// The time by which a run overlaps with the one before.
const OVERLAP: std::time::Duration = std::time::Duration::from_secs(60);
