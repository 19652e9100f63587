//! Refunds.

use super::{
    Charge, Expandable, Metadata, OtherObject, PaymentIntent, PresentmentDetails,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// A refund of a charge: <https://docs.stripe.com/api/refunds/object>
    pub struct Refund named "refund" {
        /// Returns the refund's id, `re_…`.
        pub id: required String,
        /// Returns the refunded amount, in the smallest unit of `currency`.
        pub amount: required i64,
        /// Returns the currency.
        pub currency: required String,
        /// Returns the status. `None` before 2016, when every refund succeeded at once.
        pub status: Option<RefundStatus>,
        /// Returns the refunded charge.
        pub charge: Option<Expandable<Charge>>,
        /// Returns the payment intent of the refunded charge.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// Returns the balance transaction of the refund.
        pub balance_transaction: Option<Expandable<OtherObject>>,
        /// Returns the reason.
        ///
        /// It is `duplicate`, `fraudulent`, `requested_by_customer` or `expired_uncaptured_charge`.
        pub reason: Option<String>,
        /// Returns the amount and currency that the customer sees.
        ///
        /// `None` if the currency is the app's.
        pub presentment_details: Option<PresentmentDetails>,
        /// Returns the reason for a failure, such as `expired_or_canceled_card`.
        pub failure_reason: Option<String>,
        /// Returns the description, written by the app.
        pub description: Option<String>,
        /// Returns when the refund was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the metadata that the app attached to the refund.
        pub metadata: Metadata,
    }
}

impl Refund {
    /// Returns the id of the refunded charge, `ch_…`.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref())
    }

    /// Returns the id of the balance transaction, `txn_…`.
    #[must_use]
    pub fn balance_transaction_id(&self) -> Option<&str> {
        id_of(self.balance_transaction.as_ref())
    }

    /// Returns the id of the payment intent of the refunded charge, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

value! {
    /// The status of a refund: <https://docs.stripe.com/refunds#refund-statuses>
    pub enum RefundStatus {
        /// The refund was canceled.
        Canceled => "canceled",
        /// The refund failed. The money returned to the account's balance.
        Failed => "failed",
        /// The refund is being processed.
        Pending => "pending",
        /// The refund waits for an action of the customer.
        RequiresAction => "requires_action",
        /// The refund was submitted to the customer's bank.
        ///
        /// The bank may take days to credit it.
        Succeeded => "succeeded",
    }
}
