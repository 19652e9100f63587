//! Transfers to connected accounts, and their reversals.

use super::{
    BalanceTransaction, Charge, Expandable, List, Metadata, Refund, account::Account, list::Listed,
    macros::object,
};

object! {
    /// A transfer to a connected account: <https://docs.stripe.com/api/transfers/object>
    pub struct Transfer named "transfer" {
        /// Returns the transfer's id, `tr_…`.
        pub id: required String,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the reversed amount, in the smallest unit of `currency`.
        pub amount_reversed: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the connected account.
        pub destination (destination_id): Option<Expandable<Account>>,
        /// Returns the payment that the connected account received.
        pub destination_payment (destination_payment_id): Option<Expandable<Charge>>,
        /// Returns the reversals.
        pub reversals: List<TransferReversal>,
        /// Returns whether the transfer was reversed fully.
        pub reversed: bool,
        /// Returns the charge that the money came from.
        pub source_transaction (source_transaction_id): Option<Expandable<Charge>>,
        /// Returns the balance that the money came from: `card`, `bank_account` or `fpx`.
        pub source_type: Option<String>,
        /// Returns the group of charges and transfers that the transfer belongs to.
        pub transfer_group: Option<String>,
        /// Returns when the transfer was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the transfer.
        pub metadata: Metadata,
    }
}

object! {
    /// A reversal of a transfer: <https://docs.stripe.com/api/transfer_reversals/object>
    pub struct TransferReversal named "transfer_reversal" {
        /// Returns the reversal's id, `trr_…`.
        pub id: required String,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the refund of the payment that the connected account received.
        pub destination_payment_refund (destination_payment_refund_id): Option<Expandable<Refund>>,
        /// Returns the refund that created the reversal.
        pub source_refund (source_refund_id): Option<Expandable<Refund>>,
        /// Returns the transfer.
        pub transfer (transfer_id): Option<Expandable<Transfer>>,
        /// Returns when the reversal was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns the metadata that the app attached to the reversal.
        pub metadata: Metadata,
    }
}

impl Listed for TransferReversal {}
