//! The envelope of an event: everything but its object.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use bytes::Bytes;
use serde::Deserialize;

use super::{
    CurrentObject, EventType, Mode,
    decode::{DecodeError, EventName, decode, decode_if_named},
    json_object::JsonObject,
    object::Named,
    test_webhook::{is_placeholder, unique_key},
};

/// A Stripe event: a parsed envelope, and an object that is decoded on demand.
///
/// Snapshot events (`"object": "event"`) and thin events (`"object": "v2.core.event"`) both have
/// this type, and [`kind`](Self::kind) distinguishes them. For the same fact both have the same
/// [`event_type`](Self::event_type) and the same [`idempotency_key`](Self::idempotency_key). Clones are cheap, because they share the bytes. `Debug` shows the id, type, kind and
/// mode, but not the payload, which contains personal data.
///
/// A [`VerifiedEvent`](crate::VerifiedEvent) dereferences to its event.
///
/// It is `Serialize` and `Deserialize`, so that a struct that a job queue stores can contain one.
///
/// # Unusual JSON
///
/// JSON can escape characters that strings or databases cannot store: unpaired surrogates
/// (`"\ud83d"`), and NUL, which Postgres does not store. A truncated name may contain one. Each is
/// read as U+FFFD, the replacement character, and [`body`](Self::body) has the original bytes. The
/// event's id is not changed: it may contain NUL, and a body whose id has an unpaired surrogate is
/// rejected.
///
/// JSON can have the same name twice in one object. If that is a field of the envelope, the body is
/// rejected, because two readers could read two different values. In the typed object that
/// [`data`](Self::data) returns, the last value counts.
///
/// # Reference
///
/// See <https://docs.stripe.com/api/events/object> and
/// <https://docs.stripe.com/api/v2/core/events/object>.
#[derive(Clone)]
pub struct Event {
    pub(super) inner: Arc<Envelope>,
    /// The object as it is now, if it was fetched.
    pub(super) current: Option<Arc<CurrentObject>>,
}

/// The result of [`parse`](super::parse).
pub(super) struct Envelope {
    pub(super) id: Box<str>,
    pub(super) event_type: EventType,
    /// Whether the type was sent as its thin name, although it has another canonical name.
    pub(super) has_thin_name: bool,
    pub(super) kind: EventKind,
    pub(super) created: Option<SystemTime>,
    /// `None` if the event has no `livemode`, or one that is not a boolean.
    pub(super) mode: Option<Mode>,
    pub(super) api_version: Option<Box<str>>,
    pub(super) account: Option<Box<str>>,
    pub(super) context: Option<Box<str>>,
    pub(super) request: Option<EventRequest>,
    pub(super) reason: Option<EventReason>,
    pub(super) related_object: Option<RelatedObject>,
    /// Neither empty nor a placeholder.
    pub(super) snapshot_event: Option<Box<str>>,
    /// Slices of `body`, or of a copy in which unstorable characters are replaced.
    pub(super) object: Option<Bytes>,
    /// `data.previous_attributes` of a snapshot event, `changes.before` of a thin event.
    pub(super) before: Option<Bytes>,
    /// `changes.after` of a thin event.
    pub(super) after: Option<Bytes>,
    pub(super) body: Bytes,
    /// The idempotency key of a test webhook, created on demand.
    pub(super) test_webhook_key: OnceLock<Box<str>>,
}

impl From<Envelope> for Event {
    fn from(envelope: Envelope) -> Self {
        Self { inner: Arc::new(envelope), current: None }
    }
}

