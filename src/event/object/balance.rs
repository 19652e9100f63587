//! Balances of accounts and cash balances of customers.

use std::collections::BTreeMap;

use super::{
    Customer, Expandable, PaymentIntent, Refund,
    macros::{object, value},
};

object! {
    /// The balance of an account: <https://docs.stripe.com/api/balance/balance_object>
    pub struct Balance named "balance" {
        /// Returns the money that can be paid out, by currency.
        pub available: Vec<BalanceAmount>,
        /// Returns the money that is not available yet, by currency.
        pub pending: Vec<BalanceAmount>,
        /// Returns the money that is reserved for negative balances of connected accounts, by
        /// currency.
        pub connect_reserved: Vec<BalanceAmount>,
        /// Returns the money that can be paid out instantly, by currency.
        pub instant_available: Vec<InstantAmount>,
        /// Returns the balance for issued cards.
        pub issuing: Option<IssuingBalance>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The money that can be paid out, by currency.
    pub struct BalanceAmount {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the amount by the type of its source.
        pub source_types: Option<SourceTypes>,
    }
}

object! {
    /// The amount by the type of its source.
    pub struct SourceTypes {
        /// Returns the amount from bank accounts.
        pub bank_account: Option<i64>,
        /// Returns the amount from cards.
        pub card: Option<i64>,
        /// Returns the amount from FPX.
        pub fpx: Option<i64>,
    }
}

object! {
    /// The money that can be paid out instantly, by currency.
    pub struct InstantAmount {
        /// Returns the amount, in the smallest unit of `currency`.
        pub amount: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
    }
}

object! {
    /// The balance for issued cards.
    pub struct IssuingBalance {
        /// Returns the money that issued cards can spend, by currency.
        pub available: Vec<BalanceAmount>,
    }
}

object! {
    /// The settings of an account's balance: <https://docs.stripe.com/api/balance-settings>
    pub struct BalanceSettings named "balance_settings" {
        /// Returns the settings of payments and payouts.
        pub payments: Option<BalancePayments>,
    }
}

object! {
    /// The settings of payments and payouts.
    pub struct BalancePayments {
        /// Returns whether Stripe debits the bank account if the balance is negative.
        pub debit_negative_balances: Option<bool>,
        /// Returns the settings of payouts.
        pub payouts: Option<PayoutSettings>,
        /// Returns when money becomes available.
        pub settlement_timing: Option<SettlementTiming>,
    }
}

object! {
    /// The settings of payouts.
    pub struct PayoutSettings {
        /// Returns the schedule of payouts.
        pub schedule: Option<PayoutSchedule>,
        /// Returns the text on the bank statement.
        pub statement_descriptor: Option<String>,
        /// Returns whether payouts are `enabled` or `disabled`.
        pub status: Option<String>,
    }
}

object! {
    /// The schedule of payouts.
    pub struct PayoutSchedule {
        /// Returns the interval: `manual`, `daily`, `weekly` or `monthly`.
        pub interval: Option<String>,
        /// Returns the days of the month.
        pub monthly_payout_days: Vec<i64>,
        /// Returns the days of the week.
        pub weekly_payout_days: Vec<String>,
    }
}

object! {
    /// When money becomes available.
    pub struct SettlementTiming {
        /// Returns the number of days until money is available.
        pub delay_days: Option<i64>,
        /// Returns the number of days that the account chose.
        pub delay_days_override: Option<i64>,
    }
}

object! {
    /// The cash balance of a customer: <https://docs.stripe.com/api/cash_balance/object>
    pub struct CashBalance named "cash_balance" {
        /// Returns the available amounts, in the smallest unit of each currency.
        pub available: BTreeMap<String, i64>,
        /// Returns the customer's id, `cus_…`.
        pub customer: Option<String>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the settings of the cash balance.
        pub settings: Option<CashBalanceSettings>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

object! {
    /// The settings of the cash balance.
    pub struct CashBalanceSettings {
        /// Returns how Stripe matches payments to invoices: `automatic` or `manual`.
        pub reconciliation_mode: Option<String>,
        /// Returns whether the account's default mode applies.
        pub using_merchant_default: bool,
    }
}

object! {
    /// A change of a customer's cash balance:
    /// <https://docs.stripe.com/api/cash_balance_transactions/object>
    pub struct CustomerCashBalanceTransaction named "customer_cash_balance_transaction" {
        /// Returns the transaction's id, `ccsbtxn_…`.
        pub id: required String,
        /// Returns the cause of the change.
        pub customer_cash_balance_transaction_type as "type": Option<CashBalanceTransactionType>,
        /// Returns the change, in the smallest unit of `currency`.
        ///
        /// Negative if the balance fell.
        pub net_amount: Option<i64>,
        /// Returns the balance afterwards, in the smallest unit of `currency`.
        pub ending_balance: Option<i64>,
        /// Returns the currency.
        pub currency: Option<String>,
        /// Returns the customer.
        pub customer (customer_id): Option<Expandable<Customer>>,
        /// Returns the id of the v2 account that is the customer, `acct_…`.
        pub customer_account: Option<String>,
        /// Returns the payment that the money was used for.
        pub applied_to_payment: Option<AppliedToPayment>,
        /// Returns the payment that the money came back from.
        pub unapplied_from_payment: Option<UnappliedFromPayment>,
        /// Returns the refund that the money came from.
        pub refunded_from_payment: Option<RefundedFromPayment>,
        /// Returns the bank transfer that the money came from.
        pub funded: Option<Funded>,
        /// Returns when the transaction was created, in Unix seconds.
        pub created: Option<i64>,
        /// Returns whether the object exists in live mode.
        pub livemode: bool,
    }
}

value! {
    /// The cause of a change of a cash balance.
    pub enum CashBalanceTransactionType {
        /// The balance was corrected, because a transfer was taken back.
        AdjustedForOverdraft => "adjusted_for_overdraft",
        /// The money was used for a payment.
        AppliedToPayment => "applied_to_payment",
        /// A bank transfer arrived.
        Funded => "funded",
        /// A bank transfer was taken back.
        FundingReversed => "funding_reversed",
        /// A payment was refunded to the balance.
        RefundedFromPayment => "refunded_from_payment",
        /// A return of money to the customer was canceled.
        ReturnCanceled => "return_canceled",
        /// Money is returned to the customer.
        ReturnInitiated => "return_initiated",
        /// The money moved to the account's balance.
        TransferredToBalance => "transferred_to_balance",
        /// The money of a payment came back.
        UnappliedFromPayment => "unapplied_from_payment",
    }
}

object! {
    /// The payment that the money was used for.
    pub struct AppliedToPayment {
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
    }
}

object! {
    /// The payment that the money came back from.
    pub struct UnappliedFromPayment {
        /// Returns the payment intent.
        pub payment_intent (payment_intent_id): Option<Expandable<PaymentIntent>>,
    }
}

object! {
    /// The refund that the money came from.
    pub struct RefundedFromPayment {
        /// Returns the refund.
        pub refund (refund_id): Option<Expandable<Refund>>,
    }
}

object! {
    /// The bank transfer that the money came from.
    pub struct Funded {
        /// Returns the details of the bank transfer.
        pub bank_transfer: Option<BankTransfer>,
    }
}

object! {
    /// The details of the bank transfer.
    pub struct BankTransfer {
        /// Returns the reference that the customer gave.
        pub reference: Option<String>,
        /// Returns the network, such as `eu_bank_transfer`.
        pub transfer_type as "type": Option<String>,
    }
}
