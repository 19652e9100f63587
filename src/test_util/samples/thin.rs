//! Thin events of the same facts as the snapshot events in [`samples`](super).
//!
//! Each is the [`thin_twin`](crate::test_util::thin_twin) of the snapshot event of the same name.
//! [`CUSTOMER_SUBSCRIPTION_PAST_DUE`] has no snapshot event.

/// The thin event of [`CHECKOUT_SESSION_COMPLETED`](super::CHECKOUT_SESSION_COMPLETED).
pub const CHECKOUT_SESSION_COMPLETED: &str = include_str!("thin/checkout_session_completed.json");
/// The thin event of [`CUSTOMER_SUBSCRIPTION_CREATED`](super::CUSTOMER_SUBSCRIPTION_CREATED).
pub const CUSTOMER_SUBSCRIPTION_CREATED: &str =
    include_str!("thin/customer_subscription_created.json");
/// The thin event of [`CUSTOMER_SUBSCRIPTION_UPDATED`](super::CUSTOMER_SUBSCRIPTION_UPDATED).
pub const CUSTOMER_SUBSCRIPTION_UPDATED: &str =
    include_str!("thin/customer_subscription_updated.json");
/// The thin event of [`CUSTOMER_SUBSCRIPTION_DELETED`](super::CUSTOMER_SUBSCRIPTION_DELETED).
pub const CUSTOMER_SUBSCRIPTION_DELETED: &str =
    include_str!("thin/customer_subscription_deleted.json");
/// The thin event of [`INVOICE_PAID`](super::INVOICE_PAID).
pub const INVOICE_PAID: &str = include_str!("thin/invoice_paid.json");
/// The thin event of [`INVOICE_PAYMENT_FAILED`](super::INVOICE_PAYMENT_FAILED).
pub const INVOICE_PAYMENT_FAILED: &str = include_str!("thin/invoice_payment_failed.json");
/// The subscription is past due, which only a thin event tells.
pub const CUSTOMER_SUBSCRIPTION_PAST_DUE: &str =
    include_str!("thin/customer_subscription_past_due.json");

/// All thin sample events about the subscription.
pub const ALL: [&str; 7] = [
    CHECKOUT_SESSION_COMPLETED,
    CUSTOMER_SUBSCRIPTION_CREATED,
    CUSTOMER_SUBSCRIPTION_UPDATED,
    CUSTOMER_SUBSCRIPTION_DELETED,
    INVOICE_PAID,
    INVOICE_PAYMENT_FAILED,
    CUSTOMER_SUBSCRIPTION_PAST_DUE,
];