impl Event {
    /// The event's id, `evt_…`, which is the same in each delivery.
    ///
    /// Never empty. Test webhooks of Stripe's dashboard share one id: see
    /// [`idempotency_key`](Self::idempotency_key).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// The idempotency key: the [`id`](Self::id), except for a thin event that names its
    /// [`snapshot_event`](Self::snapshot_event), and for a test webhook.
    ///
    /// It is the same in each delivery of an event. The key of a thin event that names a snapshot
    /// event is the id of that event, so that both events of one fact have one key.
    ///
    /// Use it for a job queue, or for a service that accepts an `Idempotency-Key`.
    /// `idempotency::EventKey` builds on it.
    ///
    /// # Test webhooks
    ///
    /// All test webhooks of Stripe's dashboard have the id `evt_00000000000000`, and often the same
    /// body, so a second test webhook cannot be distinguished from a second delivery of the first.
    /// Their key is the id with a random suffix, which this `Event` and its clones share. So two
    /// test webhooks are never duplicates of each other. An event that is parsed again has another
    /// suffix, so store the key with the event in a queue.
    #[must_use]
    pub fn idempotency_key(&self) -> &str {
        match self.snapshot_event() {
            Some(snapshot_event) => snapshot_event,
            None if is_placeholder(self.id()) => {
                self.inner.test_webhook_key.get_or_init(|| unique_key(self.id()))
            }
            None => self.id(),
        }
    }

