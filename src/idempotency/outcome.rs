//! The outcome of a delivery.

/// The outcome of a delivery, for metrics.
///
/// [`IdempotencyLayer`](super::IdempotencyLayer) puts it into the extensions of each response,
/// where an outer layer can count it.
///
/// # Example
///
/// ```
/// use http::Response;
/// use tower_stripe_webhook::idempotency::Outcome;
///
/// fn count<B>(response: &Response<B>) {
///     if let Some(outcome) = response.extensions().get::<Outcome>() {
///         println!("stripe_webhook_outcome{{outcome=\"{}\"}} +1", outcome.code());
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The handler answered `2xx`, and the event is finished.
    Committed,
    /// The handler did not answer `2xx`. The next delivery is handled again.
    Released,
    /// The event was handled before: `200` without calling the handler.
    Duplicate,
    /// The event is being handled: `409` with `Retry-After`.
    ///
    /// The handler was not called for this delivery.
    InFlight,
    /// The handler answered `2xx` after its claim had ended.
    ///
    /// The event may be handled again. The handler's response was sent.
    LeaseLost,
    /// The handler answered `2xx`, but the store did not confirm the commit.
    ///
    /// The event may be handled again. The handler's response was sent, and the commit is
    /// retried in the background. The extensions contain a [`StoreError`](super::StoreError).
    Unrecorded,
    /// The handler did not answer `2xx`, and the store failed to release the claim.
    ///
    /// The event is not handled again before the lease expires. The handler's response was
    /// sent. The extensions contain a [`StoreError`](super::StoreError).
    Unreleased,
    /// The store failed to claim the event: `503` with `Retry-After`.
    ///
    /// The handler was not called. The extensions contain a
    /// [`StoreError`](super::StoreError).
    StoreFailed,
    /// The store failed to claim the event, and the handler was called without a claim.
    ///
    /// This happens with [`OnStoreFailure::PassThrough`](super::OnStoreFailure::PassThrough).
    /// The extensions contain a [`StoreError`](super::StoreError).
    PassedThrough,
    /// The request has no verified event: `500` without calling the handler.
    ///
    /// The layer is not inside a `StripeWebhookLayer`.
    NoVerifiedEvent,
}

impl Outcome {
    /// Returns the outcome as a label for metrics, such as `in_flight`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Released => "released",
            Self::Duplicate => "duplicate",
            Self::InFlight => "in_flight",
            Self::LeaseLost => "lease_lost",
            Self::Unrecorded => "unrecorded",
            Self::Unreleased => "unreleased",
            Self::StoreFailed => "store_failed",
            Self::PassedThrough => "passed_through",
            Self::NoVerifiedEvent => "no_verified_event",
        }
    }
}
