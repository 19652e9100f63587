//! What makes two deliveries the same.

use std::{
    borrow::Cow,
    fmt::{self, Write},
    sync::Arc,
};

use sha2::{Digest, Sha256};

use crate::event::{Event, is_placeholder, object::OtherObject};
use crate::printable::is_unprintable;

/// Stripe's ids have some 30 bytes. Beyond this, a database could not put the key into an index.
const MAX_LEN: usize = 255;

/// What makes two deliveries the same: of keys that are equal, one is handled.
///
/// Keys of different kinds never collide, nor do those of different connected accounts, or [scopes](Self::in_scope). At most 255 bytes of
/// text; one that would have more is replaced by its SHA-256.
///
/// Test webhooks of Stripe's dashboard are never duplicates of one another, though all of them have the id `evt_00000000000000` and often
/// the same body. So each [`Event`] of such an id has a key of its own, which its clones share: a random suffix sets it apart from
/// all others, on every node. If Stripe delivers a test webhook again, that is handled again.
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventType, VerifiedEvent, idempotency::EventKey};
///
/// /// A checkout session is completed once in its life, so that two events about it are one fact.
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
    /// The event's id, and the account it is of: the same each time Stripe delivers the event. Right for every event. For a test
    /// webhook, it is [`Event::idempotency_key`] instead of the id.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self::new("event", &[account(event), event.idempotency_key()])
    }

    /// The id of the event's object, the event's type, and the account it is of: the same for two events that tell one fact, which Stripe
    /// says can happen (<https://docs.stripe.com/webhooks#handle-duplicate-events>).
    ///
    /// **Only for types that an object has once in its life**, such as `checkout.session.completed` or `invoice.paid`. For any other,
    /// such as `customer.subscription.updated` or `invoice.payment_failed`, all but the first would be taken for duplicates.
    ///
    /// An event whose object has no id gets the key that [`of`](Self::of) makes; so does a test webhook, and any event whose object has a
    /// placeholder as id (`in_00000000000000`), which many objects share.
    #[must_use]
    pub fn of_object(event: &Event) -> Self {
        match object_id(event).filter(|id| !is_placeholder(id) && !is_placeholder(event.id())) {
            Some(id) => Self::new("object", &[account(event), event.event_type().as_str(), &id]),
            None => Self::of(event),
        }
    }

    /// The same, for one of several that each handle the event: **one scope for each endpoint**, or service, that shares a store or a table
    /// with another.
    ///
    /// Stripe sends one event, with one id, to each endpoint that wants its type. Without a scope, the endpoint that comes second takes
    /// it for a duplicate, and never handles it.
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

    /// The key as text, as a store keeps it. Control characters of an id are escaped in it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn new(kind: &str, parts: &[&str]) -> Self {
        let mut key = String::with_capacity(kind.len() + parts.iter().map(|part| part.len() + 1).sum::<usize>());
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

/// The text as in [`as_str`](EventKey::as_str).
impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A snapshot event names its connected account, a thin one its context. Empty for an account's own event.
fn account(event: &Event) -> &str {
    event.account().or(event.context()).unwrap_or_default()
}

fn object_id(event: &Event) -> Option<Cow<'_, str>> {
    match event.related_object() {
        Some(object) => Some(Cow::Borrowed(object.id())),
        None => event.object::<OtherObject>().ok()?.id().map(|id| Cow::Owned(id.to_owned())),
    }
}

/// A slash ends a part, so inside of one it is escaped; and so is what could be part of an escape, end a C string, or forge a line of a
/// log.
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
