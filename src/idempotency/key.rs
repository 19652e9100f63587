//! Idempotency keys of events.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::event::{Event, is_placeholder, object::OtherObject};
use crate::printable::is_unprintable;

/// Stripe's ids have about 30 bytes. A database could not index a much longer key.
const MAX_LEN: usize = 255;

/// An idempotency key: of the events with equal keys, one is handled.
///
/// Keys of different kinds, connected accounts or [scopes](Self::in_scope) never collide. A
/// key has at most 255 bytes of text. A longer one is replaced by its SHA-256.
///
/// A snapshot event and the thin event of the same fact have one key, if the thin event names the
/// snapshot event ([`Event::snapshot_event`]). So an endpoint, or several with one scope, can
/// receive both kinds, as in Stripe's migration to thin events: whichever comes first is handled.
///
/// Test webhooks of Stripe's dashboard are never duplicates of one another, although all have
/// the id `evt_00000000000000` and often the same body. Each [`Event`] with such an id has its
/// own key with a random suffix, which its clones share. If Stripe delivers a test webhook
/// again, it is handled again.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventType, VerifiedEvent, idempotency::EventKey};
///
/// /// A checkout session completes once, so two such events are about one fact.
/// fn key(event: &VerifiedEvent) -> EventKey {
///     match event.event_type() {
///         EventType::CheckoutSessionCompleted => EventKey::of_object(event),
///         _ => EventKey::of(event),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventKey(Arc<str>);

impl EventKey {
    /// Makes a key of the event's id and account.
    ///
    /// It is the same each time Stripe delivers the event, and suits every event. Instead of the
    /// id it contains [`Event::idempotency_key`], which is another one for a thin event that names
    /// a snapshot event, and for a test webhook.
    ///
    /// The account is the event's [`account`](Event::account), or the last account in the path of
    /// its [`context`](Event::context) (`org_1/acct_2`).
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self::new("event", &[account(event), event.idempotency_key()])
    }

    /// Makes a key of the event's id, without the account.
    ///
    /// Use it, for all events of a store, **if thin events of your own account have your account
    /// as their [`context`](Event::context)**: snapshot events of the own account have no
    /// [`account`](Event::account), so [`of`](Self::of) makes two keys for one fact. Stripe's ids
    /// of events are unique across accounts.
    ///
    /// As in [`of`](Self::of), the id is [`Event::idempotency_key`].
    #[must_use]
    pub fn of_id(event: &Event) -> Self {
        Self::new("id", &[event.idempotency_key()])
    }

    /// Makes a key of the object's id, the event's type and the account.
    ///
    /// It is the same for two events about one fact, which Stripe may create
    /// (<https://docs.stripe.com/webhooks#handle-duplicate-events>), and for a snapshot event and
    /// the thin event of the same fact. For the few types whose thin events have no
    /// [`related_object`](Event::related_object), such as `account.external_account.created`, the
    /// two differ: use [`of`](Self::of).
    ///
    /// **Only use it for event types that occur once per object**, such as
    /// `checkout.session.completed` or `invoice.paid`. For any other type, such as
    /// `customer.subscription.updated` or `invoice.payment_failed`, all events after the first
    /// would count as duplicates.
    ///
    /// It is the same as [`of`](Self::of) for a test webhook, for an event whose object has no
    /// id, and for one whose object has a placeholder id (`in_00000000000000`), which many
    /// objects share.
    #[must_use]
    pub fn of_object(event: &Event) -> Self {
        // The id of the snapshot event, if a thin event names it.
        let event_id = event.snapshot_event().unwrap_or(event.id());
        let is_unique = |id: &str| !id.is_empty() && !is_placeholder(id);
        match object_id(event).filter(|id| is_unique(id) && !is_placeholder(event_id)) {
            Some(id) => Self::new("object", &[account(event), event.event_type().as_str(), &id]),
            None => Self::of(event),
        }
    }

    /// Adds a scope, for **endpoints or services that share a store** or a table.
    ///
    /// Stripe sends an event, with the same id, to each endpoint that subscribes to its type.
    /// Without a scope each, the second endpoint takes the event for a duplicate and never
    /// handles it.
    ///
    /// ```
    /// use tower_stripe_webhook::{VerifiedEvent, idempotency::EventKey};
    ///
    /// fn key(event: &VerifiedEvent) -> EventKey {
    ///     EventKey::of(event).in_scope("billing")
    /// }
    /// ```
    #[must_use]
    pub fn in_scope(self, scope: &str) -> Self {
        let mut key = String::with_capacity("scope//".len() + scope.len() + self.0.len());
        key.push_str("scope/");
        push_escaped(&mut key, scope);
        key.push('/');
        key.push_str(&self.0);
        Self::bounded(key)
    }

    /// Returns the key as stored. Control characters of an id are escaped.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(kind: &str, parts: &[&str]) -> Self {
        let mut key = String::with_capacity(
            kind.len() + parts.iter().map(|part| part.len() + 1).sum::<usize>(),
        );
        key.push_str(kind);
        for part in parts {
            key.push('/');
            push_escaped(&mut key, part);
        }
        Self::bounded(key)
    }

    fn bounded(mut key: String) -> Self {
        if key.len() > MAX_LEN {
            let digest = Sha256::digest(key.as_bytes());
            key = format!("sha256/{}", const_hex::Buffer::<32>::new().format(&digest.into()));
        }
        Self(key.into())
    }
}

/// Writes the same text as [`as_str`](EventKey::as_str).
impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns a snapshot event's connected account, or the account in which a thin event's object
/// lives: the last segment of the context.
///
/// Empty for the account's own events.
fn account(event: &Event) -> &str {
    let of_context = || event.context()?.rsplit('/').find(|segment| !segment.is_empty());
    event.account().or_else(of_context).unwrap_or_default()
}

fn object_id(event: &Event) -> Option<Cow<'_, str>> {
    match event.related_object() {
        Some(object) => Some(Cow::Borrowed(object.id())),
        None => event.object::<OtherObject>().ok()?.id().map(|id| Cow::Owned(id.to_owned())),
    }
}

/// Appends a part of a key, percent-encoded.
///
/// Encodes `/` (the separator), `%` (the escape), and control characters, which could end a C
/// string or forge a log line.
fn push_escaped(key: &mut String, part: &str) {
    for c in part.chars() {
        if !matches!(c, '/' | '%') && !is_unprintable(c) {
            key.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a `String` cannot fail.
            let _ = write!(key, "%{byte:02x}");
        }
    }
}
