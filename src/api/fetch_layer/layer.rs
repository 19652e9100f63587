//! `FetchLayer` and its options.

use std::{collections::HashSet, fmt, sync::Arc, time::Duration};

use tokio::time::timeout;
use tower_layer::Layer;

use super::{coalescer::Coalescer, service::Fetch};
use crate::{
    api::{ApiClient, ApiError, ApiErrorKind, FetchError, FetchErrorKind, target::Target},
    event::{CurrentObject, EventKind, EventType},
    verified_event::VerifiedEvent,
};

/// At 100 ms per read, these are the 100 reads per second that Stripe allows in live mode.
const DEFAULT_CONCURRENCY: usize = 10;

/// Stripe documents no limit for an answer, and users report 10 to 30 seconds. The body of the event
/// and the handler need some of that time.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(8);

/// Fetches the object of each event before it calls the inner service.
///
/// Put this [`Layer`] inside an [`IdempotencyLayer`](crate::idempotency::IdempotencyLayer), around
/// the handler. It makes a [`Fetch`] service, which replaces the
/// [`VerifiedEvent`] in the request's extensions with one that carries its
/// [`current`](crate::Event::current) object. So [`data`](crate::Event::data) is typed for both
/// kinds of events, and the handler does not depend on the kind. The request's body still has the
/// bytes that Stripe signed.
///
/// | event | fetch | inner service |
/// |---|---|---|
/// | thin, with a related object | yes | called with the current object |
/// | thin, and the object no longer exists | yes | called: `data` is [`EventData::Deleted`](crate::EventData::Deleted), or the variant of a `.deleted` type |
/// | thin, and the fetch fails | yes | not called: `503` |
/// | thin, without a related object | no | called with the event as it is |
/// | snapshot | no, unless [`with_snapshot_events`](Self::with_snapshot_events) | called |
/// | excluded by [`with_filter`](Self::with_filter) | no | called with the event as it is |
/// | a duplicate, inside an `IdempotencyLayer` | no | not called |
///
/// After a failed fetch the answer is `503` with `Retry-After` and the code `fetch_failed`, and the
/// [`FetchError`] is in the response's extensions. The idempotency layer releases its claim, and
/// Stripe delivers the event again. A request without a `VerifiedEvent` is answered with `500`.
///
/// | option | default |
/// |---|---|
/// | [`with_snapshot_events`](Self::with_snapshot_events) | thin events only |
/// | [`with_filter`](Self::with_filter), [`with_event_types`](Self::with_event_types) | all events |
/// | [`with_concurrency`](Self::with_concurrency) | 10 fetches at a time |
/// | [`with_timeout`](Self::with_timeout) | 8 s |
///
/// # Events about one object
///
/// Events about one object often arrive together. At most one fetch of an object is in flight. An
/// event that arrives in the meantime does not use its answer, which could miss what the event
/// tells. It waits for the next fetch, which is sent when the first one ends, and which all events
/// that wait share. So a thousand events about one object cause a few fetches, and each event sees
/// an object that was fetched after the event arrived.
///
/// Objects of different accounts are never shared. An error is shared, too. If the client
/// disconnects, the other events keep their fetch; a fetch for which no event waits is cancelled.
/// The header `Stripe-Request-Trigger` has the id of one of the events.
///
/// Clones of the layer, and its services, share the fetches and the limit.
///
/// # Panics
///
/// The response future panics outside a tokio runtime with a timer.
///
/// # Example
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use tower::ServiceBuilder;
/// use tower_stripe_webhook::{
///     DecodeError, EnvSecret, EventData, StripeWebhookLayer, VerifiedEvent,
///     api::{ApiClient, FetchLayer},
///     idempotency::{IdempotencyLayer, MemoryStore},
/// };
///
/// async fn receive(event: VerifiedEvent) -> Result<StatusCode, DecodeError> {
///     match event.data()? {
///         EventData::InvoicePaid(invoice) => println!("renew {:?}", invoice.subscription_id()),
///         EventData::Deleted(object) => println!("{} is gone", object.id()),
///         _ => {}
///     }
///     Ok(StatusCode::OK)
/// }
///
/// fn app(api: impl ApiClient) -> Router {
///     let layers = ServiceBuilder::new()
///         .layer(StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET")))
///         .layer(IdempotencyLayer::new(MemoryStore::new()))
///         .layer(FetchLayer::new(api));
///     Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layers))
/// }
/// ```
pub struct FetchLayer<A> {
    pub(super) settings: Settings<A>,
}

pub(super) struct Settings<A> {
    fetches: Coalescer<Arc<A>>,
    api: Arc<A>,
    snapshot_events: bool,
    filter: Arc<dyn Fn(&VerifiedEvent) -> bool + Send + Sync>,
    timeout: Duration,
}

