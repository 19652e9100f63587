//! What became of a delivery.

/// What became of a delivery, in the extensions of each response that [`IdempotencyLayer`](super::IdempotencyLayer) gives: for a layer
/// outside that counts.
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
    /// The handler answered something else, and the next delivery is handled again.
    Released,
    /// The event was finished before: `200`, without the handler.
    Duplicate,
    /// The event is being handled at the moment: `409` with `Retry-After`, without the handler.
    InFlight,
    /// The handler answered `2xx`, but its claim had ended before, so that the event may be handled again. Its response went out.
    LeaseLost,
    /// The handler answered `2xx`, but the store did not say that it has taken note, so that the event may be handled again. Its response
    /// went out, and the commit is tried again in the background. A [`StoreError`](super::StoreError) is beside.
    Unrecorded,
    /// The handler answered something else, but the store failed to take note, so that the event is not handled again before the lease
    /// ends. Its response went out. A [`StoreError`](super::StoreError) is beside.
    Unreleased,
    /// The store failed to claim the event: `503` with `Retry-After`, without the handler. A [`StoreError`](super::StoreError) is beside.
    StoreFailed,
    /// The store failed to claim the event, and the handler was called all the same, as
    /// [`OnStoreFailure::PassThrough`](super::OnStoreFailure::PassThrough) has it. A [`StoreError`](super::StoreError) is beside.
    PassedThrough,
    /// There is no verified event, because no `StripeWebhookLayer` is around this one: `500`, without the handler.
    NoVerifiedEvent,
}

impl Outcome {
    /// The outcome as a word, such as `in_flight`, for a metric's label.
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
