//! The layer: every option, its default, its reason.

use std::{fmt, sync::Arc, time::Duration};

use tower_layer::Layer;

use super::{EventKey, IdempotencyStore, OnStoreFailure, service::Idempotency, settings::Settings};
use crate::verified_event::VerifiedEvent;

/// Stripe waits for some 10 to 30 seconds, so that a handler is rarely at work for longer.
const DEFAULT_LEASE: Duration = Duration::from_secs(60);

/// Shorter leases would be renewed all the time, and end while a renewal is on its way.
const MIN_LEASE: Duration = Duration::from_millis(100);

const DEFAULT_STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// Calls the service within once for each event, though Stripe delivers some more often: a [`Layer`] that makes an [`Idempotency`].
///
/// It belongs inside of a [`StripeWebhookLayer`](crate::StripeWebhookLayer). It claims the event in an [`IdempotencyStore`], calls the service
/// within, and commits the claim if the answer is `2xx`. On any other answer, on an error, a panic, or if the client goes away, it gives
/// the claim back, and Stripe's next delivery is handled again.
///
/// | delivery | the service within | answer |
/// |---|---|---|
/// | first, or again after a failure | is called | its own, when the store has taken note |
/// | of an event that is finished | is not called | `200` |
/// | of an event that is being handled | is not called | `409` with `Retry-After` |
/// | the store is down | is not called, or as [`with_store_failure`](Self::with_store_failure) says | `503` with `Retry-After` |
///
/// Each response has the [`Outcome`](super::Outcome) in its extensions.
///
/// | option | default |
/// |---|---|
/// | [`with_key`](Self::with_key) | the event's id, per account: [`EventKey::of`] |
/// | [`with_scope`](Self::with_scope) | none: for a store that no other endpoint uses |
/// | [`with_lease`](Self::with_lease) | 60 s, renewed while the service within is at work |
/// | [`with_store_timeout`](Self::with_store_timeout) | 5 s |
/// | [`with_store_failure`](Self::with_store_failure) | `503` |
///
/// # What it guarantees
///
/// An event is never handled by two at once, and not again once it is committed, as long as the store keeps what it was told. It
/// **is** handled again if the process dies between the handler's effect and the commit, or if the store fails at that moment
/// ([`Outcome::Unrecorded`](super::Outcome::Unrecorded)), or if the lease ends while the handler is at work, because the store was out of
/// reach for so long ([`Outcome::LeaseLost`](super::Outcome::LeaseLost)). Where that must not be, put record and effect into one
/// transaction: [`record`](super#exactly-once-in-your-own-transaction). [The module](super#which-one) says which to choose.
///
/// A handler that never ends keeps its claim for as long as its connection is open. Servers rarely limit a handler's time: put a timeout
/// inside of this layer.
///
/// # Handlers that block
///
/// The claim is renewed by a task of its own, from before the handler is called until it has answered.
///
/// - On a multi-thread runtime, another worker thread renews the claim of a handler that blocks its thread, for example with
///   `std::thread::sleep` or a synchronous client. Once **all** workers are blocked, no claim is renewed.
/// - On a current-thread runtime, and on a multi-thread one with a single worker, there is no other thread: while a handler blocks, its
///   claim is not renewed. If it blocks for longer than the lease, another node may handle the event at the same time.
///
/// So run what blocks in [`spawn_blocking`](tokio::task::spawn_blocking), and await it:
///
/// ```
/// use axum::http::StatusCode;
/// use tower_stripe_webhook::VerifiedEvent;
///
/// async fn receive(event: VerifiedEvent) -> StatusCode {
///     match tokio::task::spawn_blocking(move || write_file(&event)).await {
///         Ok(Ok(())) => StatusCode::OK,
///         _ => StatusCode::INTERNAL_SERVER_ERROR,
///     }
/// }
///
/// fn write_file(event: &VerifiedEvent) -> std::io::Result<()> {
///     std::fs::write(std::env::temp_dir().join(event.id()), event.body())
/// }
/// ```
///
/// A task of `spawn_blocking` goes on if the client goes away, while the event is given back. A handler whose effect must not be repeated
/// then has to wait for it in a task of its own, which [`tokio::spawn`] starts.
///
/// # Panics
///
/// The response future panics outside of a tokio runtime with a timer.
///
/// # Example
///
/// ```
/// use axum::{Router, http::StatusCode, routing::post};
/// use tower::ServiceBuilder;
/// use tower_stripe_webhook::{
///     EnvSecret, StripeWebhookLayer, VerifiedEvent,
///     idempotency::{IdempotencyLayer, MemoryStore},
/// };
///
/// async fn receive(event: VerifiedEvent) -> StatusCode {
///     println!("{} {}", event.id(), event.event_type());
///     StatusCode::OK
/// }
///
/// let layers = ServiceBuilder::new()
///     .layer(StripeWebhookLayer::new(EnvSecret::new("STRIPE_WEBHOOK_SECRET")))
///     .layer(IdempotencyLayer::new(MemoryStore::new()));
/// let app: Router = Router::new().route("/api/v1/webhooks/stripe", post(receive).route_layer(layers));
/// ```
pub struct IdempotencyLayer<S> {
    settings: Settings<S>,
}

