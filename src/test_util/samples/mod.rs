//! Sample events of API version 2026-10-28.endive.
//!
//! Each common event type has a function, such as [`invoice_paid`], and [`of`] makes a sample of any
//! type. The values of a sample can be changed: see [`Sample`]. [`sequence`] has lists of events,
//! such as the life of a subscription. Names, ids and amounts are made up.
//!
//! The constants are the text of the most common events: one for each of the
//! [`SUBSCRIPTION_EVENT_TYPES`](crate::event::SUBSCRIPTION_EVENT_TYPES), all about the same
//! subscription, and one thin event about an account. The module [`thin`] has the thin events of the
//! same facts.

mod overrides;
mod path;
mod sample;
pub mod sequence;
mod table;
pub mod thin;
mod thin_event;
mod version;

pub use self::sample::Sample;
use crate::event::EventType;

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

/// Makes a sample of an event type: `EventType::PayoutPaid`, or its name, `"payout.paid"`.
///
/// It is a snapshot event if the type has one, also for the thin name, and else a thin event. Its object is minimal: it has
/// the fields that the typed object reads, most of them `null`, and a status that goes with the type.
///
/// # Panics
///
/// If the type is [`EventType::Other`].
///
/// # Example
///
/// ```
/// use tower_stripe_webhook::{EventData, EventType, test_util::samples};
///
/// let topup = samples::of(EventType::TopupFailed).amount(500).failure_code("debit_not_authorized");
/// let EventData::TopupFailed(topup) = topup.event().data()? else { panic!("another type") };
/// assert_eq!(topup.amount(), Some(500));
/// # Ok::<(), tower_stripe_webhook::DecodeError>(())
/// ```
#[track_caller]
pub fn of(event_type: impl Into<EventType>) -> Sample {
    let event_type = event_type.into();
    if let EventType::Other(name) = &event_type {
        panic!("there is no sample of the unknown event type `{name}`");
    }
    Sample::new(&event_type)
}

macro_rules! samples {
    ($($name:ident: $variant:ident, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub fn $name() -> Sample {
                Sample::new(&EventType::$variant)
            }
        )*
    };
}

samples! {
    checkout_session_completed: CheckoutSessionCompleted, "A paid checkout session of a subscription.";
    checkout_session_expired: CheckoutSessionExpired, "A checkout session that was not completed.";
    checkout_session_async_payment_succeeded: CheckoutSessionAsyncPaymentSucceeded, "A checkout session whose delayed payment succeeded.";
    checkout_session_async_payment_failed: CheckoutSessionAsyncPaymentFailed, "A checkout session whose delayed payment failed.";
    customer_created: CustomerCreated, "A new customer.";
    customer_updated: CustomerUpdated, "A customer that was changed.";
    customer_deleted: CustomerDeleted, "A customer that was deleted.";
    customer_subscription_created: CustomerSubscriptionCreated, "A new subscription, not paid yet: its status is `incomplete`.";
    customer_subscription_updated: CustomerSubscriptionUpdated, "An active subscription that was changed. Unlike [`CUSTOMER_SUBSCRIPTION_UPDATED`], it is not canceled, and [`previous`](Sample::previous) states what changed.";
    customer_subscription_deleted: CustomerSubscriptionDeleted, "A subscription after its end.";
    customer_subscription_trial_will_end: CustomerSubscriptionTrialWillEnd, "A subscription whose trial ends soon.";
    customer_subscription_paused: CustomerSubscriptionPaused, "A subscription that was paused.";
    customer_subscription_resumed: CustomerSubscriptionResumed, "A subscription that was resumed.";
    customer_subscription_past_due: CustomerSubscriptionPastDue, "A subscription that is past due, which only a thin event tells.";
    invoice_created: InvoiceCreated, "A draft of an invoice.";
    invoice_finalized: InvoiceFinalized, "An open invoice.";
    invoice_finalization_failed: InvoiceFinalizationFailed, "A draft that could not be finalized.";
    invoice_paid: InvoicePaid, "The first invoice of a subscription, paid.";
    invoice_payment_action_required: InvoicePaymentActionRequired, "An invoice whose payment needs the customer.";
    invoice_payment_failed: InvoicePaymentFailed, "A later invoice of a subscription whose payment failed.";
    invoice_upcoming: InvoiceUpcoming, "The preview of the next invoice, which has no id.";
    invoice_voided: InvoiceVoided, "An invoice that is void.";
    invoice_marked_uncollectible: InvoiceMarkedUncollectible, "An invoice that will not be paid.";
    payment_intent_succeeded: PaymentIntentSucceeded, "A payment that succeeded.";
    payment_intent_payment_failed: PaymentIntentPaymentFailed, "A payment that failed because the card was declined.";
    payment_intent_requires_action: PaymentIntentRequiresAction, "A payment that needs the customer.";
    payment_intent_processing: PaymentIntentProcessing, "A payment whose result is not known yet.";
    payment_intent_canceled: PaymentIntentCanceled, "A payment that was canceled.";
    payment_method_attached: PaymentMethodAttached, "A card that was attached to a customer.";
    payment_method_detached: PaymentMethodDetached, "A card that was detached from its customer.";
    setup_intent_succeeded: SetupIntentSucceeded, "A payment method that was set up.";
    setup_intent_setup_failed: SetupIntentSetupFailed, "A payment method that could not be set up.";
    charge_succeeded: ChargeSucceeded, "A charge that succeeded.";
    charge_failed: ChargeFailed, "A charge that failed because the card was declined.";
    charge_refunded: ChargeRefunded, "A charge that was refunded in full.";
    charge_dispute_created: ChargeDisputeCreated, "A dispute that needs a response.";
    charge_dispute_closed: ChargeDisputeClosed, "A dispute that was lost.";
    refund_created: RefundCreated, "A refund that is pending.";
    refund_failed: RefundFailed, "A refund that failed.";
    payout_created: PayoutCreated, "A payout that is pending.";
    payout_paid: PayoutPaid, "A payout that arrived.";
    payout_failed: PayoutFailed, "A payout that failed because the bank account is closed.";
    account_updated: AccountUpdated, "A connected account with all capabilities.";
    capability_updated: CapabilityUpdated, "An active capability of a connected account.";
    transfer_created: TransferCreated, "A transfer to a connected account.";
    application_fee_created: ApplicationFeeCreated, "An application fee.";
    subscription_schedule_released: SubscriptionScheduleReleased, "A subscription schedule that ended, while its subscription continues.";
    credit_note_created: CreditNoteCreated, "A credit note.";
    product_updated: ProductUpdated, "A product that was changed.";
    price_updated: PriceUpdated, "A price that was changed.";
    radar_early_fraud_warning_created: RadarEarlyFraudWarningCreated, "A warning that a charge may be disputed.";
    entitlements_active_entitlement_summary_updated: EntitlementsActiveEntitlementSummaryUpdated, "The features of a customer.";
}