    /// The type of the event, which is the same for a snapshot event and the thin event of the same
    /// fact.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.inner.event_type
    }

    /// The name of the type as it was sent: `v1.invoice.paid` for a thin event, and `invoice.paid`
    /// for a snapshot event.
    #[must_use]
    pub fn raw_type(&self) -> &str {
        let event_type = self.event_type();
        let thin_name = event_type.thin_name().filter(|_| self.inner.has_thin_name);
        thin_name.unwrap_or_else(|| event_type.as_str())
    }

    /// Whether this is a snapshot event, which contains its object, or a thin event, which links to
    /// it.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.inner.kind
    }

    /// When the event occurred.
    ///
    /// The resolution is one second for a snapshot event, and up to a nanosecond for a thin event.
    ///
    /// All events of Stripe have it. It is `None` if the field is neither Unix seconds nor an RFC
    /// 3339 time in UTC.
    ///
    /// It does not define an order, because several events can occur in one second: see
    /// [`recency`](Self::recency).
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        self.inner.created
    }

    /// Whether the event occurred in live mode.
    ///
    /// `false` also for an event without `livemode`, or with one that is not a boolean.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.mode() == Some(Mode::Live)
    }

    /// The mode that the event states. `None` if it has no `livemode`, or one that is not a boolean.
    ///
    /// Stripe states the mode of each of its events.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.inner.mode
    }

    /// The API version of a snapshot event's object, such as `2025-03-31.basil`.
    ///
    /// `None` for thin events and for a few types.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.inner.api_version.as_deref()
    }

    /// The id of the connected account that the event belongs to, `acct_…`.
    ///
    /// `None` for an event of the account itself.
    ///
    /// API versions before 2017-05-25 have it as `user_id`.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.inner.account.as_deref()
    }

    /// The account or organization that the event belongs to.
    ///
    /// Send it as `Stripe-Context` when you fetch the object.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.inner.context.as_deref()
    }

    /// The API request that caused the event. `None` if no request did, as for a renewal.
    ///
    /// For a thin event it is the request of the [`reason`](Self::reason).
    #[must_use]
    pub fn request(&self) -> Option<&EventRequest> {
        self.inner.request.as_ref().or_else(|| self.reason()?.request())
    }

    /// The reason of a thin event. `None` if Stripe does not state one.
    #[must_use]
    pub fn reason(&self) -> Option<&EventReason> {
        self.inner.reason.as_ref()
    }

    /// The object that a thin event is about. `None` for a snapshot event, and for the few types
    /// whose events are not about an object.
    ///
    /// `Event::fetch` and `FetchLayer` of the module `api` fetch its current state.
    #[must_use]
    pub fn related_object(&self) -> Option<&RelatedObject> {
        self.inner.related_object.as_ref()
    }

    /// The id of the snapshot event of the same fact, for a thin event.
    ///
    /// `None` if Stripe created no snapshot event, and for a snapshot event. An empty id, and the
    /// id of a test webhook (`evt_00000000000000`), count as absent.
    ///
    /// If an endpoint receives both kinds of events, as in Stripe's migration to thin events, it is
    /// the [`idempotency_key`](Self::idempotency_key) of both.
    #[must_use]
    pub fn snapshot_event(&self) -> Option<&str> {
        self.inner.snapshot_event.as_deref()
    }

    /// The attributes that changed. `None` if the event states none.
    #[must_use]
    pub fn changes(&self) -> Option<Changes<'_>> {
        let Envelope { before, after, .. } = &*self.inner;
        (before.is_some() || after.is_some()).then_some(Changes { event: self })
    }

    /// The bytes that Stripe sent and signed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.inner.body
    }

    /// Decodes the object into your own type, which may borrow from the event.
    ///
    /// It is a snapshot event's `data.object`, or the [`current`](Self::current) object if it was
    /// fetched.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the object does not fit the type, or if this is a thin event whose object
    /// was not fetched.
    ///
    /// # Example
    ///
    /// ```
    /// use serde::Deserialize;
    /// use tower_stripe_webhook::VerifiedEvent;
    ///
    /// #[derive(Deserialize)]
    /// struct Invoice {
    ///     amount_paid: i64,
    ///     currency: String,
    /// }
    ///
    /// fn handle(event: &VerifiedEvent) -> Result<(), tower_stripe_webhook::DecodeError> {
    ///     let invoice: Invoice = event.object()?;
    ///     println!("{} {} paid", invoice.amount_paid, invoice.currency);
    ///     Ok(())
    /// }
    /// ```
    pub fn object<'de, T: Deserialize<'de>>(&'de self) -> Result<T, DecodeError> {
        let (part, json) = self.object_json()?;
        decode(self.name(), part, json)
    }

    /// Decodes the object. `None` if its `object` field names another type.
    pub(super) fn object_if_named<T: Named>(&self) -> Result<Option<T>, DecodeError> {
        let (part, json) = self.object_json()?;
        decode_if_named(self.name(), part, json)
    }

    /// Whether this is a thin event that is about no object.
    pub(super) fn has_nothing_to_fetch(&self) -> bool {
        self.kind() == EventKind::Thin
            && self.current().is_none()
            && self.related_object().is_none()
    }

    /// The object's JSON, and its name in errors.
    fn object_json(&self) -> Result<(&'static str, &Bytes), DecodeError> {
        if let Some(current) = self.current() {
            return Ok(("object", &current.storable_json));
        }
        let has_link = self.related_object().is_some();
        let object = self.inner.object.as_ref();
        let object = object.ok_or_else(|| DecodeError::no_object(self.name(), has_link))?;
        Ok(("data.object", object))
    }

    /// Decodes JSON. `part` names it in the error.
    #[cfg(feature = "api")]
    pub(super) fn decode_as<'de, T: Deserialize<'de>>(
        &self,
        part: &'static str,
        json: &'de [u8],
    ) -> Result<T, DecodeError> {
        decode(self.name(), part, json)
    }

    /// Decodes the previous values of the attributes that changed, of either kind of event.
    ///
    /// They are a snapshot event's `data.previous_attributes`, and a thin event's `changes.before`.
    /// `None` if the event has none. Use `Option` for the fields of the type, because any of them
    /// may be absent. For subscriptions there is
    /// [`PreviousSubscription`](crate::event::object::PreviousSubscription).
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the attributes do not fit the type.
    pub fn previous_attributes<'de, T: Deserialize<'de>>(
        &'de self,
    ) -> Result<Option<T>, DecodeError> {
        let part = match self.kind() {
            EventKind::Snapshot => "data.previous_attributes",
            EventKind::Thin => "changes.before",
        };
        self.decode_part(part, self.inner.before.as_ref())
    }

    fn decode_part<'de, T: Deserialize<'de>>(
        &self,
        part: &'static str,
        json: Option<&'de Bytes>,
    ) -> Result<Option<T>, DecodeError> {
        json.map(|json| decode(self.name(), part, json)).transpose()
    }

    fn name(&self) -> EventName<'_> {
        EventName { id: self.id(), event_type: self.event_type() }
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id())
            .field("event_type", &self.event_type().as_str())
            .field("kind", &self.kind())
            .field("livemode", &self.livemode())
            .finish_non_exhaustive()
    }
}

