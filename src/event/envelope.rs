//! An event's envelope: everything that is said about the event itself.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::SystemTime,
};

use bytes::Bytes;
use serde::Deserialize;

use super::{
    EventType, Mode,
    decode::{DecodeError, decode},
    parse::JsonObject,
    test_webhook::unique_key,
};

/// An event as Stripe says it: the envelope read, its object kept as it came and decoded on demand.
///
/// Snapshot events (`"object": "event"`) and thin events (`"object": "v2.core.event"`) are both this type. Clones are
/// cheap: they share the bytes. `Debug` shows id, type, kind and mode, never the payload, which names people.
///
/// JSON can escape what text cannot hold: half of a surrogate pair (`"\ud83d"`), and NUL, which Postgres does not store. A name that
/// was cut may have one. Both are read as U+FFFD, the replacement character, so that no event is lost for them;
/// [`body`](Self::body) has the bytes unchanged. The event's id is read as it is: with NUL it has it, and with half of a pair there is no
/// id, so the body is no event.
///
/// JSON can have a name twice in one object. A field of the envelope that occurs twice makes the body no event, because two readers
/// could take two different values for the event's. In the typed object that [`data`](Self::data) returns, the last value counts.
///
/// A [`VerifiedEvent`](crate::VerifiedEvent) is an event and who vouches for it, and derefs to it.
///
/// See <https://docs.stripe.com/api/events/object> and <https://docs.stripe.com/api/v2/core/events/object>.
#[derive(Clone)]
pub struct Event {
    inner: Arc<Envelope>,
}

/// What [`parse`](super::parse) has read out of the body.
pub(super) struct Envelope {
    pub(super) id: Box<str>,
    pub(super) event_type: EventType,
    pub(super) kind: EventKind,
    pub(super) created: Option<SystemTime>,
    /// `None` if the event does not state it, or not as a boolean.
    pub(super) mode: Option<Mode>,
    pub(super) api_version: Option<Box<str>>,
    pub(super) account: Option<Box<str>>,
    pub(super) context: Option<Box<str>>,
    pub(super) request: Option<EventRequest>,
    pub(super) related_object: Option<RelatedObject>,
    /// Slices of `body`, or of a copy in which characters that text cannot hold are replaced.
    pub(super) object: Option<Bytes>,
    pub(super) previous_attributes: Option<Bytes>,
    pub(super) body: Bytes,
    /// The idempotency key of a test webhook, made on demand.
    pub(super) test_webhook_key: OnceLock<Box<str>>,
}

impl From<Envelope> for Event {
    fn from(envelope: Envelope) -> Self {
        Self { inner: Arc::new(envelope) }
    }
}

