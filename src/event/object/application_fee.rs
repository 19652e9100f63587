//! Application fees and their refunds.

use super::{
    BalanceTransaction, Charge, Expandable, List, Metadata, account::Account, account::Application,
    list::Listed, macros::object,
};

object! {
    /// A fee that the app's account charges a connected account:
    /// <https://docs.stripe.com/api/application_fees/object>
    pub struct ApplicationFee named "application_fee" {
        /// Returns the application fee's id, `fee_…`.
        pub id: required String,
        /// Returns the connected account that pays the fee.
        pub account (account_id): Option<Expandable<Account>>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the refunded amount, in the smallest unit of `currency`.
        pub amount_refunded: Option<i64>,
        /// Returns the application that charges the fee.
        pub application (application_id): Option<Expandable<Application>>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the charge that the fee belongs to.
        pub charge (charge_id): Option<Expandable<Charge>>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns what the fee was charged for.
        pub fee_source: Option<FeeSource>,
        /// Returns the charge on the platform that led to the connected account's charge.
        pub originating_transaction (originating_transaction_id): Option<Expandable<Charge>>,
        /// Returns whether the fee was refunded fully.
        pub refunded: bool,
        /// Returns the refunds of the fee.
        pub refunds: List<FeeRefund>,
        /// Returns when the application fee was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// What the fee was charged for.
    pub struct FeeSource {
        /// Returns the type: `charge` or `payout`.
        pub source_type as "type": Option<String>,
        /// Returns the id of the charge.
        pub charge: Option<String>,
        /// Returns the id of the payout.
        pub payout: Option<String>,
    }
}

object! {
    /// A refund of an application fee: <https://docs.stripe.com/api/fee_refunds/object>
    pub struct FeeRefund named "fee_refund" {
        /// Returns the refund's id, `fr_…`.
        pub id: required String,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the application fee.
        pub fee (fee_id): Option<Expandable<ApplicationFee>>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns when the fee refund was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the metadata that the app attached to the fee refund.
        pub metadata: Metadata,
    }
}

impl Listed for FeeRefund {}
