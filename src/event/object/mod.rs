//! The objects in events, with the fields that a receiver acts on, for every API version since 2013.
//!
//! Stripe shapes an event by the API version that its endpoint had when the event occurred, and keeps it so for ever. So
//! these types take every shape, and where a value has moved a method finds it:
//! [`Invoice::subscription_id`], [`Subscription::current_period_end`], [`InvoiceLine::price_id`]. You write no version check.
//!
//! | what Stripe sends | what you get |
//! |---|---|
//! | a field that a type cannot do without, missing or of another form | a [`DecodeError`](crate::DecodeError) with its path |
//! | any other field: missing, `null`, or of a form that is not known | `None`, `false`, or an empty list or map |
//! | a value that a status did not have | `Other`, with its text |
//! | a field that is not here | [`Event::object`](crate::Event::object) into a type of yours |
//!
//! Amounts are integers in the smallest unit of their currency: cents of USD, whole yen of JPY
//! (<https://docs.stripe.com/currencies#zero-decimal>). Times are Unix seconds. Currencies are three-letter ISO codes in lower case.

mod charge;
mod checkout_session;
mod customer;
mod dispute;
mod expandable;
mod invoice;
mod lenient;
mod list;
mod payment_details;
mod payment_intent;
mod price;
mod refund;
mod subscription;

pub use self::{
    charge::{Charge, ChargeStatus, Outcome},
    checkout_session::{
        CheckoutSession, CheckoutSessionMode, CheckoutSessionStatus, CustomerDetails, PaymentStatus, ShippingDetails,
    },
    customer::{Address, BillingDetails, Customer},
    dispute::{Dispute, DisputeStatus, EvidenceDetails},
    expandable::{Expandable, OtherObject},
    invoice::{BillingReason, Invoice, InvoiceLine, InvoiceLineOrigin, InvoiceStatus, Period, StatusTransitions},
    list::List,
    payment_details::{AutomaticTax, AutomaticTaxStatus, PresentmentDetails, TotalDetails},
    payment_intent::{PaymentError, PaymentIntent, PaymentIntentStatus},
    price::{Interval, Price, Recurring, UsageType},
    refund::{Refund, RefundStatus},
    subscription::{
        BillingMode, BillingModeType, CancellationDetails, CollectionMethod, PauseCollection, PauseReason,
        PreviousSubscription, Subscription, SubscriptionItem, SubscriptionStatus,
    },
};

/// What the app itself attached to an object: up to 50 keys with texts as values. Empty if there is nothing.
///
/// See <https://docs.stripe.com/metadata>.
pub type Metadata = std::collections::BTreeMap<String, String>;

/// What an event can be about.
pub(super) trait Named {
    /// What Stripe calls it.
    const NAME: &'static str;

    /// What it calls itself. Hand-made events may not say.
    fn name(&self) -> Option<&str>;
}