impl<A: ApiClient> FetchLayer<A> {
    /// Creates a layer that fetches objects with `api`, with default options.
    pub fn new(api: A) -> Self {
        let api = Arc::new(api);
        let settings = Settings {
            fetches: Coalescer::new(Arc::clone(&api), DEFAULT_CONCURRENCY),
            api,
            snapshot_events: false,
            filter: Arc::new(|_| true),
            timeout: DEFAULT_TIMEOUT,
        };
        Self { settings }
    }

    /// Sets whether the objects of snapshot events are fetched, too. Default: `false`.
    ///
    /// A snapshot event contains its object as it was when the event occurred. With this option the
    /// handler sees the object as it is now, so that the order of events does not matter.
    ///
    /// An event whose object Stripe's API cannot retrieve, such as an upcoming invoice, is passed on
    /// as it is.
    #[must_use]
    pub fn with_snapshot_events(mut self, fetch: bool) -> Self {
        self.settings.snapshot_events = fetch;
        self
    }

    /// Sets the events whose objects are fetched. Default: all.
    ///
    /// Other events are passed on as they are. It replaces an earlier filter.
    ///
    /// ```
    /// use tower_stripe_webhook::{api::{ApiClient, FetchLayer}, VerifiedEvent};
    ///
    /// fn layer<A: ApiClient>(api: A) -> FetchLayer<A> {
    ///     FetchLayer::new(api)
    ///         .with_filter(|event: &VerifiedEvent| event.event_type().as_str().contains("invoice."))
    /// }
    /// ```
    #[must_use]
    pub fn with_filter(
        mut self,
        filter: impl Fn(&VerifiedEvent) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.settings.filter = Arc::new(filter);
        self
    }

    /// Sets the event types whose objects are fetched. Default: all.
    ///
    /// It replaces an earlier [filter](Self::with_filter). Pass the types that the handler acts on,
    /// so that no request is made for any other event. The handler has to check the type first: a
    /// thin event of another type has no object, so its [`data`](crate::Event::data) is an error.
    ///
    /// ```
    /// use tower_stripe_webhook::{api::{ApiClient, FetchLayer}, event::SUBSCRIPTION_EVENT_TYPES};
    ///
    /// fn layer<A: ApiClient>(api: A) -> FetchLayer<A> {
    ///     FetchLayer::new(api).with_event_types(SUBSCRIPTION_EVENT_TYPES)
    /// }
    /// ```
    #[must_use]
    pub fn with_event_types(self, event_types: impl IntoIterator<Item = EventType>) -> Self {
        let event_types: HashSet<EventType> = event_types.into_iter().collect();
        self.with_filter(move |event| event_types.contains(event.event_type()))
    }

    /// Sets how many fetches are in flight at a time. Default: 10.
    ///
    /// At least 1. Further events wait. Stripe allows about 100 reads per second in live mode, and
    /// 25 in a sandbox. The limit applies to this process.
    #[must_use]
    pub fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.settings.fetches = Coalescer::new(Arc::clone(&self.settings.api), concurrency);
        self
    }

    /// Sets how long an event waits for its object. Default: 8 s.
    ///
    /// It includes the time for which the event waits for its turn. After this time the fetch has
    /// failed with [`ApiErrorKind::Timeout`].
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }
}

impl<A: ApiClient> Settings<A> {
    /// Returns the object to fetch. `None` for an event that is passed on as it is.
    pub(super) fn target_of(&self, event: &VerifiedEvent) -> Option<Result<Target, FetchError>> {
        let is_selected =
            (event.kind() == EventKind::Thin || self.snapshot_events) && (self.filter)(event);
        if !is_selected {
            return None;
        }
        match Target::of(event) {
            Err(error) if error.kind() == FetchErrorKind::NotFetchable => None,
            target => Some(target),
        }
    }

    pub(super) async fn fetch(
        &self,
        target: Result<Target, FetchError>,
        event_id: &str,
    ) -> Result<CurrentObject, FetchError> {
        let target = target?;
        let answer = timeout(self.timeout, self.fetches.get(&target.request, event_id)).await;
        target.read(answer.unwrap_or_else(|_| Err(ApiError::new(ApiErrorKind::Timeout))))
    }
}

impl<S, A: ApiClient> Layer<S> for FetchLayer<A> {
    type Service = Fetch<S, A>;

    fn layer(&self, inner: S) -> Self::Service {
        Fetch::new(inner, Arc::new(self.settings.clone()))
    }
}

// Not derived: `A` need not be `Clone` or `Debug`.
impl<A> Clone for FetchLayer<A> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone() }
    }
}

impl<A> Clone for Settings<A> {
    fn clone(&self) -> Self {
        Self {
            fetches: self.fetches.clone(),
            api: Arc::clone(&self.api),
            snapshot_events: self.snapshot_events,
            filter: Arc::clone(&self.filter),
            timeout: self.timeout,
        }
    }
}

impl<A> fmt::Debug for FetchLayer<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchLayer").field("settings", &self.settings).finish()
    }
}

impl<A> fmt::Debug for Settings<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("snapshot_events", &self.snapshot_events)
            .field("timeout", &self.timeout)
            .field("fetches", &self.fetches)
            .finish_non_exhaustive()
    }
}