impl<S: IdempotencyStore> IdempotencyLayer<S> {
    /// Asks `store`, with the default of every option.
    pub fn new(store: S) -> Self {
        let settings = Settings {
            store: Arc::new(store),
            key: Arc::new(|event| EventKey::of(event)),
            scope: None,
            lease: DEFAULT_LEASE,
            store_timeout: DEFAULT_STORE_TIMEOUT,
            store_failure: OnStoreFailure::default(),
        };
        Self { settings }
    }

    /// What makes two deliveries the same. Default: [`EventKey::of`], the event's id and account.
    ///
    /// ```
    /// use tower_stripe_webhook::{
    ///     EventType, VerifiedEvent,
    ///     idempotency::{EventKey, IdempotencyLayer, MemoryStore},
    /// };
    ///
    /// let layer = IdempotencyLayer::new(MemoryStore::new()).with_key(|event: &VerifiedEvent| match event.event_type() {
    ///     EventType::CheckoutSessionCompleted => EventKey::of_object(event),
    ///     _ => EventKey::of(event),
    /// });
    /// ```
    #[must_use]
    pub fn with_key(mut self, key: impl Fn(&VerifiedEvent) -> EventKey + Send + Sync + 'static) -> Self {
        self.settings.key = Arc::new(key);
        self
    }

    /// Keeps the events of this endpoint apart from those of others on the same store: [`EventKey::in_scope`]. Default: none.
    ///
    /// **Each endpoint needs a scope of its own if it shares its store with another.** Stripe sends one event to each of them, and without a
    /// scope the second takes it for a duplicate: it is answered `200`, and never handled.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use tower_stripe_webhook::idempotency::{IdempotencyLayer, MemoryStore};
    ///
    /// let store = Arc::new(MemoryStore::new());
    /// let billing = IdempotencyLayer::new(Arc::clone(&store)).with_scope("billing");
    /// let analytics = IdempotencyLayer::new(store).with_scope("analytics");
    /// ```
    #[must_use]
    pub fn with_scope(mut self, scope: impl Into<String>) -> Self {
        self.settings.scope = Some(scope.into().into());
        self
    }

    /// For how long an event is claimed, unless the claim is renewed. Default: 60 s; at least 100 ms.
    ///
    /// It is renewed thrice in that time while the service within is at work, so it need not be longer than that takes. It is the time after which
    /// the events of a node that died are handled by others. Several times the store's timeout is long enough for a renewal that has to be
    /// tried again.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(MIN_LEASE);
        self
    }

    /// How long to wait for the store: to claim an event, and to commit or release it. Default: 5 s.
    ///
    /// Then it has failed, and goes on in the background, for as long as a lease, but a minute at most. In this time a commit that fails is
    /// tried again.
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.settings.store_timeout = timeout;
        self
    }

    /// What happens to an event that could not be claimed because the store has failed. Default: [`OnStoreFailure::Reject`], a `503`.
    #[must_use]
    pub fn with_store_failure(mut self, failure: OnStoreFailure) -> Self {
        self.settings.store_failure = failure;
        self
    }
}

impl<S, St> Layer<S> for IdempotencyLayer<St> {
    type Service = Idempotency<S, St>;

    fn layer(&self, inner: S) -> Self::Service {
        Idempotency::new(inner, Arc::new(self.settings.clone()))
    }
}

// By hand, because a store need not be `Clone` or `Debug`.
impl<S> Clone for IdempotencyLayer<S> {
    fn clone(&self) -> Self {
        Self { settings: self.settings.clone() }
    }
}

impl<S> fmt::Debug for IdempotencyLayer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdempotencyLayer").field("settings", &self.settings).finish()
    }
}
