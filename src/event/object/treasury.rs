//! Financial accounts of Stripe Treasury, and the movements of money to and from them.

use std::collections::BTreeMap;

use super::{Expandable, Metadata, OtherObject, macros::object};

object! {
    /// A reversal of a received credit:
    /// <https://docs.stripe.com/api/treasury/credit_reversals/object>
    pub struct CreditReversal named "treasury.credit_reversal" {
        /// Returns the credit reversal's id, `credrev_…`.
        pub id: required String,
        /// Returns the status: `processing`, `posted` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns the network: `ach` or `stripe`.
        pub network: Option<String>,
        /// Returns the id of the received credit, `rc_…`.
        pub received_credit: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the credit reversal was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the credit reversal.
        pub metadata: Metadata,
    }
}

object! {
    /// A reversal of a received debit:
    /// <https://docs.stripe.com/api/treasury/debit_reversals/object>
    pub struct DebitReversal named "treasury.debit_reversal" {
        /// Returns the debit reversal's id, `debrev_…`.
        pub id: required String,
        /// Returns the status: `processing`, `succeeded` or `failed`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns the network: `ach` or `card`.
        pub network: Option<String>,
        /// Returns the id of the received debit, `rd_…`.
        pub received_debit: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the debit reversal was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the debit reversal.
        pub metadata: Metadata,
    }
}

object! {
    /// A financial account: <https://docs.stripe.com/api/treasury/financial_accounts/object>
    pub struct FinancialAccount named "treasury.financial_account" {
        /// Returns the financial account's id, `fa_…`.
        pub id: required String,
        /// Returns the status: `open` or `closed`.
        pub status: Option<String>,
        /// Returns the balance.
        pub balance: Option<FinancialAccountBalance>,
        /// Returns the country as two letters (ISO 3166-1 alpha-2).
        pub country: Option<String>,
        /// Returns the nickname, which the app chose.
        pub nickname: Option<String>,
        /// Returns the features that can be used.
        pub active_features: Vec<String>,
        /// Returns the features that wait for approval.
        pub pending_features: Vec<String>,
        /// Returns the features that are restricted.
        pub restricted_features: Vec<String>,
        /// Returns the currencies.
        pub supported_currencies: Vec<String>,
        /// Returns when the financial account was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the financial account.
        pub metadata: Metadata,
    }
}

object! {
    /// The balance.
    pub struct FinancialAccountBalance {
        /// Returns the available money, in the smallest unit of each currency.
        pub cash: BTreeMap<String, i64>,
        /// Returns the money that is about to arrive, in the smallest unit of each currency.
        pub inbound_pending: BTreeMap<String, i64>,
        /// Returns the money that is about to leave, in the smallest unit of each currency.
        pub outbound_pending: BTreeMap<String, i64>,
    }
}

object! {
    /// A transfer from an outside account:
    /// <https://docs.stripe.com/api/treasury/inbound_transfers/object>
    pub struct InboundTransfer named "treasury.inbound_transfer" {
        /// Returns the inbound transfer's id, `ibt_…`.
        pub id: required String,
        /// Returns the status: `processing`, `succeeded`, `failed` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns whether the transfer can be canceled.
        pub cancelable: bool,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns details about a failure.
        pub failure_details: Option<FailureDetails>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns the id of the payment method that the money comes from, `pm_…`.
        pub origin_payment_method: Option<String>,
        /// Returns whether the money was returned.
        pub returned: Option<bool>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the inbound transfer was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the inbound transfer.
        pub metadata: Metadata,
    }
}

object! {
    /// Details about a failure.
    pub struct FailureDetails {
        /// Returns the reason, as a code.
        pub code: Option<String>,
    }
}

object! {
    /// A payment to another person: <https://docs.stripe.com/api/treasury/outbound_payments/object>
    pub struct OutboundPayment named "treasury.outbound_payment" {
        /// Returns the outbound payment's id, `obp_…`.
        pub id: required String,
        /// Returns the status: `processing`, `posted`, `failed`, `returned` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns whether the payment can be canceled.
        pub cancelable: bool,
        /// Returns the id of the customer who receives the payment, `cus_…`.
        pub customer: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the id of the payment method that receives the money, `pm_…`.
        pub destination_payment_method: Option<String>,
        /// Returns when the payment is expected to arrive, in Unix seconds.
        pub expected_arrival_date: Option<i64>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns details about a return.
        pub returned_details: Option<PaymentReturn>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the outbound payment was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the outbound payment.
        pub metadata: Metadata,
    }
}

object! {
    /// Details about a return.
    pub struct PaymentReturn {
        /// Returns the reason, as a code.
        pub code: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
    }
}

object! {
    /// A transfer to an outside account of the same owner:
    /// <https://docs.stripe.com/api/treasury/outbound_transfers/object>
    pub struct OutboundTransfer named "treasury.outbound_transfer" {
        /// Returns the outbound transfer's id, `obt_…`.
        pub id: required String,
        /// Returns the status: `processing`, `posted`, `failed`, `returned` or `canceled`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns whether the transfer can be canceled.
        pub cancelable: bool,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the id of the payment method that receives the money, `pm_…`.
        pub destination_payment_method: Option<String>,
        /// Returns when the transfer is expected to arrive, in Unix seconds.
        pub expected_arrival_date: Option<i64>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns details about a return.
        pub returned_details: Option<TransferReturn>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the outbound transfer was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
        /// Returns the metadata that the app attached to the outbound transfer.
        pub metadata: Metadata,
    }
}

object! {
    /// Details about a return.
    pub struct TransferReturn {
        /// Returns the reason, as a code.
        pub code: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
    }
}

object! {
    /// Money that was sent to a financial account:
    /// <https://docs.stripe.com/api/treasury/received_credits/object>
    pub struct ReceivedCredit named "treasury.received_credit" {
        /// Returns the received credit's id, `rc_…`.
        pub id: required String,
        /// Returns the status: `succeeded` or `failed`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the reason of a failure, as a code.
        pub failure_code: Option<String>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns the network, such as `ach`.
        pub network: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the received credit was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// Money that was taken from a financial account:
    /// <https://docs.stripe.com/api/treasury/received_debits/object>
    pub struct ReceivedDebit named "treasury.received_debit" {
        /// Returns the received debit's id, `rd_…`.
        pub id: required String,
        /// Returns the status: `succeeded` or `failed`.
        pub status: Option<String>,
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the description.
        pub description: Option<String>,
        /// Returns the reason of a failure, as a code.
        pub failure_code: Option<String>,
        /// Returns the financial account, `fa_…`.
        pub financial_account: Option<String>,
        /// Returns the URL of the receipt that regulation requires.
        pub hosted_regulatory_receipt_url: Option<String>,
        /// Returns the network, such as `ach`.
        pub network: Option<String>,
        /// Returns the transaction.
        pub transaction (transaction_id): Option<Expandable<OtherObject>>,
        /// Returns when the received debit was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}
