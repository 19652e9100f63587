//! Mandates.

use super::{
    Expandable,
    macros::{object, value},
    payment_method::PaymentMethod,
};

object! {
    /// A customer's permission to debit a payment method:
    /// <https://docs.stripe.com/api/mandates/object>
    pub struct Mandate named "mandate" {
        /// Returns the mandate's id, `mandate_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<MandateStatus>,
        /// Returns whether the mandate can be used more than once: `multi_use` or `single_use`.
        pub mandate_type as "type": Option<String>,
        /// Returns the payment method.
        pub payment_method (payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns the id of the connected account that the mandate is made for.
        pub on_behalf_of: Option<String>,
        /// Returns how the customer accepted the mandate.
        pub customer_acceptance: Option<CustomerAcceptance>,
        /// Returns the one payment that the mandate permits.
        pub single_use: Option<SingleUse>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The status of a mandate.
    pub enum MandateStatus {
        /// The mandate can be used.
        Active => "active",
        /// The mandate was revoked or used up.
        Inactive => "inactive",
        /// The mandate is not active yet.
        Pending => "pending",
    }
}

object! {
    /// How the customer accepted the mandate.
    pub struct CustomerAcceptance {
        /// Returns when the customer accepted the mandate, in Unix seconds.
        pub accepted_at: Option<i64>,
        /// Returns whether the customer accepted it `online` or `offline`.
        pub acceptance_type as "type": Option<String>,
    }
}

object! {
    /// The one payment that the mandate permits.
    pub struct SingleUse {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
    }
}
