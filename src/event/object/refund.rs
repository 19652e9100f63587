//! Refunds.

use super::{
    Charge, Expandable, Metadata, OtherObject, PaymentIntent, PresentmentDetails,
    expandable::id_of,
    macros::{object, value},
};

object! {
    /// Money that is given back: <https://docs.stripe.com/api/refunds/object>
    pub struct Refund named "refund" {
        /// The refund's id, `re_…`.
        pub id: required String,
        /// What is given back, in the smallest unit of `currency`.
        pub amount: required i64,
        /// The currency.
        pub currency: required String,
        /// Where it stands. `None` before 2016, when a refund was there at once.
        pub status: Option<RefundStatus>,
        /// The charge of which it is given back.
        pub charge: Option<Expandable<Charge>>,
        /// The payment of which it is given back.
        pub payment_intent: Option<Expandable<PaymentIntent>>,
        /// What it did to the account's balance.
        pub balance_transaction: Option<Expandable<OtherObject>>,
        /// Why: `duplicate`, `fraudulent`, `requested_by_customer` or `expired_uncaptured_charge`.
        pub reason: Option<String>,
        /// What the customer sees, if it is in another currency.
        pub presentment_details: Option<PresentmentDetails>,
        /// Why it failed, such as `expired_or_canceled_card`.
        pub failure_reason: Option<String>,
        /// A text of the app's own.
        pub description: Option<String>,
        /// When it was created, in Unix seconds.
        pub created: Option<i64>,
        /// What the app attached.
        pub metadata: Metadata,
    }
}

impl Refund {
    /// The charge's id, `ch_…`.
    #[must_use]
    pub fn charge_id(&self) -> Option<&str> {
        id_of(self.charge.as_ref())
    }

    /// The payment's id, `pi_…`.
    #[must_use]
    pub fn payment_intent_id(&self) -> Option<&str> {
        id_of(self.payment_intent.as_ref())
    }
}

value! {
    /// Where a refund stands: <https://docs.stripe.com/refunds#refund-statuses>
    pub enum RefundStatus {
        /// It was called off.
        Canceled => "canceled",
        /// It did not go through: the money is back on the account's balance.
        Failed => "failed",
        /// It is under way.
        Pending => "pending",
        /// The customer has something to do.
        RequiresAction => "requires_action",
        /// It was handed to the customer's bank, which may take days.
        Succeeded => "succeeded",
    }
}