impl Event {
    /// The event's id, `evt_…`: the same each time Stripe delivers it. Never empty. Test webhooks of Stripe's dashboard share one
    /// id, see [`idempotency_key`](Self::idempotency_key).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    pub(super) fn test_webhook_key(&self) -> &str {
        self.inner.test_webhook_key.get_or_init(|| unique_key(self.id()))
    }

    /// What the event tells of.
    #[must_use]
    pub fn event_type(&self) -> &EventType {
        &self.inner.event_type
    }

    /// Whether the event carries its object (snapshot) or names it (thin).
    #[must_use]
    pub fn kind(&self) -> EventKind {
        self.inner.kind
    }

    /// When it happened: to the second for a snapshot event, up to the nanosecond for a thin one. Stripe's events all say so; `None`
    /// is for others, where it is neither Unix seconds nor an RFC 3339 time in UTC.
    ///
    /// It does not order events: many happen in one second, and they arrive in any order.
    #[must_use]
    pub fn created(&self) -> Option<SystemTime> {
        self.inner.created
    }

    /// Returns whether the event is about real money: `false` for one that states no mode.
    #[must_use]
    pub fn livemode(&self) -> bool {
        self.mode() == Some(Mode::Live)
    }

    /// Returns the mode that the event states. `None` if it has no `livemode`, or one that is no boolean: Stripe's own always state it.
    #[must_use]
    pub fn mode(&self) -> Option<Mode> {
        self.inner.mode
    }

    /// The API version that shaped a snapshot event's object, such as `2025-03-31.basil`. `None` for thin events and for
    /// the few types that have none.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.inner.api_version.as_deref()
    }

    /// The connected account (`acct_…`) that the event is of, at a Connect endpoint.
    ///
    /// API versions before 2017-05-25 have it as `user_id`.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.inner.account.as_deref()
    }

    /// The account or organization that the event is of, to be sent as `Stripe-Context` when its object is fetched.
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.inner.context.as_deref()
    }

    /// The API request that caused the event. `None` if Stripe acted on its own, as with a renewal.
    #[must_use]
    pub fn request(&self) -> Option<&EventRequest> {
        self.inner.request.as_ref()
    }

    /// The object that a thin event is about: fetch its [`url`](RelatedObject::url) for what it is now.
    #[must_use]
    pub fn related_object(&self) -> Option<&RelatedObject> {
        self.inner.related_object.as_ref()
    }

    /// The bytes that Stripe sent and signed, unchanged.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.inner.body
    }

    /// Decodes a snapshot event's `data.object` into a type of yours. It may borrow from the event.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the object does not fit the type, or if the event is thin and has no object.
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
        let object = self.inner.object.as_ref().ok_or_else(|| DecodeError::no_object(self))?;
        decode(self, "data.object", object)
    }

    /// Decodes what an `*.updated` event says of the object before: the attributes that changed, with their old values.
    /// `None` if the event has no `data.previous_attributes`. Give the type `Option` fields: any of them may be absent.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the attributes do not fit the type.
    pub fn previous_attributes<'de, T: Deserialize<'de>>(&'de self) -> Result<Option<T>, DecodeError> {
        let Some(attributes) = &self.inner.previous_attributes else { return Ok(None) };
        decode(self, "data.previous_attributes", attributes).map(Some)
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

/// Whether an event carries its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// `"object": "event"`: it carries the object as it was when the event occurred, in `data.object`.
    Snapshot,
    /// `"object": "v2.core.event"`: it names the object, which is fetched as it is now.
    Thin,
}

/// The API request that caused an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventRequest {
    /// The request's id, `req_…`. `None` if Stripe does not tell, as for its own dashboard.
    pub id: Option<String>,
    /// The `Idempotency-Key` with which it was sent.
    pub idempotency_key: Option<String>,
}

/// The object that a thin event is about.
///
/// To fetch it, send `GET https://api.stripe.com{url}` with your API key (`Authorization: Bearer sk_…`), with a `Stripe-Version`, and
/// with the event's [`context`](Event::context), if it has one, as `Stripe-Context`:
///
/// ```
/// use http::{Request, header::AUTHORIZATION};
/// use tower_stripe_webhook::VerifiedEvent;
///
/// fn fetch(event: &VerifiedEvent, api_key: &str) -> Option<Request<()>> {
///     let object = event.related_object()?;
///     let mut request = Request::get(format!("https://api.stripe.com{}", object.url))
///         .header(AUTHORIZATION, format!("Bearer {api_key}"))
///         .header("stripe-version", "2026-10-28.endive");
///     if let Some(context) = event.context() {
///         request = request.header("stripe-context", context);
///     }
///     request.body(()).ok()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "JsonObject<RelatedObjectFields>")]
#[non_exhaustive]
pub struct RelatedObject {
    /// The object's id.
    pub id: String,
    /// The object's type, such as `v2.core.account`.
    pub object_type: String,
    /// The path under `https://api.stripe.com` where it can be fetched.
    pub url: String,
}

#[derive(Deserialize)]
struct RelatedObjectFields {
    id: String,
    #[serde(rename = "type")]
    object_type: String,
    url: String,
}

impl From<JsonObject<RelatedObjectFields>> for RelatedObject {
    fn from(JsonObject(RelatedObjectFields { id, object_type, url }): JsonObject<RelatedObjectFields>) -> Self {
        Self { id, object_type, url }
    }
}