/// The kind of an event. A webhook endpoint receives events of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// A snapshot event (`"object": "event"`) contains the object as it was when the event
    /// occurred, in `data.object`.
    Snapshot,
    /// A thin event (`"object": "v2.core.event"`) links to the object, whose current state can be
    /// fetched. It states [`changes`](Event::changes) and a [`reason`](Event::reason) if Stripe
    /// knows them, and the [`snapshot_event`](Event::snapshot_event) of the same fact.
    Thin,
}

/// The API request that caused an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRequest {
    pub(super) id: Option<String>,
    pub(super) idempotency_key: Option<String>,
}

impl EventRequest {
    /// The request's id, `req_…`. `None` for a change in Stripe's dashboard.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The `Idempotency-Key` of the request.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.idempotency_key.as_deref()
    }
}

/// The attributes that changed, with their values before and after the event.
///
/// Attributes that did not change are absent, so use `Option` for the fields of the types that
/// they are decoded into.
///
/// # Example
///
/// ```
/// use serde::Deserialize;
/// use tower_stripe_webhook::{DecodeError, Event};
///
/// #[derive(Deserialize)]
/// struct Status {
///     status: Option<String>,
/// }
///
/// fn previous_status(event: &Event) -> Result<Option<String>, DecodeError> {
///     let Some(changes) = event.changes() else { return Ok(None) };
///     Ok(changes.before::<Status>()?.and_then(|before| before.status))
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    event: &'a Event,
}

impl<'a> Changes<'a> {
    /// Decodes the values before the event, as [`Event::previous_attributes`] does.
    ///
    /// `None` if the event does not have them.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the values do not fit the type.
    pub fn before<T: Deserialize<'a>>(&self) -> Result<Option<T>, DecodeError> {
        self.event.previous_attributes()
    }

    /// Decodes the values after the event.
    ///
    /// `None` if the event does not have them. A snapshot event never does: its
    /// [`object`](Event::object) has them among its other values.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the values do not fit the type.
    pub fn after<T: Deserialize<'a>>(&self) -> Result<Option<T>, DecodeError> {
        self.event.decode_part("changes.after", self.event.inner.after.as_ref())
    }
}

/// The reason of a thin event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventReason {
    pub(super) reason_type: Option<String>,
    pub(super) request: Option<EventRequest>,
}

impl EventReason {
    /// The type of the reason. So far Stripe has one type, `request`.
    #[must_use]
    pub fn reason_type(&self) -> Option<&str> {
        self.reason_type.as_deref()
    }

    /// The API request that caused the event.
    #[must_use]
    pub fn request(&self) -> Option<&EventRequest> {
        self.request.as_ref()
    }
}

/// The object that a thin event is about.
///
/// `Event::fetch` and `FetchLayer` of the module `api` fetch it.
///
/// If your app makes the request itself, check the [`url`](Self::url) as any input, as
/// `ApiRequest::new` does. Appended to `https://api.stripe.com`, a text such as `@example.com/` names
/// another host, which would get your API key. If the event has a [`context`](Event::context), send
/// it as `Stripe-Context`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "JsonObject<RelatedObjectFields>")]
pub struct RelatedObject {
    id: String,
    object_type: String,
    url: String,
}

impl RelatedObject {
    /// The object's id. Empty for an object without an id, such as the balance.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The object's type, such as `v2.core.account`.
    #[must_use]
    pub fn object_type(&self) -> &str {
        &self.object_type
    }

    /// The path of the object at `https://api.stripe.com`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

#[derive(Deserialize)]
struct RelatedObjectFields {
    /// An object of which there is only one, such as the balance, has none.
    id: Option<String>,
    #[serde(rename = "type")]
    object_type: String,
    url: String,
}

impl From<JsonObject<RelatedObjectFields>> for RelatedObject {
    fn from(
        JsonObject(RelatedObjectFields { id, object_type, url }): JsonObject<RelatedObjectFields>,
    ) -> Self {
        Self { id: id.unwrap_or_default(), object_type, url }
    }
}
