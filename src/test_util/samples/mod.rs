//! Sample events of API version 2026-10-28.endive.
//!
//! There is one event for each of the
//! [`SUBSCRIPTION_EVENT_TYPES`](crate::event::SUBSCRIPTION_EVENT_TYPES), all about the same
//! subscription, and one thin event about an account. The module [`thin`] has the thin events of the
//! same facts. Names, ids and amounts are made up.

pub mod thin;

/// A paid checkout session that started the subscription.
pub const CHECKOUT_SESSION_COMPLETED: &str = include_str!("checkout_session_completed.json");
/// The new subscription, not paid yet.
pub const CUSTOMER_SUBSCRIPTION_CREATED: &str = include_str!("customer_subscription_created.json");
/// The subscription after the customer canceled it for the end of the period.
pub const CUSTOMER_SUBSCRIPTION_UPDATED: &str = include_str!("customer_subscription_updated.json");
/// The subscription after its end.
pub const CUSTOMER_SUBSCRIPTION_DELETED: &str = include_str!("customer_subscription_deleted.json");
/// The first invoice of the subscription, paid.
pub const INVOICE_PAID: &str = include_str!("invoice_paid.json");
/// A later invoice whose payment failed.
pub const INVOICE_PAYMENT_FAILED: &str = include_str!("invoice_payment_failed.json");
/// A thin event about a connected account.
pub const V2_CORE_ACCOUNT_UPDATED: &str = include_str!("v2_core_account_updated.json");

/// All sample events but those of [`thin`].
pub const ALL: [&str; 7] = [
    CHECKOUT_SESSION_COMPLETED,
    CUSTOMER_SUBSCRIPTION_CREATED,
    CUSTOMER_SUBSCRIPTION_UPDATED,
    CUSTOMER_SUBSCRIPTION_DELETED,
    INVOICE_PAID,
    INVOICE_PAYMENT_FAILED,
    V2_CORE_ACCOUNT_UPDATED,
];
