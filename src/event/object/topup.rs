//! Top-ups.

use super::{
    BalanceTransaction, Expandable, Metadata,
    macros::{object, value},
    payment_method::PaymentMethod,
};

object! {
    /// A top-up of the account's balance: <https://docs.stripe.com/api/topups/object>
    pub struct Topup named "topup" {
        /// Returns the topup's id, `tu_…`.
        pub id: required String,
        /// Returns the status.
        pub status: Option<TopupStatus>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns when the money is expected to be available, in Unix seconds.
        pub expected_availability_date: Option<i64>,
        /// Returns the reason of a failure, as a code.
        pub failure_code: Option<String>,
        /// Returns the reason of a failure, for people.
        pub failure_message: Option<String>,
        /// Returns who created the top-up: `user` or `stripe`.
        pub initiated_by: Option<String>,
        /// Returns the payment method.
        pub payment_method (payment_method_id): Option<Expandable<PaymentMethod>>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the group of charges and transfers that the top-up belongs to.
        pub transfer_group: Option<String>,
        /// Returns when the topup was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the topup.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of a top-up.
    pub enum TopupStatus {
        /// The top-up was canceled.
        Canceled => "canceled",
        /// The top-up failed.
        Failed => "failed",
        /// The top-up is being processed.
        Pending => "pending",
        /// The money was taken back.
        Reversed => "reversed",
        /// The money arrived.
        Succeeded => "succeeded",
    }
}
