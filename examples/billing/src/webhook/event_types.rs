//! The types of events that have an effect.

use tower_stripe_webhook::{EventType, event::SUBSCRIPTION_EVENT_TYPES};

use super::{customer, reversal};

/// Optional types with a snapshot of a subscription. Stripe also sends
/// `customer.subscription.updated`.
pub(super) static OPTIONAL_SNAPSHOTS: [EventType; 2] =
    [EventType::CustomerSubscriptionPaused, EventType::CustomerSubscriptionResumed];

/// Types about the state of a subscription that only thin events have. Stripe also sends
/// `v1.customer.subscription.updated`.
static THIN_ONLY: [EventType; 10] = [
    EventType::CustomerSubscriptionActive,
    EventType::CustomerSubscriptionCancelAtChanged,
    EventType::CustomerSubscriptionIncomplete,
    EventType::CustomerSubscriptionIncompleteExpired,
    EventType::CustomerSubscriptionItemAdded,
    EventType::CustomerSubscriptionItemPriceChanged,
    EventType::CustomerSubscriptionItemRemoved,
    EventType::CustomerSubscriptionPastDue,
    EventType::CustomerSubscriptionTrialing,
    EventType::CustomerSubscriptionUnpaid,
];

/// Returns whether events of a type have an effect. Others are not decoded and nothing is fetched
/// for them, so an unexpected object in them cannot fail.
pub(super) fn have_effect(event_type: &EventType) -> bool {
    may_concern_subscription(event_type)
        || customer::EVENT_TYPES.contains(event_type)
        || reversal::EVENT_TYPES.contains(event_type)
}

/// Returns whether events of a type may change a subscription.
pub(super) fn may_concern_subscription(event_type: &EventType) -> bool {
    SUBSCRIPTION_EVENT_TYPES.contains(event_type)
        || OPTIONAL_SNAPSHOTS.contains(event_type)
        || THIN_ONLY.contains(event_type)
        || *event_type == EventType::CheckoutSessionAsyncPaymentSucceeded
}
