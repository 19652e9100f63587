//! Payouts.

use super::{
    BalanceTransaction, Expandable, Metadata,
    account::ExternalAccount,
    application_fee::ApplicationFee,
    macros::{object, value},
};

object! {
    /// A payout to a bank account or card: <https://docs.stripe.com/api/payouts/object>
    pub struct Payout named "payout" {
        /// Returns the payout's id, `po_…`.
        pub id: required String,
        /// Returns the status.
        ///
        /// A payout that is `paid` may become `failed` within five business days.
        pub status: Option<PayoutStatus>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the destination's type: `bank_account` or `card`.
        pub payout_type as "type": Option<String>,
        /// Returns the method: `standard` or `instant`.
        pub method: Option<String>,
        /// Returns whether the payout was created by the schedule.
        pub automatic: bool,
        /// Returns when the payout is expected to arrive, in Unix seconds.
        pub arrival_date: Option<i64>,
        /// Returns the bank account or card.
        pub destination (destination_id): Option<Expandable<ExternalAccount>>,
        /// Returns the application fee.
        pub application_fee (application_fee_id): Option<Expandable<ApplicationFee>>,
        /// Returns the application fee, in the smallest unit of `currency`.
        pub application_fee_amount: Option<i64>,
        /// Returns the change of the account's balance.
        pub balance_transaction (balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the change of the balance that returned the money of a failed payout.
        pub failure_balance_transaction (failure_balance_transaction_id): Option<Expandable<BalanceTransaction>>,
        /// Returns the reason of a failure, as a code.
        pub failure_code: Option<String>,
        /// Returns the reason of a failure, for people.
        pub failure_message: Option<String>,
        /// Returns the payout that this one reverses.
        pub original_payout (original_payout_id): Option<Expandable<Payout>>,
        /// Returns the payout that reverses this one.
        pub reversed_by (reversed_by_id): Option<Expandable<Payout>>,
        /// Returns whether the transactions of the payout can be listed.
        pub reconciliation_status: Option<ReconciliationStatus>,
        /// Returns the balance that the payout came from: `card`, `bank_account` or `fpx`.
        pub source_type: Option<String>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the number by which banks find the payout.
        pub trace_id: Option<TraceId>,
        /// Returns when the payout was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the payout.
        pub metadata: Metadata,
    }
}

value! {
    /// The status of a payout: <https://docs.stripe.com/payouts>
    pub enum PayoutStatus {
        /// The payout was canceled.
        Canceled => "canceled",
        /// The payout failed. The money returned to the account's balance.
        Failed => "failed",
        /// The payout was submitted to the bank.
        InTransit => "in_transit",
        /// The bank accepted the payout. It may still fail within five business days.
        Paid => "paid",
        /// The payout was not submitted to the bank yet.
        Pending => "pending",
    }
}

value! {
    /// Whether the transactions of a payout can be listed.
    pub enum ReconciliationStatus {
        /// The transactions can be listed.
        Completed => "completed",
        /// The transactions cannot be listed yet.
        InProgress => "in_progress",
        /// The payout is manual, and its transactions cannot be listed.
        NotApplicable => "not_applicable",
    }
}

object! {
    /// The number by which banks find the payout.
    pub struct TraceId {
        /// Returns the status: `pending`, `supported` or `unsupported`.
        pub status: Option<String>,
        /// Returns the number.
        pub value: Option<String>,
    }
}
