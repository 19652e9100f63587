//! Typed event data: the object, by the type of the event.

use serde::Deserialize;

use super::{
    DecodeError, Event, EventType,
    object::{
        Charge, CheckoutSession, Customer, Dispute, Invoice, InvoicePayment, Named, OtherObject,
        PaymentIntent, Refund, Subscription,
    },
};

macro_rules! event_data {
    ($($object:ident: $($variant:ident)*;)*) => {
        /// The type of an event with its typed object, from [`Event::data`].
        ///
        /// Each variant has the name of its [`EventType`].
        ///
        /// # Example
        ///
        /// ```
        /// use tower_stripe_webhook::{DecodeError, EventData, VerifiedEvent};
        ///
        /// fn handle(event: &VerifiedEvent) -> Result<(), DecodeError> {
        ///     match event.data()? {
        ///         EventData::CheckoutSessionCompleted(session) if session.is_paid() => {
        ///             println!("paid by {:?}", session.email());
        ///         }
        ///         EventData::InvoicePaid(invoice) => println!("paid: {:?}", invoice.subscription_id()),
        ///         EventData::CustomerSubscriptionDeleted(subscription) => println!("ended: {}", subscription.id()),
        ///         _ => {}
        ///     }
        ///     Ok(())
        /// }
        /// ```
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum EventData {
            $($(
                #[doc = concat!("See [`EventType::", stringify!($variant), "`].")]
                $variant($object),
            )*)*
            /// Any other type, and any thin event: see [`Event::object`] and
            /// [`Event::related_object`].
            Other,
        }

        impl Event {
            /// Decodes the object by the type of the event.
            ///
            /// There are variants for `checkout.session.*`, `customer.*` (customers and
            /// subscriptions), `invoice.*`, `invoice_payment.*`, `payment_intent.*`, `charge.*`
            /// (with disputes and refunds) and `refund.*`, for every API version. All other types
            /// are [`EventData::Other`] and are not decoded. An object whose `object` field names
            /// another type than the event's is `Other`, too.
            ///
            /// # Errors
            ///
            /// [`DecodeError`] if a required field, such as an amount, is missing or has an unknown
            /// form. The event was verified: you can still read [`body`](Event::body), or decode
            /// [`object`](Event::object) into your own type.
            pub fn data(&self) -> Result<EventData, DecodeError> {
                Ok(match self.event_type() {
                    $($(
                        EventType::$variant => {
                            self.object_if_named::<$object>()?.map_or(EventData::Other, EventData::$variant)
                        }
                    )*)*
                    _ => EventData::Other,
                })
            }
        }
    };
}

event_data! {
    CheckoutSession:
        CheckoutSessionAsyncPaymentFailed
        CheckoutSessionAsyncPaymentSucceeded
        CheckoutSessionCompleted
        CheckoutSessionExpired;
    Customer:
        CustomerCreated
        CustomerDeleted
        CustomerUpdated;
    Subscription:
        CustomerSubscriptionCreated
        CustomerSubscriptionDeleted
        CustomerSubscriptionPaused
        CustomerSubscriptionPendingUpdateApplied
        CustomerSubscriptionPendingUpdateExpired
        CustomerSubscriptionResumed
        CustomerSubscriptionTrialWillEnd
        CustomerSubscriptionUpdated;
    Invoice:
        InvoiceCreated
        InvoiceDeleted
        InvoiceFinalizationFailed
        InvoiceFinalized
        InvoiceMarkedUncollectible
        InvoiceOverdue
        InvoiceOverpaid
        InvoicePaid
        InvoicePaymentActionRequired
        InvoicePaymentAttemptRequired
        InvoicePaymentFailed
        InvoicePaymentSucceeded
        InvoiceSent
        InvoiceUpcoming
        InvoiceUpdated
        InvoiceVoided
        InvoiceWillBeDue;
    InvoicePayment:
        InvoicePaymentPaid;
    PaymentIntent:
        PaymentIntentAmountCapturableUpdated
        PaymentIntentCanceled
        PaymentIntentCreated
        PaymentIntentPartiallyFunded
        PaymentIntentPaymentFailed
        PaymentIntentProcessing
        PaymentIntentRequiresAction
        PaymentIntentSucceeded;
    Charge:
        ChargeCaptured
        ChargeExpired
        ChargeFailed
        ChargePending
        ChargeRefunded
        ChargeSucceeded
        ChargeUpdated;
    Dispute:
        ChargeDisputeClosed
        ChargeDisputeCreated
        ChargeDisputeFundsReinstated
        ChargeDisputeFundsWithdrawn
        ChargeDisputeUpdated;
    Refund:
        ChargeRefundUpdated
        RefundCreated
        RefundFailed
        RefundUpdated;
}

impl Event {
    /// Decodes the object. `None` if its `object` field names another type than the event's type
    /// has.
    fn object_if_named<'de, T: Deserialize<'de> + Named>(
        &'de self,
    ) -> Result<Option<T>, DecodeError> {
        let is_named = |name: Option<&str>| name.is_none_or(|name| name == T::NAME);
        match self.object::<T>() {
            Ok(object) => Ok(is_named(object.object_name()).then_some(object)),
            Err(error) => match self.object::<OtherObject>() {
                Ok(object) if !is_named(object.object()) => Ok(None),
                _ => Err(error),
            },
        }
    }
}
