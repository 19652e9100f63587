//! Typed event data: the object, by the type of the event.

use super::{
    CurrentObject, DecodeError, DeletedObject, Event, EventType,
    object::{
        Charge, CheckoutSession, Customer, Dispute, Invoice, InvoicePayment, Named, PaymentIntent,
        Refund, Subscription,
    },
};

macro_rules! event_data {
    ($($object:ty: $($variant:ident)*;)*) => {
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
            /// The object no longer exists: it was fetched, and Stripe answered that it has no such
            /// object, or that the object is deleted.
            ///
            /// It takes the place of a typed object in which almost everything would be absent. Only
            /// an event whose object was fetched has it.
            ///
            /// A type that ends in `.deleted`, such as [`EventType::CustomerDeleted`], keeps its own
            /// variant if what is left of the object decodes, so that one match arm is enough for
            /// it, whether the event contains its object or not.
            ///
            /// Stripe also answers that it has no such object if the API key belongs to another
            /// account.
            ///
            /// # Example
            ///
            /// ```
            /// use tower_stripe_webhook::{DecodeError, EventData, VerifiedEvent};
            ///
            /// fn handle(event: &VerifiedEvent) -> Result<(), DecodeError> {
            ///     match event.data()? {
            ///         EventData::CustomerUpdated(customer) => println!("store {:?}", customer.email()),
            ///         EventData::CustomerDeleted(customer) => println!("remove {}", customer.id()),
            ///         EventData::Deleted(object) => println!("remove {} {}", object.object_type(), object.id()),
            ///         _ => {}
            ///     }
            ///     Ok(())
            /// }
            /// ```
            Deleted(DeletedObject),
            /// Any other type: see [`Event::object`] and [`Event::related_object`].
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
            /// A snapshot event and the thin event of the same fact have one variant.
            ///
            /// If the object was fetched, it is the [`current`](Event::current) object that is
            /// decoded, and [`EventData::Deleted`] if it no longer exists.
            ///
            /// # Errors
            ///
            /// [`DecodeError`] for a thin event of these types whose object was not fetched: it is
            /// not `Other`, so that a handler that ignores other types does not acknowledge it.
            ///
            /// [`DecodeError`] if a required field, such as an amount, is missing or has an unknown
            /// form. The event was verified: you can still read [`body`](Event::body), or decode
            /// [`object`](Event::object) into your own type.
            pub fn data(&self) -> Result<EventData, DecodeError> {
                match self.current().and_then(CurrentObject::deleted) {
                    Some(deleted) => Ok(self.data_of_deleted(deleted)),
                    None => self.typed_data(),
                }
            }

            pub(super) fn typed_data(&self) -> Result<EventData, DecodeError> {
                match self.event_type() {
                    $($(EventType::$variant => self.data_as(EventData::$variant),)*)*
                    _ => Ok(EventData::Other),
                }
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
        CustomerSubscriptionActive
        CustomerSubscriptionCancelAtChanged
        CustomerSubscriptionCreated
        CustomerSubscriptionDefaultPaymentMethodChanged
        CustomerSubscriptionDeleted
        CustomerSubscriptionIncomplete
        CustomerSubscriptionIncompleteExpired
        CustomerSubscriptionItemAdded
        CustomerSubscriptionItemPriceChanged
        CustomerSubscriptionItemQuantityChanged
        CustomerSubscriptionItemRemoved
        CustomerSubscriptionItemTaxRatesChanged
        CustomerSubscriptionPastDue
        CustomerSubscriptionPaused
        CustomerSubscriptionPendingUpdateApplied
        CustomerSubscriptionPendingUpdateExpired
        CustomerSubscriptionResumed
        CustomerSubscriptionTrialWillEnd
        CustomerSubscriptionTrialing
        CustomerSubscriptionUnpaid
        CustomerSubscriptionUpdated;
    Invoice:
        InvoiceCreated
        InvoiceDeleted
        InvoiceDiscountAdded
        InvoiceDiscountRemoved
        InvoiceFinalizationFailed
        InvoiceFinalized
        InvoiceLineItemAdded
        InvoiceLineItemPricingChanged
        InvoiceLineItemQuantityChanged
        InvoiceLineItemRemoved
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
        InvoicePaymentCanceled
        InvoicePaymentOpen
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
    /// Decodes the object into a variant.
    ///
    /// A function of its own, so that the stack frame of [`data`](Self::data) does not have room for
    /// the object of each variant.
    fn data_as<T: Named>(&self, variant: fn(T) -> EventData) -> Result<EventData, DecodeError> {
        Ok(self.object_if_named()?.map_or(EventData::Other, variant))
    }
}
