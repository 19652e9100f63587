//! Sample events, as Stripe sends them in API version 2026-10-28.endive: one of each of the
//! [`SUBSCRIPTION_EVENT_TYPES`](crate::event::SUBSCRIPTION_EVENT_TYPES), which together tell the life of one subscription, and a thin one.
//!
//! Names, ids and amounts are made up.

/// A paid checkout that has started a subscription.
pub const CHECKOUT_SESSION_COMPLETED: &str = include_str!("checkout_session_completed.json");
/// The subscription, created and not paid yet.
pub const CUSTOMER_SUBSCRIPTION_CREATED: &str = include_str!("customer_subscription_created.json");
/// The customer cancels it for the end of the period.
pub const CUSTOMER_SUBSCRIPTION_UPDATED: &str = include_str!("customer_subscription_updated.json");
/// It has ended.
pub const CUSTOMER_SUBSCRIPTION_DELETED: &str = include_str!("customer_subscription_deleted.json");
/// Its first invoice, paid.
pub const INVOICE_PAID: &str = include_str!("invoice_paid.json");
/// A later invoice that could not be paid.
pub const INVOICE_PAYMENT_FAILED: &str = include_str!("invoice_payment_failed.json");
/// A thin event about a connected account.
pub const V2_CORE_ACCOUNT_UPDATED: &str = include_str!("v2_core_account_updated.json");

/// All of them.
pub const ALL: [&str; 7] = [
    CHECKOUT_SESSION_COMPLETED,
    CUSTOMER_SUBSCRIPTION_CREATED,
    CUSTOMER_SUBSCRIPTION_UPDATED,
    CUSTOMER_SUBSCRIPTION_DELETED,
    INVOICE_PAID,
    INVOICE_PAYMENT_FAILED,
    V2_CORE_ACCOUNT_UPDATED,
];
