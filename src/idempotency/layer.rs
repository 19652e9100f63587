//! `IdempotencyLayer` and its options.

use std::{fmt, sync::Arc, time::Duration};

use tower_layer::Layer;

use super::{EventKey, IdempotencyStore, OnStoreFailure, service::Idempotency, settings::Settings};
use crate::verified_event::VerifiedEvent;

/// Stripe documents no limit for an answer, and users report 10 to 30 seconds, so a handler rarely
/// runs longer.
const DEFAULT_LEASE: Duration = Duration::from_secs(60);

/// A shorter lease could expire while a renewal is in flight.
const MIN_LEASE: Duration = Duration::from_millis(100);

const DEFAULT_STORE_TIMEOUT: Duration = Duration::from_secs(5);

/// Calls the inner service once per event, even if it is delivered repeatedly.
///
/// Put this [`Layer`] inside a [`StripeWebhookLayer`](crate::StripeWebhookLayer). It makes an
/// [`Idempotency`] service, which claims the event in an [`IdempotencyStore`], calls the inner
/// service, and commits the claim if the answer is `2xx`. On any other answer, an error or a
/// panic, or if the client disconnects, it releases the claim, and Stripe's next delivery is
/// handled again.
///
/// | delivery | inner service | answer |
/// |---|---|---|
/// | first, or after a failure | called | its own, after the store has committed or released the claim |
/// | event is finished | not called | `200` |
/// | event is being handled | not called | `409` with `Retry-After` |
/// | store is down | depends on [`with_store_failure`](Self::with_store_failure) | by default `503` with `Retry-After` |
///
/// Each response has the [`Outcome`](super::Outcome) in its extensions.
///
/// | option | default |
/// |---|---|
/// | [`with_key`](Self::with_key) | the event's id, per account: [`EventKey::of`] |
/// | [`with_scope`](Self::with_scope) | none: for a store that no other endpoint uses |
/// | [`with_lease`](Self::with_lease) | 60 s, renewed while the inner service runs |
/// | [`with_store_timeout`](Self::with_store_timeout) | 5 s |
/// | [`with_store_failure`](Self::with_store_failure) | `503` |
///
/// # Guarantees
///
/// As long as the store keeps its data, an event is never handled twice at the same time, and
/// never again after it is committed. It **is** handled again in these cases:
///
/// - The process dies between the handler's effect and the commit.
/// - The store fails at that moment: [`Outcome::Unrecorded`](super::Outcome::Unrecorded).
/// - The lease expires while the handler runs, because the store was unreachable for that
///   long: [`Outcome::LeaseLost`](super::Outcome::LeaseLost).
///
/// If this is not acceptable, put the record and the effect into one transaction with
/// [`record`](super#exactly-once-in-your-own-transaction). [The module](super#which-approach)
/// compares the approaches.
///
/// A handler that never returns keeps its claim as long as its connection is open. Servers
/// rarely limit a handler's run time, so put a timeout inside this layer.
///
/// # Handlers that block
///
/// A separate task renews the claim while the handler runs.
///
/// - On a multi-thread runtime, another worker thread renews the claim of a handler that
///   blocks its thread, for example with `std::thread::sleep` or a synchronous client. If
///   **all** workers are blocked, no claim is renewed.
/// - On a current-thread runtime, and on a multi-thread one with a single worker, there is no
///   other thread: the claim of a handler that blocks is not renewed. If it blocks for longer
///   than the lease, another node may handle the event at the same time.
///
/// Run blocking code in [`spawn_blocking`](tokio::task::spawn_blocking), and await it:
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
/// If the client disconnects, a task of `spawn_blocking` continues, but the claim is released.
/// If its effect must not be repeated, await it in a task of its own ([`tokio::spawn`]).
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
    /// Creates a layer that uses `store`, with default options.
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

    /// Sets the function that makes an event's idempotency key.
    ///
    /// Default: [`EventKey::of`], the event's id and account.
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
    pub fn with_key(
        mut self,
        key: impl Fn(&VerifiedEvent) -> EventKey + Send + Sync + 'static,
    ) -> Self {
        self.settings.key = Arc::new(key);
        self
    }

    /// Sets the scope of this endpoint's keys in a shared store. Default: none.
    ///
    /// **Each endpoint that shares its store with another needs a scope of its own.** Stripe
    /// sends an event to each of them. Without a scope, the second endpoint takes it for a
    /// duplicate: it answers `200` and never handles the event. See [`EventKey::in_scope`].
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

    /// Sets how long a claim lasts unless it is renewed. Default: 60 s.
    ///
    /// At least 100 ms.
    ///
    /// The lease is renewed three times per period while the inner service runs, so it need
    /// not cover the handler's run time. If a node dies, other nodes can handle its events
    /// after this time. Several times the store's timeout leaves time to retry a renewal.
    #[must_use]
    pub fn with_lease(mut self, lease: Duration) -> Self {
        self.settings.lease = lease.max(MIN_LEASE);
        self
    }

    /// Sets how long to wait for the store to claim, commit or release. Default: 5 s.
    ///
    /// After this time the call counts as failed. It continues in the background for as long
    /// as a lease, but at most one minute. In this time a failed commit is retried.
    #[must_use]
    pub fn with_store_timeout(mut self, timeout: Duration) -> Self {
        self.settings.store_timeout = timeout;
        self
    }

    /// Sets what happens to an event that the store failed to claim.
    ///
    /// Default: [`OnStoreFailure::Reject`], a `503`.
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

// Not derived: `S` need not be `Clone` or `Debug`.
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
